from collections.abc import Callable
from typing import Any

import pytest

from archive import Draft, Entry, NotFound, Parts, Record, UsageError, new_id, records, times
from archive.records import record_table
from tests.archive.library import Library


@pytest.fixture
def one(library: Library) -> Entry:
    """A comment captured once."""
    return library.capture("one")[0]


@pytest.fixture
def state(library: Library, one: Entry) -> Callable[[], Record]:
    """How that comment's record stands."""

    def find() -> Record:
        with library.archive.read() as reader:
            return records.get(reader, one.subject)

    return find


def item(library: Library, native: str, parent: str = "", **more: Any) -> str:
    """A capture of an item with a parent; its record's id."""
    record = new_id()
    with library.archive.write(library.ada) as writer:
        data = {
            "account": library.account,
            "kind": "comment",
            "lookup": records.lookup_of(writer, "x", library.account, native),
            "platform": "x",
            "state": "live",
        }
        fields = [("text", "words"), ("author/name", "A Resident"), ("parent", parent)]
        writer.capture([Draft("record.captured", record, data | more, Parts.of(fields))], "run", {})
    return record


def test_a_capture_makes_a_record(
    library: Library, one: Entry, state: Callable[[], Record]
) -> None:
    with library.archive.read() as reader:
        ((_, parts),) = reader.open([one])
        assert parts is not None
        assert state() == Record(
            id=one.subject,
            kind="comment",
            platform="mastodon",
            account=library.account,
            status="live",
            first_seq=2,
            last_seq=2,
            versions=1,
            captured_at=times.to_text(library.clock.now),
            occurred_at="2026-01-05T12:00:00.000000Z",
            edited_at=None,
            removed_at=None,
            vanished_at=None,
            disposed_at=None,
            visibility=None,
            lookup=records.lookup_of(reader, "mastodon", library.account, "1"),
            parent_lookup=None,
            author_key=records.author_key_of(reader, "mastodon", "rESIDENT"),
            fingerprint=records.fingerprint_of(reader, parts),
            size=len(parts.encoded),
        )


def test_an_edit_is_a_version(library: Library, one: Entry, state: Callable[[], Record]) -> None:
    before = state()
    library.clock.advance(days=1)
    edited = library.edit(one, "one, edited")
    after = state()
    assert (after.versions, after.first_seq, after.last_seq) == (2, one.seq, edited.seq)
    assert after.edited_at == times.to_text(library.clock.now)
    assert after.captured_at == before.captured_at
    assert after.fingerprint != before.fingerprint
    assert after.size > before.size
    with library.archive.read() as reader:
        assert records.versions_of(reader, after) == [one, edited]


def test_what_vanishes_may_come_back(
    library: Library, one: Entry, state: Callable[[], Record]
) -> None:
    library.vanish(one.subject)
    assert (state().status, state().vanished_at) == (
        "vanished",
        times.to_text(library.clock.now),
    )
    library.edit(one, "back again")
    assert (state().status, state().vanished_at) == ("live", None)
    library.vanish(one.subject)
    with library.archive.write(library.ada) as writer:
        writer.append([Draft("record.reappeared", one.subject, {"run": library.run})])
    assert (state().status, state().vanished_at) == ("live", None)


def test_what_is_removed_may_be_restored(
    library: Library, one: Entry, state: Callable[[], Record]
) -> None:
    part = library.remove(one.subject, extent="part")
    assert state().status == "live"
    assert state().removed_at is not None
    whole = library.remove(one.subject)
    assert state().status == "removed"
    library.restore(part)
    assert (state().status, state().removed_at) == ("removed", times.to_text(whole.at))
    library.restore(whole)
    assert (state().status, state().removed_at) == ("live", None)


def test_what_had_vanished_before_it_was_restored_is_there(
    library: Library, one: Entry, state: Callable[[], Record]
) -> None:
    library.vanish(one.subject)
    library.restore(library.remove(one.subject))
    assert (state().status, state().removed_at, state().vanished_at) == ("live", None, None)


def test_what_the_platform_removed_is_captured_as_removed(library: Library) -> None:
    record = item(library, "removed", state="removed")
    with library.archive.read() as reader:
        found = records.get(reader, record)
    assert (found.status, found.removed_at) == ("removed", found.captured_at)


def test_a_disposed_record_keeps_what_its_headers_say(
    library: Library, one: Entry, state: Callable[[], Record]
) -> None:
    library.edit(one, "edited")
    before = state()
    library.dispose(one.subject)
    after = state()
    assert after.status == "disposed"
    assert after.disposed_at == times.to_text(library.clock.now)
    cleared = ("occurred_at", "edited_at", "removed_at", "vanished_at", "visibility")
    keyed = ("parent_lookup", "author_key", "fingerprint")
    assert [getattr(after, name) for name in cleared + keyed] == [None] * 8
    assert after.size == 0
    for name in ("id", "kind", "platform", "account", "lookup", "versions", "captured_at"):
        assert getattr(after, name) == getattr(before, name)
    with library.archive.read() as reader:
        assert records.by_lookup(reader, [before.lookup]) == {before.lookup: after}


def test_a_record_is_found_by_either_end_of_its_id(library: Library, one: Entry) -> None:
    other = library.capture("two")[0]
    with library.archive.read() as reader:
        record = records.get(reader, one.subject)
        assert records.get(reader, f" {one.subject.upper()} ") == record
        assert records.get(reader, one.subject[-12:]) == record
        assert records.get(reader, one.subject[:-1]) == record
        for wrong in ("", "x", new_id(), one.subject[-5:], "%%%%%%", "______", one.subject + "0"):
            with pytest.raises(NotFound, match="no record") as error:
                records.get(reader, wrong)
            assert error.value.hint
        with pytest.raises(UsageError, match="several records"):
            records.get(reader, other.subject[:6])


def test_many_records_at_once(library: Library, one: Entry) -> None:
    two, three = library.capture("two", "three")
    ids = [one.subject, two.subject, three.subject]
    with library.archive.read() as reader:
        found = records.get_many(reader, [*ids, new_id()])
        assert list(records.stream(reader)) == [found[id_] for id_ in sorted(ids)]
        assert records.get_many(reader, []) == {}
        live = record_table.c.id != two.subject
        assert [record.id for record in records.stream(reader, live)] == sorted(
            {one.subject, three.subject}
        )


def test_answers_find_their_parent_whenever_it_comes(library: Library) -> None:
    answer = item(library, "answer", parent="question")
    with library.archive.read() as reader:
        assert records.parent_of(reader, records.get(reader, answer)) is None
    question = item(library, "question")
    with library.archive.read() as reader:
        found = records.get(reader, answer)
        assert records.parent_of(reader, found) == records.get(reader, question)
        assert records.children_of(reader, records.get(reader, question)) == [found]
        assert records.parent_of(reader, records.get(reader, question)) is None


def test_an_author_without_handle_is_known_by_name(library: Library) -> None:
    record = item(library, "named")
    with library.archive.read() as reader:
        key = records.author_key_of(reader, "x", "a resident")
        assert records.get(reader, record).author_key == key


def test_what_does_not_count_changes_no_fingerprint(library: Library) -> None:
    fields = [("text", "words"), ("url", "u")]
    with library.archive.read() as reader:
        one = records.fingerprint_of(reader, Parts.of(fields))
        for more in (
            [("raw", b"1")],
            [("observed/likes", "3"), ("source_file", "f"), ("raw", b"")],
        ):
            assert records.fingerprint_of(reader, Parts.of([*fields, *more])) == one
        for changed in ([("text", "Words"), ("url", "u")], [("url", "u")], [*fields, ("x", "y")]):
            assert records.fingerprint_of(reader, Parts.of(changed)) != one
