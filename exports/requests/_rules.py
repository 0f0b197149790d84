"""The rules a request is answered under: the act, the body's calendar, the exemptions."""

from dataclasses import dataclass
from pathlib import Path

from archive import Reader
from exports.requests._calendar import packaged_calendar
from exports.requests._closures import Closures, adopted_calendars, load_calendar
from exports.requests._exemptions import Exemptions, load_exemptions
from exports.requests._jurisdiction import Jurisdiction, load_jurisdiction
from exports.requests._suggest_rules import SuggestionRules, load_suggestion_rules


@dataclass(frozen=True)
class Rules:
    """An act with the calendar, the exemptions and the suggestions that go with it."""

    jurisdiction: Jurisdiction
    calendar: Closures
    exemptions: Exemptions
    suggestions: SuggestionRules


def load_rules(
    jurisdiction: str, reader: Reader | None = None, folder: Path | None = None
) -> Rules:
    """The rules of a jurisdiction ("US-IL", in any case).

    With a reader the calendars that its archive adopted decide, before the one that the act comes
    with; `folder` may hold what the body adds to the exemptions and to the suggestions. UsageError
    when a file is unknown or malformed.
    """
    act = load_jurisdiction(jurisdiction.lower())
    adopted = () if reader is None else adopted_calendars(reader)
    own = [] if reader is None else [load_calendar(reader, one) for one in adopted]
    return Rules(
        jurisdiction=act,
        calendar=Closures(own, packaged_calendar(act.calendar)),
        exemptions=load_exemptions(act.exemptions, folder),
        suggestions=load_suggestion_rules(act.suggestions, folder),
    )
