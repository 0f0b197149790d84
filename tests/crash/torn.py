"""Power cuts, as SQLite's files see them: what was synced is there, of the rest any part may be.

A writer is stopped at a random moment and its files are copied. Its write-ahead log is then cut,
or filled with something else, anywhere behind what was in it at the last acknowledgement (it is
synced before a commit is acknowledged); pages of the database that a checkpoint has written since,
but perhaps not synced, are mixed with the earlier ones.
"""

import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

from sqlalchemy import Engine, event

from tests.crash.bench import Bench, Ended, Tally, attempt, in_child
from tests.crash.conditions import examine
from tests.crash.jobs import JOBS
from tests.crash.scene import Scene

PAGE = 4096
_HEADER, _FRAME = 32, 24
_CUTS = 3
_CHECKPOINT_PAGES = 60
"""The write-ahead log is copied back that often, so that rounds meet it in every state."""


def power_cuts(scene: Scene, seed: int, rounds: int) -> Tally:
    """Stop an ingest in as many rounds, and examine several states that a power cut may leave."""
    bench = Bench(scene, JOBS["ingest"], seed)
    while bench.tally.rounds < rounds * _CUTS:
        with bench.copy() as copy:
            _round(bench, copy)
    return bench.done()


def _round(bench: Bench, copy: Scene) -> None:
    stopped, known = copy.root / "stopped", copy.root / "known"

    def stop() -> None:
        """Copy everything; the copy that was synced last may just be taking the other's place."""
        for name in ("acknowledged", "synced"):
            if (copy.root / name).exists() and not known.exists():
                shutil.copytree(copy.root / name, known)
        shutil.copytree(copy.folder, stopped)

    deadline = bench.random.uniform(0, bench.plain.seconds * 1.3)
    ended = attempt(
        copy,
        JOBS["ingest"],
        deadline=deadline,
        on_deadline=stop,
        on_start=_checkpoint_often,
        on_commit=_keep_synced,
    )
    if not ended.killed or not ended.root:
        return
    for number in range(_CUTS):
        cut = replace(copy, root=copy.root / f"cut-{number}")
        shutil.copytree(stopped, cut.folder, ignore=lambda *_: ["index", "archive.db-shm"])
        (cut.folder / "index").mkdir()
        what = tear(cut.folder, known, bench.random)
        bench.tally.rounds += 1
        bench.tally.wrong += _judged(cut, ended, what)


def _judged(cut: Scene, ended: Ended, what: str) -> list[str]:
    try:
        wrong = list(in_child(examine, cut, (ended.size, ended.root)).wrong)
    except RuntimeError as error:
        wrong = [str(error)]
    return [f"{what}: {one}" for one in wrong]


def tear(folder: Path, known: Path, random: Random) -> str:
    """Make of the files in `folder` what a power cut may leave; `known` has what was synced.

    A commit syncs the log before a checkpoint writes its pages to the database; so where that has
    begun, all frames are there. The log begins anew once a checkpoint was synced.
    """
    path = folder / "archive.db-wal"
    if not path.exists():
        return "no write-ahead log"
    log, synced = path.read_bytes(), (known / "archive.db-wal").read_bytes()
    again = salts(log) != salts(synced)
    if _mixed(folder / "archive.db", known / "archive.db", random):
        kept = end_of_frames(log)
    else:
        kept = 0 if again else end_of_frames(synced)
    at = random.randint(kept, len(log))
    rest = random.choice((b"", bytes(len(log) - at), random.randbytes(len(log) - at)))
    path.write_bytes(log[:at] + rest)
    how = "cut" if not rest else "zeroes" if not any(rest) else "noise"
    return f"{how} from byte {at} of {len(log)} on, {kept} synced, begun anew: {again}"


def salts(log: bytes) -> bytes:
    """What changes whenever a write-ahead log is begun anew (SQLite file format, section 4.1)."""
    return log[16:24]


def end_of_frames(log: bytes) -> int:
    """Where the frames end that belong to the log's present beginning."""
    at = _HEADER
    while at + _FRAME + PAGE <= len(log) and log[at + 8 : at + 16] == salts(log):
        at += _FRAME + PAGE
    return at


def _mixed(database: Path, before: Path, random: Random) -> bool:
    """Whether pages were written since the last sync; each is then on the disk, or not."""
    new, old = database.read_bytes(), before.read_bytes()
    pages = []
    for at in range(0, len(new), PAGE):
        earlier = old[at : at + PAGE]
        written = new[at : at + PAGE]
        pages.append(written if not earlier or random.random() < 0.5 else earlier)
    database.write_bytes(b"".join(pages))
    return new != old


def _checkpoint_often() -> None:
    def often(connection: object, _record: object) -> None:
        execute = getattr(connection, "execute")  # noqa: B009 - the driver's, whatever its type
        execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}").close()

    event.listen(Engine, "connect", often)


def _keep_synced(scene: Scene) -> None:
    """Copy the database and its write-ahead log as they are when a commit is acknowledged."""
    beside, place = scene.root / "synced", scene.root / "acknowledged"
    beside.mkdir()
    for name in ("archive.db", "archive.db-wal"):
        shutil.copy(scene.folder / name, beside / name)
    if place.exists():
        place.rename(scene.root / "former")
    beside.rename(place)
    shutil.rmtree(scene.root / "former", ignore_errors=True)
