"""Fixtures of this room: an archive with one actor, samples, and shortcuts to read it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ingest
from archive import Archive, Record, Sealed, Signer, keys, records
from ingest import Capture, Export, Rejected, Summary, Told, open_export, reader_for
from tests.conftest import Clock

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
JANUARY = SAMPLES / "mastodon/archive-20260105-maplegrovepl.tar.gz"
FEBRUARY = SAMPLES / "mastodon/archive-20260201-maplegrovepl.tar.gz"


@dataclass(frozen=True)
class Room:
    """An archive, whoever writes to it, and its clock."""

    archive: Archive
    signer: Signer
    clock: Clock

    def take(self, path: Path, **options: Any) -> Summary:
        """Ingest an export."""
        return ingest.ingest(self.archive, self.signer, path, **options)

    def records(self) -> list[Record]:
        with self.archive.read() as reader:
            return list(records.stream(reader))

    def newest(self, record: Record) -> Sealed:
        """The newest version of a record."""
        with self.archive.read() as reader:
            [(_, sealed)] = reader.open([reader.entry(record.last_seq)])
        assert sealed is not None
        return sealed

    def types(self) -> list[str]:
        """The types of all entries, in order."""
        with self.archive.read() as reader:
            return [entry.type for entry in reader.entries()]


@pytest.fixture
def room(tmp_path: Path, clock: Clock, database: str) -> Iterator[Room]:
    key = Ed25519PrivateKey.generate()
    made = Archive.create(
        tmp_path / "archive",
        name="Maple Grove Public Library",
        actor_name="ada",
        actor_key=key,
        roles=("officer", "director"),
        database=database,
        projections=ingest.PROJECTIONS,
        clock=clock,
    )
    with made:
        with made.read() as reader:
            actor = reader.entry(0).subject
        yield Room(made, keys.ActorKey(actor, key), clock)


Items = tuple[list[Capture], list[Rejected]]


def read(path: Path, account: str = "") -> Items:
    """All captures of an export, and all that was rejected."""
    with open_export(path) as export:
        return items_of(export, account)


def items_of(export: Export, account: str = "") -> Items:
    source = reader_for(export).read(export, Told(account))
    items = list(source.items)
    return (
        [item for item in items if isinstance(item, Capture)],
        [item for item in items if isinstance(item, Rejected)],
    )


@pytest.fixture
def lines(tmp_path: Path) -> Callable[..., Path]:
    """Write lines to a .jsonl file; gives its path."""

    def write(*rows: str, name: str = "rows.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        return path

    return write
