"""The tasks of a verification that any process can do, and what it is given for them."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, event, exists, select, text

from archive import _beside, _store
from archive._authority import Authority
from archive._findings import Findings
from archive._log import Reader, Secrets
from archive._logkeys import NamedKeys
from archive._projection import Projection
from archive._vault import Vault
from archive._verify_blobs import check_blobs
from archive._verify_range import DATA_KEY, ENTRY, SEALED, Outcome, RangeCheck
from archive.errors import StorageError, VerificationError

_UNREADABLE = 100
_LOG_TABLES = ("entry", "tile", "checkpoint", "head")


class RangeTask(NamedTuple):
    """Check the entries from `start` up to `stop`."""

    start: int
    stop: int


class BlobTask(NamedTuple):
    """Check the attachments listed in rows of name, subject and size."""

    rows: Sequence[Any]


class DatabaseTask(NamedTuple):
    """Check the database's own structure, and that nothing lies in the vault that has no entry."""


Task = RangeTask | BlobTask | DatabaseTask


@dataclass(frozen=True, slots=True)
class Setup:
    """What a process needs to check anything; `secrets` is None for the log alone."""

    database: str
    folder: Path
    blobs: Path
    origin: str
    secrets: Secrets | None
    authority: Authority
    log_keys: NamedKeys

    def vault(self, connection: Connection) -> Vault | None:
        """The vault, or None when the log alone is checked."""
        if self.secrets is None:
            return None
        return Vault(connection, self.secrets.vault, self.secrets.other)


class Verifier:
    """Does tasks, each in a snapshot of its own."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._engine = connect(setup.database, setup.folder)
        self._unreadable = 0

    def __call__(self, task: Task) -> Any:
        """Outcomes; the number of attachments that hold, and findings; or findings twice."""
        if isinstance(task, RangeTask):
            return self._range(task.start, task.stop)
        if isinstance(task, BlobTask):
            return self._blobs(task.rows)
        return self._database()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _range(self, start: int, stop: int) -> list[Outcome]:
        """A range, in pieces where the database cannot read all of it."""
        try:
            with _store.reading(self._engine) as connection:
                setup = self._setup
                vault = setup.vault(connection)
                check = RangeCheck(connection, setup.origin, setup.authority, setup.log_keys, vault)
                return [check.check(start, stop)]
        except (StorageError, VerificationError) as error:
            if stop - start == 1 or self._unreadable >= _UNREADABLE:
                self._unreadable += 1
                return [_unread(start, stop, str(error))]
        middle = (start + stop) // 2
        return [*self._range(start, middle), *self._range(middle, stop)]

    def _blobs(self, rows: Sequence[Any]) -> tuple[int, Findings]:
        try:
            with _store.reading(self._engine) as connection:
                vault = self._setup.vault(connection)
                assert vault is not None
                return check_blobs(connection, vault, self._setup.blobs, rows)
        except (StorageError, VerificationError) as error:
            findings = Findings()
            findings.add("attachments", f"could not be checked ({error})")
            return 0, findings

    def _database(self) -> tuple[Findings, Findings]:
        found = (Findings(), Findings())
        for check, findings in zip((_integrity, _orphans), found, strict=True):
            try:
                with _store.reading(self._engine) as connection:
                    for place, problem in check(connection, self._setup.secrets is not None):
                        findings.add(place, problem)
            except (StorageError, VerificationError) as error:
                findings.add("database", str(error))
        return found


def connect(database: str, folder: Path) -> Engine:
    """An engine that gives what is stored, texts that are none included."""
    engine = _store.connect(database, folder)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _read_any_text)
    return engine


def _unread(start: int, stop: int, reason: str) -> Outcome:
    outcome = Outcome(start, stop, leaves=bytes(32 * (stop - start)))
    upto = f" up to {stop - 1}" if stop - start > 1 else ""
    outcome.findings.add(f"entry {start}{upto}", f"cannot be read ({reason})")
    return outcome


def replaying(
    setup: tuple[str, Path, Secrets, Path, Sequence[Projection]],
) -> Callable[[None], list[_beside.Difference]]:
    """What replays projections beside the stored ones, and says where they differ."""
    database, folder, secrets, blobs, projections = setup

    def reader_of(connection: Connection) -> Reader:
        return Reader(connection, secrets, blobs)

    def replay(_task: None) -> list[_beside.Difference]:
        engine = _store.connect(database, folder)
        try:
            return _beside.differences(engine, reader_of, projections)
        finally:
            engine.dispose()

    return replay


def _read_any_text(connection: sqlite3.Connection, _record: object) -> None:
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")


def _integrity(connection: Connection, vault: bool) -> Iterator[tuple[str, str]]:
    """What SQLite says of the database's structure; for the log alone, of the log's tables."""
    if connection.dialect.name != "sqlite":
        return
    for named in ("20",) if vault else _LOG_TABLES:
        for (line,) in connection.execute(text(f"PRAGMA integrity_check({named})")):
            if line != "ok":
                yield "database", str(line).replace("\n", " ")


def _orphans(connection: Connection, vault: bool) -> Iterator[tuple[str, str]]:
    if not vault:
        return
    nowhere = ~exists().where(ENTRY.c.seq == SEALED.c.seq)
    for seq in connection.execute(select(SEALED.c.seq).where(nowhere)).scalars():
        yield f"sealed half {seq}", "belongs to no entry"
    unknown = ~exists().where(ENTRY.c.subject == DATA_KEY.c.subject)
    for subject in connection.execute(select(DATA_KEY.c.subject).where(unknown)).scalars():
        yield f"data key of {subject}", "no entry is about its subject"
