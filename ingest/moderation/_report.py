"""What was moderated in a period: what is asked for after a complaint about viewpoints."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from archive import Reader, records, times
from ingest.moderation._appeals import Appeal, about_own, appeals
from ingest.moderation._bans import Ban, bans
from ingest.moderation._removals import Explanation, Removal, explanations, removals

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Report:
    """Decisions of a period, from its first moment to before its end.

    `removals` are all that were decided in it, `restored` those of them that were undone since;
    counts are by clause (``policy clause``), platform, moderator (an actor's id), action, and who
    took it down. `appeals` are those received in the period, whenever they were decided; `outcomes`
    counts them by outcome, "open" among them, and `own` those decided by who had taken the decision
    that they were about.
    """

    removals: tuple[Removal, ...]
    explanations: tuple[Explanation, ...]
    bans: tuple[Ban, ...]
    appeals: tuple[Appeal, ...]
    restored: int
    own: int
    by_clause: Counter[str]
    by_platform: Counter[str]
    by_moderator: Counter[str]
    by_action: Counter[str]
    by_remover: Counter[str]
    outcomes: Counter[str]


def report(reader: Reader, start: datetime, end: datetime) -> Report:
    """The decisions from `start` (included) to `end` (not included), both the beginning of a day.

    Explanations count when they were recorded; removals, bans and appeals on their day.
    """
    moments = times.to_text(start), times.to_text(end)
    days = start.date().isoformat(), end.date().isoformat()

    def within(
        every: Iterable[_T], when: Callable[[_T], str], period: tuple[str, str] = moments
    ) -> tuple[_T, ...]:
        return tuple(one for one in every if period[0] <= when(one) < period[1])

    taken = within(removals(reader), lambda one: one.removed_at)
    known = records.get_many(reader, [one.record for one in taken])
    filed = within(appeals(reader), lambda one: one.received, days)
    return Report(
        removals=taken,
        explanations=within(explanations(reader), lambda one: one.explained_at),
        bans=within(bans(reader), lambda one: one.banned_on, days),
        appeals=filed,
        own=sum(about_own(reader, one) for one in filed),
        restored=sum(one.restored_at is not None for one in taken),
        by_clause=Counter(f"{one.policy} {one.clause}" for one in taken),
        by_platform=Counter(known[one.record].platform for one in taken),
        by_moderator=Counter(one.actor for one in taken),
        by_action=Counter(one.action for one in taken),
        by_remover=Counter(one.by for one in taken),
        outcomes=Counter(one.outcome or "open" for one in filed),
    )
