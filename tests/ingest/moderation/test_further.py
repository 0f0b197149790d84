"""Hidden, refused, explained, edited; evidence; appeals against bans; block lists; the report."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import NotFound, Refused, UsageError, accounts, actors, keys, records
from ingest import moderation
from tests.ingest.conftest import Room

DAY = date(2026, 3, 2)
SPAM: dict[str, Any] = {"clause": "IV.5", "reason": "A link to a pill shop"}


@pytest.fixture
def library(room: Room, lines: Callable[..., Path]) -> Room:
    """A post of the library, and two comments by Mallory, under the policy of Cook Memorial."""
    rows = [
        {"id": 1, "handle": "lib", "text": "Come and read"},
        {"id": 2, "kind": "comment", "handle": "mallory", "text": "pills", "parent": 1},
        {"id": 3, "kind": "comment", "handle": "mallory", "text": "more pills", "parent": 1},
    ]
    room.take(lines(*map(json.dumps, rows)), account="lib")
    with room.archive.write(room.signer) as writer:
        moderation.adopt_policy(writer, moderation.built_in_text("cook-memorial"))
    return room


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "screen shot.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(500))
    return path


def ids(room: Room) -> list[str]:
    return [record.id for record in room.records()]


def test_what_is_hidden_counts_as_removed_and_comes_back(library: Room) -> None:
    record = ids(library)[1]
    with library.archive.write(library.signer) as writer:
        done = moderation.remove(writer, record, day=DAY, action="hide", **SPAM)
        assert done.action == "hide"
        assert records.get(writer, record).status == "removed"
        moderation.restore(writer, record, reason="It was none")
        assert records.get(writer, record).status == "live"


def test_evidence_is_kept_with_the_record_and_goes_with_it(library: Room, picture: Path) -> None:
    record = ids(library)[1]
    with library.archive.write(library.signer) as writer:
        done = moderation.remove(writer, record, day=DAY, evidence=[picture], **SPAM)
        moderation.restore(writer, record, reason="Look", evidence=[picture, picture])
    with library.archive.read() as reader:
        found = moderation.evidence_for(reader, done.id)
        assert [one.name for one in found] == ["screen shot.png"] * 3
        assert found[0].type == "image/png"
        assert b"".join(reader.open_blob(record, found[0].blob)) == picture.read_bytes()
        assert moderation.evidence_for(reader, record) == found
        entries = reader.history(record)
        assert not any(b"screen" in entry.header for entry in entries)
        with pytest.raises(NotFound):
            moderation.evidence_for(reader, "0" * 12)
    with library.archive.write(library.signer) as writer:
        erased = writer.erase([record])
    assert len(erased.blobs) == 3


def test_evidence_that_cannot_be_read_stops_the_decision(library: Room, tmp_path: Path) -> None:
    record = ids(library)[1]
    with (
        library.archive.write(library.signer) as writer,
        pytest.raises(UsageError, match="cannot be read"),
    ):
        moderation.remove(writer, record, day=DAY, evidence=[tmp_path / "none.png"], **SPAM)


@pytest.fixture
def vanished(library: Room, lines: Callable[..., Path]) -> str:
    """The record that a later export no longer holds."""
    rows = [{"id": 1, "handle": "lib", "text": "Come and read"}]
    rows.append({"id": 2, "kind": "comment", "handle": "mallory", "text": "pills", "parent": 1})
    library.clock.advance(days=1)
    library.take(lines(*map(json.dumps, rows), name="later.jsonl"), account="lib", complete=True)
    return ids(library)[2]


def test_the_staff_s_explanation_of_what_vanished_is_a_removal(
    library: Room, vanished: str
) -> None:
    with library.archive.write(library.signer) as writer:
        with pytest.raises(UsageError, match="clause"):
            moderation.explain(writer, vanished, by="staff", reason="Spam")
        done = moderation.explain(writer, vanished, by="staff", **SPAM)
        assert isinstance(done, moderation.Removal)
        assert records.get(writer, vanished).status == "removed"
        with pytest.raises(Refused, match="the record is removed"):
            moderation.explain(writer, vanished, by="author", reason="x")


def test_what_its_author_took_away_stays_vanished_and_is_no_violation(
    library: Room, vanished: str
) -> None:
    with library.archive.write(library.signer) as writer:
        with pytest.raises(UsageError, match="no clause"):
            moderation.explain(writer, vanished, by="author", **SPAM)
        with pytest.raises(UsageError, match="reason"):
            moderation.explain(writer, vanished, by="author", reason=" ")
        done = moderation.explain(writer, vanished, by="author", reason="She said so")
        assert isinstance(done, moderation.Explanation)
        assert (done.by, done.record) == ("author", vanished)
        with pytest.raises(Refused, match="explained already"):
            moderation.explain(writer, vanished, by="platform", reason="It says so too")
        found = records.get(writer, vanished)
        assert found.status == "vanished"
        assert found.author_key is not None
        code = "cook-memorial"
        assert moderation.violations(writer, found.author_key, code) == 0


def test_the_body_edits_only_what_it_wrote_itself(library: Room) -> None:
    own, other, _ = ids(library)
    with library.archive.write(library.signer) as writer:
        moderation.edited_own(writer, own, reason="The room had changed")
        with pytest.raises(Refused, match="somebody else's"):
            moderation.edited_own(writer, other, reason="x")
        [entry] = writer.history(own, {"record.edited_own"})
        assert entry.signature is not None


def test_what_was_never_published_is_archived_held_or_refused(library: Room, picture: Path) -> None:
    with library.archive.write(library.signer) as writer:
        account = accounts.get(writer, "lib")
        told: dict[str, Any] = {"author": "Pat", "day": DAY}
        held, nothing = moderation.submit(
            writer, account, text="May I?", evidence=[picture], **told
        )
        refused, refusal = moderation.submit(writer, account, text="pills", **told, **SPAM)
        assert nothing is None
        assert refusal is not None
        assert refusal.action == "refuse"
        assert records.get(writer, held).status == "pending"
        assert records.get(writer, refused).status == "removed"
        assert len(moderation.evidence_for(writer, held)) == 1
        wrongs: tuple[dict[str, Any], ...] = (
            {"text": " "},
            {"text": "x", "clause": "IV.5"},
            {"text": "x", "reason": "y"},
        )
        for wrong in wrongs:
            with pytest.raises(UsageError):
                moderation.submit(writer, account, **told, **wrong)
    assert library.newest(library.records()[-2]).text() == "May I?"
    with library.archive.read() as reader:
        assert reader.history(refused, {"record.captured"})[0].data["run"]


def test_violations_are_counted_per_policy(library: Room) -> None:
    _, first, second = ids(library)
    code = "cook-memorial"
    with library.archive.write(library.signer) as writer:
        moderation.adopt_policy(writer, moderation.built_in_text("westmont"), date(2019, 1, 1))
        moderation.remove(writer, first, day=DAY, policy=code, **SPAM)
        moderation.remove(writer, second, day=DAY, policy="westmont", clause="PC.5", reason="Sale")
        author, platform = moderation.author_of(writer, first)
        with pytest.raises(Refused, match="there are 1"):
            moderation.ban(writer, author, platform, day=DAY, policy=code, **SPAM)


def test_what_others_took_down_is_no_violation(library: Room) -> None:
    _, first, second = ids(library)
    with library.archive.write(library.signer) as writer:
        moderation.remove(writer, first, day=DAY, by="author", **SPAM)
        moderation.remove(writer, second, day=DAY, by="platform", **SPAM)
        author, platform = moderation.author_of(writer, first)
        with pytest.raises(Refused, match="there are 0"):
            moderation.ban(writer, author, platform, day=DAY, **SPAM)


def banned(library: Room) -> moderation.Ban:
    with library.archive.write(library.signer) as writer:
        return moderation.ban(writer, "mallory", "jsonl", day=DAY, exception=True, **SPAM)


def test_the_block_list_is_that_of_the_day_whenever_it_was_recorded(library: Room) -> None:
    library.clock.advance(days=30)
    ban = banned(library)
    ended = DAY + timedelta(days=10)
    with library.archive.write(library.signer) as writer:
        with pytest.raises(UsageError, match="the ban began on 2026-03-02"):
            moderation.unban(writer, ban.id, day=DAY - timedelta(days=1), reason="Promised")
        moderation.unban(writer, ban.id, day=ended, reason="Promised")
    with library.archive.read() as reader:
        for days, expected in ((-1, 0), (0, 1), (9, 1), (10, 0)):
            assert len(moderation.blocked(reader, DAY + timedelta(days=days))) == expected


def test_a_ban_is_appealed_against_and_ends_when_the_appeal_is_reversed(library: Room) -> None:
    ban = banned(library)
    filed: dict[str, Any] = {"appellant": "Mallory", "text": "Once only", "received": DAY}
    with library.archive.write(library.signer) as writer:
        appeal = moderation.file_appeal(writer, ban_id=ban.id[-12:], **filed)
        assert (appeal.ban, appeal.record, appeal.due) == (ban.id, None, "2026-04-01")
        assert moderation.appeal_words(writer, appeal) == ("Mallory", "Once only")
        with pytest.raises(Refused, match="against this ban is open"):
            moderation.file_appeal(writer, ban_id=ban.id, **filed)
        assert moderation.overdue_appeals(writer, date(2026, 4, 1)) == []
        assert moderation.overdue_appeals(writer, date(2026, 4, 2)) == [appeal]
        moderation.decide_appeal(
            writer, appeal.id, outcome="reversed", day=DAY, reason="Once is once"
        )
        assert moderation.find_ban(writer, ban.id).unbanned_at is not None
        [entry] = writer.history(ban.id, {"author.unbanned"})
        assert entry.data["appeal"] == appeal.id
        with pytest.raises(Refused, match="has ended"):
            moderation.file_appeal(writer, ban_id=ban.id, **filed)


def test_an_appeal_is_decided_by_a_director_alone(library: Room) -> None:
    record = ids(library)[1]
    key = Ed25519PrivateKey.generate()
    with library.archive.write(library.signer) as writer:
        moderation.remove(writer, record, day=DAY, **SPAM)
        appeal = moderation.file_appeal(writer, record, appellant="M", text="No", received=DAY)
        public = key.public_key().public_bytes_raw()
        officer = actors.add(writer, "olga", public, ["officer", "moderator"])
    with (
        library.archive.write(keys.ActorKey(officer.id, key)) as writer,
        pytest.raises(Refused, match="decided by a director, and olga is none"),
    ):
        moderation.decide_appeal(writer, appeal.id, outcome="affirmed", day=DAY, reason="Spam")


def test_the_report_counts_what_was_decided_in_its_period(library: Room) -> None:
    own, first, second = ids(library)
    with library.archive.write(library.signer) as writer:
        moderation.remove(writer, first, day=DAY, **SPAM)
        moderation.remove(writer, second, day=DAY, action="hide", clause="IV.6", reason="Garden")
        moderation.restore(writer, second, reason="It was on topic")
        appeal = moderation.file_appeal(writer, first, appellant="M", text="No", received=DAY)
        moderation.decide_appeal(writer, appeal.id, outcome="affirmed", day=DAY, reason="Spam")
    library.clock.advance(days=40)
    with library.archive.write(library.signer) as writer:
        moderation.remove(writer, own, day=DAY, **SPAM)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with library.archive.read() as reader:
        found = moderation.report(reader, start, start + timedelta(days=31))
        none = moderation.report(reader, start - timedelta(days=31), start)
    code = "cook-memorial"
    assert found.by_clause == {f"{code} IV.5": 1, f"{code} IV.6": 1}
    assert found.by_action == {"remove": 1, "hide": 1}
    assert found.by_platform == {"jsonl": 2}
    assert found.by_moderator == {library.signer.actor: 2}
    assert (found.restored, found.outcomes, found.own) == (1, {"affirmed": 1}, 1)
    assert [*none.removals, *none.appeals, *none.bans, *none.explanations] == []
