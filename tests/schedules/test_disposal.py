"""Disposals up to the run: the list, two approvals, Illinois's certificate."""

import io
import json
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pypdf
import pytest

from archive.errors import NotFound, Refused, UsageError
from schedules import preset
from schedules._approvals import obstacles
from schedules._authorize import authorize
from schedules._certificate import as_text, certificate
from schedules._certificate_pdf import as_pdf
from schedules._disposal import State, disposals, find_disposal, listing_of
from schedules._propose import propose
from schedules._run import run
from tests.schedules.sample import AUTHORIZED, TOML
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
        authorize(writer, found, approved, TODAY, number="26-0417", filed=filed)


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
        authorize(writer, find_disposal(writer, disposal), TODAY, TODAY)


@pytest.mark.parametrize(
    ("filed", "approved"),
    [(date(2026, 2, 2), date(2026, 2, 1)), (date(2026, 3, 2), date(2026, 3, 3))],
)
def test_a_certificate_out_of_order(town: Town, filed: date, approved: date) -> None:
    town.adopt(COMMISSION)
    town.capture()
    with pytest.raises(UsageError, match="cannot have been approved"):
        authorized(town, town.approved(), filed, approved)


def test_every_document_that_the_schedule_asks_for(town: Town) -> None:
    town.adopt(AUTHORIZED.replace("verified = false", "verified = true"))
    town.capture()
    disposal = town.approved()

    def record(approved: date = date(2026, 2, 1), **given: Any) -> None:
        with town.archive.write(town.ada) as writer:
            authorize(writer, find_disposal(writer, disposal), approved, TODAY, **given)

    def said() -> list[str]:
        with town.archive.read() as reader:
            return obstacles(reader, find_disposal(reader, disposal), TODAY)

    assert said() == [
        "no certificate approved by the State Archives is recorded",
        "no resolution of the council is recorded",
        "no written consent of the city attorney is recorded",
    ]
    record(document="certificate", number="26-1", filed=date(2026, 1, 20))
    record(document="consent")
    assert said() == [
        "the certificate was filed on 2026-01-20; it may run from 2026-03-03",
        "no resolution of the council is recorded",
    ]
    record(document="certificate", number="26-2", filed=date(2026, 1, 19))
    with pytest.raises(Refused, match="no resolution of the council is recorded"):
        run(town.archive, town.ben, disposal)
    record(document="resolution", number="R 2026-14")
    assert said() == []
    mistakes: dict[str, dict[str, Any]] = {
        "lies in the future": {"document": "consent", "approved": TODAY + timedelta(days=1)},
        "asks for 3 documents": {"number": "26-3"},
        'asks for no "letter"': {"document": "letter"},
        "--number is missing for the resolution": {"document": "resolution"},
        "no --number of the written consent": {"document": "consent", "number": "1"},
        "no --filed of the resolution": {
            "document": "resolution",
            "number": "1",
            "filed": TODAY,
        },
        "is no resolution number": {"document": "resolution", "number": "#1"},
    }
    for mistake, given in mistakes.items():
        with pytest.raises(UsageError, match=mistake):
            record(**given)
    run(town.archive, town.ben, disposal)
    with town.archive.read() as reader:
        done = certificate(town.archive, reader, find_disposal(reader, disposal))
    named = [
        "State Archives: certificate 26-2, filed 2026-01-19, approved 2026-02-01",
        "council: resolution R 2026-14, approved 2026-02-01",
        "city attorney: written consent, approved 2026-02-01",
    ]
    assert [str(one) for one in done.authorizations] == named
    assert [one["citation"] for one in done.as_json()["authorizations"]][1] == "Charter 7"
    assert all(f"Authorized       {one}" in as_text(done) for one in named)
    text = "\n".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(as_pdf(done))).pages
    )
    assert all(one in text.replace("\n", " ") for one in named)


def test_an_approval_that_the_schedule_does_not_ask_for(town: Town) -> None:
    town.adopt()
    town.capture()
    with pytest.raises(Refused, match="asks for no authority's approval"):
        authorized(town, town.approved(), TODAY, TODAY)


def test_a_certificate_as_it_was_recorded_before_there_were_other_documents(town: Town) -> None:
    town.adopt(COMMISSION)
    town.capture()
    disposal = town.approved()
    earlier = {"certificate": "26-0417", "filed": "2026-01-01", "approved": "2026-02-01"}
    town.tell("disposal.authorized", disposal, earlier)
    with town.archive.read() as reader:
        found = find_disposal(reader, disposal)
        assert found.authorized["certificate"].number == "26-0417"
        assert obstacles(reader, found, TODAY) == []


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
