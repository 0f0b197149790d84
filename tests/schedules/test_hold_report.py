"""The report of a hold: its scope in words, and every change."""

from datetime import date

import pytest

from archive import accounts
from schedules._criteria import Criteria
from schedules._hold_report import HoldReport, in_words, report
from schedules._holds import find_hold
from schedules._notices import acknowledge
from schedules._placing import cover
from tests.schedules.town import Town


def told(town: Town, name: str = "Doe") -> HoldReport:
    with town.archive.read() as reader:
        return report(reader, find_hold(reader, name))


def test_every_change_in_order(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schedules._placing._PER_ENTRY", 2)
    named = [town.capture("flood") for _ in range(5)]
    hold = town.hold("Doe", *named[:1], query="flood")
    town.clock.advance(days=1)
    for _ in range(3):
        town.capture("flood")
    with town.archive.write(town.ben) as writer:
        cover(town.archive, writer)
    town.clock.advance(days=1)
    town.capture("rain")
    town.widen(hold, query="rain", custodians=["Ben"])
    with town.archive.write(town.ben) as writer:
        acknowledge(writer, find_hold(writer, "Doe"))
    town.clock.advance(days=1)
    town.release(hold)
    found = told(town)
    assert (found.placed_by, found.placed_with, found.hold.records) == ("ada", 5, 9)
    assert found.scope == ("1 named record", "matches flood", "matches rain")
    assert found.release_reason == "settled"
    assert [(one.at[:10], one.change, one.records, one.actor) for one in found.changes] == [
        ("2026-03-02", "placed", 5, "ada"),
        ("2026-03-03", "extended", 3, "ben"),
        ("2026-03-04", "widened", 1, "ada"),
        ("2026-03-04", "acknowledged", 0, "ben"),
        ("2026-03-05", "released", 0, "ada"),
    ]
    assert [one.words for one in found.changes] == [
        "1 named record; matches flood; custodians: Clerk",
        "captured since",
        "matches rain; custodians: Ben",
        "Ben, signed",
        "settled",
    ]


def test_scope_in_words(town: Town) -> None:
    with town.archive.write(town.ada) as writer:
        account = accounts.find_or_add(writer, "mastodon", "library")
    whole = Criteria("flood", account, "key", date(2024, 1, 1), date(2024, 2, 1), "@jo")
    assert in_words(whole, {account: "mastodon:library"}) == (
        "matches flood, of the account mastodon:library, by @jo,"
        " published from 2024-01-01 to 2024-02-01"
    )
    assert in_words(Criteria(since=date(2024, 1, 1)), {}) == "published from 2024-01-01 on"
    assert in_words(Criteria(until=date(2024, 1, 1)), {}) == "published up to 2024-01-01"
    town.hold("Account", account=account)
    assert told(town, "Account").scope == ("of the account mastodon:library",)
