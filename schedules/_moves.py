"""What a schedule would move in an archive before it is adopted: series, due dates, what is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from zoneinfo import ZoneInfo

from archive import Reader
from archive.records import record_table, stream
from schedules._collect import PAGE, collect
from schedules._evaluate import Decision, Outcome, evaluate
from schedules._requests import decide_request, request_files
from schedules._schedule import Schedule, Trigger

_NONE = Decision(Outcome.KEEP, "No schedule is in force.")


@dataclass(frozen=True, slots=True)
class Move:
    """What two schedules say about a record, or about the request of that number.

    Holds play no part: they win over either.
    """

    record: str
    before: Decision
    after: Decision

    @property
    def moves(self) -> bool:
        """Whether anything of it is different."""
        return _told(self.before) != _told(self.after)

    @property
    def earlier(self) -> bool:
        """Whether it is due earlier; what is not determined is due later than any day."""
        return _due(self.after) < _due(self.before)

    @property
    def later(self) -> bool:
        return _due(self.after) > _due(self.before)

    @property
    def now_due(self) -> bool:
        """Whether it was kept, and would be due."""
        return self.after.eligible and not self.before.eligible

    @property
    def no_longer_due(self) -> bool:
        return self.before.eligible and not self.after.eligible


def compare(
    reader: Reader, old: Schedule | None, new: Schedule, day: date, zone: ZoneInfo
) -> Iterator[Move]:
    """What both schedules say on a day about all that is not disposed of, streamed."""
    known = (old, new) if old is not None else (new,)
    threads = any(schedule.asks(Trigger.THREAD_ACTIVITY) for schedule in known)
    present = stream(reader, record_table.c.status != "disposed")
    while page := list(islice(present, PAGE)):
        for facts in collect(reader, page, zone, threads=threads):
            before = _NONE if old is None else evaluate(facts, old, (), day)
            yield Move(facts.record, before, evaluate(facts, new, (), day))
    for file in request_files(reader, zone):
        before = _NONE if old is None else decide_request(file, old, day)
        yield Move(file.number, before, decide_request(file, new, day))


def _told(decision: Decision) -> tuple[object, ...]:
    return decision.series, decision.action, decision.due, decision.eligible


def _due(decision: Decision) -> date:
    return decision.due or date.max
