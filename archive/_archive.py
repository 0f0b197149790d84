"""An archive: a folder with its settings, database, attachments, index and keys."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, select

from archive import (
    _beside,
    _blobs,
    _projection,
    _schema,
    _store,
    accounts,
    actors,
    keys,
    notes,
    records,
    restrictions,
    times,
)
from archive._config import Config
from archive._entry import Draft, Signer, new_id
from archive._files import sync_folder, unfinished, write_durably
from archive._founding import furnish, set_up, settings_of
from archive._keyfiles import LOG, LOG_PUBLIC, KeyFiles, Passphrase
from archive._log import NO_SECRETS, Reader, Secrets, Writer
from archive._logkeys import log_keys
from archive._parts import Parts
from archive._place import still_stands
from archive._projection import Projection
from archive._staging import staging
from archive._turn import Tell
from archive.errors import MunimentError, NotAnArchive, Refused

OWN_PROJECTIONS = (
    actors.PROJECTION,
    accounts.PROJECTION,
    records.PROJECTION,
    restrictions.PROJECTION,
)


@dataclass(frozen=True)
class Archive:
    """An open archive. Use `create` or `open`; close it, or use it as a context manager."""

    folder: Path
    config: Config
    clock: Callable[[], datetime]
    projections: tuple[Projection, ...]
    engine: Engine = field(repr=False)
    key_files: KeyFiles = field(repr=False)
    _place: os.stat_result = field(repr=False)
    tell: Tell = field(repr=False, default=lambda _: None)

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        name: str,
        actor_name: str,
        actor_key: Ed25519PrivateKey,
        roles: Sequence[str] = ("officer",),
        origin: str = "",
        database: str = "",
        jurisdiction: str = "",
        timezone: str = "",
        passphrase: bytes | None = None,
        projections: Sequence[Projection] = (),
        clock: Callable[[], datetime] = times.utc_now,
        identity: str = "",
    ) -> "Archive":
        """Make a new archive in a folder that does not exist or is empty.

        Its first entries name the founding actor and the log's key. `passphrase` protects the log
        key and the vault key, `identity` is its id (`new_id`). It appears whole or not at all, and
        what a killed process left of one is removed. Raises Refused when the folder or the database
        is in use, UsageError when the origin is none or the database URL holds a password,
        NotAnArchive when that URL is none, StorageError when the archive cannot be written.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(f"{folder} is not empty", hint="name a folder that does not exist yet")
        config = settings_of(identity or new_id(), name, origin, database, jurisdiction, timezone)
        with staging(folder.with_name(f".{folder.name}.new"), f"making of {folder}") as beside:
            furnish(beside, config, passphrase)
            founder = keys.ActorKey(new_id(), actor_key)
            archive = cls(
                beside,
                config,
                clock,
                (*OWN_PROJECTIONS, *projections),
                _store.connect(config.database, beside),
                KeyFiles(beside / "keys", lambda _: passphrase),
                beside.stat(),
            )
            with archive, _store.writing(archive.engine) as connection:
                set_up(connection, config, archive.key_files)
                writer = archive._writer(connection, founder)
                with archive._appending(writer, founder):
                    _found(archive, writer, founder, actor_name, roles)
            beside.replace(folder)
            sync_folder(folder.parent)
        return cls.open(
            folder, projections=projections, clock=clock, passphrase=lambda _: passphrase
        )

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        projections: Sequence[Projection] = (),
        clock: Callable[[], datetime] = times.utc_now,
        passphrase: Passphrase = lambda _: None,
        tell: Tell = lambda _: None,
    ) -> "Archive":
        """Open the archive in a folder, and migrate its tables when an older program made them.

        `tell` is told of that, and when a writer has to wait for another one. Raises NotAnArchive,
        NewerArchive, KeyProblem when the vault key is missing or locked, and VerificationError when
        it is not this archive's.
        """
        config, place = _standing(folder)
        key_files = KeyFiles(folder / "keys", passphrase)
        key_files.vault_keys()
        engine = _store.connect(config.database, folder, tell)
        try:
            _store.bring_up_to_date(engine, tell)
            with _store.reading(engine) as connection:
                key_files.secrets(connection, config.id)
        except BaseException:
            engine.dispose()
            raise
        every = (*OWN_PROJECTIONS, *projections)
        return cls(folder, config, clock, every, engine, key_files, place, tell)

    @classmethod
    def open_log(cls, folder: Path, *, untouched: bool = False) -> "Archive":
        """The archive for whoever has none of its secret keys: headers, proofs, and `verify` with
        `log_only`; contents and tables cannot be read.

        `untouched` is for a backup: nothing is ever written in its folder. Raises NotAnArchive and
        NewerArchive.
        """
        config, place = _standing(folder)
        if untouched:
            config = replace(config, database=_store.UNTOUCHED)
        engine = _store.connect(config.database, folder)
        try:
            with _store.reading(engine) as connection:
                _store.check_revision(connection)
        except BaseException:
            engine.dispose()
            raise
        key_files = _NoSecrets(folder / "keys", lambda _: None)
        return cls(folder, config, times.utc_now, (), engine, key_files, place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @property
    def origin(self) -> str:
        """The log's name in its checkpoints."""
        return self.config.origin

    @property
    def index_folder(self) -> Path:
        """Where the search index lives."""
        return self.folder / "index"

    @property
    def blob_folder(self) -> Path:
        """Where encrypted attachments live."""
        return self.folder / "blobs"

    @property
    def log_key(self) -> notes.NoteKey:
        """The public key that checkpoints are signed with, from the archive's folder."""
        with _store.translated():
            return notes.NoteKey.parse((self.folder / "keys" / LOG_PUBLIC).read_text())

    def log_keys(self) -> tuple[notes.NoteKey, ...]:
        """Every public key that the log names for its checkpoints, newest last."""
        with self.snapshot() as reader:
            return tuple(key for _, key in log_keys(reader, self.config.id))

    def publish(self, actor: actors.Actor) -> None:
        """Put an actor's public key into the archive's folder, as an OpenSSH line."""
        line = f"{keys.openssh_public(bytes.fromhex(actor.public_key))} {actor.name}\n"
        with _store.translated():
            write_durably(self.folder / "keys" / f"{actor.id}.pub", line.encode())

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One consistent snapshot of log and projections."""
        self._refresh()
        with _store.reading(self.engine) as connection:
            yield self._reader(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """A snapshot of what is stored, projections as they stand: for verification."""
        with _store.reading(self.engine) as connection:
            yield self._reader(connection)

    @contextmanager
    def write(self, signer: Signer) -> Iterator[Writer]:
        """The one writer's transaction: commits on a clean exit, else takes everything back.

        Waits a bounded time for another writer, then raises StorageError. KeyProblem when the
        signer's key is not the actor's key in force, or the log key not the log's newest.
        """
        self.key_files.load(LOG)
        stored: list[str] = []
        try:
            with _store.writing(self.engine) as connection:
                still_stands(self._place, self.folder)
                writer = self._writer(connection, signer)
                stored = writer.stored
                with self._appending(writer, signer):
                    yield writer
        except BaseException:
            self._take_back(stored)
            raise
        for name in writer.unlink:
            _blobs.remove(self.blob_folder, name)

    @contextmanager
    def _appending(self, writer: Writer, signer: Signer) -> Iterator[None]:
        self.key_files.settle_log_key(writer, self.config.id)
        _projection.catch_up(writer, self._behind(writer))
        if writer.head.size > 0:
            actors.check(writer, signer, os.urandom(32))
        yield
        writer.finish(
            self.origin,
            lambda: self.key_files.signing_keys(writer, self.config.id, *writer.grown),
        )
        _projection.mark(writer, self.projections, writer.head.size)

    def rebuild(self) -> None:
        """Compute every projection anew from the log."""
        with _store.writing(self.engine) as connection:
            writer = self._maintainer(connection)
            for projection in self.projections:
                _projection.start_over(writer, projection)
            _projection.catch_up(writer, self.projections)

    def differing_tables(self) -> list[str]:
        """The projected tables that differ from a replay of the log. Changes nothing.

        Those of another version than the program's are left out: it replaces them before it reads.
        """
        found = _beside.differences(self.engine, self._reader, self.projections)
        return [one.table for one in found if one.table]

    def tidy(self) -> None:
        """Remove what killed commands left: attachments that nothing refers to, parts of files.

        Actors' public keys in the folder are put right, too.
        """
        with _store.writing(self.engine) as connection:
            for actor in actors.every(self._reader(connection)):
                self.publish(actor)
            self._remove_orphans(connection, _blobs.names(self.blob_folder))
            for folder in (self.folder, self.folder / "keys"):
                for left in unfinished(folder):
                    left.unlink(missing_ok=True)

    def scrub(self) -> None:
        """Leave no erased byte in any file: free pages, the write-ahead log, orphaned blobs."""
        with _store.writing(self.engine) as connection:
            self._remove_orphans(connection, _blobs.names(self.blob_folder))
        _store.reclaim(self.engine, [_schema.sealed, _schema.data_key, _schema.blob])

    def _take_back(self, stored: Sequence[str]) -> None:
        """Remove attachments whose transaction failed, unless it was committed all the same.

        That is known only once no other transaction is open. Where it cannot be known they stay:
        an attachment without an entry harms nothing, an entry without its attachment does.
        """
        if stored:
            with suppress(MunimentError), _store.writing(self.engine) as connection:
                self._remove_orphans(connection, stored)

    def _remove_orphans(self, connection: Connection, names: Iterable[str]) -> None:
        known = set(connection.execute(select(_schema.blob.c.name)).scalars())
        for name in names:
            if name not in known:
                _blobs.remove(self.blob_folder, name)

    def _behind(self, reader: Reader) -> tuple[Projection, ...]:
        held = _projection.positions(reader)
        return tuple(
            p for p in self.projections if held.get(p.name) != (p.version, reader.head.size)
        )

    def _refresh(self) -> None:
        with _store.reading(self.engine) as connection:
            current = not self._behind(self._reader(connection))
        if not current:
            with _store.writing(self.engine) as connection:
                writer = self._maintainer(connection)
                _projection.catch_up(writer, self._behind(writer))

    def _reader(self, connection: Connection) -> Reader:
        secrets = self.key_files.secrets(connection, self.config.id)
        return Reader(connection, secrets, self.blob_folder)

    def _writer(self, connection: Connection, signer: Signer) -> Writer:
        secrets = self.key_files.secrets(connection, self.config.id)
        return Writer(connection, secrets, self.blob_folder, signer, self.projections, self.clock)

    def _maintainer(self, connection: Connection) -> Writer:
        return self._writer(connection, _NoOne())


class _NoSecrets(KeyFiles):
    """Opens nothing: who reads the log alone has no key."""

    def secrets(self, connection: Connection, archive_id: str) -> Secrets:
        return NO_SECRETS


class _NoOne:
    """Signs nothing: maintenance appends no entries."""

    actor = ""

    def sign(self, message: bytes) -> bytes:
        raise Refused("maintenance cannot decide anything")


def _found(
    archive: Archive, writer: Writer, founder: keys.ActorKey, name: str, roles: Sequence[str]
) -> None:
    archive.publish(actors.add(writer, name, founder.public, roles, actor_id=founder.actor))
    data = {"log_key": str(archive.log_key), "jurisdiction": archive.config.jurisdiction}
    parts = Parts.of([("name", archive.config.name)])
    writer.append([Draft("archive.created", archive.config.id, data, parts)])


def _standing(folder: Path) -> tuple[Config, os.stat_result]:
    """The settings of the archive in a folder, and which folder that is now."""
    config = Config.read(folder)
    with _store.translated():
        place = folder.stat()
    if config.database.startswith("sqlite"):
        file = folder / (config.database.partition(":///")[2] or "archive.db")
        if not file.exists():
            raise NotAnArchive(f"{file} is missing", hint="restore from a backup")
    return config, place
