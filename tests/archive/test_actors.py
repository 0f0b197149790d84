from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import (
    Draft,
    KeyProblem,
    MunimentError,
    NotFound,
    Refused,
    UsageError,
    Writer,
    accounts,
    actors,
    keys,
    new_id,
)
from archive._authority import TYPES, Authority
from tests.archive.library import Library

OTHER = bytes(range(32))
NUMBERS = count()


@dataclass(frozen=True)
class Impostor:
    """Signs for an actor with some other key."""

    actor: str
    key: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


def joined(library: Library, name: str, *roles: str) -> keys.ActorKey:
    """A new actor with a key."""
    key = Ed25519PrivateKey.generate()
    with library.archive.write(library.ada) as writer:
        added = actors.add(writer, name, keys.public_bytes(key), roles or ["officer"])
    return keys.ActorKey(added.id, key)


def rekeyed(library: Library, by: keys.ActorKey, actor: str) -> keys.ActorKey:
    key = Ed25519PrivateKey.generate()
    with library.archive.write(by) as writer:
        actors.rekey(writer, actors.get(writer, actor), keys.public_bytes(key), "lost")
    return keys.ActorKey(actor, key)


def revoked(library: Library, by: keys.ActorKey, actor: str) -> None:
    with library.archive.write(by) as writer:
        actors.revoke(writer, actors.get(writer, actor), "left")


def decides(library: Library, by: keys.ActorKey) -> None:
    with library.archive.write(by) as writer:
        writer.append([Draft("hold.placed", new_id())])


def refused(library: Library, by: keys.ActorKey) -> str:
    with pytest.raises(KeyProblem) as error:
        decides(library, by)
    return str(error.value)


def test_actors_are_found_by_id_name_and_key(library: Library) -> None:
    with library.archive.write(library.ada) as writer:
        ben = actors.add(writer, "ben", OTHER, ["moderator", "agent", "agent"])
    assert ben.roles == ("agent", "moderator")
    with library.archive.read() as reader:
        ada = actors.by_name(reader, "ada")
        assert actors.every(reader) == [ada, ben]
        assert actors.get(reader, ben.id) == actors.by_name(reader, "ben") == ben
        assert actors.by_key(reader, OTHER) == ben
        assert actors.by_key(reader, bytes(32)) is None
        assert ada.public_key == library.ada.public.hex()
        for find in (actors.get, actors.by_name):
            with pytest.raises(NotFound, match="no actor") as error:
                find(reader, "eve")
            assert "actor list" in error.value.hint


def test_one_person_is_one_actor(library: Library) -> None:
    with library.archive.write(library.ada) as writer:
        for name, key, roles, problem in (
            ("ada", OTHER, ["officer"], "already an actor named ada"),
            ("ben", library.ada.public, ["officer"], "this key is already ada's"),
            ("ben", OTHER, ["king"], "unknown role: king"),
            ("ben", OTHER, [], "none given"),
        ):
            with pytest.raises(Refused, match=problem):
                actors.add(writer, name, key, roles)
        assert writer.head.size == 2


def test_accounts_are_found_again_without_keeping_their_handles(library: Library) -> None:
    with library.archive.write(library.ada) as writer:
        assert accounts.find(writer, "x", "@Library") is None
        one = accounts.find_or_add(writer, "x", "@Library", name="The Library", url="https://x")
        assert accounts.find_or_add(writer, "x", "@LIBRARY") == one
        other = accounts.find_or_add(writer, "mastodon", "@Library")
        with pytest.raises(UsageError, match="no name of a platform"):
            accounts.find_or_add(writer, "Jane Roe", "x")
    assert one != other
    with library.archive.read() as reader:
        assert accounts.find(reader, "x", "@library") == one
        assert accounts.every(reader) == [
            accounts.Account(one, "x", "@Library", "The Library", "https://x"),
            accounts.Account(other, "mastodon", "@Library"),
        ]
        rows = reader.conn.execute(accounts.account_table.select()).fetchall()
        assert "ibrary" not in str(rows)
    library.archive.rebuild()
    assert library.verify().ok


def test_a_key_counts_until_it_is_replaced(library: Library) -> None:
    ben = joined(library, "ben")
    new = rekeyed(library, ben, ben.actor)
    assert "not the one that ben signs with" in refused(library, ben)
    decides(library, new)
    newer = rekeyed(library, library.ada, ben.actor)
    assert "not the one that ben signs with" in refused(library, new)
    decides(library, newer)
    assert library.verify().ok


def test_a_revoked_actor_decides_nothing_until_there_is_a_new_key(library: Library) -> None:
    ben = joined(library, "ben")
    decides(library, ben)
    revoked(library, library.ada, ben.actor)
    assert "ben is revoked" in refused(library, ben)
    with library.archive.read() as reader:
        known = actors.get(reader, ben.actor)
        assert known.revoked
        assert not known.governs
        assert known.public_key == ben.public.hex()
    with library.archive.write(library.ada) as writer, pytest.raises(Refused, match="already"):
        actors.revoke(writer, known, "again")
    decides(library, rekeyed(library, library.ada, ben.actor))
    assert "not the one" in refused(library, ben)
    assert library.verify().ok


def test_who_may_name_and_take_away_keys(library: Library) -> None:
    moderator, director = joined(library, "mo", "moderator"), joined(library, "di", "director")
    agent = joined(library, "agent", "agent")

    def adding(writer: Writer) -> None:
        actors.add(writer, "x", OTHER, ["agent"])

    def rekeying(writer: Writer) -> None:
        actors.rekey(writer, actors.get(writer, agent.actor), OTHER)

    def revoking(writer: Writer) -> None:
        actors.revoke(writer, actors.get(writer, agent.actor), "no")

    for problem, change in (
        ("make somebody an actor", adding),
        ("give agent a new key", rekeying),
        ("revoke agent", revoking),
    ):
        with library.archive.write(moderator) as writer:
            with pytest.raises(Refused, match=f"an officer or a director may {problem}") as error:
                change(writer)
            assert "--as" in error.value.hint
    again = rekeyed(library, director, agent.actor)
    own = rekeyed(library, again, agent.actor)
    revoked(library, own, agent.actor)
    revoked(library, moderator, moderator.actor)
    assert library.verify().ok


def test_the_last_officer_or_director_cannot_be_revoked(library: Library) -> None:
    joined(library, "mo", "moderator")
    with pytest.raises(Refused, match="last officer or director") as error:
        revoked(library, library.ada, library.ada.actor)
    assert "actor add" in error.value.hint
    ben = joined(library, "ben", "director")
    revoked(library, library.ada, library.ada.actor)
    with pytest.raises(Refused, match="last officer or director"):
        revoked(library, ben, ben.actor)


def test_the_founder_has_to_be_somebody_who_can_add_others(library: Library) -> None:
    with pytest.raises(Refused, match="first actor has to be an officer or a director"):
        type(library.archive).create(
            library.folder.with_name("other"),
            name="x",
            actor_name="mo",
            actor_key=Ed25519PrivateKey.generate(),
            roles=["moderator"],
        )
    assert not library.folder.with_name("other").exists()


def test_no_key_is_ever_used_twice(library: Library) -> None:
    ben = joined(library, "ben")
    new = rekeyed(library, ben, ben.actor)
    with library.archive.write(library.ada) as writer:
        mine = actors.by_name(writer, "ben")
        for key, problem in (
            (ben.public, "was ben's before"),
            (new.public, "is already ben's"),
            (library.ada.public, "is already ada's"),
        ):
            with pytest.raises(Refused, match=problem):
                actors.rekey(writer, mine, key)
            with pytest.raises(Refused, match=problem):
                actors.add(writer, "carl", key, ["agent"])
    with library.archive.read() as reader:
        former = actors.by_key(reader, ben.public)
        assert former is not None
        assert former.public_key == new.public.hex()


def test_a_signer_whose_key_was_replaced_signs_nothing_more(library: Library) -> None:
    ben = joined(library, "ben")
    with library.archive.write(ben) as writer:
        actors.rekey(writer, actors.get(writer, ben.actor), OTHER)
        with pytest.raises(Refused, match="signs nothing more"):
            writer.append([Draft("hold.placed", new_id())])
    assert library.verify().ok


def test_somebody_elses_key_signs_for_nobody(library: Library) -> None:
    ben = joined(library, "ben")
    assert "not the one that ada signs" in refused(
        library, keys.ActorKey(library.ada.actor, ben.key)
    )
    assert "no actor" in refused(library, keys.ActorKey(new_id(), ben.key))


def test_a_challenge_is_fresh_and_can_be_nothing_else(library: Library) -> None:
    heard: list[bytes] = []

    class Listener(Impostor):
        def sign(self, message: bytes) -> bytes:
            heard.append(message)
            return super().sign(message)

    for _ in range(2):
        with library.archive.write(Listener(library.ada.actor, library.ada.key)):
            pass
    assert len(set(heard)) == 2
    assert all(message.startswith(b"muniment challenge v1\n") for message in heard)
    assert all(len(message) == len(actors.CHALLENGE) + 32 for message in heard)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "rekey", "revoke", "decide", "actor.rekeyed", "actor.revoked"]),
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from(sorted(actors.ROLES)),
    ),
    max_size=10,
)


@pytest.fixture
def private() -> dict[str, list[Ed25519PrivateKey]]:
    """The private keys that actors were given, by the actors' ids: one story after another."""
    return {}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_the_projection_knows_whose_key_counts(
    sqlite_library: Library,
    private: dict[str, list[Ed25519PrivateKey]],
    steps: Sequence[tuple[str, int, int, str]],
) -> None:
    """Also where entries that the rules forbid were appended past them."""
    library = sqlite_library
    private.setdefault(library.ada.actor, [library.ada.key])
    for what, who, whom, role in steps:
        ids = sorted(private)
        signer, subject = ids[who % len(ids)], ids[whom % len(ids)]
        fresh = Ed25519PrivateKey.generate()
        public = keys.public_bytes(fresh)
        try:
            with library.archive.write(keys.ActorKey(signer, private[signer][-1])) as writer:
                if what == "add":
                    subject = actors.add(writer, f"actor {next(NUMBERS)}", public, [role]).id
                    private[subject] = []
                elif what == "rekey":
                    actors.rekey(writer, actors.get(writer, subject), public)
                elif what == "revoke":
                    actors.revoke(writer, actors.get(writer, subject), "so")
                elif what == "decide":
                    writer.append([Draft("hold.placed", new_id())])
                else:
                    data = {} if what == "actor.revoked" else {"public_key": public.hex()}
                    writer.append([Draft(what, subject, data)])
        except MunimentError:
            continue
        with library.archive.read() as reader:
            if actors.by_key(reader, public):
                private[subject].append(fresh)
    agrees(library)


def agrees(library: Library) -> None:
    """The projection, live and rebuilt, against the rules that verification applies to the log."""
    authority = Authority()
    with library.archive.read() as reader:
        for entry in reader.entries(types=TYPES):
            authority.learn(entry)
        everybody = actors.every(reader)
        for one in everybody:
            expected = b"" if one.revoked else bytes.fromhex(one.public_key)
            assert authority.key_at(one.id, reader.head.size) == expected
            held = [
                bytes.fromhex(key)
                for key in reader.conn.execute(
                    actors.key_table.select()
                    .with_only_columns(actors.key_table.c.public_key)
                    .where(actors.key_table.c.actor == one.id)
                    .order_by(actors.key_table.c.seq)
                ).scalars()
            ]
            assert tuple(held) == authority.keys_of(one.id)
        assert any(one.governs for one in everybody)
    assert library.archive.differing_tables() == []
