"""Who may sign at which position of the log: actors, their keys and their roles (format section 2).

It is computed from the entries `actor.added`, `actor.rekeyed` and `actor.revoked` in log order, and
from nothing else, so that a process can be handed one and ask it about any entry.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive._entry import Entry
from archive.actors import GOVERNING

TYPES = frozenset({"actor.added", "actor.rekeyed", "actor.revoked"})


@dataclass(slots=True)
class _Known:
    """An actor: roles, and the keys in order, each with the number of the entry that names it.

    An empty key stands where the actor was revoked.
    """

    governs: bool
    since: list[int] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)


class Authority:
    """Actors with the keys that they had at every position."""

    def __init__(self) -> None:
        self._actors: dict[str, _Known] = {}
        self._used: set[bytes] = set()

    def key_at(self, actor: str, position: int) -> bytes | None:
        """The key with which an actor signs the entry at a position.

        Empty when the actor is revoked by then; None when nobody of that id is known by then. A key
        counts from the entry after the one that names it; the founder's from entry 0.
        """
        known = self._actors.get(actor)
        if known is None:
            return None
        if position == 0 and known.since[0] == 0:
            return known.keys[0]
        index = bisect_left(known.since, position)
        return known.keys[index - 1] if index else None

    def keys_of(self, actor: str) -> tuple[bytes, ...]:
        """Every key that the log names for an actor, oldest first."""
        known = self._actors.get(actor)
        return () if known is None else tuple(key for key in known.keys if key)

    def governs(self, actor: str) -> bool:
        """Whether an actor is an officer or director, who decides on actors and keys."""
        known = self._actors.get(actor)
        return known is not None and known.governs

    def learn(self, entry: Entry) -> str:
        """Take in the next entry of `TYPES`, in log order; what is wrong with it, or "".

        It counts when it is signed by an actor in force who is an officer or director, or, unless
        it adds an actor, by the actor whom it is about. One that is wrong counts for nothing.
        """
        public, problem = b"", ""
        if entry.type != "actor.revoked":
            public, problem = self._key(entry)
        known = self._actors.get(entry.subject)
        if not problem and entry.type == "actor.added" and known is not None:
            problem = "names an actor who has a key already"
        if not problem and entry.type != "actor.added" and known is None:
            problem = "is about an actor who is not known by then"
        problem = problem or self._permitted(entry, public)
        if problem or not self._signed(entry, public):
            return problem
        if known is None:
            known = self._actors[entry.subject] = _Known(_governs(entry))
        known.since.append(entry.seq)
        known.keys.append(public)
        self._used.add(public)
        return ""

    def _key(self, entry: Entry) -> tuple[bytes, str]:
        try:
            public = bytes.fromhex(entry.data["public_key"])
            Ed25519PublicKey.from_public_bytes(public)
        except (KeyError, TypeError, ValueError):
            return b"", "names an actor without an Ed25519 key"
        if public.hex() != entry.data["public_key"]:
            return b"", "names an actor without an Ed25519 key"
        return public, "names a key that was used before" if public in self._used else ""

    def _permitted(self, entry: Entry, public: bytes) -> str:
        if entry.seq == 0:
            founding = entry.type == "actor.added" and entry.actor == entry.subject
            return "" if founding and public else "is not the founder's own entry"
        if entry.type == "actor.revoked":
            if not self.key_at(entry.subject, entry.seq):
                return "revokes an actor who is revoked already"
            if self._governing(entry.seq) == {entry.subject}:
                return "revokes the last officer or director"
        own = entry.type != "actor.added" and entry.actor == entry.subject
        if not own and entry.actor in self._actors and not self.governs(entry.actor):
            return "its actor may not decide who is an actor"
        return ""

    def _governing(self, position: int) -> set[str]:
        return {
            name
            for name, known in self._actors.items()
            if known.governs and self.key_at(name, position)
        }

    def _signed(self, entry: Entry, public: bytes) -> bool:
        """Whether its signature holds. That it does not is reported with every other entry's."""
        key = public if entry.seq == 0 else self.key_at(entry.actor, entry.seq)
        return bool(key) and signature_holds(entry, key or b"")


def signature_holds(entry: Entry, key: bytes) -> bool:
    """Whether an entry carries the signature of a raw Ed25519 key."""
    if entry.signature is None:
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(key)
        public.verify(entry.signature, entry.signed_message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _governs(entry: Entry) -> bool:
    roles = entry.data.get("roles")
    return isinstance(roles, list) and any(role in GOVERNING for role in roles if type(role) is str)
