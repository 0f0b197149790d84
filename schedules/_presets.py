"""Schedules to start from: published general schedules as data files beside this module."""

from dataclasses import dataclass
from importlib.resources import files

from archive.errors import NotFound
from schedules._reading import read_schedule
from schedules._schedule import Schedule


@dataclass(frozen=True, slots=True)
class Preset:
    """A schedule that comes with the program, with the text that would be adopted."""

    name: str
    text: str
    schedule: Schedule

    @property
    def unverified(self) -> list[str]:
        """What nobody has read in its source yet, by series and key; it stops disposal."""
        return [
            *self.schedule.doubtful,
            *(f"{one.code}: {key}" for one in self.schedule.series for key in one.doubtful),
        ]

    @property
    def template(self) -> str:
        """The text to edit, with what is to be done about it above."""
        return _TO_EDIT.format(name=self.name) + self.text


_TO_EDIT = """\
# Made from the preset {name}. Make it your own:
#   - give it a code and a title of your own, version = 1, and the day from which it is in force;
#   - go through the series from above: the first whose rule fits covers a record;
#   - whatever you have read in the source yourself, take out of `unverified`, and set
#     authority.verified = true: nothing is disposed of before that;
#   - then: muniment schedule check FILE, muniment schedule adopt FILE --dry-run, and
#     muniment schedule adopt FILE. Every key is explained in docs/schedules.md.
#
"""


def presets() -> list[Preset]:
    """All presets, by name."""
    folder = files("schedules") / "presets"
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml"))
    return [_read(name.removesuffix(".toml")) for name in names]


def preset(name: str) -> Preset:
    """One preset; NotFound lists those there are."""
    for found in presets():
        if found.name == name:
            return found
    raise NotFound(
        f'no preset is called "{name}"',
        hint=f"there are {', '.join(found.name for found in presets())}",
    )


def _read(name: str) -> Preset:
    text = (files("schedules") / "presets" / f"{name}.toml").read_text(encoding="utf-8")
    return Preset(name, text, read_schedule(text, f"{name}.toml"))
