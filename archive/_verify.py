"""Verification: everything derived anew from stored bytes. Damage is collected, never raised.

Ranges of entries are checked by as many processes as there are processors, each in snapshots of its
own; what holds the ranges together is checked here, in their order; the projections are replayed by
one process more. A small archive is checked by the same code in this process alone.
"""

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from archive import _store, cosignatures, timestamps
from archive._archive import Archive
from archive._authority import TYPES as ACTOR_TYPES
from archive._authority import Authority
from archive._beside import Difference
from archive._entry import Entry
from archive._findings import Finding, Findings, Report
from archive._log import NO_SECRETS, Reader, Secrets
from archive._logkeys import TYPES as KEY_TYPES
from archive._logkeys import NamedKeys
from archive._processes import Crew
from archive._verify_chain import Chain
from archive._verify_range import BLOB, ENTRY, RANGE, Outcome
from archive._verify_state import (
    check_key_files,
    check_log_key,
    check_rows,
    check_settings,
    named_keys,
    sealed_name,
)
from archive._verify_work import (
    BlobTask,
    DatabaseTask,
    RangeTask,
    Setup,
    Task,
    Verifier,
    connect,
    replaying,
)
from archive.errors import MunimentError, ProcessDied, StorageError, VerificationError

__all__ = ["Finding", "Report", "verify"]

ALONE = 5000
"""Up to how many entries an archive is checked without further processes."""

_BLOBS = 32
_LONGEST_GAP = 64 * RANGE
_FOUNDING = 1 << 20

Progress = Callable[[int, int], None]
Replay = Callable[[], list[Difference]]


def verify(
    archive: Archive,
    progress: Progress = lambda _done, _of: None,
    *,
    log_only: bool = False,
    processes: int | None = None,
) -> Report:
    """Check the whole archive: database, entries, tree, checkpoints, signatures, contents,
    attachments, keys, and projections against a replay.

    With `log_only`, what can be checked without the vault key: headers, signatures, tree,
    checkpoints, and witnesses' words. `progress` is told how many of how many entries are done.
    `processes` says how many share the work; by default as many as there are processors, or this
    one alone for a small archive. Raises StorageError when one of them dies, or when
    the vault key was replaced meanwhile.
    """
    check = _Check(archive, progress, log_only, processes)
    check.run()
    check.refuse_another_vault_key()
    return check.result()


class _Check:
    def __init__(
        self, archive: Archive, progress: Progress, log_only: bool, processes: int | None
    ) -> None:
        self._archive = archive
        self._progress = progress
        self._log_only = log_only
        self._processes = processes
        self._findings = Findings()
        self._vault_key = b""
        self.entries = self.checkpoints = self.signatures = self.contents = 0
        self.erased = self.blobs = self.leftovers = self.timestamps = self.cosignatures = 0

    def result(self) -> Report:
        return Report(
            self.entries,
            self.checkpoints,
            self.signatures,
            self.contents,
            self.erased,
            self.blobs,
            self.leftovers,
            self.timestamps,
            self.cosignatures,
            tuple(self._findings.listed),
            self._findings.count - len(self._findings.listed),
        )

    def refuse_another_vault_key(self) -> None:
        """StorageError when there are findings and the vault key is not the one that was used."""
        now = self._vault_key
        if now and self._findings.count:
            archive = self._archive
            with suppress(MunimentError), _store.reading(archive.engine) as connection:
                now = archive.key_files.secrets(connection, archive.config.id).vault
        if now != self._vault_key:
            raise StorageError(
                "the vault key was replaced while the archive was verified", hint="run it again"
            )

    def run(self) -> None:
        engine = connect(self._archive.config.database, self._archive.folder)
        try:
            with _store.reading(engine) as connection:
                self._snapshot(connection)
        except ProcessDied:
            raise
        except (StorageError, VerificationError) as error:
            problem = f"{error}; what follows it could not be checked"
            self._findings.add("database", problem)
        finally:
            engine.dispose()

    def _snapshot(self, connection: Connection) -> None:
        authority, created, log_keys = self._founding(connection)
        secrets = self._secrets(connection)
        archive = self._archive
        setup = Setup(
            archive.config.database,
            archive.folder,
            archive.blob_folder,
            archive.origin,
            secrets,
            authority,
            log_keys,
        )
        span = connection.execute(select(func.min(ENTRY.c.seq), func.max(ENTRY.c.seq))).one()
        first, last = (span[0] or 0), (-1 if span[1] is None else span[1])
        if first < 0:
            self._findings.add(f"entry {first}", "stands before the beginning of the log")
        size = last + 1
        with ExitStack() as stack:
            replay = self._replaying(stack, secrets, size)
            self._step(lambda: self._tasks(stack, connection, setup, size))
            self._step(lambda: self._beside_the_log(connection, setup, created))
            if not self._log_only:
                self._projections(replay)

    def _step(self, step: Callable[[], None]) -> None:
        """Do a part of the work; that the database cannot be read there does not end the others."""
        try:
            with _store.translated():
                step()
        except ProcessDied:
            raise
        except (StorageError, VerificationError) as error:
            problem = f"{error}; what follows it could not be checked"
            self._findings.add("database", problem)

    def _founding(self, connection: Connection) -> tuple[Authority, Entry | None, NamedKeys]:
        """Who may sign where, from the entries that say so, read ahead of all others."""
        authority, naming, created = Authority(), [], None
        for seq, header in _founding_rows(connection):
            try:
                entry = Entry.parse(seq, header)
            except VerificationError:
                continue
            if entry.type in ACTOR_TYPES and (problem := authority.learn(entry)):
                self._findings.add(f"entry {seq}", problem)
            if entry.type in KEY_TYPES:
                naming.append(entry)
            if entry.type == "archive.created":
                created = created or entry
        return authority, created, named_keys(naming, self._findings)

    def _secrets(self, connection: Connection) -> Secrets | None:
        if self._log_only:
            return None
        try:
            secrets = self._archive.key_files.secrets(connection, self._archive.config.id)
        except VerificationError as error:
            self._findings.add("vault", f"{error}; no content could be checked")
            return None
        self._vault_key = secrets.vault
        return secrets

    def _tasks(self, stack: ExitStack, connection: Connection, setup: Setup, size: int) -> None:
        """Check what can be shared out, and bring together what comes of it."""
        chain, blobs, witnessed = Chain(connection, self._findings), Findings(), list[int]()
        structure, orphans = Findings(), Findings()
        for task, result in self._done(stack, setup, self._coming(connection, setup, size), size):
            if isinstance(task, RangeTask):
                for outcome in result:
                    chain.take(outcome)
                    self._count(outcome)
                    witnessed += outcome.witnessed
                self._progress(chain.size, size)
            elif isinstance(task, BlobTask):
                self.blobs += result[0]
                blobs.extend(result[1])
            else:
                structure, orphans = result
        self._step(chain.finish)
        self._step(lambda: self._witnesses(connection, witnessed))
        for following in (self._findings, orphans, blobs):
            structure.extend(following)
        self._findings = structure

    def _done(
        self, stack: ExitStack, setup: Setup, tasks: Iterator[Task], size: int
    ) -> Iterator[tuple[Task, Any]]:
        """Each task with its result: the ranges in order, the database's own check at last."""
        if self._processes is None and size <= ALONE:
            verifier = Verifier(setup)
            stack.callback(verifier.close)
            yield from ((task, verifier(task)) for task in (*tasks, DatabaseTask()))
            return
        given: deque[Task] = deque()

        def noted() -> Iterator[Task]:
            for task in tasks:
                given.append(task)
                yield task
            given.append(DatabaseTask())

        crew = stack.enter_context(Crew(self._processes or _processors(), Verifier, setup))
        for result in crew.run(noted(), DatabaseTask()):
            yield given.popleft(), result

    def _coming(self, connection: Connection, setup: Setup, size: int) -> Iterator[Task]:
        start = 0
        while start < size:
            query = select(func.min(ENTRY.c.seq)).where(ENTRY.c.seq >= start)
            following = connection.execute(query).scalar_one()
            if following - start > _LONGEST_GAP:
                problem = f"missing, and all up to entry {following - 1}; the rest is not checked"
                self._findings.add(f"entry {start}", problem)
                break
            stop = min((start // RANGE + 1) * RANGE, size)
            yield RangeTask(start, stop)
            start = stop
        if setup.secrets is not None:
            query = select(BLOB).order_by(BLOB.c.subject, BLOB.c.name)
            rows = connection.execute(query, execution_options={"yield_per": _BLOBS})
            for page in rows.partitions():
                yield BlobTask([tuple(row) for row in page])

    def _count(self, outcome: Outcome) -> None:
        self.entries += outcome.entries
        self.checkpoints += outcome.checkpoints
        self.signatures += outcome.signatures
        self.contents += outcome.contents
        self.erased += outcome.erased

    def _witnesses(self, connection: Connection, positions: Iterable[int]) -> None:
        """What others have said about the log's checkpoints."""
        for seq in positions:
            try:
                reader = Reader(connection, NO_SECRETS, self._archive.blob_folder)
                entry = reader.entry(seq)
                if entry.type == timestamps.TYPE:
                    timestamps.check(self._archive, reader, entry)
                    self.timestamps += 1
                else:
                    cosignatures.check(self._archive, reader, entry)
                    self.cosignatures += 1
            except MunimentError as error:
                self._findings.add(f"entry {seq}", str(error))

    def _beside_the_log(self, connection: Connection, setup: Setup, created: Entry | None) -> None:
        """Settings, key files, tables and guards, and left-over files."""
        archive, name = self._archive, ""
        vault = setup.vault(connection)
        if vault is not None and created is not None:
            name = sealed_name(connection, vault, created)
        folder = archive.folder / "keys"
        found = [
            *check_settings(archive.config, created, setup.log_keys, name),
            *check_key_files(folder, setup.authority, setup.log_keys),
        ]
        if not self._log_only:
            names = archive.key_files.log_key_names()
            found += check_log_key(setup.log_keys, archive.key_files.load, names)
            self.leftovers = _leftovers(connection, setup)
        for place, problem in found:
            self._findings.add(place, problem)
        check_rows(connection, self._findings)

    def _replaying(self, stack: ExitStack, secrets: Secrets | None, size: int) -> Replay:
        """Start to replay the projections, and give what waits for the result."""
        archive = self._archive
        if secrets is None:
            return list
        given = (
            archive.config.database,
            archive.folder,
            secrets,
            archive.blob_folder,
            archive.projections,
        )
        if self._processes is None and size <= ALONE:
            return lambda: replaying(given)(None)
        try:
            pickle.dumps(archive.projections)
        except (pickle.PicklingError, AttributeError, TypeError):
            return lambda: replaying(given)(None)
        crew = stack.enter_context(Crew(1, replaying, given))
        crew.begin(None)
        return crew.end

    def _projections(self, replay: Replay) -> None:
        if self._findings.count:
            problem = "not compared with a replay: the log itself is damaged"
            self._findings.add("projections", problem)
            return
        try:
            found = replay()
        except ProcessDied:
            raise
        except Exception as error:  # noqa: BLE001 - entries that no room of ours wrote fail in any way
            self._findings.add("projections", f"cannot be replayed ({error!r})")
            return
        for one in found:
            self._findings.add(one.place, one.problem)


def _founding_rows(connection: Connection) -> Iterator[Any]:
    """The entries about actors and the log's keys, as far as the database can read them."""
    query = select(ENTRY.c.seq, ENTRY.c.header).order_by(ENTRY.c.seq)
    query = query.where(ENTRY.c.type.in_(sorted(ACTOR_TYPES | KEY_TYPES)))
    try:
        yield from connection.execute(query).fetchall()
        return
    except DBAPIError:
        if connection.dialect.name != "sqlite":
            raise
    for start in range(0, _FOUNDING, RANGE):
        page = query.where(ENTRY.c.seq >= start, ENTRY.c.seq < start + RANGE)
        with suppress(DBAPIError):
            yield from connection.execute(page).fetchall()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _leftovers(connection: Connection, setup: Setup) -> int:
    """How many files lie among the attachments that no row lists."""
    count = 0
    for folder in sorted(setup.blobs.glob("*/")):
        names = [path.name for path in folder.glob("*")]
        listed = _store.rows_among(connection, select(BLOB.c.name), BLOB.c.name, names)
        count += len(set(names) - {name for (name,) in listed})
    return count
