"""Restricted records: closed to everybody but whom they name, whatever is asked for."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import (
    NotFound,
    Reader,
    Record,
    Refused,
    UsageError,
    actors,
    keys,
    records,
    restrictions,
)
from tests.archive.library import Library

WHY = "May be unlawful to show"


@pytest.fixture
def record(library: Library) -> Record:
    """A comment with an attachment, and a removal of it."""
    [captured] = library.capture("Something unspeakable", attachment=b"unspeakable")
    library.remove(captured.subject)
    with library.archive.read() as reader:
        return records.get(reader, captured.subject)


def engage(library: Library, name: str, *roles: str) -> keys.ActorKey:
    """Somebody else who can sign."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    with library.archive.write(library.ada) as writer:
        return keys.ActorKey(actors.add(writer, name, public, roles or ("officer",)).id, key)


def restrict(library: Library, record: Record, *names: str) -> None:
    with library.archive.write(library.ada) as writer:
        restrictions.restrict(writer, record.id, names, reason=WHY)


def opened(reader: Reader, record: Record, *, restricted: bool = False) -> list[bool]:
    pairs = reader.open(reader.history(record.id), restricted=restricted)
    return [sealed is not None for _, sealed in pairs]


def test_nothing_of_a_restricted_record_is_opened(library: Library, record: Record) -> None:
    [other] = library.capture("Something else")
    restrict(library, record, "ada")
    with library.archive.read() as reader:
        assert opened(reader, record) == [False, False, False]
        assert opened(reader, record, restricted=True) == [True, True, True]
        assert [sealed is not None for _, sealed in reader.open([other])] == [True]
        assert reader.restricted([record.id, other.subject]) == {record.id}
        assert "ada" in str(restrictions.refusal(reader, record.id))
        assert restrictions.refusal(reader, other.subject) is None


def test_it_is_closed_at_once_and_without_the_tables(library: Library, record: Record) -> None:
    with library.archive.write(library.ada) as writer:
        restrictions.restrict(writer, record.id, ["ada"], reason=WHY)
        assert opened(writer, record) == [False, False, False]
    library.tamper("DELETE FROM restriction")
    with library.archive.snapshot() as reader:
        assert opened(reader, record) == [False, False, False]


def test_an_attachment_of_a_restricted_record_is_refused(library: Library, record: Record) -> None:
    restrict(library, record, "ada")
    with library.archive.read() as reader:
        captured = reader.history(record.id, {"record.captured"})
        [(_, sealed)] = reader.open(captured, restricted=True)
        name = sealed.get("attachment/0/blob") if sealed else None
        assert name
        with pytest.raises(Refused, match="is restricted"):
            reader.open_blob(record.id, name)
        assert b"".join(reader.open_blob(record.id, name, restricted=True)) == b"unspeakable"


def test_who_is_named_sees_it_after_the_access_is_on_the_record(
    library: Library, record: Record
) -> None:
    ben = engage(library, "ben")
    restrict(library, record, "ben", "ben")
    with library.archive.write(ben) as writer:
        entry = restrictions.access(writer, record, reason="The prosecutor asks")
    assert (entry.type, entry.actor, entry.signature is not None) == (
        "record.accessed", ben.actor, True,
    )  # fmt: skip
    with (
        pytest.raises(Refused, match="does not name you") as refused,
        library.archive.write(library.ada) as writer,
    ):
        restrictions.access(writer, record, reason="Curious")
    assert "ben" in refused.value.hint
    with pytest.raises(UsageError, match="reason"), library.archive.write(ben) as writer:
        restrictions.access(writer, record, reason=" ")
    with library.archive.read() as reader:
        assert len(reader.history(record.id, {"record.accessed"})) == 1


def test_it_is_lifted_by_whom_it_names_or_a_director(library: Library, record: Record) -> None:
    ben, carla, dan = (
        engage(library, "ben"), engage(library, "carla", "director"), engage(library, "dan"),
    )  # fmt: skip
    restrict(library, record, "ben")
    for refused in (library.ada, dan):
        with pytest.raises(Refused, match="only a director"), library.archive.write(refused) as w:
            restrictions.lift(w, record.id, reason="x")
        with pytest.raises(Refused, match="only a director"), library.archive.write(refused) as w:
            restrictions.restrict(w, record.id, ["ada"], reason="x")
    with library.archive.write(carla) as writer:
        held = restrictions.restrict(writer, record.id, ["ben", "dan"], reason="Also dan")
        assert held.actors == (ben.actor, dan.actor)
    with library.archive.write(dan) as writer:
        assert restrictions.lift(writer, record.id, reason="Found lawful").id == held.id
        assert opened(writer, record) == [True] * 5
        assert restrictions.every(writer) == []
    with pytest.raises(Refused, match="not restricted"), library.archive.write(ben) as writer:
        restrictions.access(writer, record, reason="x")


def test_one_that_names_the_same_actors_stays(library: Library, record: Record) -> None:
    engage(library, "ben")
    restrict(library, record, "ben")
    restrict(library, record, "ben")
    with library.archive.read() as reader:
        assert len(reader.history(record.id, {"record.restricted"})) == 1


def test_what_cannot_be_restricted(library: Library, record: Record) -> None:
    dan = engage(library, "dan")
    with library.archive.write(library.ada) as writer:
        actors.revoke(writer, actors.get(writer, dan.actor), "Left")
        with pytest.raises(Refused, match="dan is revoked"):
            restrictions.restrict(writer, record.id, ["dan"], reason=WHY)
        with pytest.raises(NotFound, match="nobody"):
            restrictions.restrict(writer, record.id, ["nobody"], reason=WHY)
        with pytest.raises(UsageError, match="named"):
            restrictions.restrict(writer, record.id, [], reason=WHY)
        with pytest.raises(UsageError, match="reason"):
            restrictions.restrict(writer, record.id, ["ada"], reason=" ")
        with pytest.raises(NotFound, match="no record"):
            restrictions.restrict(writer, "0198f3c2a7d1", ["ada"], reason=WHY)


def test_the_archive_goes_on_working(library: Library, record: Record) -> None:
    restrict(library, record, "ada")
    assert library.archive.differing_tables() == []
    library.archive.rebuild()
    assert not library.verify().findings
    with library.archive.read() as reader:
        assert [held.record for held in restrictions.every(reader)] == [record.id]
    library.dispose(record.id)
    with library.archive.write(library.ada) as writer:
        assert restrictions.every(writer) == []
        with pytest.raises(Refused, match="disposed"):
            restrictions.restrict(writer, record.id, ["ada"], reason=WHY)
        assert opened(writer, record, restricted=True) == [False] * 4
    assert library.archive.differing_tables() == []
