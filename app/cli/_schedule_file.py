"""The commands of `muniment schedule` about files: presets, a new one, checking, comparing."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._new_file import write_new
from app.cli._output import emit, json_option, note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from schedules import Schedule

_PRESETS = ["name", "title", "series", "effective", "verified", "unverified", "source"]
_FINDINGS = ["finding", "said"]
_DIFFERENCES = ["change", "series", "key", "old", "new"]


@click.command()
@json_option
def presets(as_json: bool) -> None:
    """List the schedules that come with the program: their source, and what nobody verified.

    "unverified" counts the values that were not read in the source yet; with --json they are named,
    and schedule check PRESET names them by series. They stop disposal until somebody has read them
    and says so in a file of their own: see muniment schedule new.

    \b
    Example:
      muniment schedule presets
      muniment schedule check us-tx-local
    """
    from schedules import presets

    rows = (
        {
            "name": found.name,
            "title": found.schedule.title,
            "series": len(found.schedule.series),
            "effective": found.schedule.effective,
            "verified": not found.unverified,
            "unverified": found.unverified if as_json else len(found.unverified),
            "source": found.schedule.source,
        }
        for found in presets()
    )
    emit(rows, _PRESETS, as_json)


@click.command()
@click.option("--from", "name", required=True, metavar="PRESET", help="The preset to start from.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it here, where nothing is yet, instead of to the standard output.",
)
def new(name: str, output: Path | None) -> None:
    """Make a schedule of your own from a preset: a file with comments, to be edited.

    \b
    Example:
      muniment schedule new --from us-il-local-library -o library.toml
    """
    from schedules import preset

    found = preset(name)
    if output is None:
        click.echo(found.template, nl=False)
        return
    write_new(output, [found.template.encode()])
    say(f"{output} is a copy of {found.name} to edit")
    if found.unverified:
        note(f"Not verified, and in the way of disposal: {', '.join(found.unverified)}.")
    note(f"When it says what you mean: muniment schedule check {output}")


@click.command()
@click.argument("name", metavar="FILE|PRESET")
@json_option
def check(name: str, as_json: bool) -> None:
    """Say everything that is wrong with a schedule, and what may be meant otherwise.

    Every problem is named with its line and key. Warnings are about rules: a series that is never
    reached, an order in which something is kept less long than another series says. Under a series
    that still waits for something nothing is disposed of. The exit status is 2 if there are
    problems; warnings and what is waited for leave it 0.

    \b
    Example:
      muniment schedule check library.toml
    """
    from archive.errors import UsageError
    from schedules import ScheduleError, read_schedule

    text, called = text_of(name)
    try:
        found = read_schedule(text, called)
    except ScheduleError as error:
        emit(({"finding": "problem", "said": said} for said in error.problems), _FINDINGS, as_json)
        count = len(error.problems)
        raise UsageError(
            f"{called} is no schedule: {count} problem{'s' if count > 1 else ''}",
            hint="correct the file and check it again",
        ) from error
    emit(findings(text, found), _FINDINGS, as_json)
    if not as_json:
        say(f"{called} is {found.label}, {len(found.series)} series, from {found.effective}")


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@json_option
@pass_session
def diff(session: Session, old: str, new: str, as_json: bool) -> None:
    """Say what two schedules say differently, series by series and key by key.

    Each is a file, a preset, or an adopted schedule given as CODE or CODE@VERSION.

    \b
    Example:
      muniment schedule diff town town.toml
      muniment schedule diff town@1 town@2
    """
    from schedules import differences

    found = differences(_schedule(session, old), _schedule(session, new))
    rows = ({name: getattr(one, name) for name in _DIFFERENCES} for one in found)
    emit(rows, _DIFFERENCES, as_json)


def findings(text: str, schedule: "Schedule") -> "Iterator[dict[str, Any]]":
    """What is to be said of a schedule that can be read: warnings, and what it waits for."""
    from schedules import warnings

    for said in warnings(text, schedule):
        yield {"finding": "warning", "said": said}
    for series in schedule.series:
        if missing := schedule.obstacle(series):
            yield {
                "finding": "waiting",
                "said": f"nothing of series {series.code} is disposed of: {missing}",
            }


def text_of(name: str) -> tuple[str, str]:
    """A schedule's text and what to call it: a file's, else a preset's."""
    from archive.errors import UsageError
    from schedules import preset

    path = Path(name)
    if not path.exists() and "/" not in name and path.suffix != ".toml":
        return preset(name).text, name
    try:
        return path.read_text(encoding="utf-8"), path.name
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 text", hint="name a TOML file") from error


def _schedule(session: Session, name: str) -> "Schedule":
    """The schedule of a file or preset, else an adopted one given as CODE or CODE@VERSION."""
    from archive.errors import NotFound
    from schedules import find_adopted, load, presets, read_schedule

    if Path(name).exists() or name.endswith(".toml"):
        return read_schedule(*text_of(name))
    for preset in presets():
        if preset.name == name:
            return preset.schedule
    code, _, version = name.partition("@")
    if version and not version.isdecimal():
        raise NotFound(f"{version} is no version", hint="name it as CODE@VERSION, such as town@1")
    with session.archive().read() as reader:
        return load(reader, find_adopted(reader, code, int(version) if version else None))


COMMANDS = (presets, new, check, diff)
