"""Restoring: a backup becomes the archive again, proven whole before anything is replaced.

Everything is built in a folder beside the archive's. Leaving `restoring` without `Restoration.swap`
takes all of it back, which is what a rehearsal does.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import make_url

from archive import _store, faults, restrictions, times
from archive._archive import Archive
from archive._backup import DATABASE, PUBLIC, copy_blobs
from archive._compare import Beyond, compare
from archive._config import DEFAULT_DATABASE, Config
from archive._copy import Advance, copy_file, copy_rows, new_database, stored_database, sync_file
from archive._entry import Draft, Entry, Signer
from archive._keyfiles import LOG, NEW, VAULT, Passphrase
from archive._log import NO_SECRETS, Reader
from archive._manifest import Manifest, check_sums
from archive._parts import Parts
from archive._projection import Projection
from archive._staging import within
from archive._swap import building, swap_in
from archive._verify import verify
from archive.errors import (
    KeyProblem,
    NewerArchive,
    NotAnArchive,
    Refused,
    UsageError,
    VerificationError,
)

_OTHER_KEYS = "name the copy of the keys that was made when the backup was, with --keys"

PutKeys = Callable[[Path], None]
"""Puts the archive's secret keys into the archive's folder that it is told."""


def keys_of(folder: Path) -> PutKeys:
    """The secret keys from a folder of key files; putting them raises KeyProblem when one is
    missing.
    """

    def put(target: Path) -> None:
        for name in (LOG, VAULT, VAULT + NEW):
            try:
                copy_file(folder / name, target / "keys" / name)
            except FileNotFoundError as error:
                if name == VAULT + NEW:
                    return
                raise KeyProblem(
                    f"there is no {name} in {folder}",
                    hint="name the copy of the keys with --keys; without it nothing can be read",
                ) from error

    return put


@dataclass
class Restoration:
    """A backup that has become an archive beside its place, whole and verified.

    `beyond` is what the archive that it replaces has beyond the backup; None where there is no
    archive, or it could not be read, for which `unread` then gives the reason.
    """

    archive: Archive
    manifest: Manifest
    folder: Path
    beyond: Beyond | None
    unread: str
    swapped: bool = field(default=False, init=False)
    _old: Connection | None = field(default=None, repr=False)

    def note(self, signer: Signer, reason: str = "") -> Entry:
        """Append that the archive was restored, and from which backup."""
        data: dict[str, int | str] = {"size": self.manifest.size, "root": self.manifest.root}
        if self.beyond is not None:
            data |= {"known_size": self.beyond.size, "known_root": self.beyond.root.hex()}
        parts = Parts.of([("reason", reason)]) if reason else None
        with self.archive.write(signer) as writer:
            (entry,) = writer.append(
                [Draft("archive.restored", self.archive.config.id, data, parts)]
            )
        return entry

    def restrict_again(self, signer: Signer) -> list[str]:
        """Restrict what the archive that is replaced had restricted since the backup; the ids of
        the records. What was lifted since stays restricted.
        """
        if self.beyond is None:
            return []
        since = self.opened(self.beyond.restricted, restricted=True)
        with self.archive.write(signer) as writer:
            return restrictions.again(writer, since)

    def opened(
        self, entries: Sequence[Entry], *, restricted: bool = False
    ) -> list[tuple[Entry, Parts | None]]:
        """Entries of the archive that is replaced with their sealed halves, where the keys at hand
        open them.
        """
        if self._old is None:
            return []
        with self.archive.snapshot() as reader:
            old = reader.over(self._old)
            try:
                return list(old.open(entries, restricted=restricted))
            except VerificationError:
                return [(entry, None) for entry in entries]

    def swap(self) -> Path | None:
        """Put the restored archive in its place; where the one that stood there is kept, if any.

        Other commands that were waiting to write are told that the archive was replaced.
        """
        new, now = self.archive.folder, self.archive.clock()
        self.archive.close()
        if self.archive.config.database.startswith("sqlite"):
            sync_file(_file_of(new, self.archive.config.database))
        aside = swap_in(new, self.folder, now)
        self.swapped = True
        return aside


@contextmanager
def restoring(
    source: Path,
    folder: Path,
    *,
    put_keys: PutKeys | None = None,
    database: str = "",
    projections: Sequence[Projection] = (),
    clock: Callable[[], datetime] = times.utc_now,
    passphrase: Passphrase = lambda _: None,
    started: Callable[[int], None] = lambda _: None,
    advance: Advance = lambda _: None,
) -> Iterator[Restoration]:
    """Make the backup in `source` an archive again, beside `folder`, and verify everything.

    Until the context ends nobody else writes to the archive in `folder`. `put_keys` defaults to the
    keys of that archive, `database` (a URL) to SQLite; a database elsewhere must be empty.
    `advance` is told of log positions, three times the log's length in all.

    Raises NotAnArchive, NewerArchive and VerificationError when the backup is none, of a newer
    version, or damaged; KeyProblem when the keys are missing or not the backup's; Refused when
    `folder` holds something else, or a log that has parted from the backup's.
    """
    manifest = Manifest.read(source)
    target = folder.resolve()
    standing = _standing(source, target, manifest)
    url = _database(database, standing)
    for place, problem in check_sums(source):
        raise VerificationError(
            f"the backup is damaged: {place}: {problem}", hint="restore from another one"
        )
    started(manifest.size)
    with ExitStack() as stack:
        new = stack.enter_context(building(target))
        stored = stack.enter_context(stored_database(source / DATABASE))
        reader = Reader(stored, NO_SECRETS, source / "blobs")
        old, beyond, unread = None, None, ""
        if standing is not None:
            try:
                old = stack.enter_context(_held(target, standing))
                beyond = compare(old, target, manifest, reader)
            except (VerificationError, NotAnArchive, NewerArchive) as error:
                unread = str(error)
        config = replace(standing or Config.read(source), database=url)
        _furnish(new, source, stored, config, put_keys or keys_of(target / "keys"))
        if standing is not None:
            _copy_certificates(target / "keys", new / "keys")
        with _filled(new, url, stored, advance) as keep:
            archive = stack.enter_context(
                _opened(new, projections=projections, clock=clock, passphrase=passphrase)
            )
            _verified(archive, manifest, advance)
            restoration = Restoration(archive, manifest, target, beyond, unread, old)
            yield restoration
            archive.close()
            if restoration.swapped:
                keep()


def _standing(source: Path, folder: Path, manifest: Manifest) -> Config | None:
    """The settings of the archive that stands in `folder`; None when nothing does."""
    if within(source, folder) or within(folder, source):
        raise Refused(
            f"{source} and {folder} are one inside the other",
            hint="move the backup away from the archive, or name another folder",
        )
    with _store.translated():
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return None
        if folder.is_mount():
            raise Refused(
                f"{folder} is where a disk is mounted and cannot be renamed",
                hint="name a folder inside it",
            )
    try:
        config = Config.read(folder)
    except NotAnArchive as error:
        raise Refused(
            f"{folder} is not empty, and holds no archive that can be read ({error})",
            hint="name a folder that does not exist yet, or move this one away first",
        ) from error
    if (config.id, config.origin) != (manifest.archive, manifest.origin):
        raise Refused(
            f"{source} is a backup of another archive, {manifest.name} ({manifest.origin})",
            hint="name a folder that does not exist yet",
        )
    return config


def _database(wanted: str, standing: Config | None) -> str:
    """The URL of the database to restore into."""
    if not wanted and standing is not None and not standing.database.startswith("sqlite"):
        raise Refused(
            "the archive that stands there has its rows in another database, which stays as it is",
            hint=f"name an empty one by --database URL, or --database {DEFAULT_DATABASE}",
        )
    url = wanted or DEFAULT_DATABASE
    if url.startswith("sqlite") and url != DEFAULT_DATABASE:
        raise UsageError(
            f"a restored archive on SQLite has its database in its folder, not at {url}",
            hint="leave --database away",
        )
    return url


@contextmanager
def _held(folder: Path, config: Config) -> Iterator[Connection]:
    """The archive's database with the one writer's lock; StorageError while others keep writing."""
    if config.database.startswith("sqlite") and not _file_of(folder, config.database).exists():
        raise NotAnArchive(f"{_file_of(folder, config.database)} is missing")
    engine = _store.connect(config.database, folder)
    try:
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(_store.writing(engine))
                _store.check_revision(connection)
            except sqlite3.DatabaseError as error:
                raise faults.of_database(error) from error
            yield connection
    finally:
        engine.dispose()


def _furnish(
    new: Path, source: Path, stored: Connection, config: Config, put_keys: PutKeys
) -> None:
    """Settings, keys and attachments."""
    for name in ("blobs", "index", "keys"):
        (new / name).mkdir(mode=0o700)
    for path in sorted((source / "keys").iterdir()):
        if path.suffix in PUBLIC:
            copy_file(path, new / "keys" / path.name)
    config.write(new)
    put_keys(new)
    if problem := copy_blobs(stored, source / "blobs", new / "blobs"):
        raise VerificationError(
            f"the backup is damaged: {problem}", hint="restore from another one"
        )


def _copy_certificates(source: Path, target: Path) -> None:
    """Public certificates that were put into the archive since."""
    for path in sorted(source.glob("*.pem")):
        if not (target / path.name).exists():
            copy_file(path, target / path.name)


@contextmanager
def _filled(
    new: Path, url: str, stored: Connection, advance: Advance
) -> Iterator[Callable[[], None]]:
    """The backup's rows in the database that the archive will have.

    Another database than SQLite is emptied again at the end, unless the function that this gives
    was called.
    """
    if url.startswith("sqlite"):
        with new_database(new / DATABASE) as target:
            copy_rows(stored, target, advance)
        yield lambda: None
        return
    engine = _store.connect(url, new)
    kept: list[bool] = []
    try:
        with _store.writing(engine) as target:
            if inspect(target).get_table_names():
                raise Refused(
                    "the database to restore into is not empty",
                    hint="make a new one, and name it by --database",
                )
            _store.migrate(target)
            copy_rows(stored, target, advance)
        try:
            yield lambda: kept.append(True)
        finally:
            if not kept:
                _emptied(engine)
    finally:
        engine.dispose()


def _emptied(engine: Engine) -> None:
    """Remove the tables and functions of an archive from a PostgreSQL database."""
    with _store.writing(engine) as connection:
        quote = engine.dialect.identifier_preparer.quote
        for name in inspect(connection).get_table_names():
            connection.execute(text(f"DROP TABLE {quote(name)} CASCADE"))
        functions = "SELECT proname FROM pg_proc WHERE proname LIKE 'muniment\\_%'"
        for name in connection.execute(text(functions)).scalars().all():
            connection.execute(text(f"DROP FUNCTION {quote(name)} CASCADE"))


def _opened(
    new: Path,
    *,
    projections: Sequence[Projection],
    clock: Callable[[], datetime],
    passphrase: Passphrase,
) -> Archive:
    try:
        return Archive.open(new, projections=projections, clock=clock, passphrase=passphrase)
    except VerificationError as error:
        raise KeyProblem(
            f"the vault key is not the backup's ({error})",
            hint=_OTHER_KEYS,
        ) from error


def _verified(archive: Archive, manifest: Manifest, advance: Advance) -> None:
    with archive.read() as reader:
        if (reader.head.size, reader.head.root.hex()) != (manifest.size, manifest.root):
            raise VerificationError(
                "the backup is damaged: it is not of the moment that backup.json names",
                hint="restore from another one",
            )
    done = 0

    def told(now: int, _of: int) -> None:
        nonlocal done
        advance(now - done)
        done = now

    for finding in verify(archive, told).findings:
        if finding.place.startswith("keys/log."):
            raise KeyProblem(f"the log key is not the backup's ({finding})", hint=_OTHER_KEYS)
        raise VerificationError(
            f"the backup is damaged: {finding}", hint="restore from another one"
        )


def _file_of(folder: Path, url: str) -> Path:
    """The file of a SQLite database whose URL is relative to an archive's folder."""
    return folder / (make_url(url).database or DATABASE)
