"""Restrictions: content that may be unlawful to keep or show is opened for named actors alone.

While a record is restricted, nothing that is sealed about it leaves the vault: `Reader.open` gives
None for its versions, for the reasons of decisions about it, and for the reason of the restriction.
An actor whom it names opens it after `access` has put that on the record. Headers and proofs stay
as they are, and so does what is done without showing anything: comparing, verifying, disposing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, MetaData, Row, Table, Text, delete, select

from archive import actors, records, times
from archive._entry import Draft, Entry, new_id
from archive._log import Reader, Writer
from archive._parts import Parts
from archive._projection import Event, Projection
from archive._restricted import RESTRICTED, UNRESTRICTED
from archive._store import chunked, insert_rows
from archive.errors import Refused, UsageError
from archive.records import Record

_metadata = MetaData()
restriction_table = Table(
    "restriction",
    _metadata,
    Column("record", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("actors", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("restricted_at", Text, nullable=False),
)
_c = restriction_table.c


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction in force: of a record, to the ids of `actors`, by `actor`. A text time."""

    id: str
    record: str
    actors: tuple[str, ...]
    actor: str
    restricted_at: str


def restrict(writer: Writer, record_id: str, names: Sequence[str], *, reason: str) -> Restriction:
    """Close a record to everybody but the actors of these names.

    A restriction that is in force is replaced, by whoever it names, or a director; one that names
    the same actors stays. Raises UsageError without names or a reason, NotFound for an unknown
    record or actor, and Refused for a record that was disposed of, an actor who was revoked, or a
    signer who may not.
    """
    record = records.get(writer, record_id)
    if record.status == "disposed":
        raise Refused("the record has been disposed of: there is nothing left to restrict")
    named = [_named(writer, name).id for name in dict.fromkeys(names)]
    if not named:
        raise UsageError("somebody has to be named who may see it", hint="name actors by --to")
    in_force = find(writer, record.id)
    if in_force is not None and set(in_force.actors) == set(named):
        return in_force
    if in_force is not None:
        _permitted(writer, in_force, "name others")
    data = {"restriction": new_id(), "actors": named}
    writer.append([Draft("record.restricted", record.id, data, _reason(reason))])
    return _of(writer, record.id)


def lift(writer: Writer, record_id: str, *, reason: str) -> Restriction:
    """End the restriction of a record; the one that ended.

    Raises UsageError without a reason, NotFound for an unknown record, and Refused when it is not
    restricted, or the signer is neither named by the restriction nor a director.
    """
    held = _of(writer, records.get(writer, record_id).id)
    _permitted(writer, held, "lift it")
    data = {"restriction": held.id}
    writer.append([Draft("record.unrestricted", held.record, data, _reason(reason))])
    return held


def access(writer: Writer, record: Record, *, reason: str) -> Entry:
    """Put on the record that the signer is about to see what is restricted, and why.

    Commit it before anything is shown. Raises UsageError without a reason, and Refused when the
    record is not restricted or the restriction does not name the signer.
    """
    held = _of(writer, record.id)
    if writer.signer.actor not in held.actors:
        raise Refused(
            "the restriction of this record does not name you",
            hint=f"it names {', '.join(_names(writer, held))}",
        )
    data = {"restriction": held.id}
    return writer.append([Draft("record.accessed", record.id, data, _reason(reason))])[0]


def again(writer: Writer, lost: Sequence[Event]) -> list[str]:
    """Restrict once more what entries of a lost log restricted, as they say; the records' ids.

    Left out are records that this log does not know, has disposed of, or has restricted so already.
    """
    known = records.get_many(writer, [entry.subject for entry, _ in lost])
    drafts = []
    for entry, parts in lost:
        record, held = known.get(entry.subject), find(writer, entry.subject)
        if record is None or record.status == "disposed":
            continue
        if held is None or held.id != entry.data["restriction"]:
            reason = parts.text("reason") if parts is not None else ""
            sealed = Parts.of([("reason", reason)])
            drafts.append(Draft("record.restricted", entry.subject, entry.data, sealed))
    return [entry.subject for entry in writer.append(drafts)]


def find(reader: Reader, record_id: str) -> Restriction | None:
    """The restriction of a record, by its whole id; None when it is not restricted."""
    query = select(restriction_table).where(_c.record == record_id)
    row = reader.conn.execute(query).one_or_none()
    return None if row is None else _restriction(row)


def every(reader: Reader) -> list[Restriction]:
    """All restrictions in force, in the order of the records' first capture."""
    rows = reader.conn.execute(select(restriction_table).order_by(_c.record))
    return [_restriction(row) for row in rows]


_SEE_IT = 'whom it names sees it by: muniment record show ID --as NAME --reason "…"'


def refusal(reader: Reader, record_id: str, *, hint: str = _SEE_IT) -> Refused | None:
    """What to say to whoever asks for the content of a record; None when it is not restricted."""
    held = find(reader, record_id)
    if held is None:
        return None
    return Refused(
        f"record {record_id} is restricted to {', '.join(_names(reader, held))}", hint=hint
    )


def _of(reader: Reader, record_id: str) -> Restriction:
    held = find(reader, record_id)
    if held is None:
        raise Refused("the record is not restricted", hint="see: muniment moderate restricted")
    return held


def _named(writer: Writer, name: str) -> actors.Actor:
    actor = actors.by_name(writer, name)
    if actor.revoked:
        raise Refused(f"{actor.name} is revoked and could not open it", hint="name somebody else")
    return actor


def _permitted(writer: Writer, held: Restriction, deed: str) -> None:
    me = writer.signer.actor
    if me not in held.actors and "director" not in actors.get(writer, me).roles:
        raise Refused(
            f"only a director, or whom the restriction names, may {deed}",
            hint=f"it names {', '.join(_names(writer, held))}",
        )


def _names(reader: Reader, held: Restriction) -> list[str]:
    """The names of those who may see it; the id of one whom a restored log does not know."""
    names = {actor.id: actor.name for actor in actors.every(reader)}
    return [names.get(one, one) for one in held.actors]


def _reason(reason: str) -> Parts:
    if not reason.strip():
        raise UsageError("a reason is needed", hint="give it by --reason")
    return Parts.of([("reason", reason.strip())])


def _restriction(row: Row[Any]) -> Restriction:
    named = tuple(json.loads(row.actors))
    return Restriction(row.id, row.record, named, row.actor, row.restricted_at)


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    rows: dict[str, tuple[Any, ...]] = {}
    for entry, _ in events:
        rows.pop(entry.subject, None)
        if entry.type == RESTRICTED:
            named = json.dumps(entry.data["actors"])
            at = times.to_text(entry.at)
            row = (entry.subject, entry.data["restriction"], named, entry.actor, at)
            rows[entry.subject] = row
    for chunk in chunked([entry.subject for entry, _ in events]):
        reader.conn.execute(delete(restriction_table).where(_c.record.in_(chunk)))
    insert_rows(reader.conn, restriction_table, list(rows.values()))


PROJECTION = Projection(
    "restrictions",
    1,
    _metadata,
    frozenset({RESTRICTED, UNRESTRICTED, "record.disposed"}),
    _apply,
)
