"""Disposals up to the run: the list, two approvals, Illinois's certificate."""

import json
from datetime import date, timedelta
from hashlib import sha256

import pytest

from archive.errors import NotFound, Refused, UsageError
from schedules import preset
from schedules._approvals import authorize, obstacles
from schedules._disposal import State, disposals, find_disposal, listing_of
from schedules._propose import propose
from tests.schedules.sample import TOML
from tests.schedules.town import Town

TODAY = date(2026, 3, 2)
COMMISSION = TOML.replace("required = false", "required = true")


def test_the_list(town: Town) -> None:
    town.adopt()
    due, held = town.capture("old", date(2024, 1, 1)), town.capture("old too", date(2024, 1, 2))
    town.capture("new", date(2026, 1, 1))
    town.capture("a post", date(2020, 1, 1), kind="post")
    town.hold("Doe", held)
    proposal = propose(town.archive, town.ada)
    assert proposal is not None
    (item,) = proposal.listing.items
    assert (item.record, item.series, item.dated, item.due) == (
        due, "COMMENT", "2024-01-01", "2025-01-02",
    )  # fmt: skip
    assert item.reason.startswith("Due for destruction")
    (exclusion,) = proposal.listing.excluded
    assert (exclusion.record, exclusion.reason) == (
        held,
        'Held: under the hold "Doe" (litigation).',
    )
    assert not proposal.more


def test_the_digest_is_over_the_sealed_bytes(town: Town) -> None:
    town.adopt()
    record = town.capture()
    disposal = town.disposal(town.proposed())
    with town.archive.read() as reader:
        ((entry, sealed),) = reader.open([reader.entry(disposal.seq)])
        assert sealed is not None
        data = sealed.bytes_of("list") or b""
        assert sha256(data).hexdigest() == disposal.digest == entry.data["digest"]
        assert listing_of(reader, disposal).encode() == data
    assert record not in entry.header.decode()
    heading, line = (json.loads(line) for line in data.splitlines())
    assert heading["listed"] == 1
    assert line["record"] == record


def test_nothing_due(town: Town) -> None:
    town.adopt()
    town.capture(occurred=date(2026, 1, 1))
    assert propose(town.archive, town.ada) is None
    assert "disposal.proposed" not in town.types()


def test_due_by_an_earlier_day(town: Town) -> None:
    town.adopt()
    town.capture(occurred=date(2024, 6, 1))
    assert propose(town.archive, town.ada, date(2025, 6, 1)) is None
    assert propose(town.archive, town.ada, date(2025, 6, 2)) is not None
    with pytest.raises(Refused, match="still to come"):
        propose(town.archive, town.ada, TODAY + timedelta(days=1))


def test_a_late_hold_by_query_is_on_the_list_as_excluded(town: Town) -> None:
    town.adopt()
    town.hold("Flood", query="flood")
    town.capture("dry")
    town.capture("flood")
    proposal = propose(town.archive, town.ada)
    assert proposal is not None
    assert len(proposal.listing.items) == len(proposal.listing.excluded) == 1


def test_a_list_has_an_end(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schedules._propose.MOST", 2)
    town.adopt()
    town.hold("Doe", *[town.capture() for _ in range(3)])
    for _ in range(3):
        town.capture()
    proposal = propose(town.archive, town.ada)
    assert proposal is not None
    assert len(proposal.listing.items) == len(proposal.listing.excluded) == 2
    assert proposal.listing.excluded_in_all == 3
    assert proposal.more
    with town.archive.read() as reader:
        assert listing_of(reader, find_disposal(reader, proposal.id)) == proposal.listing


def test_illinois_without_numbers_disposes_of_nothing(town: Town) -> None:
    town.adopt(preset("us-il-local-library").text)
    town.capture(occurred=date(2000, 1, 1))
    with pytest.raises(Refused, match="no application number and no item number and no period"):
        propose(town.archive, town.ada)


def test_two_people_approve(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.proposed()
    assert town.disposal(disposal).state(TODAY) is State.PROPOSED
    town.approve(disposal, town.ada)
    assert town.disposal(disposal).state(TODAY) is State.PROPOSED
    town.approve(disposal, town.ben)
    found = town.disposal(disposal)
    assert found.state(TODAY) is State.APPROVED
    with town.archive.read() as reader:
        entries = reader.history(disposal, {"disposal.approved"})
        assert [entry.actor for entry in entries] == [town.ada.actor, town.ben.actor]
        assert {entry.data["digest"] for entry in entries} == {found.digest}
        assert obstacles(reader, found, TODAY) == []


def test_nobody_approves_twice(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.proposed()
    town.approve(disposal, town.ada)
    with pytest.raises(Refused, match="ada has already approved"):
        town.approve(disposal, town.ada)
    with town.archive.read() as reader:
        found = find_disposal(reader, disposal)
        assert obstacles(reader, found, TODAY) == ["1 more approval needed"]


def test_an_agent_approves_nothing(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.proposed()
    with pytest.raises(Refused, match="agent is agent"):
        town.approve(disposal, town.agent)


def authorized(town: Town, disposal: str, filed: date, approved: date) -> None:
    with town.archive.write(town.ada) as writer:
        found = find_disposal(writer, disposal)
        authorize(writer, found, "26-0417", filed, approved, TODAY)


def test_the_commission_and_thirty_days(town: Town) -> None:
    town.adopt(COMMISSION)
    town.capture()
    disposal = town.approved()

    def said() -> list[str]:
        with town.archive.read() as reader:
            return obstacles(reader, find_disposal(reader, disposal), TODAY)

    assert said() == ["no certificate approved by the Local Records Commission is recorded"]
    authorized(town, disposal, TODAY - timedelta(days=29), TODAY)
    assert said() == ["the certificate was filed on 2026-02-01; it may run from 2026-03-03"]
    authorized(town, disposal, TODAY - timedelta(days=30), TODAY)
    assert said() == []


def test_an_agent_records_no_certificate(town: Town) -> None:
    town.adopt(COMMISSION)
    town.capture()
    disposal = town.approved()
    with (
        pytest.raises(Refused, match="agent is agent and cannot record"),
        town.archive.write(town.agent) as writer,
    ):
        authorize(writer, find_disposal(writer, disposal), "26-0417", TODAY, TODAY, TODAY)


@pytest.mark.parametrize(
    ("filed", "approved"),
    [(date(2026, 2, 2), date(2026, 2, 1)), (date(2026, 3, 2), date(2026, 3, 3))],
)
def test_a_certificate_out_of_order(town: Town, filed: date, approved: date) -> None:
    town.adopt(COMMISSION)
    town.capture()
    with pytest.raises(UsageError, match="cannot have been approved"):
        authorized(town, town.approved(), filed, approved)


def test_a_newer_schedule_asks_for_a_new_list(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.approved()
    town.adopt(TOML.replace("version = 1", "version = 2"))
    with town.archive.read() as reader:
        assert obstacles(reader, find_disposal(reader, disposal), TODAY) == [
            "town version 2 is in force now, and the list was made under town version 1"
        ]


def test_finding(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.proposed()
    with town.archive.read() as reader:
        assert find_disposal(reader, disposal[-8:]).id == disposal
        assert [found.id for found in disposals(reader)] == [disposal]
        with pytest.raises(NotFound):
            find_disposal(reader, "nothing")
