"""Projections: ordinary SQL tables computed from the log, inside the appending transaction.

A projection needs no migrations: when its version changes, its tables are dropped and replayed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import MetaData, delete, select, update

from archive import _schema
from archive._entry import Entry
from archive._parts import Parts

if TYPE_CHECKING:
    from archive._log import Reader, Writer

Event = tuple[Entry, Parts | None]
"""An entry with its sealed half; None when it has none, or it was erased."""

_REPLAY = 2000


@dataclass(frozen=True, slots=True)
class Projection:
    """What to compute from which entries.

    `types` holds entry types, or prefixes ending in a dot. `apply` is a function of the log alone:
    live appends and a rebuild run the same code and give the same tables. It sees events in log
    order; whatever it keeps from the sealed halves of a subject it clears at `record.disposed`.
    """

    name: str
    version: int
    metadata: MetaData
    types: frozenset[str]
    apply: "Callable[[Reader, Sequence[Event]], None]"

    def wants(self, entry_type: str) -> bool:
        """Whether entries of this type concern the projection."""
        return entry_type in self.types or entry_type[: entry_type.find(".") + 1] in self.types


def apply_live(
    writer: "Writer", projections: Sequence[Projection], events: Sequence[Event]
) -> None:
    """Show freshly appended entries to every projection that wants them."""
    types = {entry.type for entry, _ in events}
    for projection in projections:
        wanted = {one for one in types if projection.wants(one)}
        if wanted == types:
            projection.apply(writer, events)
        elif wanted:
            projection.apply(writer, [event for event in events if event[0].type in wanted])


def positions(reader: "Reader") -> dict[str, tuple[int, int]]:
    """Per projection in the database: its version and how many entries it covers."""
    table = _schema.projection
    rows = reader.conn.execute(select(table.c.name, table.c.version, table.c.position))
    return {name: (version, position) for name, version, position in rows}


def catch_up(writer: "Writer", projections: Sequence[Projection]) -> None:
    """Bring every projection to the head: create, replay, or start over as needed."""
    held = positions(writer)
    for projection in projections:
        version, position = held.get(projection.name, (None, 0))
        if version != projection.version:
            start_over(writer, projection)
            position = 0
        _replay(writer, projection, position)


def start_over(writer: "Writer", projection: Projection) -> None:
    """Drop and create a projection's tables; it then covers nothing."""
    projection.metadata.drop_all(writer.conn)
    projection.metadata.create_all(writer.conn)
    table = _schema.projection
    writer.conn.execute(delete(table).where(table.c.name == projection.name))
    writer.conn.execute(
        table.insert().values(name=projection.name, version=projection.version, position=0)
    )


def digests(reader: "Reader", projections: Sequence[Projection]) -> dict[str, str]:
    """A digest of every projected table's rows, whatever their order."""
    found: dict[str, str] = {}
    for projection in projections:
        for table in projection.metadata.sorted_tables:
            total = 0
            for row in reader.conn.execute(select(table)):
                hashed = sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).digest()
                total = (total + int.from_bytes(hashed)) % 2**256
            found[table.name] = f"{total:064x}"
    return found


def mark(writer: "Writer", projections: Sequence[Projection], position: int) -> None:
    """Record that projections cover the log up to `position`."""
    table = _schema.projection
    names = [projection.name for projection in projections]
    writer.conn.execute(update(table).where(table.c.name.in_(names)).values(position=position))


def _replay(writer: "Writer", projection: Projection, start: int) -> None:
    page: list[Entry] = []
    for entry in writer.entries(start):
        if projection.wants(entry.type):
            page.append(entry)
        if len(page) == _REPLAY:
            projection.apply(writer, list(writer.open(page)))
            page.clear()
    if page:
        projection.apply(writer, list(writer.open(page)))
    mark(writer, [projection], writer.head.size)
