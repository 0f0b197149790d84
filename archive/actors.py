"""Actors: who decides. Each has an Ed25519 key whose public half is an entry."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, MetaData, Row, Table, Text, select

from archive._entry import Draft, new_id
from archive._log import Reader, Writer
from archive._parts import Parts
from archive._projection import Event, Projection
from archive._store import insert_rows
from archive.errors import NotFound, Refused

ROLES = frozenset({"officer", "director", "moderator", "agent"})

_metadata = MetaData()
actor_table = Table(
    "actor",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("public_key", Text, nullable=False, unique=True),
    Column("roles", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who can sign: id, name, raw Ed25519 public key in hexadecimal, roles."""

    id: str
    name: str
    public_key: str
    roles: tuple[str, ...]


def add(
    writer: Writer, name: str, public_key: bytes, roles: Sequence[str], *, actor_id: str = ""
) -> Actor:
    """Make somebody an actor; Refused when the name or the key is taken, or a role unknown."""
    unknown = set(roles) - ROLES
    if unknown or not roles:
        raise Refused(
            f"unknown role: {', '.join(sorted(unknown)) or 'none given'}",
            hint=f"roles are {', '.join(sorted(ROLES))}",
        )
    for actor in every(writer):
        if actor.name == name:
            raise Refused(f"there is already an actor named {name}", hint="choose another name")
        if actor.public_key == public_key.hex():
            raise Refused(
                f"this key is already {actor.name}'s", hint="two actors need two different keys"
            )
    actor = Actor(actor_id or new_id(), name, public_key.hex(), tuple(sorted(set(roles))))
    data = {"public_key": actor.public_key, "roles": list(actor.roles)}
    writer.append([Draft("actor.added", actor.id, data, Parts.of([("name", name)]))])
    return actor


def every(reader: Reader) -> list[Actor]:
    """All actors in the order in which they were added."""
    return [_actor(row) for row in reader.conn.execute(select(actor_table).order_by("id"))]


def get(reader: Reader, actor_id: str) -> Actor:
    """The actor of an id; NotFound when there is none."""
    row = reader.conn.execute(select(actor_table).where(actor_table.c.id == actor_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no actor {actor_id}", hint="see muniment actor list")
    return _actor(row)


def by_name(reader: Reader, name: str) -> Actor:
    """The actor of a name; NotFound when there is none."""
    row = reader.conn.execute(select(actor_table).where(actor_table.c.name == name)).one_or_none()
    if row is None:
        raise NotFound(f"there is no actor named {name}", hint="see muniment actor list")
    return _actor(row)


def by_key(reader: Reader, public_key: bytes) -> Actor | None:
    """The actor who holds a key, or None."""
    query = select(actor_table).where(actor_table.c.public_key == public_key.hex())
    row = reader.conn.execute(query).one_or_none()
    return None if row is None else _actor(row)


def _actor(row: Row[tuple[object, ...]]) -> Actor:
    return Actor(row.id, row.name, row.public_key, tuple(row.roles.split(",")))


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    rows = [
        (
            entry.subject,
            (parts.get("name") if parts else None) or entry.subject,
            str(entry.data["public_key"]),
            ",".join(entry.data["roles"]),
        )
        for entry, parts in events
    ]
    insert_rows(reader.conn, actor_table, rows)


PROJECTION = Projection("actors", 1, _metadata, frozenset({"actor.added"}), _apply)
