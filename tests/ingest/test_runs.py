"""Runs: what goes on where it stopped, what is said to be gone, and which files nobody read."""

import gc
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from archive import Refused, SourceError
from ingest import Export, Progress, Remark, Source, Summary, Told, _pipeline, readers, runs
from ingest._collector import rarely_collecting
from ingest._digest import Digest, digest_of
from ingest._source import Item
from ingest.readers._jsonl import JsonLines
from tests.ingest.conftest import Room
from tests.ingest.test_pipeline import counts, note, outbox, row, take_own


class Stopped(Exception):
    """What ends a run in these tests."""


class Stop:
    """Ends a run once it has come to a number of items."""

    def __init__(self, items: int) -> None:
        self.items = items

    def __call__(self, progress: Progress) -> None:
        if progress.items >= self.items:
            raise Stopped


def rows(path: Path, count: int, *more: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in [*map(row, range(count)), *more]))
    return path


def test_a_run_goes_on_with_its_counts_and_its_rejects(room: Room, tmp_path: Path) -> None:
    path = rows(tmp_path / "a.jsonl", 4, "bad", row(0, "y"), row(9))
    for items in (2, 5):
        with pytest.raises(Stopped):
            room.take(path, account="lib", batch=1, progress=Stop(items))
    last = room.take(path, account="lib", batch=1)
    assert counts(last) == {"seen": 7, "new": 5, "changed": 1, "rejected": 1}
    with room.archive.read() as reader:
        [run] = runs(reader)
    assert (run.seen, run.new, run.changed, run.rejected) == (7, 5, 1, 1)


def test_other_bytes_another_account_and_what_ended_begin_anew(room: Room, tmp_path: Path) -> None:
    path = rows(tmp_path / "a.jsonl", 4)
    with pytest.raises(Stopped):
        room.take(path, account="lib", batch=1, progress=Stop(2))
    assert room.take(path, account="other", batch=1).resumed == 0
    assert room.take(rows(tmp_path / "b.jsonl", 5), account="lib", batch=1).resumed == 0
    assert room.take(path, account="lib", batch=1).resumed == 2
    assert room.take(path, account="lib", batch=1).resumed == 0


def test_of_two_that_go_on_with_a_run_one_does(room: Room, tmp_path: Path) -> None:
    path = rows(tmp_path / "a.jsonl", 6)
    others: list[Summary] = []

    def meanwhile(progress: Progress) -> None:
        if progress.items == 2 and not others:
            others.append(room.take(path, account="lib", batch=1))

    with pytest.raises(Refused, match="another command goes on"):
        room.take(path, account="lib", batch=1, progress=meanwhile)
    [other] = others
    assert (other.resumed, counts(other)) == (2, {"seen": 6, "new": 6})
    assert len(room.records()) == 6


def test_a_newer_export_s_items_do_not_vanish_from_an_older_one(room: Room, tmp_path: Path) -> None:
    take_own(room, outbox(tmp_path / "5.tgz", 5, note("1", "a"), note("2", "b")))
    older = take_own(room, outbox(tmp_path / "3.tgz", 3, note("1", "a")), complete=True)
    assert (older.compared, older.vanished) == (True, 0)
    later = take_own(room, outbox(tmp_path / "7.tgz", 7, note("1", "a")), complete=True)
    assert later.vanished == 1


def test_only_what_such_an_export_held_before_can_vanish(room: Room, tmp_path: Path) -> None:
    path = rows(tmp_path / "a.jsonl", 2)
    room.take(path, account="lib", platform="mastodon")
    own = take_own(room, outbox(tmp_path / "1.tgz", 1, note("x", "a")), complete=True)
    assert (own.compared, own.vanished) == (True, 0)


def test_a_source_that_says_it_is_partial_is_not_compared(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Partial(JsonLines):
        def read(self, export: Export, told: Told) -> Source:
            source = super().read(export, told)
            return replace(source, items=self._with_remark(source))

        def _with_remark(self, source: Source) -> Iterator[Item]:
            yield Remark("3 items were announced", partial=True)
            yield from source.items

    room.take(rows(tmp_path / "a.jsonl", 3), account="lib")
    monkeypatch.setattr(readers, "READERS", (Partial(),))
    summary = room.take(rows(tmp_path / "b.jsonl", 2), account="lib", complete=True)
    assert not summary.compared
    assert summary.remarks[0] == "3 items were announced"
    assert counts(summary) == {"seen": 2, "unchanged": 2}


def test_files_that_nothing_was_read_of_are_named(room: Room, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("rows.jsonl", row(1))
        archive.writestr("z.html", "<p>")
        archive.writestr("likes.json", json.dumps([]))
    summary = room.take(tmp_path / "a.zip", account="lib")
    assert summary.unread == ["likes.json", "z.html"]
    with room.archive.read() as reader:
        [(entry, parts)] = reader.open(reader.entries(types={"ingest.finished"}))
    assert entry.data["unread"] == 2
    assert parts is not None
    assert parts.get("unread") == "likes.json\nz.html"


def test_the_collector_is_left_as_it_was() -> None:
    before = gc.get_threshold()
    with rarely_collecting():
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before


@pytest.mark.parametrize("folder", [False, True])
def test_what_is_changed_while_it_is_read_does_not_end_as_if_it_were_whole(
    room: Room, tmp_path: Path, folder: bool
) -> None:
    (tmp_path / "export").mkdir()
    path = rows(tmp_path / "export" / "a.jsonl", 3)
    export = path.parent if folder else path

    def written_to(_: object) -> None:
        with path.open("a") as file:
            file.write("\n")

    with pytest.raises(SourceError, match="was changed while it was read"):
        room.take(export, account="a", batch=2, progress=written_to)
    assert "ingest.finished" not in room.types()
    assert room.take(export, account="a").unchanged == 3


def test_a_digest_is_never_that_of_other_bytes(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = rows(tmp_path / "a.jsonl", 3)

    def late(parts: Sequence[Path]) -> Digest:
        path.write_text(path.read_text() + "\n")
        return digest_of(parts)

    monkeypatch.setattr(_pipeline, "digest_of", late)
    before = room.types()
    with pytest.raises(SourceError, match="was changed while it was read"):
        room.take(path, account="a")
    assert room.types() == before
