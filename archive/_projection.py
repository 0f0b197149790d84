"""Projections: ordinary SQL tables computed from the log, inside the appending transaction.

A projection needs no migrations: when its version changes, its tables are dropped and replayed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import MetaData, bindparam, delete, select, update

from archive import _schema
from archive._entry import Entry
from archive._parts import Parts

if TYPE_CHECKING:
    from archive._log import Reader, Writer

Event = tuple[Entry, Parts | None]
"""An entry with its sealed half; None when it has none, or it was erased."""

_held = _schema.projection.c
_POSITIONS = select(_held.name, _held.version, _held.position)
_MARK = (
    update(_schema.projection)
    .where(_held.name.in_(bindparam("names", expanding=True)))
    .values(position=bindparam("at"))
)
_REPLAY = 2000
_REPLAY_BYTES = 16 << 20


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


class Span(NamedTuple):
    """A projection, and the entries from `start` up to `stop` that it is shown."""

    projection: Projection
    start: int
    stop: int


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
    rows = reader.conn.execute(_POSITIONS)
    return {name: (version, position) for name, version, position in rows}


def catch_up(writer: "Writer", projections: Sequence[Projection]) -> None:
    """Bring every projection to the head: create, replay, or start over as needed."""
    held = positions(writer)
    spans: list[Span] = []
    for projection in projections:
        version, position = held.get(projection.name, (None, 0))
        if version is None and not writer.head.size:
            _create(writer, projection)
        elif version != projection.version:
            start_over(writer, projection)
            position = 0
        spans.append(Span(projection, position, writer.head.size))
    replay(writer, spans)
    mark(writer, projections, writer.head.size)


def start_over(writer: "Writer", projection: Projection) -> None:
    """Drop and create a projection's tables; it then covers nothing."""
    projection.metadata.drop_all(writer.conn)
    writer.conn.execute(delete(_schema.projection).where(_held.name == projection.name))
    _create(writer, projection)


def _create(writer: "Writer", projection: Projection) -> None:
    projection.metadata.create_all(writer.conn, checkfirst=False)
    writer.conn.execute(
        _schema.projection.insert().values(
            name=projection.name, version=projection.version, position=0
        )
    )


def replay(reader: "Reader", spans: Sequence[Span]) -> None:
    """Show stored entries to projections, each those of its span, in one pass over the log."""
    start = min((span.start for span in spans), default=0)
    stop = max((span.stop for span in spans), default=0)
    page: list[Event] = []
    held = 0
    for event in reader.replayed(_wanted(reader.entries(start, stop), spans)):
        page.append(event)
        held += 0 if event[1] is None else len(event[1].encoded)
        if len(page) == _REPLAY or held > _REPLAY_BYTES:
            _show(reader, spans, page)
            page, held = [], 0
    _show(reader, spans, page)


def mark(writer: "Writer", projections: Sequence[Projection], position: int) -> None:
    """Record that projections cover the log up to `position`."""
    names = [projection.name for projection in projections]
    writer.conn.execute(_MARK, {"names": names, "at": position})


def _wanted(entries: Iterable[Entry], spans: Sequence[Span]) -> Iterator[Entry]:
    interested: dict[str, list[Span]] = {}
    for entry in entries:
        if entry.type not in interested:
            interested[entry.type] = [span for span in spans if span.projection.wants(entry.type)]
        if any(span.start <= entry.seq < span.stop for span in interested[entry.type]):
            yield entry


def _show(reader: "Reader", spans: Sequence[Span], events: Sequence[Event]) -> None:
    for projection, start, stop in spans:
        wanted = [
            event
            for event in events
            if start <= event[0].seq < stop and projection.wants(event[0].type)
        ]
        if wanted:
            projection.apply(reader, wanted)
