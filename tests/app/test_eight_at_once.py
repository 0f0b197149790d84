"""Eight commands at once on one archive, one of them killed: one log, and nothing lost or twice."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.cli._rooms import projections
from archive import Archive, Entry, verify
from ingest._pipeline import BATCH
from tests.commands import Begun
from tests.conftest import BOTH, Muniment

EIGHT = range(8)
OWN, SHARED, LONG = 60, 40, 8 * BATCH


@contextmanager
def started(library: Muniment, *commands: Sequence[str | Path]) -> Iterator[list[Begun]]:
    """The commands, each in a process of its own, begun one right after the other."""
    processes = [Begun(library, *command) for command in commands]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.ended()


def entries(library: Muniment, *types: str) -> list[Entry]:
    with (
        Archive.open(library.folder, projections=projections()) as archive,
        archive.snapshot() as reader,
    ):
        return list(reader.entries(types=types))


def export(folder: Path, name: str, ids: list[str]) -> Path:
    path = folder / f"{name}.jsonl"
    with path.open("w") as file:
        for item in ids:
            file.write(json.dumps({"id": item, "text": f"comment {item} on the same post"}) + "\n")
    return path


def ingested(answer: str) -> Any:
    (summary,) = json.loads(answer)
    return summary


def whole(library: Muniment) -> None:
    """One log without a gap, and every table as the log says."""
    with Archive.open(library.folder, projections=projections()) as archive:
        report = verify(archive)
        assert report.findings == ()
        with archive.read() as reader:
            assert [entry.seq for entry in reader.entries()] == list(range(reader.head.size))


@BOTH
def test_eight_ingests_one_of_them_killed(library: Muniment, tmp_path: Path) -> None:
    shared = [f"shared {number}" for number in range(SHARED)]
    own = [[f"{one} {number}" for number in range(OWN)] for one in EIGHT]
    own[0] += [f"long {number}" for number in range(LONG)]
    exports = [export(tmp_path, str(one), own[one] + shared) for one in EIGHT]
    commands: list[Sequence[str | Path]] = [
        ["ingest", path, "--account", "lib", "--json"] for path in exports
    ]
    with started(library, *commands) as (victim, *others):
        while not any(e.data["count"] == BATCH for e in entries(library, "capture.batch")):
            assert victim.running, victim.ended()
        victim.kill()
        answers = [process.ended() for process in others]
        assert victim.ended()[0] < 0
    assert [status for status, _, _ in answers] == [0] * 7, answers

    whole(library)
    summaries = [ingested(out) for _, out, _ in answers]
    assert all(one["new"] + one["unchanged"] == OWN + SHARED for one in summaries)
    runs = Counter(entry.data["run"] for entry in entries(library, "record.captured"))
    acknowledged = sum(one["new"] for one in summaries)
    (cut,) = [count for count in runs.values() if count > OWN + SHARED]
    assert cut % BATCH == 0
    assert sum(runs.values()) == acknowledged + cut
    lookups = [entry.data["lookup"] for entry in entries(library, "record.captured")]
    assert len(lookups) == len(set(lookups))
    assert len(entries(library, "account.added")) == 1

    again = [ingested(library.ok(*command)) for command in commands]
    assert [one["new"] for one in again[1:]] == [0] * 7
    assert all(one["unchanged"] == OWN + SHARED for one in again[1:])
    assert again[0]["new"] == OWN + LONG + SHARED - again[0]["unchanged"]
    assert len(entries(library, "record.captured")) == len(EIGHT) * OWN + LONG + SHARED
    whole(library)


def test_eight_decisions(library: Muniment, tmp_path: Path) -> None:
    library.ok("ingest", export(tmp_path, "one", list("abcdefgh")), "--account", "lib")
    library.ok("policy", "adopt", "cook-memorial")
    records = [entry.subject for entry in entries(library, "record.captured")]
    because = ["--matter", "Roe v. Library", "--custodian", "Clerk"]
    with started(
        library,
        *(["hold", "place", f"case {one}", "--record", one, *because] for one in records[:4]),
        *(["moderate", "remove", one, "--clause", "IV.5", "--reason", "x"] for one in records[4:]),
    ) as processes:
        answers = [process.ended() for process in processes]
    assert [status for status, _, _ in answers] == [0] * 8, answers
    held = [entry.data["records"] for entry in entries(library, "hold.placed")]
    assert sorted(held) == sorted([one] for one in records[:4])
    removed = {entry.subject for entry in entries(library, "record.removed")}
    assert removed == set(records[4:])
    whole(library)
