"""Projections replayed beside the stored ones, in temporary tables of the same names.

SQLite and PostgreSQL both find a temporary table before the stored one of its name, so that the
projections run as they are, on a connection of their own, without the writer's lock, and without
changing anything.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, MetaData, Table, and_, func, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable

from archive import _projection
from archive._log import Reader
from archive._projection import Projection, Span
from archive._store import beside


class Difference(NamedTuple):
    """Something that is not what the log says: a projected table, or where a projection stands.

    `table` is empty for the latter.
    """

    place: str
    problem: str
    table: str = ""


def differences(
    engine: Engine,
    reader_of: Callable[[Connection], Reader],
    projections: Sequence[Projection],
) -> list[Difference]:
    """Where stored projections differ from a replay of the log. Changes nothing.

    Each is replayed up to the entry that it says it covers. Those of another version than the
    program's are left out: it replaces them before it reads.
    """
    with beside(engine) as connection:
        reader = reader_of(connection)
        size, held = reader.head.size, _projection.positions(reader)
        found: list[Difference] = []
        spans: list[Span] = []
        stored: list[Projection] = []
        for projection in projections:
            version, position = held.get(projection.name, (None, size))
            if version == projection.version:
                stored.append(projection)
                if type(position) is not int or not 0 <= position <= size:
                    found.append(_astray(projection, f"covers {position} of {size} entries"))
                    position = size
            spans.append(Span(projection, 0, position if projection in stored else size))
        for projection in projections:
            _shadow(connection, projection)
        _projection.replay(reader, spans)
        for projection in stored:
            for table in projection.metadata.sorted_tables:
                found += _compared(connection, table)
    return found


def _astray(projection: Projection, problem: str) -> Difference:
    return Difference(f"projection {projection.name}", problem)


def _shadow(connection: Connection, projection: Projection) -> None:
    """Make a projection's tables once more, empty and temporary."""
    for table in projection.metadata.sorted_tables:
        create = str(CreateTable(table).compile(dialect=connection.dialect))
        connection.exec_driver_sql(create.replace("CREATE TABLE", "CREATE TEMPORARY TABLE", 1))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index))


def _compared(connection: Connection, table: Table) -> Iterator[Difference]:
    """At most one difference of a stored table from the temporary one of its name."""
    place = f"table {table.name}"
    try:
        with connection.begin_nested():
            key = _first(connection, _stored(connection, table), table)
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        yield Difference(
            place, f"cannot be compared with a replay of the log ({reason})", table.name
        )
        return
    if key is not None:
        at = ", ".join(map(str, key))
        yield Difference(place, f"differs from a replay of the log, first at {at}", table.name)


def _stored(connection: Connection, table: Table) -> Table:
    schema = "main"
    if connection.dialect.name != "sqlite":
        schema = connection.execute(select(func.current_schema())).scalar_one()
    return table.to_metadata(MetaData(), schema=schema)


def _first(connection: Connection, stored: Table, fresh: Table) -> tuple[Any, ...] | None:
    """The key of a row that only one of two tables has, or that is not the same in both."""
    return _missing(connection, stored, fresh) or _missing(connection, fresh, stored)


def _missing(connection: Connection, one: Table, other: Table) -> tuple[Any, ...] | None:
    """The first key of `one` whose row `other` does not have, all columns compared."""
    keys = [column.name for column in one.primary_key] or [column.name for column in one.columns]
    a, b = one.alias("a"), other.alias("b")
    same = [a.c[name] == b.c[name] for name in keys]
    absent = b.c[keys[0]].is_(None)
    others = [column.name for column in one.columns if column.name not in keys]
    differing = [a.c[name].is_distinct_from(b.c[name]) for name in others]
    query = select(*[a.c[name] for name in keys]).outerjoin(b, and_(*same))
    row = connection.execute(
        query.where(or_(absent, *differing)).order_by(*[a.c[name] for name in keys]).limit(1)
    ).one_or_none()
    return None if row is None else tuple(row)
