"""A hold that comes while a disposal runs wins, whichever process places it and at what moment."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli._rooms import projections
from archive import Archive, Refused, actors, keys
from schedules import run
from schedules._guard import destroy
from tests.commands import Begun
from tests.conftest import BOTH, Muniment
from tests.schedules.sample import TOML
from tests.schedules.town import Town

RECORDS, BATCH = 6, 2
HOLD = ("hold", "place", "doe", "--query", "flood", "--matter", "Doe v. Town")


@pytest.fixture
def town(library: Muniment, tmp_path: Path) -> Iterator[Town]:
    """The library with a second officer and a schedule."""
    library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    path = tmp_path / "town.toml"
    path.write_text(TOML, encoding="utf-8")
    library.ok("--as", "ada", "schedule", "adopt", path)
    with Archive.open(library.folder, projections=projections(), clock=library.clock) as archive:
        yield town_in(archive, library)


def town_in(archive: Archive, library: Muniment) -> Town:
    town = Town.at(archive, library.clock, library.keys)
    with archive.read() as reader:
        ben = actors.by_name(reader, "ben").id
    file = library.keys / archive.config.id / "ben"
    town.ben = keys.ActorKey(ben, keys.load_actor_key(file))
    return town


def elsewhere(library: Muniment, *words: str) -> Begun:
    return Begun(library, "--as", "ada", *words)


def finished(process: Begun, *allowed: int) -> None:
    status, _, said = process.ended()
    assert status in {0, *allowed}, said


def undisturbed(town: Town) -> None:
    """No record was disposed of while it was held, as the log alone tells it."""
    held: dict[str, set[str]] = {}
    with town.archive.read() as reader:
        for entry in reader.entries():
            if entry.type in {"hold.placed", "hold.widened", "hold.extended"}:
                held.setdefault(entry.subject, set()).update(entry.data["records"])
            elif entry.type == "hold.released":
                held.pop(entry.subject, None)
            elif entry.type == "record.disposed":
                assert not any(entry.subject in records for records in held.values())


@pytest.mark.parametrize("boundary", range(RECORDS // BATCH + 1))
@BOTH
def test_between_any_two_batches(library: Muniment, town: Town, boundary: int) -> None:
    """Boundary 0 lies after the approval, the last one where nothing is left to hold."""
    records = [town.capture(f"flood {number}") for number in range(RECORDS)]
    disposal = town.approved()
    passed = 0

    def between(_: int) -> None:
        nonlocal passed
        passed += 1
        if passed == boundary:
            finished(elsewhere(library, *HOLD))

    if boundary == 0:
        finished(elsewhere(library, *HOLD))
    outcome = run(town.archive, town.ben, disposal, batch=BATCH, progress=between)
    assert outcome.disposed == boundary * BATCH
    assert [kept.reason for kept in outcome.kept] == (RECORDS - outcome.disposed) * [
        'Held: under the hold "doe" (litigation).'
    ]
    assert sum(town.status(record) == "disposed" for record in records) == outcome.disposed
    undisturbed(town)


class Once:
    """The guard, with something that happens once: inside the transaction of a batch, after the
    holds were applied and before anything is erased.
    """

    def __init__(self, batch: int, happening: Any) -> None:
        self.batch, self.happening, self.calls = batch, happening, 0

    def __call__(self, *args: Any) -> Any:
        if self.calls == self.batch:
            self.happening()
        self.calls += 1
        return destroy(*args)


@pytest.mark.parametrize("batch", range(RECORDS // BATCH))
def test_inside_the_transaction_of_any_batch(
    library: Muniment, town: Town, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who places it waits for the batch that goes, and has the next one."""
    records = [town.capture(f"flood {number}") for number in range(RECORDS)]
    disposal = town.approved()
    begun: list[Begun] = []
    once = Once(batch, lambda: begun.append(elsewhere(library, *HOLD)))
    monkeypatch.setattr("schedules._run.destroy", once)

    def between(_: int) -> None:
        if begun:
            finished(begun.pop())

    outcome = run(town.archive, town.ben, disposal, batch=BATCH, progress=between)
    assert outcome.disposed == (batch + 1) * BATCH
    assert len(outcome.kept) == RECORDS - outcome.disposed
    assert sum(town.status(record) == "disposed" for record in records) == outcome.disposed
    undisturbed(town)


def test_nothing_is_captured_between_applying_the_holds_and_erasing(
    library: Muniment, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written meanwhile stands behind the whole batch, and the next batch asks for it."""
    town.hold("doe", query="flood")
    records = [town.capture("dry") for _ in range(RECORDS)]
    disposal = town.approved()
    writing = threading.Event()

    def edit() -> None:
        with Archive.open(library.folder, projections=projections(), clock=library.clock) as other:
            there = town_in(other, library)
            writing.set()
            there.edit(records[-1], "a flood")

    editing = threading.Thread(target=edit)

    def begin() -> None:
        editing.start()
        assert writing.wait(60)

    monkeypatch.setattr("schedules._run.destroy", Once(0, begin))
    outcome = run(town.archive, town.ben, disposal, batch=BATCH, progress=lambda _: editing.join())
    assert [(kept.record, kept.reason) for kept in outcome.kept] == [
        (records[-1], 'Held: under the hold "doe" (litigation).')
    ]
    with town.archive.read() as reader:
        types = [entry.type for entry in reader.entries()]
    edited = types.index("record.edited")
    assert types[edited - BATCH : edited] == ["record.disposed"] * BATCH
    assert types[edited : edited + 3] == ["record.edited", "capture.batch", "hold.extended"]
    undisturbed(town)


def test_a_request_that_comes_in_stops_the_run_until_somebody_searches(
    library: Muniment, town: Town
) -> None:
    records = [town.capture(f"flood {number}") for number in range(RECORDS)]
    disposal = town.approved()
    asked = ("request", "open", "--requester", "Robin", "--contact", "r@example.org")

    def between(_: int) -> None:
        words = (*asked, "--subject", "Floods", "--received", "2026-03-02")
        finished(elsewhere(library, *words))

    with pytest.raises(Refused, match="nobody has searched for the open request 2026-0001"):
        run(town.archive, town.ben, disposal, batch=BATCH, progress=between)
    assert sum(town.status(record) == "disposed" for record in records) == BATCH
    library.ok("--as", "ada", "request", "search", "2026-0001", '"flood 5"')
    outcome = run(town.archive, town.ben, disposal, batch=BATCH)
    (kept,) = outcome.kept
    assert kept.record == records[5]
    assert kept.reason == "Held: responsive to the open request 2026-0001."


def test_holds_and_a_disposal_at_once(library: Muniment, town: Town) -> None:
    """Nobody waits for anybody here: whoever comes first, the log says that no hold was broken."""
    records = [town.capture(f"flood {number}") for number in range(RECORDS)]
    disposal = town.approved()
    commands: list[tuple[str, ...]] = [("disposal", "run", disposal)]
    commands += [("hold", "place", record, "--record", record) for record in records[::2]]
    commands += [("hold", "place", "all", "--query", "flood")]
    begun = [elsewhere(library, *words) for words in commands]
    for process in begun:
        finished(process, 6)
    undisturbed(town)
    with town.archive.read() as reader:
        disposed = [entry.subject for entry in reader.entries(types={"record.disposed"})]
    assert len(set(disposed)) == len(disposed)
