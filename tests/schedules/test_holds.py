"""Holds: what they catch now and later, names, release."""

from datetime import date
from typing import Any

import pytest

from archive import accounts, new_id
from archive.errors import NotFound, Refused, UsageError
from archive.records import author_key_of
from schedules._criteria import find_author
from schedules._guard import frozen
from schedules._holds import (
    HoldKind,
    cover,
    find_hold,
    held_records,
    holds,
    place,
    release,
    sheet,
)
from tests.schedules.town import Town


def caught(town: Town, hold: str) -> set[str]:
    with town.archive.read() as reader:
        return set(held_records(reader, find_hold(reader, hold)))


def refresh(town: Town) -> dict[str, int]:
    with town.archive.write(town.ada) as writer:
        return cover(town.archive, writer)[1]


def test_a_hold_on_records(town: Town) -> None:
    one, other = town.capture(), town.capture()
    hold = town.hold("Doe", one)
    assert caught(town, "Doe") == {one}
    with town.archive.read() as reader:
        assert {r: [str(f) for f in fs] for r, fs in frozen(reader, [one, other]).items()} == {
            one: ['under the hold "Doe" (litigation)']
        }
        assert sheet(reader, hold).matter == "Doe v. Town"
        assert sheet(reader, hold).custodian == "Clerk"


def test_names_matter_and_custodian_are_not_in_the_header(town: Town) -> None:
    town.hold("Doe", town.capture())
    with town.archive.read() as reader:
        (entry,) = reader.entries(types={"hold.placed"})
    assert set(entry.data) == {"kind", "records"}
    for word in (b"Doe", b"Town", b"Clerk"):
        assert word not in entry.header


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"query": "flood"}, "ab"),
        ({"since": date(2024, 1, 2)}, "bcd"),
        ({"until": date(2024, 1, 2)}, "abd"),
        ({"since": date(2024, 1, 2), "until": date(2024, 1, 2)}, "bd"),
        ({"query": "flood", "since": date(2024, 1, 2)}, "b"),
    ],
)
def test_criteria(town: Town, criteria: dict[str, Any], expected: str) -> None:
    records = {
        "a": town.capture("the flood", date(2024, 1, 1)),
        "b": town.capture("a flood again", date(2024, 1, 2)),
        "c": town.capture("sunshine", date(2024, 1, 3)),
        "d": town.capture("undated", None),
    }
    town.hold("Flood", **criteria)
    assert caught(town, "Flood") == {records[name] for name in expected}


def test_by_account_and_author(town: Town) -> None:
    elsewhere = new_id()
    one = town.capture(author="Jo")
    other = town.capture(account=elsewhere, author="jo")
    town.capture(account=elsewhere, author="ann")
    town.hold("Jo", author_key=town.author_key("JO"))
    town.hold("Jo there", author_key=town.author_key("jo"), account=elsewhere)
    assert caught(town, "Jo") == {one, other}
    assert caught(town, "Jo there") == {other}


def test_later_captures_are_caught_once(town: Town) -> None:
    town.hold("Flood", query="flood")
    one = town.capture("flood")
    two = town.capture("dry")
    assert refresh(town) == {"Flood": 1}
    assert refresh(town) == {}
    town.edit(two, "a flood after all")
    assert refresh(town) == {"Flood": 1}
    assert caught(town, "Flood") == {one, two}
    assert town.types().count("hold.extended") == 2


def test_many_records_stand_in_several_entries(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schedules._holds._PER_ENTRY", 2)
    records = [town.capture() for _ in range(5)]
    hold = town.hold("All", *records)
    assert hold.records == 5
    assert town.types()[-3:] == ["hold.placed", "hold.extended", "hold.extended"]
    with town.archive.read() as reader:
        assert set(frozen(reader, records)) == set(records)


def test_release_thaws_and_catches_no_more(town: Town) -> None:
    record = town.capture("flood")
    hold = town.hold("Flood", query="flood")
    other = town.hold("Other", record)
    town.release(hold)
    town.capture("flood")
    assert refresh(town) == {}
    with town.archive.read() as reader:
        (freeze,) = frozen(reader, [record])[record]
        assert freeze.source_id == other.id
        released = find_hold(reader, "Flood")
        assert not released.active
        assert sheet(reader, released).release_reason == "settled"
        assert list(held_records(reader, released)) == [record]
    with pytest.raises(Refused, match="was released on 2026-03-02"):
        town.release(released)


def test_a_release_needs_a_reason(town: Town) -> None:
    hold = town.hold("Doe", town.capture())
    with pytest.raises(UsageError, match="reason"), town.archive.write(town.ada) as writer:
        release(writer, hold, "  ")


def test_names(town: Town) -> None:
    record = town.capture()
    first = town.hold("Doe", record)
    with pytest.raises(Refused, match="already in place"):
        town.hold("Doe", record)
    town.release(first)
    second = town.hold("Doe", record)
    with town.archive.read() as reader:
        assert find_hold(reader, "Doe").id == second.id
        assert find_hold(reader, first.id).id == first.id
        assert [hold.id for hold in holds(reader)] == [first.id, second.id]
        with pytest.raises(NotFound, match="no hold Roe"):
            find_hold(reader, "Roe")


@pytest.mark.parametrize(
    ("name", "criteria", "said"),
    [
        ("Doe", {}, "needs records or criteria"),
        ("", {"query": "x"}, "needs a name"),
        ("Doe", {"since": date(2024, 2, 1), "until": date(2024, 1, 1)}, "ends before it begins"),
    ],
)
def test_what_is_no_hold(town: Town, name: str, criteria: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        town.hold(name, **criteria)


def test_an_unknown_record(town: Town) -> None:
    with pytest.raises(NotFound), town.archive.write(town.ada) as writer:
        place(
            town.archive, writer, "Doe", HoldKind.AUDIT, matter="", custodian="",
            record_ids=["01234567"],
        )  # fmt: skip


@pytest.mark.parametrize("author", ["jo", "@JO", "mastodon:jo", "mastodon:@jo"])
def test_authors_by_handle(town: Town, author: str) -> None:
    town.capture(author="@jo")
    with town.archive.write(town.ada) as writer:
        accounts.find_or_add(writer, "mastodon", "library")
        accounts.find_or_add(writer, "bluesky", "library")
        assert find_author(writer, author) == author_key_of(writer, "mastodon", "@jo")


def test_authors_nobody_knows(town: Town) -> None:
    with town.archive.write(town.ada) as writer:
        accounts.find_or_add(writer, "mastodon", "library")
        assert find_author(writer, "new") == author_key_of(writer, "mastodon", "new")
        accounts.find_or_add(writer, "bluesky", "library")
        assert find_author(writer, "bluesky:new") == author_key_of(writer, "bluesky", "new")
        with pytest.raises(UsageError, match="has not written on any platform"):
            find_author(writer, "new")


def test_a_handle_of_several_authors(town: Town) -> None:
    town.capture(author="@jo")
    town.capture(author="jo", platform="bluesky")
    with town.archive.write(town.ada) as writer:
        accounts.find_or_add(writer, "mastodon", "library")
        accounts.find_or_add(writer, "bluesky", "library")
        with pytest.raises(UsageError, match="fits several authors"):
            find_author(writer, "jo")
