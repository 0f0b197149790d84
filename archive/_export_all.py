"""A whole archive written out in an open form, so that nobody is bound to this program."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, select

from archive import _blobs, _schema, _store, times
from archive._archive import Archive
from archive._backup import PUBLIC, copy_public, disposed_since, free_place
from archive._config import DEFAULT_DATABASE
from archive._config import FILE as CONFIG
from archive._copy import Advance, digest_of
from archive._entry import Draft, Signer
from archive._files import sync_folder, write_durably
from archive._log import Reader, Secrets
from archive._manifest import SUMS, write_sums
from archive._openform import (
    ARCHIVE,
    ATTACHMENTS,
    CHECKPOINTS,
    CONTENT,
    ENTRIES,
    KEYS,
    README,
    SEALED,
    Row,
    line_of_sealed,
    new_file,
    write_lines,
)
from archive._staging import staging, sync_tree
from archive._store import stored_bytes
from archive._vault import Vault
from archive.errors import StorageError

FORMAT = 1
_ATTEMPTS = 5
_PAGE = 1000
_README = """This is everything that the archive "{name}" holds, as of its entry {last}.

Nothing in it is encrypted: keep it as carefully as the archive itself.

entries.jsonl      The log. Line n + 1 is the header of entry n, byte for byte.
sealed.jsonl       What entries say beyond their headers, where it was not disposed of: the entry's
                   number, the seed of its salts (hex), and its fields in order. A list is a text
                   that was cut into words: join them.
attachments/       Files, by the name that a field "attachment/N/blob" gives.
attachments.jsonl  Whose they are, and their size and SHA-256.
checkpoints.jsonl  The signed heads of the log.
keys.jsonl         The keys under which the archive keeps each subject.
keys/              Public keys: of the log, of people, of time-stamping authorities.
muniment.toml      The archive's settings.
SHA256SUMS         Check every file: sha256sum --check SHA256SUMS

docs/format.md of Muniment says all of it exactly, sections 2 to 4 and 11. `muniment import-all`
makes an archive of it again.
"""


@dataclass(frozen=True, slots=True)
class WholeExport:
    """A finished export of everything: its folder, of how many entries, and what is in it.

    `sums` is the hex SHA-256 of its SHA256SUMS, which the log keeps.
    """

    folder: Path
    size: int
    root: str
    sealed: int
    attachments: int
    files: int
    size_bytes: int
    sums: str


def export_all(
    archive: Archive,
    signer: Signer,
    dest: Path,
    *,
    started: Callable[[int], None] = lambda _: None,
    advance: Advance = lambda _: None,
) -> WholeExport:
    """Write everything that the archive holds into `dest`, a folder that does not exist or is
    empty, and record in the log that it was done.

    It is of one moment while others go on writing, restricted records included; what a disposal
    destroys before it is whole is not in it. It appears whole or not at all. `started` is told the
    log's length, `advance` log positions, that length in all.

    Raises Refused when `dest` is in use or inside the archive, VerificationError when the archive
    is damaged, StorageError when the disk is full.
    """
    target = free_place(archive.folder, dest)
    with staging(target.with_name(f".{target.name}.export"), f"export to {dest}") as beside:
        made = beside / "new"
        for _ in range(_ATTEMPTS):
            made.mkdir(mode=0o700)
            with archive.snapshot() as reader, _store.translated():
                started(reader.head.size)
                head = reader.head
                sealed, attachments = _written(archive, reader, made, advance)
            if not disposed_since(archive.engine, head.size):
                break
            shutil.rmtree(made)
        else:
            raise StorageError(
                "records were disposed of again and again while the export was made",
                hint="run it again when the disposal is finished",
            )
        files, size = write_sums(made)
        sums = digest_of(made / SUMS)
        sync_tree(made)
        data = {"size": head.size, "root": head.root.hex(), "sums": sums}
        with archive.write(signer) as writer:
            writer.append([Draft("archive.exported", archive.config.id, data)])
        made.replace(target)
        sync_folder(target.parent)
    return WholeExport(target, head.size, head.root.hex(), sealed, attachments, files, size, sums)


def _written(archive: Archive, reader: Reader, made: Path, advance: Advance) -> tuple[int, int]:
    """Write all files but SHA256SUMS; how many sealed halves and attachments there are."""
    config = archive.config
    about = {
        "format": FORMAT,
        "archive": config.id,
        "name": config.name,
        "origin": config.origin,
        "made": times.to_text(archive.clock()),
        "size": reader.head.size,
        "root": reader.head.root.hex(),
        "checkpoint": reader.checkpoint(),
        "log_key": str(archive.log_key),
    }
    text = json.dumps(about, ensure_ascii=False, indent=1)
    write_durably(made / ARCHIVE, text.encode() + b"\n", 0o600)
    readme = _README.format(name=config.name, last=reader.head.size - 1)
    write_durably(made / README, readme.encode(), 0o600)
    replace(config, database=DEFAULT_DATABASE).write(made)
    (made / CONFIG).chmod(0o600)
    for name in (CONTENT, "keys"):
        (made / name).mkdir(mode=0o700)
    for path in sorted((archive.folder / "keys").iterdir()):
        if path.suffix in PUBLIC:
            copy_public(path, made / "keys" / path.name)
    _headers(reader.conn, made / ENTRIES)
    sealed = write_lines(made / SEALED, _sealed(reader, advance))
    secrets = archive.key_files.secrets(reader.conn, config.id)
    write_lines(made / KEYS, _keys(reader, secrets))
    write_lines(made / CHECKPOINTS, _checkpoints(reader.conn))
    attachments = write_lines(made / ATTACHMENTS, _attachments(archive, reader, made / CONTENT))
    return sealed, attachments


def _headers(connection: Connection, path: Path) -> None:
    table = _schema.entry
    query = select(table.c.header).order_by(table.c.seq).execution_options(yield_per=_PAGE)
    with new_file(path) as file, connection.execute(query) as result:
        for seq, header in enumerate(result.scalars()):
            file.write(stored_bytes(header, f"entry {seq}") + b"\n")


def _sealed(reader: Reader, advance: Advance) -> Iterator[Row]:
    done = 0
    for entry, sealed in reader.open(reader.entries(), restricted=True):
        if entry.seq + 1 - done >= _PAGE:
            advance(entry.seq + 1 - done)
            done = entry.seq + 1
        if sealed is not None:
            yield line_of_sealed(entry.seq, sealed)
    advance(reader.head.size - done)


def _keys(reader: Reader, secrets: Secrets) -> Iterator[Row]:
    vault = Vault(reader.conn, secrets.vault, secrets.other)
    table = _schema.data_key
    query = select(table).order_by(table.c.subject).execution_options(yield_per=_PAGE)
    with reader.conn.execute(query) as result:
        for subject, wrapped in result:
            stored = stored_bytes(wrapped, f"data key of {subject}")
            yield {"subject": subject, "key": vault.unwrap(subject, stored).hex()}


def _checkpoints(connection: Connection) -> Iterator[Row]:
    table = _schema.checkpoint
    query = select(table).order_by(table.c.size).execution_options(yield_per=_PAGE)
    with connection.execute(query) as result:
        for size, note in result:
            yield {"size": size, "note": note}


def _attachments(archive: Archive, reader: Reader, folder: Path) -> Iterator[Row]:
    table = _schema.blob
    query = select(table).order_by(table.c.name).execution_options(yield_per=_PAGE)
    with reader.conn.execute(query) as result:
        for name, subject, size in result:
            path = _blobs.path_of(folder, name)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with new_file(path) as file:
                for piece in reader.open_blob(subject, name, restricted=True):
                    file.write(piece)
            prefix = _blobs.prefix_of(archive.blob_folder, name)
            yield {
                "name": name,
                "subject": subject,
                "size": size,
                "sha256": digest_of(path),
                "prefix": prefix.hex(),
            }
