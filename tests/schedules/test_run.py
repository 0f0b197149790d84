"""The run: what goes, what stays and why, interruptions, and that nothing is left."""

import fcntl
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from archive import Writer, new_id
from archive.errors import Refused
from schedules._disposal import State
from schedules._placing import cover
from schedules._run import Run, rehearse, run
from tests.schedules.sample import TOML
from tests.schedules.town import Town, tables

TODAY = date(2026, 3, 2)


def go(town: Town, disposal: str, **options: Any) -> Run:
    return run(town.archive, town.ben, disposal, **options)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def secrets_of(town: Town, record: str) -> dict[str, bytes]:
    """Stretches of a record's wrapped key, ciphertext and attachments, as stored."""
    found = {}
    with town.archive.read() as reader:
        query = "SELECT wrapped FROM data_key WHERE subject = ?"
        found["key"] = reader.conn.exec_driver_sql(query, (record,)).scalar_one()[12:44]
        query = "SELECT s.ciphertext FROM sealed s JOIN entry e USING (seq) WHERE e.subject = ?"
        for number, (data,) in enumerate(reader.conn.exec_driver_sql(query, (record,))):
            found[f"ciphertext {number}"] = data[12:44]
        query = "SELECT name FROM blob WHERE subject = ?"
        for (name,) in reader.conn.exec_driver_sql(query, (record,)):
            path = town.archive.blob_folder / name[:2] / name
            found[f"blob {name[:6]}"] = path.read_bytes()[10:42]
    return found


def test_what_is_due_goes_and_the_rest_stays(town: Town) -> None:
    town.adopt()
    old, new = town.capture("old"), town.capture("new", date(2026, 1, 1))
    disposal = town.approved()
    outcome = go(town, disposal)
    assert (outcome.disposed, outcome.kept) == (1, [])
    assert (town.status(old), town.status(new)) == ("disposed", "live")
    assert town.disposal(disposal).state(TODAY) is State.FINISHED
    with town.archive.read() as reader:
        (entry,) = reader.history(old, {"record.disposed"})
        assert entry.data == {"disposal": disposal, "series": "COMMENT"}
        assert entry.actor == town.ben.actor
        assert all(sealed is None for _, sealed in reader.open(reader.history(old)))
        (finished,) = reader.history(disposal, {"disposal.finished"})
        assert finished.data["disposed"] == 1
        assert finished.data["kept"] == 0


def test_nothing_of_it_is_left_in_any_file(sqlite_town: Town) -> None:
    """SQLite alone: a PostgreSQL server's files are not the archive's."""
    town = sqlite_town
    town.adopt()
    old = town.capture("xylophonist Quetzalcoatl", attachment=b"attached Brobdingnagian " * 99)
    kept = town.capture("Rumpelstiltskin stays", date(2026, 1, 1), attachment=b"kept" * 99)
    town.edit(old, "xylophonists Quetzalcoatlus")
    disposal = town.approved()
    gone, staying = secrets_of(town, old), secrets_of(town, kept)
    assert len(gone) == 4
    before = files(town.archive.folder)
    for secret in gone.values():
        assert any(secret in data for data in before.values())

    assert go(town, disposal).disposed == 1

    after = files(town.archive.folder)
    for what, secret in gone.items():
        assert not [name for name, data in after.items() if secret in data], what
    for secret in staying.values():
        assert any(secret in data for data in after.values())
    for word in ("xylophonist", "quetzalcoatl", "brobdingnagian", "xylophon"):
        spellings = {word.encode(), word.capitalize().encode()}
        spellings |= {word.encode("utf-16-le")}
        found = [n for n, d in after.items() if any(s in d for s in spellings)]
        assert not found, word


def test_proofs_hold_after_a_disposal(town: Town) -> None:
    town.adopt()
    old = town.capture()
    with town.archive.read() as reader:
        size, root = reader.head.size, reader.head.root
        leaf = reader.history(old)[0].leaf_hash
    go(town, town.approved())
    with town.archive.read() as reader:
        captured = reader.history(old)[0]
        assert captured.leaf_hash == leaf
        assert reader.root_at(size) == root
        reader.prove(captured.seq).verify(leaf, [town.archive.log_key])


def test_a_rebuild_gives_the_same_tables(town: Town) -> None:
    town.adopt()
    held = town.capture("flood")
    town.capture(native="q")
    town.capture(parent="q")
    town.capture(kind="message", thread="t")
    town.tell("account.closed", town.account, {"day": "2026-03-01"})
    town.hold("Flood", query="flood")
    released = town.hold("Doe", held)
    town.release(released)
    record, appeal, request = town.capture(), new_id(), new_id()
    town.tell("appeal.filed", record, {"appeal": appeal, "removal": new_id(), "due": "2026-04-01"})
    town.tell("request.opened", request, {"number": "1", "received": "x", "due": "y"})
    town.tell("request.searched", request, {"search": new_id(), "count": 1})
    town.tell("request.responsive", request, {"records": [held]})
    disposal = town.approved()
    town.tell(
        "disposal.authorized", disposal, {"document": "certificate", "approved": "2026-04-01"}
    )
    assert go(town, disposal).disposed == 3
    with town.archive.read() as reader:
        live = tables(reader)
    town.archive.rebuild()
    with town.archive.read() as reader:
        assert tables(reader) == live
    assert all(live.values())


def test_a_clock_set_back_after_the_approval_keeps(town: Town) -> None:
    town.adopt()
    record = town.capture()
    disposal = town.approved()
    town.clock.advance(days=-600)
    done = go(town, disposal)
    assert (done.disposed, [kept.record for kept in done.kept]) == (0, [record])
    assert done.kept[0].reason.startswith("Kept through 2025-01-01")


@pytest.mark.parametrize("count", [0, 1])
def test_without_two_approvals_nothing_runs(town: Town, count: int) -> None:
    town.adopt()
    record = town.capture()
    disposal = town.proposed()
    for officer in (town.ada, town.ben)[:count]:
        town.approve(disposal, officer)
    with pytest.raises(Refused, match=f"{2 - count} more approval"):
        go(town, disposal)
    assert town.status(record) == "live"


def test_a_late_hold_wins(town: Town) -> None:
    town.adopt()
    one, other = town.capture(), town.capture()
    disposal = town.approved()
    town.hold("Doe", one)
    outcome = go(town, disposal)
    assert outcome.disposed == 1
    assert [(kept.record, kept.reason) for kept in outcome.kept] == [
        (one, 'Held: under the hold "Doe" (litigation).')
    ]
    assert (town.status(one), town.status(other)) == ("live", "disposed")


def test_a_query_hold_catches_what_came_after_it(town: Town) -> None:
    town.adopt()
    town.hold("Flood", query="flood")
    town.capture("dry")
    late = town.capture("a flood")
    disposal = town.approved()
    assert go(town, disposal).disposed == 1
    assert town.status(late) == "live"


def test_a_query_hold_catches_an_edit_after_the_approval(town: Town) -> None:
    town.adopt()
    town.hold("Flood", query="flood")
    record = town.capture("dry")
    disposal = town.approved()
    town.edit(record, "a flood")
    (kept,) = go(town, disposal).kept
    assert kept.reason == 'Held: under the hold "Flood" (litigation).'


def test_what_changed_since_it_was_listed_stays(town: Town) -> None:
    town.adopt(TOML.replace('"P2Y"', '"P1D"'))
    edited, removed, requested = town.capture(), town.capture(), town.capture()
    disposal = town.approved()
    town.edit(edited, "another text")
    removal = {"policy": "p", "policy_version": "1", "clause": "c", "extent": "all",
               "removal": new_id(), "by": "staff"}  # fmt: skip
    town.tell("record.removed", removed, removal, reason="spam")
    request = new_id()
    town.tell("request.opened", request, {"number": "7", "received": "x", "due": "y"})
    town.tell("request.searched", request, {"search": new_id(), "count": 1})
    town.tell("request.responsive", request, {"records": [requested]})
    town.clock.advance(days=3)
    outcome = go(town, disposal)
    assert outcome.disposed == 0
    assert {kept.record: kept.reason for kept in outcome.kept} == {
        edited: "It has a newer version than the one that was listed.",
        removed: "It was listed under series COMMENT and now belongs to REMOVED.",
        requested: "Held: responsive to the open request 7.",
    }


def test_a_request_nobody_searched_for_stops_the_run(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.approved()
    request = new_id()
    town.tell("request.opened", request, {"number": "7", "received": "x", "due": "y"})
    with pytest.raises(Refused, match="nobody has searched for the open request 7"):
        go(town, disposal)
    town.tell("request.closed", request, {"outcome": "withdrawn"})
    assert go(town, disposal).disposed == 1


def test_a_rehearsal_says_what_a_run_does_and_writes_nothing(town: Town) -> None:
    town.adopt()
    town.hold("Flood", query="flood")
    for text in ("dry", "dry", "wet"):
        town.capture(text)
    disposal = town.approved()
    record = town.capture("flood")
    town.edit(record, "flood again")
    before = town.types()
    rehearsed = rehearse(town.archive, disposal)
    assert town.types() == before
    done = go(town, disposal)
    assert rehearsed.rehearsed
    assert (rehearsed.disposed, rehearsed.size, rehearsed.kept) == (
        done.disposed, done.size, done.kept,
    )  # fmt: skip


def test_a_rehearsal_knows_what_no_hold_has_caught_yet(town: Town) -> None:
    town.adopt()
    town.hold("Flood", query="flood")
    record = town.capture("dry")
    disposal = town.approved()
    town.edit(record, "flood")
    (kept,) = rehearse(town.archive, disposal).kept
    assert kept.reason == 'Held: under the hold "Flood" (litigation).'


class Stopped(Exception):
    """The power goes."""


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_an_interrupted_run_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    town.adopt()
    records = [town.capture(f"text {number}") for number in range(6)]
    disposal = town.approved()
    erase, left = Writer.erase, calls

    def failing(self: Writer, subjects: Any) -> Any:
        nonlocal left
        left -= 1
        erased = erase(self, subjects)
        if left == 0:
            raise Stopped
        return erased

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "erase", failing)
        with pytest.raises(Stopped):
            go(town, disposal, batch=2)
    gone = [record for record in records if town.status(record) == "disposed"]
    assert len(gone) == 2 * (calls - 1)
    assert town.disposal(disposal).state(TODAY) is State.STARTED

    late = town.hold("Doe", *[record for record in records if record not in gone][:1])
    outcome = go(town, disposal, batch=2)
    assert (outcome.earlier, outcome.disposed) == (len(gone), 5 - len(gone))
    assert len(outcome.kept) == late.records == 1
    assert town.disposal(disposal).state(TODAY) is State.FINISHED
    with town.archive.read() as reader:
        (finished,) = reader.history(disposal, {"disposal.finished"})
    assert finished.data["disposed"] == 5


@pytest.mark.parametrize("target", ["archive.Archive.scrub", "schedules._run.SearchIndex.purge"])
def test_interrupted_before_the_files_were_scrubbed(
    town: Town, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    town.adopt()
    town.capture()
    disposal = town.approved()

    def stop(*_: Any) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(target, stop)
        with pytest.raises(Stopped):
            go(town, disposal)
    assert town.disposal(disposal).state(TODAY) is State.STARTED
    outcome = go(town, disposal)
    assert (outcome.earlier, outcome.disposed) == (1, 0)
    assert town.disposal(disposal).state(TODAY) is State.FINISHED


def test_a_finished_disposal_does_not_run_again(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.approved()
    go(town, disposal)
    with pytest.raises(Refused, match="is finished"):
        go(town, disposal)


def test_one_run_at_a_time(town: Town) -> None:
    town.adopt()
    record = town.capture()
    disposal = town.approved()
    other = os.open(town.archive.folder, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(Refused, match="another disposal is running"):
        go(town, disposal)
    os.close(other)
    assert town.status(record) == "live"
    assert go(town, disposal).disposed == 1


def test_a_run_that_was_taken_over_stops(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.adopt()
    for _ in range(4):
        town.capture()
    disposal = town.approved()

    def take_over(_: int) -> None:
        town.tell("disposal.started", disposal, {"approvals": []})

    with pytest.raises(Refused, match="taken over"):
        go(town, disposal, batch=2, progress=take_over)
    assert go(town, disposal).disposed == 2


def test_a_schedule_that_comes_into_force_meanwhile_stops_the_run(town: Town) -> None:
    town.adopt()
    for _ in range(4):
        town.capture()
    disposal = town.approved()

    def adopt(_: int) -> None:
        town.adopt(TOML.replace("version = 1", "version = 2"))

    with pytest.raises(Refused, match="town version 2 is in force now"):
        go(town, disposal, batch=2, progress=adopt)
    with town.archive.read() as reader:
        assert len(list(reader.entries(types={"record.disposed"}))) == 2


def test_two_disposals_that_list_the_same_record(town: Town) -> None:
    town.adopt()
    town.capture()
    first, second = town.approved(), town.approved()
    go(town, first)
    (kept,) = go(town, second).kept
    assert kept.reason == "It was disposed of on 2026-03-02."


def test_holds_are_applied_anew_when_somebody_captures_during_the_run(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.adopt()
    town.hold("Flood", query="flood")
    records = [town.capture("dry") for _ in range(4)]
    disposal = town.approved()
    covered: list[int] = []

    def counting(*args: Any) -> Any:
        result = cover(*args)
        covered.append(result[0].position)
        return result

    def flood(_: int) -> None:
        if len(covered) == 1:
            town.edit(records[-1], "flood")

    monkeypatch.setattr("schedules._run.cover", counting)
    outcome = go(town, disposal, batch=2, progress=flood)
    assert len(covered) == 2
    assert [kept.record for kept in outcome.kept] == [records[-1]]


def test_a_run_that_cannot_go_on_is_closed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.adopt()
    records = [town.capture(f"text {number}") for number in range(4)]
    disposal = town.approved()
    with pytest.raises(Refused, match="only a run that was interrupted"):
        go(town, disposal, close=True)

    def stop(_: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        go(town, disposal, batch=3, progress=stop)
    town.adopt(TOML.replace("version = 1", "version = 2"))
    with pytest.raises(Refused, match="town version 2 is in force now"):
        go(town, disposal)
    done = go(town, disposal, close=True)
    assert (done.earlier, done.disposed, len(done.kept)) == (3, 0, 1)
    assert [town.status(record) for record in records].count("disposed") == 3
    assert town.disposal(disposal).state(TODAY) is State.FINISHED
    with town.archive.read() as reader:
        (finished,) = reader.history(disposal, {"disposal.finished"})
    assert (finished.data["disposed"], finished.data["kept"]) == (3, 1)
