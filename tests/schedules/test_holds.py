"""Holds: what they catch now and later, names, release."""

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import accounts, new_id
from archive.errors import NotFound, Refused, UsageError
from archive.records import author_key_of
from schedules._criteria import find_author
from schedules._guard import frozen
from schedules._hold_report import report
from schedules._holds import HoldKind, find_hold, held_records, holds
from schedules._placing import cover, place, release
from tests.conftest import Clock
from tests.schedules.town import Town, tables


def caught(town: Town, hold: str) -> set[str]:
    with town.archive.read() as reader:
        return {one.record for one in held_records(reader, find_hold(reader, hold))}


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
    assert hold.matter == "Doe v. Town"
    assert [one.name for one in hold.custodians] == ["Clerk"]


def test_names_matter_and_custodian_are_in_no_header_and_no_table(town: Town) -> None:
    town.hold("Doe", town.capture(), query="flood", author_key=town.author_key("Jo"), author="Jo")
    with town.archive.read() as reader:
        (entry,) = reader.entries(types={"hold.placed"})
        assert set(entry.data) == {
            *("kind", "records", "count", "named", "query", "custodians", "author_key"),
        }
        everything = repr(tables(reader)).encode()
    for word in (b"Doe", b"Town", b"Clerk", b"flood", b"Jo"):
        assert word not in entry.header
        assert word not in everything


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
    monkeypatch.setattr("schedules._placing._PER_ENTRY", 2)
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
        assert report(reader, released).release_reason == "settled"
        assert [one.record for one in held_records(reader, released)] == [record]
    with pytest.raises(Refused, match="was released on 2026-03-02"):
        town.release(released)


def test_a_release_needs_a_reason(town: Town) -> None:
    hold = town.hold("Doe", town.capture())
    with pytest.raises(UsageError, match="reason"), town.archive.write(town.ada) as writer:
        release(writer, hold, "  ")


def test_only_officers_and_directors_release(town: Town) -> None:
    hold = town.hold("Doe", town.capture())
    with pytest.raises(Refused, match="officer"), town.archive.write(town.agent) as writer:
        release(writer, hold, "settled")


def test_a_widened_hold_catches_what_fits_any_of_its_criteria(town: Town) -> None:
    flood, rain, other = town.capture("flood"), town.capture("rain"), town.capture("sunshine")
    hold = town.hold("Doe", query="flood")
    assert town.widen(hold, query="rain", since=date(2023, 1, 1)).records == 2
    assert town.widen(hold, other).records == 3
    later = [town.capture("more rain"), town.capture("a flood"), town.capture("dry")]
    early = town.capture("early rain", date(2022, 1, 1))
    assert refresh(town) == {"Doe": 2}
    assert caught(town, "Doe") == {flood, rain, other, *later[:2]}
    assert early not in caught(town, "Doe")


WORDS = ("flood", "rain", "wind", "snow")
texts = st.lists(st.sets(st.sampled_from(WORDS)), max_size=4)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=texts, after=texts, asked=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
def test_whatever_fits_once_stays_held_however_a_hold_grew(
    another_database: Callable[[], str],
    before: list[set[str]],
    after: list[set[str]],
    asked: list[str],
) -> None:
    """Placed by one word, widened by the others: the same is held as by all of them at once."""
    with tempfile.TemporaryDirectory() as folder:
        now = Clock(datetime(2026, 3, 2, 15, tzinfo=UTC))
        town = Town.found(Path(folder) / "archive", now, another_database())
        with town.archive:
            said = {town.capture(" ".join(["dry", *sorted(words)])): words for words in before}
            grown = town.hold("grown", query=asked[0])
            once = town.hold("once", query=" OR ".join(asked))
            held = caught(town, "grown")
            for word in asked[1:]:
                grown = town.widen(grown, query=word)
                assert held <= (held := caught(town, "grown"))
            said |= {town.capture(" ".join(["dry", *sorted(words)])): words for words in after}
            refresh(town)
            fits = {record for record, words in said.items() if words & set(asked)}
            assert held <= fits == caught(town, "grown") == caught(town, "once")
            with town.archive.read() as reader:
                assert set(frozen(reader, list(said))) == fits
            town.release(once)
            with town.archive.read() as reader:
                assert set(frozen(reader, list(said))) == fits
            town.release(grown)
            with town.archive.read() as reader:
                assert frozen(reader, list(said)) == {}


def test_what_cannot_be_widened(town: Town) -> None:
    hold = town.hold("Doe", town.capture())
    with pytest.raises(UsageError, match="cover as well"):
        town.widen(hold)
    with pytest.raises(UsageError, match="clerk is a custodian"):
        town.widen(hold, custodians=["clerk"])
    with pytest.raises(UsageError, match="ends before it begins"):
        town.widen(hold, since=date(2024, 2, 1), until=date(2024, 1, 1))
    town.release(hold)
    with pytest.raises(Refused, match="was released"):
        town.widen(hold, query="flood")


def test_holds_are_told_apart_by_either_end_of_the_id(town: Town) -> None:
    hold = town.hold("Doe", town.capture())
    with town.archive.read() as reader:
        assert find_hold(reader, hold.id[-12:]).id == hold.id
        assert find_hold(reader, hold.id[:20]).id == hold.id


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
        place(town.archive, writer, "Doe", HoldKind.AUDIT, record_ids=["01234567"])


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
