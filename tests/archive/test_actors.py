import pytest

from archive import NotFound, Refused, accounts, actors
from tests.archive.library import Library

OTHER = bytes(range(32))


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
