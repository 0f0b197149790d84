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
