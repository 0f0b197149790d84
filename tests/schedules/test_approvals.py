"""Which approvals count: of the list as it stands, in time, and by keys that are in force."""

import io
from datetime import date, timedelta

import pypdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import actors, keys
from archive.errors import MunimentError, NotFound, Refused, UsageError
from schedules._approvals import obstacles, strike, withdraw
from schedules._disposal import State, find_disposal, listing_of
from schedules._list import digest_of
from schedules._propose import propose
from schedules._run import rehearse, run
from schedules._sheet import sheet_of, sheet_pdf
from tests.schedules.sample import TOML
from tests.schedules.town import Town

TODAY = date(2026, 3, 2)


def needs(town: Town, disposal: str, day: date = TODAY) -> list[str]:
    with town.archive.read() as reader:
        return obstacles(reader, find_disposal(reader, disposal), day)


def test_one_series_alone(town: Town) -> None:
    town.adopt(TOML.replace('action = "permanent"', 'period = "P1Y"\naction = "destroy"'))
    comment = town.capture()
    town.capture(kind="post")
    proposal = propose(town.archive, town.ada, only=["COMMENT"])
    assert proposal is not None
    assert [item.record for item in proposal.listing.items] == [comment]
    with town.archive.read() as reader:
        assert listing_of(reader, find_disposal(reader, proposal.id)).only == ("COMMENT",)
    with pytest.raises(NotFound, match="no series APPEAL whose action is destroy"):
        propose(town.archive, town.ada, only=["APPEAL"])


def test_what_is_struck_off_stays_and_the_rest_is_another_list(town: Town) -> None:
    town.adopt()
    kept, gone = town.capture("one"), town.capture("two")
    disposal = town.proposed()
    before = town.disposal(disposal)
    town.approve(disposal, town.ada)
    assert town.strike(disposal, kept[-12:]) == [kept]
    found = town.disposal(disposal)
    assert (found.listed, found.struck, found.remaining) == (2, 1, 1)
    assert found.digest != before.digest
    assert needs(town, disposal) == [
        "2 more approvals needed (the list was changed after ada had approved it)"
    ]
    with town.archive.read() as reader:
        listing = listing_of(reader, found)
        assert digest_of(listing.encode()) == found.digest
        (struck,) = listing.struck
        assert (struck.record, struck.reason) == (kept, "Ask the board")
        (entry,) = reader.history(disposal, {"disposal.struck"})
        assert "board" not in entry.header.decode()
    for officer in (town.ben, town.ada):
        town.approve(disposal, officer)
    rehearsed = rehearse(town.archive, disposal)
    done = run(town.archive, town.ben, disposal)
    assert (rehearsed.disposed, rehearsed.struck) == (done.disposed, done.struck) == (1, 1)
    assert (town.status(kept), town.status(gone)) == ("live", "disposed")
    with town.archive.read() as reader:
        (finished,) = reader.history(disposal, {"disposal.finished"})
    assert (finished.data["struck"], finished.data["kept"]) == (1, 0)
    again = propose(town.archive, town.ada)
    assert again is not None
    assert [item.record for item in again.listing.items] == [kept]


def test_a_whole_series_is_struck_off(town: Town) -> None:
    town.adopt(TOML.replace('action = "permanent"', 'period = "P1Y"\naction = "destroy"'))
    town.capture()
    posts = {town.capture(kind="post") for _ in range(2)}
    disposal = town.proposed()
    with town.archive.write(town.ada) as writer:
        found = find_disposal(writer, disposal)
        off = strike(writer, found, (), "The board keeps posts", TODAY, series="POST")
    assert set(off) == posts
    assert town.disposal(disposal).remaining == 1


def test_what_cannot_be_struck_off(town: Town) -> None:
    town.adopt()
    record, other = town.capture(), town.capture(occurred=date(2026, 1, 1))
    disposal = town.proposed()
    cases = (
        (record, "", UsageError, "with a reason"),
        (other, "why", NotFound, "is not on the list"),
        (record, "why", Refused, "strike everything"),
    )
    for wanted, reason, error, said in cases:
        with pytest.raises(error, match=said):
            town.strike(disposal, wanted, reason=reason)
    with pytest.raises(UsageError, match="nothing is named"):
        town.strike(disposal)
    with (
        pytest.raises(Refused, match="agent is agent and cannot strike"),
        town.archive.write(town.agent) as writer,
    ):
        strike(writer, find_disposal(writer, disposal), [record], "why", TODAY)
    for officer in (town.ada, town.ben):
        town.approve(disposal, officer)
    run(town.archive, town.ben, disposal)
    with pytest.raises(Refused, match="already finished"):
        town.strike(disposal, record)


def test_a_withdrawn_list_does_not_run(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.approved()
    with town.archive.write(town.ada) as writer:
        withdraw(writer, find_disposal(writer, disposal), "The schedule is revised", TODAY)
    assert town.disposal(disposal).state(TODAY) is State.WITHDRAWN
    with pytest.raises(Refused, match="it was withdrawn"):
        run(town.archive, town.ben, disposal)
    with pytest.raises(Refused, match="already withdrawn"):
        town.approve(disposal, town.ada)


def test_an_approval_that_was_not_used_expires_and_can_be_given_again(town: Town) -> None:
    town.adopt(TOML.replace("version = 1", 'version = 1\napprovals_expire = "P10D"'))
    town.capture()
    disposal = town.proposed()
    town.approve(disposal, town.ada)
    town.clock.advance(days=3)
    town.approve(disposal, town.ben)
    assert needs(town, disposal, date(2026, 3, 12)) == []
    late = date(2026, 3, 13)
    assert needs(town, disposal, late) == [
        "1 more approval needed (the approval by ada expired after 2026-03-12)"
    ]
    assert town.disposal(disposal).state(late) is State.PROPOSED
    town.clock.advance(days=8)
    town.approve(disposal, town.ada)
    assert needs(town, disposal, late) == []
    assert run(town.archive, town.ben, disposal).disposed == 1


@pytest.mark.parametrize("change", ["revoked", "rekeyed"])
def test_an_approval_counts_while_its_key_is_in_force(town: Town, change: str) -> None:
    town.adopt()
    town.capture()
    disposal = town.approved()
    renewed = keys.ActorKey(town.ben.actor, Ed25519PrivateKey.generate())
    with town.archive.write(town.ada) as writer:
        ben = actors.get(writer, town.ben.actor)
        if change == "revoked":
            actors.revoke(writer, ben, "left")
        else:
            actors.rekey(writer, ben, keys.public_bytes(renewed.key), "lost")
    assert needs(town, disposal) == [
        "1 more approval needed (the key with which ben approved is no longer in force)"
    ]
    with pytest.raises(MunimentError):
        town.approve(disposal, town.ben)
    if change == "rekeyed":
        town.approve(disposal, renewed)
    else:
        town.approve(disposal, town.enrol("carla", "officer"))
    assert run(town.archive, town.ada, disposal).disposed == 1
    with town.archive.read() as reader:
        used = find_disposal(reader, disposal).approvals
        assert len(used) == 2


def test_a_key_that_is_revoked_after_the_run_changes_nothing(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.approved()
    run(town.archive, town.ada, disposal)
    with town.archive.write(town.ada) as writer:
        actors.revoke(writer, actors.get(writer, town.ben.actor), "left")
    assert [one.name for one in town.disposal(disposal).approvals] == ["ada", "ben"]


def test_the_paper(town: Town) -> None:
    town.adopt(TOML.replace("required = false", "required = true"))
    town.capture("one", date(2024, 1, 1))
    struck = town.capture("two", date(2024, 2, 2))
    town.hold("Doe", town.capture("three", date(2023, 3, 3)))
    disposal = town.proposed()
    town.strike(disposal, struck)
    town.approve(disposal, town.ada)
    with town.archive.read() as reader:
        made = sheet_of(town.archive, reader, find_disposal(reader, disposal))
    (series,) = made.series
    assert (series.code, series.first, series.last, series.records) == (
        "COMMENT", "2024-01-01", "2024-01-01", 1,
    )  # fmt: skip
    assert [(one.reason, one.records) for one in made.excluded] == [
        ('Held: under the hold "Doe" (litigation).', 1)
    ]
    pdf = sheet_pdf(made)
    assert sheet_pdf(made) == pdf
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    for said in (
        "List for disposal",
        "Ask the board",
        struck,
        "For the Local Records Commission",
        "1 more approval needed",
        "through 2026-05-31",
    ):
        assert said in text
    assert made.digest in text.replace("\u200b", "").replace("\n", "")
    assert b"pdfaid:part" in pdf
    assert date.fromisoformat("2026-05-31") == TODAY + timedelta(days=90)
