"""Projections replayed beside the stored ones, in temporary tables of the same names.

SQLite and PostgreSQL both find a temporary table before the stored one of its name, so that the
projections run as they are, on a connection of their own, without the writer's lock, and without
changing anything.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Table, func, select
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
            key = _first(connection, table)
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        yield Difference(
            place, f"cannot be compared with a replay of the log ({reason})", table.name
        )
        return
    if key is not None:
        at = ", ".join(map(str, key))
        yield Difference(place, f"differs from a replay of the log, first at {at}", table.name)


def _first(connection: Connection, table: Table) -> tuple[Any, ...] | None:
    """The key of a row that only one of the two tables has, or that is not the same in both."""
    schema = "main"
    if connection.dialect.name != "sqlite":
        schema = connection.execute(select(func.current_schema())).scalar_one()
    quote = connection.dialect.identifier_preparer.quote
    fresh = quote(table.name)
    stored = f"{quote(schema)}.{fresh}"
    return _missing(connection, table, stored, fresh) or _missing(connection, table, fresh, stored)


def _missing(connection: Connection, table: Table, one: str, other: str) -> tuple[Any, ...] | None:
    """The first key of `one` whose row `other` does not have, all columns compared."""
    quote = connection.dialect.identifier_preparer.quote
    differs = "IS NOT" if connection.dialect.name == "sqlite" else "IS DISTINCT FROM"
    names = [quote(column.name) for column in table.columns]
    keys = [quote(column.name) for column in table.primary_key] or names
    listed = ", ".join(f"a.{name}" for name in keys)
    same = " AND ".join(f"a.{name} = b.{name}" for name in keys)
    others = [f" OR a.{name} {differs} b.{name}" for name in names if name not in keys]
    row = connection.exec_driver_sql(
        f"SELECT {listed} FROM {one} a LEFT JOIN {other} b ON {same}"  # noqa: S608 - quoted names of our own tables
        f" WHERE b.{keys[0]} IS NULL{''.join(others)} ORDER BY {listed} LIMIT 1"
    ).one_or_none()
    return None if row is None else tuple(row)
