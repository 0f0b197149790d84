"""What sources say was removed: deletion events, tombstones, and what comes back."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import Record, records
from ingest import (
    AccountName,
    Capture,
    Export,
    Gone,
    Source,
    SourceReader,
    Told,
    moderation,
    readers,
)
from tests.ingest.conftest import Room


class Events:
    """Reads events, one JSON object a line: what is there, and what was deleted."""

    name = "events"
    version = 1

    def sniff(self, export: Export) -> bool:
        return export.path.suffix == ".events"

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b"", b""

    def read(self, export: Export, told: Told) -> Source:
        [file] = export.names
        rows = export.head(file, 1 << 20).splitlines()
        made = json.loads(rows.pop(0))
        return Source(
            "events",
            AccountName("lib"),
            frozenset({"comment"}),
            (file,),
            map(item, rows),
            day(made),
        )


def day(number: int | None) -> datetime | None:
    return None if number is None else datetime(2026, 1, number, tzinfo=UTC)


def item(raw: bytes) -> Capture | Gone:
    row = json.loads(raw)
    if row.get("gone"):
        return Gone("1", "comment", raw, day(row.get("at")), row.get("by", ""), row.get("why", ""))
    return Capture(
        "1",
        "comment",
        raw,
        text=row.get("text", "a"),
        occurred_at=day(row.get("at")),
        edited_at=day(row.get("edited")),
        state=row.get("state", "live"),
    )


LIVE = {"at": 1}
DELETED = {"gone": True, "at": 2, "by": "platform", "why": "Spam"}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    events: SourceReader = Events()
    monkeypatch.setattr(readers, "READERS", (events, *readers.READERS))


@pytest.fixture
def events(room: Room, tmp_path: Path) -> "Log":
    return Log(room, tmp_path)


class Log:
    """Writes events to a file and ingests it."""

    def __init__(self, room: Room, folder: Path) -> None:
        self.room, self.folder, self.files = room, folder, 0

    def take(self, *rows: Mapping[str, object], made: int | None = None) -> dict[str, int]:
        self.files += 1
        path = self.folder / f"{self.files}.events"
        path.write_text("\n".join(map(json.dumps, (made, *rows))))
        counts = self.room.take(path).counts()
        return {name: count for name, count in counts.items() if count and name != "seen"}

    @property
    def record(self) -> Record:
        [record] = self.room.records()
        return record

    @property
    def status(self) -> str:
        return self.record.status

    def types(self) -> list[str]:
        wanted = ("record.",)
        return [one.removeprefix("record.") for one in self.room.types() if one.startswith(wanted)]


def test_a_deletion_is_a_removal_with_its_evidence(events: Log) -> None:
    events.take(LIVE)
    assert events.take(DELETED) == {"changed": 1}
    assert events.status == "removed"
    assert events.record.removed_at == "2026-01-02T00:00:00.000000Z"
    assert events.record.versions == 1
    with events.room.archive.read() as reader:
        [entry] = reader.history(events.record.id, {"record.deleted"})
        [(_, parts)] = reader.open([entry])
    assert entry.data["state"] == "removed"
    assert parts is not None
    assert (parts.get("removed_by"), parts.text("removal_reason")) == ("platform", "Spam")
    assert parts.raw() == json.dumps(DELETED).encode()
    assert "Spam" not in entry.header.decode()


def test_the_same_word_again_adds_nothing(events: Log) -> None:
    for _ in range(2):
        events.take(LIVE, DELETED)
    assert events.types() == ["captured", "deleted"]
    assert events.take(LIVE, DELETED, DELETED) == {"unchanged": 3}
    assert events.take({"gone": True}) == {"unchanged": 1}
    assert events.types() == ["captured", "deleted"]


def test_a_word_that_says_more_is_kept(events: Log) -> None:
    events.take(LIVE, {"gone": True})
    assert events.take(DELETED) == {"changed": 1}
    assert events.take(DELETED, {"gone": True}) == {"unchanged": 2}
    assert events.types() == ["captured", "deleted", "deleted"]


def test_what_nobody_captured_is_known_as_removed(events: Log) -> None:
    assert events.take(DELETED) == {"new": 1}
    assert events.status == "removed"
    assert events.take(DELETED) == {"unchanged": 1}
    assert events.take(LIVE) == {"changed": 1}
    assert (events.status, events.record.versions) == ("removed", 2)
    assert events.room.newest(events.record).text() == "a"
    assert events.take(DELETED, LIVE) == {"unchanged": 2}


def test_what_is_shown_again_reappears(events: Log) -> None:
    events.take(LIVE, DELETED)
    assert events.take({**LIVE, "edited": 3}) == {"changed": 1, "reappeared": 1}
    assert (events.status, events.record.removed_at) == ("live", None)
    assert events.take(DELETED) == {"unchanged": 1}
    assert events.status == "live"
    assert events.take({**DELETED, "at": 4}) == {"changed": 1}
    assert events.status == "removed"


def test_what_we_removed_does_not_come_back_with_its_source(events: Log) -> None:
    """The word that it was deleted, which follows our removal, is not all that removed it."""
    events.take(LIVE)
    room, record = events.room, events.record.id
    with room.archive.write(room.signer) as writer:
        moderation.adopt_policy(writer, moderation.built_in_text("cook-memorial"))
        day = room.archive.clock().date()
        moderation.remove(writer, record, clause="IV.7", reason="Spam", day=day)
    events.take(DELETED)
    assert events.take({**LIVE, "edited": 3}) == {"changed": 1}
    assert events.status == "removed"
    with room.archive.write(room.signer) as writer:
        moderation.restore(writer, record, reason="by mistake")
    assert events.status == "live"


def test_an_older_state_does_not_undo_a_removal(events: Log) -> None:
    events.take(LIVE, DELETED)
    assert events.take(LIVE) == {"unchanged": 1}
    assert events.take({**LIVE, "text": "b", "edited": 1}) == {"changed": 1}
    assert events.status == "removed"


def test_the_dates_of_exports_say_which_word_holds(events: Log) -> None:
    events.take(LIVE, made=5)
    events.take({"gone": True}, made=7)
    assert events.take(LIVE, made=6) == {"unchanged": 1}
    assert events.status == "removed"
    assert events.take(LIVE, made=8) == {"unchanged": 1, "reappeared": 1}
    assert events.take({"gone": True}, made=7) == {"unchanged": 1}
    assert events.status == "live"
    assert events.take({"gone": True}, made=9) == {"changed": 1}
    assert events.status == "removed"


def test_an_older_word_is_kept_and_undone(events: Log) -> None:
    events.take(LIVE, made=5)
    assert events.take(DELETED, made=4) == {"changed": 1}
    assert events.status == "live"
    assert events.types() == ["captured", "deleted", "reappeared"]
    assert events.take(DELETED, made=4) == {"unchanged": 1}


def test_in_one_source_without_dates_the_order_counts(events: Log) -> None:
    one, gone = {"text": "a"}, {"gone": True}
    for _ in range(2):
        events.take(one, gone, one)
        assert events.status == "live"
        assert events.types() == ["captured", "deleted", "reappeared"]


def test_what_waits_for_approval_is_pending_until_it_is_shown(events: Log) -> None:
    events.take({**LIVE, "state": "pending"})
    assert events.status == "pending"
    events.take({**LIVE, "state": "live"})
    assert events.status == "live"
    events.take({**LIVE, "state": "pending", "edited": 2})
    assert events.status == "pending"
    events.take({**LIVE, "state": "removed", "edited": 3})
    assert events.take({**LIVE, "state": "pending", "edited": 4})["reappeared"] == 1
    assert events.status == "pending"


def test_tables_of_removals_are_the_same_when_they_are_computed_anew(events: Log) -> None:
    events.take(LIVE, DELETED)
    events.take({**LIVE, "state": "pending", "edited": 3})
    before = events.room.records()
    events.room.archive.rebuild()
    assert events.room.records() == before
    with events.room.archive.read() as reader:
        assert len(records.versions_of(reader, before[0])) == 2
