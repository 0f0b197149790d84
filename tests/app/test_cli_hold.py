"""`muniment hold` from the command line."""

import json
from collections.abc import Iterator
from datetime import date

import pytest

from app.cli._rooms import projections
from archive import Archive
from tests.conftest import Muniment
from tests.schedules.town import Town


@pytest.fixture
def town(library: Muniment) -> Iterator[Town]:
    with Archive.open(library.folder, projections=projections(), clock=library.clock) as archive:
        yield Town.at(archive, library.clock, library.keys)


def held(library: Muniment, name: str) -> set[str]:
    return set(library.ok("hold", "show", name, "--records").split())


def test_by_query_now_and_later(library: Muniment, town: Town) -> None:
    one = town.capture("the flood")
    town.capture("dry")
    said = library.ok(
        "hold",
        "place",
        "doe",
        "--query",
        "flood",
        "--matter",
        "Doe v. Town",
        "--custodian",
        "Clerk",
    )
    assert said == "doe holds 1 record, and what fits later\n"
    other = town.capture("another flood")
    assert library.ok("hold", "refresh") == "doe holds 1 more record\n"
    assert library.ok("hold", "refresh") == "no hold caught anything new\n"
    assert held(library, "doe") == {one, other}
    facts = json.loads(library.ok("hold", "show", "doe", "--json"))
    assert (facts["query"], facts["matter"], facts["custodian"]) == (
        "flood", "Doe v. Town", "Clerk",
    )  # fmt: skip


def test_by_record_period_author_and_account(library: Muniment, town: Town) -> None:
    library.ok("account", "add", "mastodon", "@library@town.example")
    (account,) = json.loads(library.ok("account", "list", "--json"))
    one = town.capture(author="@Jo", occurred=date(2024, 1, 1), account=account["id"])
    two = town.capture(author="ann", occurred=date(2024, 2, 1))
    library.ok("hold", "place", "records", "--record", one[-12:], "--record", two)
    assert held(library, "records") == {one, two}
    library.ok("hold", "place", "period", "--from", "2024-01-15", "--to", "2024-02-01")
    assert held(library, "period") == {two}
    library.ok("hold", "place", "author", "--author", "jo")
    assert held(library, "author") == {one}
    library.ok("hold", "place", "account", "--account", "mastodon:library@town.example")
    assert held(library, "account") == {one}
    assert "mastodon:@library@town.example" in library.ok("hold", "show", "account")


def test_release(library: Muniment, town: Town) -> None:
    library.ok("hold", "place", "doe", "--record", town.capture())
    library.fails(2, "hold", "release", "doe")
    said = library.ok("hold", "release", "doe", "--reason", "settled")
    assert said == "doe is released; it held 1 record\n"
    assert library.ok("hold", "list") == ""
    (row,) = json.loads(library.ok("hold", "list", "--all", "--json"))
    assert (row["state"], row["released"]) == ("released", "2026-03-02")
    assert "settled" in library.ok("hold", "show", "doe")
    library.fails(6, "hold", "release", "doe", "--reason", "again")


def test_what_cannot_be_held(library: Muniment, town: Town) -> None:
    record = town.capture()
    assert "needs records or criteria" in library.fails(2, "hold", "place", "doe")
    library.fails(2, "hold", "place", "doe", "--query", "nosuch:foo")
    library.fails(2, "hold", "place", "doe", "--from", "tomorrow")
    library.fails(5, "hold", "place", "doe", "--record", "ffffffff")
    library.fails(5, "hold", "place", "doe", "--account", "nobody")
    library.fails(5, "hold", "show", "doe")
    library.ok("hold", "place", "doe", "--record", record)
    library.fails(6, "hold", "place", "doe", "--record", record)
