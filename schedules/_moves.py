"""What a schedule would move in an archive before it is adopted: series, due dates, what is due."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from archive import Reader
from archive.records import record_table
from schedules._alike import BY_PAGE, Alike, counted, present
from schedules._evaluate import Decision, Outcome
from schedules._requests import RequestFile, decide_request, request_files
from schedules._schedule import Schedule

_NONE = Decision(Outcome.KEEP, "No schedule is in force.")


@dataclass(frozen=True, slots=True)
class Move:
    """What two schedules say about the same records or requests' files.

    Holds play no part: they win over either.
    """

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
) -> Iterator[tuple[str, Move]]:
    """What both schedules say on a day about each record, and each request by its number."""
    record = record_table.c.id
    every, moved = _alike(old, new, day, zone)
    query = present(every, record).order_by(record)
    for *said, found in reader.conn.execute(query, execution_options=BY_PAGE):
        yield found, moved(*said)
    for file in request_files(reader, zone):
        yield file.number, _moved_request(file, old, new, day)


def count_moves(
    reader: Reader, old: Schedule | None, new: Schedule, day: date, zone: ZoneInfo
) -> Iterator[tuple[Move, int]]:
    """The same, each with a number of records or requests."""
    every, moved = _alike(old, new, day, zone)
    query = counted(every)
    for *said, count in reader.conn.execute(query, execution_options=BY_PAGE):
        yield moved(*said), count
    for file in request_files(reader, zone):
        yield _moved_request(file, old, new, day), 1


def _alike(
    old: Schedule | None, new: Schedule, day: date, zone: ZoneInfo
) -> tuple[list[Alike], Callable[..., Move]]:
    every = [Alike(one, zone) for one in (new, old) if one is not None]
    judges = [one.judge(day) for one in every]

    def moved(*said: str | None) -> Move:
        after, *before = (
            judge(series, start, ())
            for judge, series, start in zip(judges, said[::2], said[1::2], strict=True)
        )
        return Move(before[0] if before else _NONE, after)

    return every, moved


def _moved_request(file: RequestFile, old: Schedule | None, new: Schedule, day: date) -> Move:
    before = _NONE if old is None else decide_request(file, old, day)
    return Move(before, decide_request(file, new, day))


def _told(decision: Decision) -> tuple[object, ...]:
    return decision.series, decision.action, decision.due, decision.eligible


def _due(decision: Decision) -> date:
    return decision.due or date.max
