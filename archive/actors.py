"""Actors: who decides. Each has an Ed25519 key whose public half is an entry.

A key counts from the entry after the one that names it, until it is replaced or its actor is
revoked, and is never used again. Who may name and take away keys: `docs/format.md` section 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    bindparam,
    select,
    update,
)

from archive._entry import Draft, Entry, Signer, new_id
from archive._log import Reader, Writer
from archive._parts import Parts
from archive._projection import Event, Projection
from archive._store import insert_rows
from archive.errors import KeyProblem, NotFound, Refused

ROLES = frozenset({"officer", "director", "moderator", "agent"})
GOVERNING = frozenset({"officer", "director"})
"""The roles whose bearers decide who is an actor, and which keys the archive has."""

CHALLENGE = b"muniment challenge v1\n"
"""Stands before the random bytes that `check` has signed, so that it can be nothing else."""

_metadata = MetaData()
actor_table = Table(
    "actor",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("public_key", Text, nullable=False, unique=True),
    Column("roles", Text, nullable=False),
    Column("revoked", Integer, nullable=False),
)
_BY_ID = select(actor_table).where(actor_table.c.id == bindparam("actor"))
key_table = Table(
    "actor_key",
    _metadata,
    Column("public_key", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
)
"""Every key that an actor ever had, with the number of the entry that names it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who can sign: id, name, raw Ed25519 public key in hexadecimal, roles.

    The key is the one in force, or the last one of an actor who is revoked.
    """

    id: str
    name: str
    public_key: str
    roles: tuple[str, ...]
    revoked: bool = False

    @property
    def governs(self) -> bool:
        """Whether this actor decides, as of now, who is an actor."""
        return not self.revoked and not GOVERNING.isdisjoint(self.roles)


def add(
    writer: Writer, name: str, public_key: bytes, roles: Sequence[str], *, actor_id: str = ""
) -> Actor:
    """Make somebody an actor.

    Refused when the name is taken, the key was used before, a role is unknown, the founder is
    neither officer nor director, or the signer is neither.
    """
    unknown = set(roles) - ROLES
    if unknown or not roles:
        raise Refused(
            f"unknown role: {', '.join(sorted(unknown)) or 'none given'}",
            hint=f"roles are {', '.join(sorted(ROLES))}",
        )
    if writer.head.size > 0:
        _permitted(writer, "make somebody an actor")
    elif GOVERNING.isdisjoint(roles):
        raise Refused(
            "the first actor has to be an officer or a director",
            hint="nobody else could add actors",
        )
    for actor in every(writer):
        if actor.name == name:
            raise Refused(f"there is already an actor named {name}", hint="choose another name")
    _unused(writer, public_key)
    actor = Actor(actor_id or new_id(), name, public_key.hex(), tuple(sorted(set(roles))))
    data = {"public_key": actor.public_key, "roles": list(actor.roles)}
    writer.append([Draft("actor.added", actor.id, data, Parts.of([("name", name)]))])
    return actor


def rekey(writer: Writer, actor: Actor, public_key: bytes, reason: str = "") -> Actor:
    """Give an actor a new key, which counts from the next entry; also one who is revoked.

    Refused when the key was used before, or the signer is neither an officer or director nor the
    actor. A signer whose own key it was signs nothing more in this transaction.
    """
    if writer.signer.actor != actor.id or get(writer, actor.id).revoked:
        _permitted(writer, f"give {actor.name} a new key")
    _unused(writer, public_key)
    parts = Parts.of([("reason", reason)]) if reason else None
    data = {"public_key": public_key.hex()}
    writer.append([Draft("actor.rekeyed", actor.id, data, parts)])
    _retire(writer, actor)
    return get(writer, actor.id)


def revoke(writer: Writer, actor: Actor, reason: str) -> Actor:
    """Take an actor's key away: it signs nothing from the next entry on.

    Refused when the actor is revoked already or the last officer or director, or when the signer is
    neither an officer or director nor the actor.
    """
    if writer.signer.actor != actor.id:
        _permitted(writer, f"revoke {actor.name}")
    if get(writer, actor.id).revoked:
        raise Refused(f"{actor.name} is revoked already", hint="see: muniment actor list")
    if {one.id for one in every(writer) if one.governs} == {actor.id}:
        raise Refused(
            f"{actor.name} is the last officer or director and cannot be revoked",
            hint="add another one first: muniment actor add NAME --role officer",
        )
    writer.append([Draft("actor.revoked", actor.id, {}, Parts.of([("reason", reason)]))])
    _retire(writer, actor)
    return get(writer, actor.id)


def require_governing(reader: Reader, signer: Signer, what: str) -> None:
    """Refused unless the signer is an officer or director in force; `what` says what for."""
    if not get(reader, signer.actor).governs:
        raise Refused(
            f"only an officer or a director may {what}", hint="act as one of them with --as NAME"
        )


def check(reader: Reader, signer: Signer, challenge: bytes) -> None:
    """Have a signer sign a challenge of fresh random bytes.

    KeyProblem when it is no actor, revoked, or has another key than the actor's in force.
    """
    try:
        actor = get(reader, signer.actor)
    except NotFound as error:
        raise KeyProblem(str(error), hint=error.hint) from error
    if actor.revoked:
        raise KeyProblem(
            f"{actor.name} is revoked and cannot sign",
            hint="an officer or director can give a new key: muniment actor rekey",
        )
    message = CHALLENGE + challenge
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(actor.public_key))
        public.verify(signer.sign(message), message)
    except InvalidSignature as error:
        raise KeyProblem(
            f"the key at hand is not the one that {actor.name} signs with",
            hint="it may have been replaced; see: muniment actor list",
        ) from error


def every(reader: Reader) -> list[Actor]:
    """All actors in the order in which they were added."""
    return [_actor(row) for row in reader.conn.execute(select(actor_table).order_by("id"))]


def get(reader: Reader, actor_id: str) -> Actor:
    """The actor of an id; NotFound when there is none."""
    row = reader.conn.execute(_BY_ID, {"actor": actor_id}).one_or_none()
    if row is None:
        raise NotFound(f"there is no actor {actor_id}", hint="see muniment actor list")
    return _actor(row)


def by_name(reader: Reader, name: str) -> Actor:
    """The actor of a name; NotFound when there is none."""
    query = select(actor_table).where(actor_table.c.name == name).order_by("id")
    row = reader.conn.execute(query).first()
    if row is None:
        raise NotFound(f"there is no actor named {name}", hint="see muniment actor list")
    return _actor(row)


def by_key(reader: Reader, public_key: bytes) -> Actor | None:
    """The actor whose key this is, or was; None when it is nobody's.

    It is in force when it is the actor's `public_key` and the actor is not revoked.
    """
    owner = select(key_table.c.actor).where(key_table.c.public_key == public_key.hex())
    query = select(actor_table).where(actor_table.c.id == owner.scalar_subquery())
    row = reader.conn.execute(query).one_or_none()
    return None if row is None else _actor(row)


def _permitted(writer: Writer, what: str) -> None:
    require_governing(writer, writer.signer, what)


def _unused(writer: Writer, public_key: bytes) -> None:
    owner = by_key(writer, public_key)
    if owner is None:
        return
    if owner.public_key == public_key.hex() and not owner.revoked:
        raise Refused(
            f"this key is already {owner.name}'s", hint="two actors need two different keys"
        )
    raise Refused(
        f"this key was {owner.name}'s before", hint="make a new one: ssh-keygen -t ed25519"
    )


def _retire(writer: Writer, actor: Actor) -> None:
    if writer.signer.actor == actor.id:
        writer.retire()


def _actor(row: Row[tuple[object, ...]]) -> Actor:
    return Actor(row.id, row.name, row.public_key, tuple(row.roles.split(",")), bool(row.revoked))


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry, parts in events:
        if not _counts(reader, entry):
            continue
        public = str(entry.data.get("public_key"))
        if entry.type == "actor.added":
            name = (parts.get("name") if parts else None) or entry.subject
            roles = ",".join(entry.data["roles"])
            insert_rows(reader.conn, actor_table, [(entry.subject, name, public, roles, 0)])
        else:
            change = update(actor_table).where(actor_table.c.id == entry.subject)
            values = (
                {"revoked": 1}
                if entry.type == "actor.revoked"
                else {
                    "revoked": 0,
                    "public_key": public,
                }
            )
            reader.conn.execute(change.values(**values))
        if entry.type != "actor.revoked":
            insert_rows(reader.conn, key_table, [(public, entry.subject, entry.seq)])


def _counts(reader: Reader, entry: Entry) -> bool:
    """Whether an entry about an actor is one that its signer may make (format, section 2)."""
    known = {actor.id: actor for actor in every(reader)}
    subject, signer = known.get(entry.subject), known.get(entry.actor)
    own = entry.actor == entry.subject
    if (subject is None) != (entry.type == "actor.added"):
        return False
    if entry.type != "actor.revoked" and not _names_unused_key(reader, entry):
        return False
    if subject is None:
        if not isinstance(entry.data.get("roles"), list):
            return False
        return own if entry.seq == 0 else signer is not None and signer.governs
    if signer is None or signer.revoked or not (own or signer.governs):
        return False
    if entry.type == "actor.rekeyed":
        return True
    return not subject.revoked and {one.id for one in known.values() if one.governs} != {subject.id}


def _names_unused_key(reader: Reader, entry: Entry) -> bool:
    public = entry.data.get("public_key")
    if not isinstance(public, str) or len(public) != 64:
        return False
    query = select(key_table.c.seq).where(key_table.c.public_key == public)
    return reader.conn.execute(query).scalar() is None


TYPES = frozenset({"actor.added", "actor.rekeyed", "actor.revoked"})
PROJECTION = Projection("actors", 2, _metadata, TYPES, _apply)
