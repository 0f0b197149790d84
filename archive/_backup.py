"""Backups: a copy of log, vault and attachments at one moment, taken while others go on writing.

A backup is an archive's folder on SQLite without the secret keys. Whoever has only a backup can
check it, and can read nothing in it.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from archive import _blobs, _schema, _store, times
from archive._archive import Archive
from archive._config import DEFAULT_DATABASE, Config
from archive._config import FILE as CONFIG
from archive._copy import Advance, copy_file, copy_rows, new_database
from archive._files import sync_folder
from archive._log import NO_SECRETS, Reader
from archive._manifest import Manifest, check_sums, write_sums
from archive._staging import staging, sync_tree, within
from archive._verify import verify
from archive.errors import (
    MunimentError,
    Refused,
    StorageError,
    VerificationError,
)

DATABASE = "archive.db"
_ATTEMPTS = 5
PUBLIC = (".pub", ".pem")


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: what it is of, and how many files and bytes it has."""

    folder: Path
    manifest: Manifest
    files: int
    size_bytes: int


def backup(
    folder: Path,
    dest: Path,
    *,
    clock: Callable[[], datetime] = times.utc_now,
    started: Callable[[int], None] = lambda _: None,
    advance: Advance = lambda _: None,
) -> Backup:
    """Copy the archive in `folder` to `dest`, which must not exist or be empty.

    No key is needed and no secret key is copied. Others may write meanwhile; what a disposal
    destroys before the copy is whole is not in it. The log in the copy is read back and checked.
    It appears whole or not at all. `started` is told the log's length, `advance` log positions,
    three times that length in all.

    Raises Refused when `dest` is in use or inside the archive, VerificationError when the archive
    is damaged, StorageError when the disk is full.
    """
    config = Config.read(folder)
    target = free_place(folder, dest)
    engine = _store.connect(config.database, folder)
    try:
        with staging(target.with_name(f".{target.name}.backup"), f"backup to {dest}") as beside:
            made = beside / "new"
            for _ in range(_ATTEMPTS):
                made.mkdir(mode=0o700)
                with _store.reading(engine) as source:
                    _store.check_revision(source)
                    reader = Reader(source, NO_SECRETS, folder / "blobs")
                    started(reader.head.size)
                    manifest = _manifest(config, reader, times.to_text(clock()))
                    problem = _copied(source, folder, made, config, advance)
                if not disposed_since(engine, manifest.size):
                    break
                shutil.rmtree(made)
            else:
                raise StorageError(
                    "records were disposed of again and again while the copy was made",
                    hint="run it again when the disposal is finished",
                )
            for finding in [problem] if problem else _check_log(made, manifest, advance):
                raise VerificationError(
                    f"the archive is damaged: {finding}", hint="run: muniment verify"
                )
            manifest.write(made)
            files, size = write_sums(made)
            sync_tree(made)
            made.replace(target)
            sync_folder(target.parent)
    finally:
        engine.dispose()
    return Backup(target, manifest, files, size)


def check_backup(
    folder: Path,
    *,
    started: Callable[[int], None] = lambda _: None,
    advance: Advance = lambda _: None,
) -> Iterator[str]:
    """What does not hold in a backup, each in one line; no key is needed.

    That is: every file against its digest, then entries, tree, checkpoints and signatures of the
    log. Raises NotAnArchive when the folder is no backup.
    """
    manifest = Manifest.read(folder)
    started(manifest.size)
    damaged = False
    for place, problem in check_sums(folder):
        damaged = True
        yield f"{place}: {problem}"
    try:
        yield from _check_log(folder, manifest, advance)
    except MunimentError as error:
        if not damaged or isinstance(error, VerificationError):
            yield f"{DATABASE}: {error}"


def free_place(folder: Path, dest: Path) -> Path:
    """Where a copy of the archive in `folder` may be put; Refused when `dest` is no such place."""
    if within(dest, folder):
        raise Refused(
            f"{dest} is inside the archive", hint="a copy belongs on another disk; name one"
        )
    if within(folder, dest):
        raise Refused(f"the archive is inside {dest}", hint="name a folder that does not exist yet")
    with _store.translated():
        if dest.exists() and (not dest.is_dir() or any(dest.iterdir())):
            raise Refused(f"{dest} is not empty", hint="name a folder that does not exist yet")
    return dest.resolve()


def _manifest(config: Config, reader: Reader, made: str) -> Manifest:
    return Manifest(
        archive=config.id,
        name=config.name,
        origin=config.origin,
        made=made,
        size=reader.head.size,
        root=reader.head.root.hex(),
        checkpoint=reader.checkpoint(),
        schema=_schema.REVISION,
    )


def _copied(source: Connection, folder: Path, made: Path, config: Config, advance: Advance) -> str:
    """Copy everything but backup.json and SHA256SUMS; what is wrong with an attachment, if any."""
    with new_database(made / DATABASE) as target:
        copy_rows(source, target, advance)
    replace(config, database=DEFAULT_DATABASE).write(made)
    for name in (DATABASE, CONFIG):
        (made / name).chmod(0o600)
    for name in ("blobs", "keys"):
        (made / name).mkdir(mode=0o700)
    for path in sorted((folder / "keys").iterdir()):
        if path.suffix in PUBLIC:
            copy_public(path, made / "keys" / path.name)
    return copy_blobs(source, folder / "blobs", made / "blobs")


def copy_blobs(source: Connection, blobs: Path, target: Path) -> str:
    """Copy the attachments that a database names; the first that is missing or bad, or nothing."""
    names = select(_schema.blob.c.name).order_by(_schema.blob.c.name)
    with source.execute(names.execution_options(yield_per=1000)) as result:
        for name in result.scalars():
            path = _blobs.path_of(target, name)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            try:
                digest = copy_file(_blobs.path_of(blobs, name), path)
            except FileNotFoundError:
                return f"blob {name}: missing"
            if digest != name:
                return f"blob {name}: its bytes are not those it is named by"
    return ""


def copy_public(source: Path, target: Path) -> None:
    """Copy the file of a public key; Refused when there is a private one in it."""
    if b"PRIVATE" in source.read_bytes():
        raise Refused(
            f"{source} holds a private key", hint="move it away: only public keys belong there"
        )
    copy_file(source, target)


def _check_log(folder: Path, manifest: Manifest, advance: Advance) -> Iterator[str]:
    done = 0

    def told(now: int, _of: int) -> None:
        nonlocal done
        advance(now - done)
        done = now

    with Archive.open_log(folder, untouched=True) as archive:
        with archive.snapshot() as reader:
            head = reader.head
        if (head.size, head.root.hex()) != (manifest.size, manifest.root):
            yield f"{DATABASE}: not of the moment that backup.json names"
        yield from map(str, verify(archive, told, log_only=True).findings)


def disposed_since(engine: Engine, size: int) -> bool:
    """Whether a disposal destroyed something after the log had `size` entries."""
    table = _schema.entry
    query = select(table.c.seq).where(table.c.seq >= size, table.c.type == "record.disposed")
    with _store.reading(engine) as connection:
        return connection.execute(query.limit(1)).scalar() is not None
