import pickle
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Draft, Entry, keys, times
from archive._authority import Authority
from archive._entry import build

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)


@dataclass
class Log:
    """Entries about actors, each learnt as it is made."""

    authority: Authority = field(default_factory=Authority)
    size: int = 0

    def entry(self, type_: str, signer: keys.ActorKey, subject: str, data: dict[str, Any]) -> Entry:
        draft = Draft(type_, subject, data)
        at = times.to_text(AT)
        return build(self.size, draft, AT, at, signer.actor, None, signer)

    def learn(
        self, type_: str, signer: keys.ActorKey, subject: str, key: bytes = b"", *roles: str
    ) -> str:
        data: dict[str, Any] = {"public_key": key.hex(), "roles": list(roles)} if key else {}
        entry = self.entry(type_, signer, subject, data)
        self.size += 1
        return self.authority.learn(entry)


def actor(name: str) -> keys.ActorKey:
    return keys.ActorKey(name, Ed25519PrivateKey.generate())


@pytest.fixture
def ada() -> keys.ActorKey:
    return actor("ada")


@pytest.fixture
def log(ada: keys.ActorKey) -> Log:
    log = Log()
    assert log.learn("actor.added", ada, "ada", ada.public, "officer") == ""
    return log


def test_the_founder_s_key_counts_from_the_beginning(log: Log, ada: keys.ActorKey) -> None:
    assert [log.authority.key_at("ada", position) for position in (0, 1, 99)] == [ada.public] * 3
    assert log.authority.key_at("bob", 99) is None


def test_a_key_counts_from_the_entry_after_the_one_that_names_it(
    log: Log, ada: keys.ActorKey
) -> None:
    bob = actor("bob")
    assert log.learn("actor.added", ada, "bob", bob.public, "agent") == ""
    assert log.authority.key_at("bob", 1) is None
    assert log.authority.key_at("bob", 2) == bob.public
    fresh = actor("bob")
    assert log.learn("actor.rekeyed", bob, "bob", fresh.public) == ""
    assert log.authority.key_at("bob", 2) == bob.public
    assert log.authority.key_at("bob", 3) == fresh.public
    assert log.authority.keys_of("bob") == (bob.public, fresh.public)


def test_a_revoked_actor_has_no_key_until_an_officer_gives_one(
    log: Log, ada: keys.ActorKey
) -> None:
    bob, fresh = actor("bob"), actor("bob")
    log.learn("actor.added", ada, "bob", bob.public, "agent")
    assert log.learn("actor.revoked", bob, "bob") == ""
    assert log.authority.key_at("bob", 9) == b""
    assert log.learn("actor.revoked", ada, "bob") == "revokes an actor who is revoked already"
    log.learn("actor.rekeyed", bob, "bob", fresh.public)
    assert log.authority.key_at("bob", 9) == b""
    assert log.learn("actor.rekeyed", ada, "bob", fresh.public) == ""
    assert log.authority.key_at("bob", 9) == fresh.public


def test_only_officers_and_directors_decide_who_is_an_actor(log: Log, ada: keys.ActorKey) -> None:
    bob, eve = actor("bob"), actor("eve")
    log.learn("actor.added", ada, "bob", bob.public, "moderator", "agent")
    said = "its actor may not decide who is an actor"
    assert log.learn("actor.added", bob, "eve", eve.public, "officer") == said
    assert log.learn("actor.revoked", bob, "ada") in {said, "revokes the last officer or director"}
    assert log.authority.key_at("eve", 9) is None
    assert [log.authority.governs(name) for name in ("ada", "bob", "eve")] == [True, False, False]


def test_a_key_is_used_once(log: Log, ada: keys.ActorKey) -> None:
    bob = actor("bob")
    assert (
        log.learn("actor.added", ada, "bob", ada.public, "agent")
        == "names a key that was used before"
    )
    log.learn("actor.added", ada, "bob", bob.public, "agent")
    log.learn("actor.rekeyed", ada, "bob", actor("bob").public)
    assert log.learn("actor.rekeyed", ada, "bob", bob.public) == "names a key that was used before"


def test_the_last_officer_or_director_stays(log: Log, ada: keys.ActorKey) -> None:
    said = "revokes the last officer or director"
    assert log.learn("actor.revoked", ada, "ada") == said
    bob = actor("bob")
    log.learn("actor.added", ada, "bob", bob.public, "director")
    assert log.learn("actor.revoked", ada, "ada") == ""
    assert log.learn("actor.revoked", bob, "bob") == said


def test_what_is_not_signed_counts_for_nothing(log: Log, ada: keys.ActorKey) -> None:
    forger, bob = actor("ada"), actor("bob")
    assert log.learn("actor.added", forger, "bob", bob.public, "officer") == ""
    assert log.authority.key_at("bob", 9) is None


@pytest.mark.parametrize(
    ("type_", "subject", "key", "problem"),
    [
        ("actor.added", "ada", bytes(31) + b"\1", "names an actor who has a key already"),
        ("actor.added", "bob", b"short", "names an actor without an Ed25519 key"),
        ("actor.rekeyed", "bob", bytes(32), "is about an actor who is not known by then"),
        ("actor.revoked", "bob", b"", "is about an actor who is not known by then"),
    ],
)
def test_entries_that_make_no_sense(
    log: Log, ada: keys.ActorKey, type_: str, subject: str, key: bytes, problem: str
) -> None:
    assert log.learn(type_, ada, subject, key) == problem


def test_a_log_that_somebody_else_begins(ada: keys.ActorKey) -> None:
    log = Log()
    assert log.learn("actor.added", ada, "bob", ada.public) == "is not the founder's own entry"


def test_authority_travels_to_other_processes(log: Log, ada: keys.ActorKey) -> None:
    assert pickle.loads(pickle.dumps(log.authority)).key_at("ada", 3) == ada.public
