"""Which accounts are watched, and how."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from archive import NotFound, Refused, Writer, accounts
from ingest.live import Watch, unwatch, watch, watches
from tests.ingest.live.watching import Watching

MANY = 300
ADDRESS = "https://town.example"


def add(writer: Writer, number: int, **more: Any) -> Watch:
    wanted = {"address": ADDRESS, "promise": 60, **more}
    return watch(writer, "mastodon", f"library{number}@town.example", **wanted)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked in the meantime."""
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_adding_and_changing_a_watch_asks_no_more_when_there_are_many(watching: Watching) -> None:
    counts = []
    with watching.room.archive.write(watching.room.signer) as writer:
        for number in range(MANY):
            with statements() as adding:
                add(writer, number)
            with statements() as changing:
                add(writer, number, promise=30)
            counts.append(len(adding) + len(changing))
    a_tile_of_the_tree = 1
    assert max(counts) <= counts[0] + a_tile_of_the_tree
    with watching.room.archive.read() as reader:
        known = watches(reader)
    assert [one.promise for one in known] == [30] * MANY
    assert known[7].account.handle == "library7@town.example"


def test_a_watch_that_changes_nothing_is_refused_and_one_that_ended_may_begin_anew(
    watching: Watching,
) -> None:
    with watching.room.archive.write(watching.room.signer) as writer:
        first = add(writer, 1, options={"a": "b"})
        with pytest.raises(Refused, match="like that already"):
            add(writer, 1, options={"a": "b"})
        assert unwatch(writer, "library1@town.example") == first
        with pytest.raises(Refused, match="is not watched"):
            unwatch(writer, "library1@town.example")
        assert add(writer, 1, options={"a": "b"}) == first
        assert watches(writer) == [first]


def test_an_account_is_found_by_its_id_as_it_is_now(watching: Watching) -> None:
    with watching.room.archive.write(watching.room.signer) as writer:
        added = add(writer, 1).account
        add(writer, 2)
        changed = accounts.change(writer, added, name="The library")
        assert accounts.by_id(writer, added.id) == changed
        with pytest.raises(NotFound, match="no account nobody"):
            accounts.by_id(writer, "nobody")
