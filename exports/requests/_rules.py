"""The rules a request is answered under: the act, the body's calendar, the exemptions."""

from dataclasses import dataclass
from pathlib import Path

from archive.errors import StorageError
from exports.requests._calendar import BusinessCalendar, packaged_calendar
from exports.requests._exemptions import Exemptions, load_exemptions
from exports.requests._jurisdiction import Jurisdiction, load_jurisdiction
from exports.requests._suggest_rules import SuggestionRules, load_suggestion_rules

CALENDAR_FILE = "calendar.toml"
"""A body's own calendar, in the folder of its archive."""


@dataclass(frozen=True)
class Rules:
    """An act with the calendar, the exemptions and the suggestions that go with it."""

    jurisdiction: Jurisdiction
    calendar: BusinessCalendar
    exemptions: Exemptions
    suggestions: SuggestionRules


def load_rules(jurisdiction: str, folder: Path | None = None) -> Rules:
    """The rules of a jurisdiction ("US-IL", in any case).

    `folder` may hold the body's own calendar, which then counts instead of the one the act comes
    with, and what it adds to the suggestions. UsageError when a file is unknown or malformed.
    """
    act = load_jurisdiction(jurisdiction.lower())
    own = folder / CALENDAR_FILE if folder else None
    return Rules(
        jurisdiction=act,
        calendar=_own(own) if own and own.exists() else packaged_calendar(act.calendar),
        exemptions=load_exemptions(act.exemptions),
        suggestions=load_suggestion_rules(act.suggestions, folder),
    )


def _own(path: Path) -> BusinessCalendar:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror})") from error
    return BusinessCalendar(content, name=str(path))
