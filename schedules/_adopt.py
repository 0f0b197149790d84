"""Adopting schedules, and which one is in force on a day.

An archive follows one schedule at a time: the one adopted last among those in effect on that day.
A later adoption, of a new version or of another schedule, supersedes it and changes nothing about
what was already disposed of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Row, select

from archive import Draft, Entry, Parts, Reader, Writer, new_id
from archive.errors import NotFound, Refused, VerificationError
from schedules import _tables as t
from schedules._reading import read_schedule
from schedules._schedule import Schedule


@dataclass(frozen=True, slots=True)
class Adopted:
    """A schedule as it was adopted: its id, the entry's position, and the file's SHA-256."""

    id: str
    seq: int
    code: str
    version: int
    effective: date
    jurisdiction: str
    digest: str

    @property
    def label(self) -> str:
        return f"{self.code} version {self.version}"


def adopt(writer: Writer, text: str, name: str) -> Entry:
    """Adopt the schedule that a TOML text describes; `name` is what errors call the text.

    ScheduleError when it is no schedule. Refused when this or a later version of it was adopted.
    """
    schedule = read_schedule(text, name)
    refuse_old_version(writer, schedule)
    data = text.encode()
    (entry,) = writer.append(
        [
            Draft(
                "schedule.adopted",
                new_id(),
                {
                    "code": schedule.code,
                    "version": schedule.version,
                    "effective": schedule.effective.isoformat(),
                    "digest": sha256(data).hexdigest(),
                    "jurisdiction": schedule.jurisdiction,
                },
                Parts.of([("file", data)]),
            )
        ]
    )
    return entry


def refuse_old_version(reader: Reader, schedule: Schedule) -> None:
    """Refused when this or a later version of the schedule was adopted."""
    newest = max((a.version for a in adopted(reader) if a.code == schedule.code), default=0)
    if schedule.version <= newest:
        raise Refused(
            f"version {newest} of {schedule.code} was already adopted",
            hint=f"number the changed schedule version = {newest + 1}",
        )


def adopted(reader: Reader) -> Iterator[Adopted]:
    """Every adoption, in the order of the log."""
    for row in reader.conn.execute(select(t.schedule).order_by(t.schedule.c.seq)):
        yield _adopted(row)


def find_adopted(reader: Reader, code: str, version: int | None = None) -> Adopted:
    """A version of an adopted schedule, the newest unless one is named; NotFound."""
    found = [a for a in adopted(reader) if a.code == code and version in {None, a.version}]
    if not found:
        said = code if version is None else f"{code} version {version}"
        raise NotFound(f"no schedule {said} was adopted", hint="see: muniment schedule list")
    return found[-1]


def in_force(reader: Reader, day: date) -> Adopted:
    """The schedule in force on a day; NotFound when there is none."""
    found = [one for one in adopted(reader) if one.effective <= day]
    if not found:
        raise NotFound(
            f"no retention schedule is in force on {day}",
            hint="adopt one: muniment schedule adopt FILE (or a preset: muniment schedule presets)",
        )
    return found[-1]


def load(reader: Reader, one: Adopted) -> Schedule:
    """The schedule as it was adopted; VerificationError when its file is not what was adopted."""
    data = file_of(reader, one)
    return read_schedule(data.decode(), one.label)


def file_of(reader: Reader, one: Adopted) -> bytes:
    """The adopted file's bytes, checked against the digest in the log."""
    ((_, sealed),) = reader.open([reader.entry(one.seq)])
    data = sealed.bytes_of("file") if sealed is not None else None
    if data is None or sha256(data).hexdigest() != one.digest:
        raise VerificationError(
            f"the file of schedule {one.label} is not what was adopted",
            hint="run muniment verify, and restore from a backup",
        )
    return data


def _adopted(row: Row[tuple[object, ...]]) -> Adopted:
    return Adopted(
        row.id,
        row.seq,
        row.code,
        row.version,
        date.fromisoformat(row.effective),
        row.jurisdiction,
        row.digest,
    )
