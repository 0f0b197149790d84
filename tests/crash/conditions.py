"""What must hold of an archive, whatever became of the command that wrote to it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from archive import Archive, Entry, Reader, Record, Sealed, chunked, merkle, records, verify
from archive._store import writing
from search import SearchIndex
from tests.crash.scene import Scene

Portrait = Mapping[str, Any]

_LEFTOVERS = re.compile(
    r"blobs/[0-9a-f]{2}/[0-9a-f]{64}"
    r"|blobs/\.n/\.new\.[^/]+"
    r"|(keys/)?\.[^/]+\.tmp"
    r"|index/index\.json\.new"
    r"|index/generation-\d{6}/.*"
)
"""What a killed command may leave behind, and docs/operations.md says so."""

_AGAIN = frozenset({"capture.batch", "ingest.started", "ingest.finished", "disposal.started"})
"""Entries that a command run twice has twice."""


def examine(scene: Scene, acknowledged: tuple[int, str]) -> list[str]:
    """What does not hold right after a command was stopped; empty when everything does.

    `acknowledged` is the size and root (hex) of the last commit that the command told of.
    """
    wrong: list[str] = []
    with scene.open() as archive:
        _await_the_dead(archive)
        wrong += [str(finding) for finding in verify(archive).findings]
        size, root = acknowledged
        with archive.read() as reader:
            if reader.head.size < size:
                wrong.append(f"the log has {reader.head.size} entries; {size} were acknowledged")
            else:
                merkle.verify_consistency(
                    size, reader.head.size, bytes.fromhex(root), reader.head.root,
                    reader.consistency_proof(size),
                )  # fmt: skip
            wrong += _half_disposed(reader)
        wrong += [
            f"left behind and not known of: {name}"
            for name in strays(archive)
            if not _LEFTOVERS.fullmatch(name)
        ]
    return wrong


def portrait(scene: Scene) -> Portrait:
    """What the archive holds, without anything that depends on how often a command was run."""
    with scene.open() as archive:
        with archive.read() as reader:
            types = Counter(entry.type for entry in reader.entries() if entry.type not in _AGAIN)
            held = sorted(_record(reader, record) for record in records.stream(reader))
        with SearchIndex.open(archive) as index:
            index.catch_up()
            found = {query: index.count(query) for query in ("first", "other", "new", "picture")}
            damaged = index.damaged()
    return {"types": dict(types), "records": held, "found": found, "damaged": damaged}


def strays(archive: Archive) -> list[str]:
    """The files below an archive's folder that are no part of it."""
    with archive.read() as reader:
        blobs = set(reader.conn.execute(text("SELECT name FROM blob")).scalars())
    part = re.compile(
        r"muniment\.toml|archive\.db(-wal|-shm)?|keys/(log|vault)\.key|keys/[^/]+\.pub"
        r"|index/(index\.json|writer\.lock)|index/" + (_generation(archive) or "none") + "/.*"
    )
    names = [
        path.relative_to(archive.folder).as_posix()
        for path in sorted(archive.folder.rglob("*"))
        if not path.is_dir()
    ]
    return [
        name
        for name in names
        if not part.fullmatch(name)
        and not (name.startswith("blobs/") and name.rpartition("/")[2] in blobs)
    ]


def _generation(archive: Archive) -> str:
    try:
        number = re.search(
            r'"generation": (\d+)', (archive.index_folder / "index.json").read_text()
        )
    except FileNotFoundError:
        return ""
    return f"generation-{int(number[1]):06}" if number else ""


def _await_the_dead(archive: Archive) -> None:
    """Wait until a server has noticed that the command is gone: it lets go of the one lock."""
    with writing(archive.engine):
        pass


def _half_disposed(reader: Reader) -> list[str]:
    gone = [entry.subject for entry in reader.entries(types={"record.disposed"})]
    left = {
        "data keys": "SELECT count(*) FROM data_key WHERE subject IN ({})",
        "attachments": "SELECT count(*) FROM blob WHERE subject IN ({})",
        "sealed halves": "SELECT count(*) FROM sealed JOIN entry USING (seq) "
        "WHERE entry.subject IN ({})",
    }
    return [
        f"{count} {what} of disposed records are left"
        for what, query in left.items()
        if (count := _count(reader.conn, query, gone))
    ]


def _count(connection: Connection, query: str, subjects: Iterable[str]) -> int:
    return sum(
        connection.execute(text(query.format(", ".join(f"'{one}'" for one in some)))).scalar_one()
        for some in chunked(list(subjects))
    )


def _record(reader: Reader, record: Record) -> tuple[Any, ...]:
    versions = [
        _version(reader, record, entry, sealed)
        for entry, sealed in reader.open(records.versions_of(reader, record))
    ]
    return (record.lookup, record.status, record.kind, record.versions, *versions)


def _version(reader: Reader, record: Record, entry: Entry, sealed: Sealed | None) -> str:
    if sealed is None:
        return "erased"
    digest = sha256(sealed.text("text").encode())
    for index in range(4):
        if blob := sealed.get(f"attachment/{index}/blob"):
            for piece in reader.open_blob(record.id, blob):
                digest.update(piece)
    return f"{entry.data['version']} {digest.hexdigest()}"


def size_of(path: Path) -> int:
    """A file's size; 0 when it is not there."""
    return path.stat().st_size if path.exists() else 0
