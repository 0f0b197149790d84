"""What must hold of an archive, whatever became of the command that wrote to it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, text

from archive import Archive, Entry, Reader, Record, Sealed, chunked, merkle, records, verify
from archive._store import writing
from search import SearchIndex
from tests.crash.scene import Scene

Portrait = Mapping[str, Any]

_LEFTOVERS = re.compile(
    r"keys/(log|vault)\.key\.(new|next)"
    r"|blobs/[0-9a-f]{2}/[0-9a-f]{64}"
    r"|blobs/\.n/\.new\.[^/]+"
    r"|(keys/)?\.[^/]+\.tmp"
    r"|index/index\.json\.new"
    r"|index/part-\d{6}-\d{6}/.*"
)
"""What a killed command may leave behind, and docs/operations.md says so."""

_AGAIN = frozenset(
    {
        "capture.batch",
        "ingest.started",
        "ingest.finished",
        "disposal.started",
        "log.rekeyed",
        "vault.rekeyed",
    }
)
"""Entries that a command run twice has twice."""


@dataclass(frozen=True, slots=True)
class State:
    """What was found: what does not hold, how long the log is, and which files there are."""

    wrong: tuple[str, ...]
    size: int
    files: tuple[tuple[str, int], ...]


def examine(scene: Scene, acknowledged: tuple[int, str] | None) -> State:
    """Whether everything holds right after a command was stopped.

    `acknowledged` is the size and root (hex) of the last commit that the command told of.
    """
    wrong: list[str] = []
    with scene.open() as archive:
        _await_the_dead(archive)
        wrong += [str(finding) for finding in verify(archive).findings]
        with archive.read() as reader:
            head = reader.head
            if acknowledged is not None:
                wrong += _lost(reader, *acknowledged)
            wrong += _half_disposed(reader)
        wrong += [
            f"left behind and not known of: {name}"
            for name in strays(archive)
            if not _LEFTOVERS.fullmatch(name)
        ]
    return State(tuple(wrong), head.size, files_of(scene))


def files_of(scene: Scene) -> tuple[tuple[str, int], ...]:
    """Every file of a scene with its size, but for the databases, whose size says nothing."""
    return tuple(
        (path.relative_to(scene.root).as_posix(), path.stat().st_size)
        for path in sorted(scene.root.rglob("*"))
        if path.is_file() and not path.name.startswith("archive.db") and path.name != "stderr"
    )


def _lost(reader: Reader, size: int, root: str) -> list[str]:
    head = reader.head
    if head.size < size:
        return [f"the log has {head.size} entries; {size} were acknowledged"]
    proof = reader.consistency_proof(size)
    merkle.verify_consistency(size, head.size, bytes.fromhex(root), head.root, proof)
    return []


def portrait(scene: Scene) -> Portrait:
    """What the archive holds, without anything that depends on how often a command was run.

    `strays` are files that are no part of it.
    """
    with scene.open() as archive:
        with archive.read() as reader:
            types = Counter(entry.type for entry in reader.entries() if entry.type not in _AGAIN)
            held = sorted(_record(reader, record) for record in records.stream(reader))
        with SearchIndex.open(archive) as index:
            index.catch_up()
            found = {query: index.count(query) for query in ("first", "other", "new", "picture")}
            damaged = index.damaged()
        left = strays(archive)
    return {
        "types": dict(types), "records": held, "found": found, "damaged": damaged, "strays": left,
    }  # fmt: skip


def strays(archive: Archive) -> list[str]:
    """The files below an archive's folder that are no part of it."""
    with archive.read() as reader:
        blobs = set(reader.conn.execute(text("SELECT name FROM blob")).scalars())
    part = re.compile(
        r"muniment\.toml|archive\.db(-wal|-shm)?|keys/(log|vault)\.key|keys/[^/]+\.pub"
        rf"|index/(index\.json|writer\.lock)|index/({'|'.join(_parts(archive)) or 'none'})/.*"
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


def _parts(archive: Archive) -> list[str]:
    try:
        settings = json.loads((archive.index_folder / "index.json").read_text())
    except FileNotFoundError:
        return []
    return [str(part) for part in settings["parts"]]


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
