"""The pipeline: what is new, changed, unchanged, gone, disposed of, rejected."""

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import Archive, Draft, SourceError, UsageError, Writer, records
from archive import accounts as accounts_
from ingest import Progress, Summary, runs
from tests.ingest.conftest import FEBRUARY, JANUARY, SAMPLES, Room

Lines = Callable[..., Path]


def counts(summary: Summary) -> dict[str, int]:
    """What became of the items: the counts that are not 0."""
    besides = {"direct", "attachments", "missing"}
    return {k: count for k, count in summary.counts().items() if count and k not in besides}


def row(native_id: int, text: str = "x", **more: Any) -> str:
    return json.dumps({"id": native_id, "text": text, **more})


def outbox(path: Path, day: int, *notes: dict[str, Any], media: bytes = b"") -> Path:
    """A Mastodon archive made on a day of January 2026."""
    public = ["https://www.w3.org/ns/activitystreams#Public"]
    items = [
        {"id": f"{note['id']}/activity", "type": "Create", "object": {"to": public, **note}}
        for note in notes
    ]
    files = {
        "outbox.json": json.dumps({"@context": "ActivityStreams", "orderedItems": items}).encode(),
    }
    if media:
        files["media/a.png"] = media
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1767225600 + day * 86400
            tar.addfile(info, io.BytesIO(data))
    return path


def take_own(room: Room, path: Path, **options: Any) -> Summary:
    """Ingest such an archive."""
    return room.take(path, account="lib", **options)


def note(native_id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": native_id, "type": "Note", "content": text, **more}


def versions(room: Room, native_id: str = "") -> list[str]:
    """The texts of all versions of the only record, or of one."""
    with room.archive.read() as reader:
        found = [
            [sealed.text() for _, sealed in reader.open(records.versions_of(reader, one)) if sealed]
            for one in records.stream(reader)
            if not native_id or room.newest(one).get("native_id") == native_id
        ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("mastodon/archive-20260105-maplegrovepl.tar.gz", 261),
        ("x/archive", 326),
        ("facebook/export", 720),
        ("facebook/constructed/comments.json", 2),
        ("wordpress/isso-wordpress.xml", 11),
        ("wordpress/local-6.1.9/export.wxr.xml", 11),
    ],
)
def test_the_same_export_twice_adds_nothing(room: Room, name: str, items: int) -> None:
    account = "" if name.startswith(("mastodon", "x", "wordpress/local")) else "maplegrovepl"
    first = room.take(SAMPLES / name, account=account)
    assert counts(first) == {"seen": items, "new": items}
    assert len(room.records()) == items
    size = len(room.types())
    again = room.take(SAMPLES / name, account=account, complete=True)
    assert counts(again) == {"seen": items, "unchanged": items}
    assert room.types()[size:] == ["ingest.started", "ingest.finished"]


def test_a_later_state_of_an_account_is_compared(room: Room) -> None:
    room.take(JANUARY)
    later = room.take(FEBRUARY, complete=True)
    assert counts(later) == {"seen": 259, "changed": 2, "unchanged": 257, "vanished": 2}
    edited = [one for one in room.records() if one.versions == 2]
    assert len(edited) == 2
    assert all(room.newest(one).text().endswith("(corrected)") for one in edited)
    assert [one.status for one in room.records()].count("vanished") == 2
    assert counts(room.take(FEBRUARY, complete=True)) == {"seen": 259, "unchanged": 259}
    older = room.take(JANUARY, complete=True)
    assert counts(older) == {"seen": 261, "unchanged": 261}
    assert [one.status for one in room.records()].count("vanished") == 2


def test_without_the_word_complete_nothing_vanishes(room: Room) -> None:
    room.take(JANUARY)
    assert counts(room.take(FEBRUARY)) == {"seen": 259, "changed": 2, "unchanged": 257}


def test_only_kinds_and_accounts_that_the_export_covers_can_vanish(
    room: Room, tmp_path: Path
) -> None:
    path = tmp_path / "your_posts_1.json"
    path.write_text('[{"timestamp": 1}, {"timestamp": 2}]')
    room.take(path, account="one")
    room.take(SAMPLES / "facebook/constructed/comments.json", account="one", complete=True)
    room.take(path, account="two")
    path.write_text('[{"timestamp": 1}]')
    assert counts(room.take(path, account="one", complete=True))["vanished"] == 1


def test_what_is_there_again_reappears(room: Room, tmp_path: Path) -> None:
    one, two = note("1", "a"), note("2", "b")
    take_own(room, outbox(tmp_path / "1.tgz", 1, one, two))
    take_own(room, outbox(tmp_path / "2.tgz", 2, one), complete=True)
    assert counts(take_own(room, outbox(tmp_path / "1.tgz", 1, one, two))) == {
        "seen": 2, "unchanged": 2,
    }  # fmt: skip
    assert counts(take_own(room, outbox(tmp_path / "3.tgz", 3, one, two))) == {
        "seen": 2, "unchanged": 2, "reappeared": 1,
    }  # fmt: skip
    assert {record.status for record in room.records()} == {"live"}


def test_a_text_that_is_back_is_a_version_unless_the_export_is_old(
    room: Room, tmp_path: Path
) -> None:
    for day, text in ((1, "a"), (3, "b")):
        take_own(room, outbox(tmp_path / f"{day}.tgz", day, note("1", text)))
    assert counts(take_own(room, outbox(tmp_path / "1.tgz", 1, note("1", "a"))))["unchanged"] == 1
    assert counts(take_own(room, outbox(tmp_path / "4.tgz", 4, note("1", "a"))))["changed"] == 1
    assert versions(room) == ["a", "b", "a"]


def test_an_older_state_that_was_not_known_is_kept_below_the_newest(
    room: Room, tmp_path: Path
) -> None:
    take_own(room, outbox(tmp_path / "3.tgz", 3, note("1", "new")))
    assert counts(take_own(room, outbox(tmp_path / "1.tgz", 1, note("1", "old"))))["changed"] == 1
    assert versions(room) == ["new", "old", "new"]
    assert counts(take_own(room, outbox(tmp_path / "1.tgz", 1, note("1", "old"))))["unchanged"] == 1


def test_the_states_of_an_item_in_one_source_become_its_versions(room: Room, lines: Lines) -> None:
    path = lines(
        row(1, "a", edited_at=1), row(2), row(1, "b", edited_at=2), row(1, "c", edited_at=3)
    )
    assert counts(room.take(path, account="lib")) == {"seen": 4, "new": 2, "changed": 2}
    assert versions(room, "1") == ["a", "b", "c"]
    assert counts(room.take(path, account="lib")) == {"seen": 4, "unchanged": 4}


def test_removals_and_returns_that_the_source_reports(room: Room, lines: Lines) -> None:
    room.take(lines(row(1)), account="lib")
    assert counts(room.take(lines(row(1, state="removed")), account="lib"))["changed"] == 1
    assert [one.status for one in room.records()] == ["removed"]
    back = room.take(lines(row(1, edited_at=9)), account="lib")
    assert counts(back) == {"seen": 1, "changed": 1, "reappeared": 1}
    assert [one.status for one in room.records()] == ["live"]


def test_what_staff_removed_stays_removed_whatever_the_source_shows(
    room: Room, lines: Lines
) -> None:
    room.take(lines(row(1)), account="lib")
    [record] = room.records()
    data = {
        "removal": "r", "policy": "p", "policy_version": "v", "clause": "c", "extent": "all",
        "by": "staff",
    }  # fmt: skip
    with room.archive.write(room.signer) as writer:
        writer.append([Draft("record.removed", record.id, data)])
    room.take(lines(row(1, "edited", edited_at=9)), account="lib")
    assert [one.status for one in room.records()] == ["removed"]


def test_a_disposed_record_does_not_come_back(room: Room, lines: Lines) -> None:
    path = lines(row(1, "secret"), row(2))
    room.take(path, account="lib")
    record = next(one for one in room.records() if room.newest(one).get("native_id") == "1")
    with room.archive.write(room.signer) as writer:
        data = {"disposal": "d", "series": "s"}
        writer.append([Draft("record.disposed", record.id, data)])
        writer.erase([record.id])
    again = room.take(path, account="lib", complete=True)
    assert counts(again) == {"seen": 2, "unchanged": 1, "disposed": 1}
    changed = room.take(lines(row(1, "other"), row(2)), account="lib")
    assert counts(changed) == {"seen": 2, "unchanged": 1, "disposed": 1}


def test_rejected_items_are_kept_sealed_once_and_stop_the_comparison(
    room: Room, lines: Lines
) -> None:
    room.take(lines(row(1), row(2)), account="lib")
    bad = lines(row(1), "no json", "no json")
    summary = room.take(bad, account="lib", complete=True)
    assert counts(summary) == {"seen": 3, "unchanged": 1, "rejected": 2}
    assert not summary.compared
    assert summary.remarks
    assert sum(summary.reasons.values()) == 2
    room.take(bad, account="lib")
    with room.archive.read() as reader:
        [(entry, sealed)] = reader.open(reader.entries(types={"capture.rejected"}))
    assert sealed is not None
    assert sealed.raw() == b"no json"
    assert sealed.text("reason")
    assert b"no json" not in entry.header


def test_a_member_that_is_not_read_is_a_reject(room: Room, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("rows.jsonl", row(1))
        archive.writestr("../evil.jsonl", row(2))
    summary = room.take(tmp_path / "a.zip", account="lib")
    assert counts(summary) == {"seen": 2, "new": 1, "rejected": 1}


def test_an_export_cut_short_keeps_what_is_there(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(JANUARY.read_bytes()[:20_000])
    room.take(JANUARY)
    summary = room.take(path, complete=True)
    assert summary.unchanged > 50
    assert summary.rejected
    assert summary.vanished == 0


def test_an_export_of_which_nothing_can_be_read_leaves_no_trace(room: Room, lines: Lines) -> None:
    size = len(room.types())
    bad = lines("{}", name="outbox.json")
    for options in ({"source": "mastodon"}, {"source": "nowhere"}, {}):
        with pytest.raises((SourceError, UsageError)):
            room.take(bad, account="lib", **options)
    assert len(room.types()) == size


def test_a_run_that_is_stopped_leaves_whole_batches_and_goes_on(room: Room, lines: Lines) -> None:
    path = lines(*(row(i) for i in range(10)))

    def stop(progress: Progress) -> None:
        if progress.items == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        room.take(path, account="lib", batch=3, progress=stop)
    assert len(room.records()) == 6
    resumed = room.take(path, account="lib", complete=True)
    assert counts(resumed) == {"seen": 10, "new": 10}
    assert (resumed.resumed, resumed.compared) == (6, True)
    with room.archive.read() as reader:
        [run] = runs(reader)
    assert (run.id, run.new, bool(run.finished_at)) == (resumed.run, 10, True)
    assert counts(room.take(path, account="lib")) == {"seen": 10, "unchanged": 10}


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_a_batch_that_fails_is_not_there_at_all(
    room: Room, lines: Lines, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch fails once, after everything of it was appended."""
    path = lines(*(row(i) for i in range(9)))
    real = Archive.write
    written = 0

    @contextmanager
    def failing(archive: Archive, signer: Any) -> Iterator[Writer]:
        nonlocal written
        with real(archive, signer) as writer:
            yield writer
            written += 1
            if written == batch + 1:
                raise OSError("no space")

    monkeypatch.setattr(Archive, "write", failing)
    with pytest.raises(Exception, match="no space"):
        room.take(path, account="lib", batch=3)
    monkeypatch.undo()
    assert len(room.records()) == (batch - 1) * 3
    room.take(path, account="lib", batch=3)
    assert len(room.records()) == 9


def test_attachments_are_stored_once_and_read_back(room: Room, tmp_path: Path) -> None:
    picture = {"mediaType": "image/png", "url": "/media/a.png", "name": "A cat"}
    export = outbox(tmp_path / "1.tgz", 1, note("1", "a", attachment=[picture]), media=b"png" * 999)
    take_own(room, export)
    [record] = room.records()
    blob = room.newest(record).get("attachment/0/blob")
    assert blob
    with room.archive.read() as reader:
        assert b"".join(reader.open_blob(record.id, blob)) == b"png" * 999
    assert counts(take_own(room, export)) == {"seen": 1, "unchanged": 1}
    edited = note("1", "b", attachment=[picture])
    take_own(room, outbox(tmp_path / "2.tgz", 2, edited, media=b"png" * 999))
    [record] = room.records()
    assert (record.versions, room.newest(record).get("attachment/0/blob")) == (2, blob)
    without = take_own(room, outbox(tmp_path / "3.tgz", 3, edited))
    assert counts(without) == {"seen": 1, "unchanged": 1}
    take_own(room, outbox(tmp_path / "4.tgz", 4, edited, media=b"other"))
    [record] = room.records()
    assert record.versions == 3
    assert room.newest(record).get("attachment/0/blob") != blob


def test_the_log_says_what_was_taken_in_and_by_whom(room: Room) -> None:
    summary = room.take(JANUARY)
    with room.archive.read() as reader:
        types = [entry.type for entry in reader.entries() if entry.type != "record.captured"]
        [run] = runs(reader)
        assert types[-4:] == ["account.added", "ingest.started", "capture.batch", "ingest.finished"]
        [account] = accounts_.every(reader)
        [(entry, sealed)] = reader.open(reader.entries(types={"ingest.started"}))
    assert (account.platform, account.handle) == ("mastodon", "maplegrovepl@social.example")
    assert (run.id, run.reader, run.new) == (summary.run, "mastodon", 261)
    assert sealed is not None
    assert sealed.get("file/name") == JANUARY.name
    assert entry.data["account"] == account.id


def test_no_header_and_no_table_holds_what_a_person_wrote_or_is_called(
    room: Room, lines: Lines
) -> None:
    secret = "Zanzibar"
    path = lines(
        row(1, secret, author=secret, handle=secret, url=secret, title=secret, thread=secret),
        json.dumps({"id": secret, "parent": secret}),
        secret,
        name=f"{secret}.jsonl",
    )
    room.take(path, account=secret)
    with room.archive.read() as reader:
        for entry in reader.entries():
            assert secret.encode() not in entry.header
    room.archive.close()
    for file in room.archive.folder.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes(), file


def test_the_tables_are_the_same_when_they_are_computed_anew(room: Room) -> None:
    room.take(JANUARY)
    room.take(FEBRUARY, complete=True)
    with room.archive.read() as reader:
        before = (room.records(), runs(reader))
    room.archive.rebuild()
    with room.archive.read() as reader:
        assert (room.records(), runs(reader)) == before


def test_a_file_name_of_bytes_that_are_no_text_is_shown(room: Room, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    path.write_text(row(1))
    assert room.take(path, account="lib").file == "caf\ufffd.jsonl"


def test_progress_is_told(room: Room) -> None:
    told: list[Progress] = []
    room.take(JANUARY, batch=100, progress=told.append)
    assert [one.items for one in told] == [100, 200, 261]
    assert told[-1].bytes_read >= told[-1].bytes_total


texts = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc")), max_size=12)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=1, max_size=3), st.integers(1, 5))
def test_every_item_is_counted_once_whatever_comes(
    room: Room, lines: Lines, sources: list[list[tuple[int, str]]], batch: int
) -> None:
    for source in sources:
        path = lines(*(row(native_id, text) for native_id, text in source))
        summary = room.take(path, source="jsonl", account="lib", complete=True, batch=batch)
        assert summary.seen == len(source)
        assert summary.seen == summary.new + summary.changed + summary.unchanged
        present = {str(native_id): text for native_id, text in source}
        live = {
            room.newest(one).get("native_id"): room.newest(one).text()
            for one in room.records()
            if one.status == "live"
        }
        assert live == present
