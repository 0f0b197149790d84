"""The open form of a whole archive taken in: a backup is made of it, which then is restored."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from archive import _blobs, _schema, merkle, times
from archive._backup import DATABASE, PUBLIC, copy_public
from archive._config import Config
from archive._copy import Advance, new_database
from archive._entry import Entry
from archive._export_all import FORMAT
from archive._keyfiles import VAULT, KeyFiles, Passphrase
from archive._manifest import Manifest, check_sums, write_sums
from archive._openform import (
    ARCHIVE,
    ATTACHMENTS,
    CHECKPOINTS,
    CONTENT,
    ENTRIES,
    KEYS,
    SEALED,
    damaged,
    read_lines,
    sealed_of_line,
)
from archive._parts import Sealed
from archive._restore import PutKeys
from archive._schema import REVISION
from archive._store import insert_rows, translated
from archive._tiles import Edge
from archive._vault import Vault
from archive.errors import NewerArchive, NotAnArchive, VerificationError

_PAGE = 1000
_PIECE = 1 << 20
_SHAPES = (ValueError, TypeError, LookupError, AttributeError)
_TEXTS = ("archive", "name", "origin", "made", "root", "checkpoint")

_NAME = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


def to_backup(
    source: Path,
    made: Path,
    put_keys: PutKeys,
    passphrase: Passphrase = lambda _: None,
    *,
    started: Callable[[int], None] = lambda _: None,
    advance: Advance = lambda _: None,
) -> Manifest:
    """Make of the export in `source` a backup in `made`, an empty folder, for `restoring`.

    `put_keys` gives the archive's secret keys, which no export holds; they do not stay in `made`.
    `advance` is told log positions, the log's length in all.

    Raises NotAnArchive when `source` is no such export, NewerArchive when it is of a newer version,
    VerificationError when it is damaged, KeyProblem when the keys are not those of the archive.
    """
    with translated():
        manifest = _about(source)
        for place, problem in check_sums(source):
            raise VerificationError(
                f"the export is damaged: {place}: {problem}", hint="use another copy of it"
            )
        started(manifest.size)
        for name in ("blobs", "keys"):
            (made / name).mkdir(mode=0o700)
        Config.read(source).write(made)
        vault_key = _vault_key(made, put_keys, passphrase)
        for path in sorted((source / "keys").iterdir()):
            if path.suffix in PUBLIC:
                copy_public(path, made / "keys" / path.name)
        with new_database(made / DATABASE) as connection:
            _fill(connection, source, made, vault_key, advance)
        manifest.write(made)
        write_sums(made)
    return manifest


def _about(source: Path) -> Manifest:
    try:
        values = json.loads((source / ARCHIVE).read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise NewerArchive(
                f"{source} was exported by a newer version", hint="install the newest muniment"
            )
        texts = {name: _text(values[name]) for name in _TEXTS}
        return Manifest(**texts, size=int(values["size"]), schema=REVISION)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotAnArchive(
            f"{source} is no export of an archive (no {ARCHIVE})",
            hint="name a folder that muniment export-all made",
        ) from error
    except _SHAPES as error:
        raise NotAnArchive(
            f"{source / ARCHIVE} is damaged", hint="use another copy of the export"
        ) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _vault_key(made: Path, put_keys: PutKeys, passphrase: Passphrase) -> bytes:
    """The vault key; the key files that hold it are taken away again."""
    before = set((made / "keys").iterdir())
    try:
        put_keys(made)
        return KeyFiles(made / "keys", passphrase).load(VAULT)
    finally:
        for path in set((made / "keys").iterdir()) - before:
            path.unlink()


def _fill(
    connection: Connection, source: Path, made: Path, vault_key: bytes, advance: Advance
) -> None:
    vault, edge, at = Vault(connection, vault_key), Edge(connection, 0), ""
    try:
        _store_keys(connection, source / KEYS, vault)
        sealed = _Sealed(source / SEALED)
        for entries in _pages(_entries(source / ENTRIES)):
            rows = [(entry.seq, entry.type, entry.subject, entry.header) for entry in entries]
            insert_rows(connection, _schema.entry, rows)
            edge.append([merkle.leaf_hash(entry.header) for entry in entries])
            at = times.to_text(entries[-1].at)
            vault.seal(list(sealed.of(entries)))
            advance(len(entries))
        sealed.end()
        insert_rows(connection, _schema.head, [(1, edge.size, edge.root, at)])
        for page in _pages(read_lines(source / CHECKPOINTS)):
            notes = [(row["size"], row["note"]) for row in page]
            insert_rows(connection, _schema.checkpoint, notes)
        _store_attachments(connection, source, made, vault)
    except _SHAPES as error:
        raise VerificationError(
            f"the export is damaged ({error})", hint="use another copy of it"
        ) from error


class _Sealed:
    """The rows of sealed halves, handed out beside the entries that they belong to."""

    def __init__(self, path: Path) -> None:
        self._path, self._number = path, 0
        self._rows = read_lines(path)
        self._next = self._read()

    def of(self, entries: Iterable[Entry]) -> Iterator[tuple[int, str, bytes, Sealed]]:
        """The sealed halves of some entries, which come in order, as the vault takes them."""
        for entry in entries:
            if self._next is None or self._next[0] != entry.seq:
                continue
            if entry.commitment is None:
                raise damaged(self._path, self._number)
            yield entry.seq, entry.subject, entry.commitment, self._next[1]
            self._next = self._read()

    def end(self) -> None:
        """VerificationError when rows are left that belong to no entry, or stand out of order."""
        if self._next is not None:
            raise damaged(self._path, self._number)

    def _read(self) -> tuple[int, Sealed] | None:
        row = next(self._rows, None)
        self._number += 1
        try:
            return None if row is None else sealed_of_line(row)
        except _SHAPES as error:
            raise damaged(self._path, self._number) from error


def _entries(path: Path) -> Iterator[Entry]:
    with path.open("rb") as file:
        for seq, line in enumerate(file):
            yield Entry.parse(seq, line.removesuffix(b"\n"))


def _store_keys(connection: Connection, path: Path, vault: Vault) -> None:
    for page in _pages(read_lines(path)):
        rows = [(row["subject"], vault.wrap(row["subject"], _key(row["key"]))) for row in page]
        insert_rows(connection, _schema.data_key, rows)


def _key(text: str) -> bytes:
    key = bytes.fromhex(text)
    AESGCM(key)
    return key


def _store_attachments(connection: Connection, source: Path, made: Path, vault: Vault) -> None:
    """Encrypt every attachment as it was: with its name stand and fall what records say of it."""
    for row in read_lines(source / ATTACHMENTS):
        name, subject = row["name"], row["subject"]
        if not _NAME.fullmatch(name):
            raise ValueError("an attachment has no name of one")
        content = _content(_blobs.path_of(source / CONTENT, name))
        prefix = bytes.fromhex(row["prefix"])
        ref = _blobs.store(made / "blobs", vault.cipher_of(subject), content, prefix)
        if ref.name != name:
            raise VerificationError(
                f"{CONTENT}/{name}: not what the archive held",
                hint="use another copy of the export",
            )
        insert_rows(connection, _schema.blob, [(name, subject, ref.size)])


def _content(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _pages(rows: Iterable[T]) -> Iterator[list[T]]:
    coming = iter(rows)
    while page := list(islice(coming, _PAGE)):
        yield page
