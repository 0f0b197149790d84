"""How many records are due, kept, held: counted by the database, judged once for all alike."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from archive import Reader
from archive.records import record_table
from schedules._alike import BY_PAGE, Alike, counted, present
from schedules._conditions import FROZEN
from schedules._evaluate import Decision
from schedules._facts import Freeze, FreezeSource
from schedules._guard import frozen
from schedules._schedule import Schedule

_SOMETHING = (Freeze(FreezeSource.HOLD, "", "something"),)


def tally(
    reader: Reader, schedule: Schedule, today: date, zone: ZoneInfo
) -> Iterator[tuple[Decision, int]]:
    """What is decided about all records, each decision with a number of records.

    What holds a record is not named.
    """
    alike = Alike(schedule, zone)
    judge = alike.judge(today)
    query = counted([alike], FROZEN.label("held"))
    for series, day, held, count in reader.conn.execute(query, execution_options=BY_PAGE):
        yield judge(series, day, _SOMETHING if held else ()), count


def undetermined(
    reader: Reader, schedule: Schedule, today: date, zone: ZoneInfo
) -> Iterator[tuple[str, Decision]]:
    """What is decided about the records that are kept because something is not known, by id."""
    alike = Alike(schedule, zone)
    judge = alike.judge(today)
    record = record_table.c.id
    query = present([alike], record).where(alike.undetermined).order_by(record)
    with reader.conn.execute(query, execution_options=BY_PAGE) as rows:
        for page in rows.partitions():
            freezes = frozen(reader, [row.id for row in page])
            for series, day, found in page:
                yield found, judge(series, day, tuple(freezes.get(found, ())))
