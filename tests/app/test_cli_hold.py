"""`muniment hold` from the command line."""

import json
from collections.abc import Iterator
from datetime import date

import pytest

from app.cli._rooms import projections
from archive import Archive
from tests.conftest import BOTH, Muniment
from tests.schedules.sample import TOML
from tests.schedules.town import Town


@pytest.fixture
def town(library: Muniment) -> Iterator[Town]:
    with Archive.open(library.folder, projections=projections(), clock=library.clock) as archive:
        yield Town.at(archive, library.clock, library.keys)


def held(library: Muniment, name: str) -> set[str]:
    return set(library.ok("hold", "show", name, "--records").split())


@BOTH
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
    assert (facts["scope"], facts["matter"], facts["custodians"]) == (
        ["matches flood"], "Doe v. Town", ["Clerk"],
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


def test_widening(library: Muniment, town: Town) -> None:
    one, two, three = town.capture("flood"), town.capture("rain"), town.capture("dry")
    library.ok("hold", "place", "doe", "--query", "flood", "--custodian", "A", "--custodian", "B")
    said = library.ok("hold", "widen", "doe", "--query", "rain", "--to", "2024-06-01")
    assert said == "doe holds 1 more record, 2 in all\n"
    assert library.ok("hold", "widen", "doe", "--record", three[-12:]).startswith("doe holds 1")
    assert held(library, "doe") == {one, two, three}
    shown = library.ok("hold", "show", "doe")
    assert "matches flood; or matches rain, published up to 2024-06-01; or 1 named record" in shown
    assert "cover as well" in library.fails(2, "hold", "widen", "doe")
    library.fails(2, "hold", "widen", "doe", "--custodian", "a")
    library.fails(5, "hold", "widen", "roe", "--query", "x")


def test_custodians_acknowledge(library: Muniment, town: Town) -> None:
    record = town.capture("flood")
    library.ok("hold", "place", "doe", "--record", record, "--custodian", "ada", "--custodian", "B")
    assert "ada; B" in library.ok("hold", "list")
    assert json.loads(library.ok("status", "--json"))["holds_unacknowledged"] == ["doe"]
    assert "holds unacknowledged  1; see: muniment hold list" in library.ok("status")
    said = library.ok("hold", "acknowledge", "doe")
    assert said == "ada has acknowledged doe; outstanding: B\n"
    assert "--how" in library.fails(2, "hold", "acknowledge", "doe", "--custodian", "B")
    said = library.ok("hold", "acknowledge", "doe", "--custodian", "B", "--how", "by letter")
    assert said == "B has acknowledged doe; outstanding: nobody\n"
    assert "ada (2026-03-02); B (2026-03-02)" in library.ok("hold", "show", "doe")
    assert json.loads(library.ok("status", "--json"))["holds_unacknowledged"] == []
    library.fails(5, "hold", "acknowledge", "doe", "--custodian", "C")
    library.fails(6, "hold", "acknowledge", "doe")


def test_reminders(library: Muniment, town: Town) -> None:
    library.ok("hold", "place", "doe", "--record", town.capture(), "--remind", "P30D")
    (row,) = json.loads(library.ok("hold", "list", "--json"))
    assert (row["remind"], row["due"]) == ("2026-04-01", False)
    library.clock.advance(days=30)
    assert json.loads(library.ok("hold", "list", "--json"))[0]["due"]
    assert json.loads(library.ok("status", "--quick", "--json"))["holds_to_review"] == ["doe"]
    assert "holds to review" in library.ok("status", "--quick")
    said = library.ok("hold", "reviewed", "doe", "--note", "It goes on")
    assert said == "doe is to be looked at again: 2026-05-01\n"
    assert json.loads(library.ok("status", "--quick", "--json"))["holds_to_review"] == []
    assert library.ok("hold", "remind", "doe", "2027-01-01").endswith("2027-01-01\n")
    assert library.ok("hold", "remind", "doe", "never").endswith("never\n")
    library.fails(2, "hold", "remind", "doe", "2026-01-01")
    library.fails(2, "hold", "remind", "doe", "soon")


def test_report(library: Muniment, town: Town) -> None:
    library.ok("account", "add", "mastodon", "@library@t.example")
    (account,) = json.loads(library.ok("account", "list", "--json"))
    one = town.capture("a flood", account=account["id"], author="=Jo")
    library.ok("hold", "place", "doe", "--query", "flood", "--matter", "Doe v. Town")
    town.capture("another flood")
    library.ok("hold", "refresh")
    library.ok("hold", "release", "doe", "--reason", "settled")
    text = library.ok("hold", "report", "doe")
    for said in ("Doe v. Town", "placed with", "matches flood", "extended\t1", "settled"):
        assert said in text
    told = json.loads(library.ok("hold", "report", "doe", "--json"))
    assert (told["placed_by"], told["placed_with"], told["records"]) == ("ada", 1, 2)
    assert [change["change"] for change in told["changes"]] == ["placed", "extended", "released"]
    heading, first, _ = library.ok("hold", "report", "doe", "--csv").splitlines()
    assert heading.startswith("record,kind,platform,account,status,published,captured,held_since")
    assert first.startswith(f"{one},comment,mastodon,")


_FILES = """
[[series]]
code = "FILES"
title = "Files of requests"
trigger = "request_closed"
period = "P1D"
action = "destroy"
rule = { kind = "request" }
authority = { application = "20:001", item = "9", citation = "LRA", verified = true }
"""


def test_the_file_of_a_request_is_held_by_its_number(library: Muniment, town: Town) -> None:
    library.ok("request", "open", "--requester", "Pat Public", "--subject", "Parking")
    library.ok("request", "close", "2026-0001", "--withdrawn")
    town.adopt(TOML + _FILES)
    due = json.loads(library.ok("record", "why", "2026-0001", "--as-of", "2027-01-01", "--json"))
    assert due["outcome"] == "eligible"
    said = library.ok("hold", "place", "review", "--request", "2026-0001", "--kind", "audit")
    assert said == "review holds 1 record\n"
    why = json.loads(library.ok("record", "why", "2026-0001", "--as-of", "2027-01-01", "--json"))
    assert (why["outcome"], why["holds"]) == ("keep", ['"review" (audit)'])
    (row,) = json.loads(library.ok("schedule", "due", "--list", "--as-of", "2027-01-01", "--json"))
    assert (row["record"], row["held"]) == ("2026-0001", True)
    (facts,) = [json.loads(library.ok("hold", "show", "review", "--json"))]
    assert facts["scope"] == ["the file of 1 request"]
    heading, line = library.ok("hold", "report", "review", "--csv").splitlines()
    assert dict(zip(heading.split(","), line.split(","), strict=True))["record"] == "2026-0001"
    assert "there is no request 2026-0002" in library.fails(
        5, "hold", "widen", "review", "--request", "2026-0002"
    )
    library.ok("hold", "release", "review", "--reason", "Closed by the reviewer")
    assert (
        json.loads(library.ok("record", "why", "2026-0001", "--as-of", "2027-01-01", "--json"))[
            "holds"
        ]
        == []
    )
