"""Reading in a process of its own gives what reading here gives, and ends when nobody listens."""

import json
import multiprocessing
from pathlib import Path

import pytest

from archive import Record, SourceError
from ingest import Limits, Summary, Told, _ahead, _pipeline
from tests.ingest.conftest import JANUARY, Room


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    lines = [json.dumps({"id": str(i), "text": f"comment {i} über 書"}) for i in range(50)]
    lines.insert(20, "no json")
    path.write_text("\n".join(lines) + "\n")
    return path


def facts(room: Room, summary: Summary) -> tuple[dict[str, int], list[tuple[str | None, str]]]:
    def content(record: Record) -> tuple[str | None, str]:
        sealed = room.newest(record)
        return record.fingerprint, sealed.text()

    return summary.counts(), sorted(map(content, room.records()), key=str)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pipeline, "WORTHWHILE", 0)


@pytest.mark.usefixtures("elsewhere")
def test_items_and_rejects_come_over_whole(room: Room, rows: Path) -> None:
    summary = room.take(rows, account="lib", batch=7)
    assert (summary.seen, summary.new, summary.rejected) == (51, 50, 1)
    texts = {room.newest(record).text() for record in room.records()}
    assert texts == {f"comment {i} über 書" for i in range(50)}


def test_a_second_run_elsewhere_finds_nothing_new(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(room, room.take(JANUARY))
    monkeypatch.setattr(_pipeline, "WORTHWHILE", 0)
    counts, records = facts(room, room.take(JANUARY))
    assert records == before[1]
    assert (counts["new"], counts["unchanged"]) == (0, 261)


@pytest.mark.usefixtures("elsewhere")
def test_what_is_handed_over_verifies(room: Room) -> None:
    room.take(JANUARY)
    with room.archive.read() as reader:
        opened = list(reader.open(reader.entries(types={"record.captured"})))
    assert len(opened) == 261
    for entry, sealed in opened:
        assert sealed is not None
        assert sealed.commitment == entry.commitment


@pytest.mark.usefixtures("elsewhere")
def test_a_rebuild_gives_the_table_of_what_was_handed_over(room: Room) -> None:
    room.take(JANUARY)
    before = room.records()
    room.archive.rebuild()
    assert len(before) == 261
    assert room.records() == before


def test_an_unreadable_export_raises_here(tmp_path: Path) -> None:
    path = tmp_path / "nothing.jsonl"
    batches = _ahead.batches_ahead([path], "jsonl", Told("lib"), Limits(), 10, set())
    with pytest.raises(SourceError, match="nothing"):
        next(batches)


def test_nobody_listening_ends_the_process(rows: Path) -> None:
    batches = _ahead.batches_ahead([rows], "jsonl", Told("lib"), Limits(), 5, set())
    assert len(next(batches).items) == 5
    batches.close()
    assert multiprocessing.active_children() == []


def test_a_reader_that_dies_is_said(tmp_path: Path) -> None:
    path = tmp_path / "more-than-a-pipe-holds.jsonl"
    text = "a long comment " * 200
    path.write_text("".join(f"{json.dumps({'id': str(i), 'text': text})}\n" for i in range(500)))
    batches = _ahead.batches_ahead([path], "jsonl", Told("lib"), Limits(), 5, set())
    next(batches)
    (child,) = multiprocessing.active_children()
    child.kill()
    with pytest.raises(SourceError, match="died"):
        list(batches)
