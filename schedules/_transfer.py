"""What goes into a package for an archives: what a run would remove now."""

from dataclasses import dataclass

from archive import Archive, Reader
from schedules._adopt import load
from schedules._days import today
from schedules._disposal import Disposal, schedule_of
from schedules._judge import Kept, judged
from schedules._packages import refuse_unless_packable


@dataclass(frozen=True, slots=True)
class Chosen:
    """The records to hand over, with their series, and those of the list that stay, with why."""

    records: dict[str, str]
    kept: tuple[Kept, ...]


def to_package(archive: Archive, reader: Reader, disposal: Disposal) -> Chosen:
    """Judge every record of a list again. Restricted ones stay: nobody may see them.

    Refused when the list is not to be transferred, or may not run but for the acknowledgement.
    """
    refuse_unless_packable(reader, disposal, today(archive))
    schedule = load(reader, schedule_of(reader, disposal))
    chosen: dict[str, str] = {}
    kept: list[Kept] = []
    for going, staying in judged(archive, reader, disposal, schedule):
        closed = reader.restricted([row.record_id for row in going])
        kept += staying
        kept += [
            Kept(one, "It is restricted: only those who are named may see it.") for one in closed
        ]
        chosen |= {row.record_id: row.series for row in going if row.record_id not in closed}
    return Chosen(chosen, tuple(kept))
