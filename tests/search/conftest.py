"""An archive of a small library's comments, and what happens to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Archive, Draft, Parts, Signer, new_id, restrictions
from archive.keys import ActorKey
from archive.records import lookup_of
from search import PROJECTIONS, SearchIndex, _partitions
from search._engine import Engine
from search._fields import ORDERED, UNORDERED
from search._tantivy import TantivyEngine
from search._whoosh import WhooshEngine

ACCOUNT = "0197a1b2-0000-7000-8000-00000000c0de"


def put_instead(path: Path, data: bytes) -> None:
    """Put other bytes in a file's place; whoever has mapped the file keeps the earlier ones.

    A thread of the engine may still read an index that was closed: were the file cut short under
    it, the process would die.
    """
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)


def terms_in(engine: Engine, prefix: str) -> set[str]:
    """Words of that beginning that the files of an engine still list."""
    if isinstance(engine, TantivyEngine):
        searcher, names = engine._searcher, (*ORDERED, *UNORDERED)
        return {term for name in names for term, _ in searcher.terms_with_prefix(name, prefix)}
    assert isinstance(engine, WhooshEngine)
    texts = (text for _, text in engine._searcher.reader().all_terms())
    return {text.decode(errors="replace") for text in texts if text.startswith(prefix.encode())}


@dataclass
class Desk:
    """An archive, who signs, and the records by name."""

    archive: Archive
    signer: Signer
    now: list[datetime]
    records: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def capture(self, name: str, text: str, *, kind: str = "comment", state: str = "live",
                **more: str) -> str:  # fmt: skip
        """Capture a record, or a new version of one that is there; its id."""
        version = self.versions[name] = self.versions.get(name, 0) + 1
        record = self.records.setdefault(name, new_id())
        with self.archive.write(self.signer) as writer:
            data = {
                "account": ACCOUNT,
                "kind": kind,
                "platform": "facebook",
                "lookup": lookup_of(writer, "facebook", ACCOUNT, name),
                "run": "run",
                "state": state,
                "version": version,
            }
            fields = {"author/name": "Jane Roe", "account": "CookLibrary"} | {
                key.replace("__", "/"): value for key, value in more.items()
            }
            parts = Parts.of([("text", text), *fields.items(), ("raw", b"{}")])
            kind_of_entry = "record.captured" if version == 1 else "record.edited"
            writer.capture([Draft(kind_of_entry, record, data, parts)], new_id(), {})
        return record

    def decide(self, name: str, verb: str, reason: str = "", **data: str) -> None:
        """Append a decision about a record."""
        with self.archive.write(self.signer) as writer:
            parts = Parts.of([("reason", reason)]) if reason else None
            writer.append([Draft(f"record.{verb}", self.records[name], data, parts)])

    def vanish(self, name: str) -> None:
        """A source no longer shows a record."""
        with self.archive.write(self.signer) as writer:
            run = new_id()
            writer.capture([Draft("record.vanished", self.records[name], {"run": run})], run, {})

    def remove(self, name: str, reason: str, clause: str = "4.b", extent: str = "all") -> str:
        """Record that a comment was removed, and why; the removal's id."""
        removal = new_id()
        self.decide(name, "removed", reason, policy="p", policy_version="1", clause=clause,
                    extent=extent, removal=removal, by="staff")  # fmt: skip
        return removal

    def dispose(self, name: str) -> None:
        """What a disposal leaves of a record: its headers."""
        with self.archive.write(self.signer) as writer:
            writer.append([Draft("record.disposed", self.records[name], {"series": "S"})])
            writer.erase([self.records[name]])

    def restrict(self, name: str) -> None:
        """Close a record to everybody but ada."""
        with self.archive.write(self.signer) as writer:
            restrictions.restrict(writer, self.records[name], ["ada"], reason="Unlawful")

    def size(self) -> int:
        """How many entries the log has."""
        with self.archive.read() as reader:
            return reader.head.size

    def names(self, ids: Iterator[str]) -> list[str]:
        """The names of records by their ids."""
        known = {record: name for name, record in self.records.items()}
        return [known[one] for one in ids]


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[Desk]:
    with new_desk(tmp_path, database) as made:
        yield made


@contextmanager
def new_desk(folder: Path, database: str = "") -> Iterator[Desk]:
    """A desk with an empty archive; its clock moves on by a second with every look."""
    now = [datetime(2026, 3, 2, 15, tzinfo=UTC)]

    def clock() -> datetime:
        now[0] += timedelta(seconds=1)
        return now[0]

    key = Ed25519PrivateKey.generate()
    with Archive.create(
        folder / "library",
        name="Library",
        actor_name="ada",
        actor_key=key,
        database=database,
        projections=PROJECTIONS,
        clock=clock,
    ) as archive:
        with archive.read() as reader:
            founder = reader.entry(0).actor
        yield Desk(archive, ActorKey(founder, key), now)


@pytest.fixture(params=["tantivy", "whoosh"])
def index(
    request: pytest.FixtureRequest, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SearchIndex]:
    """An index in one part, and one in many small ones."""
    with opened(desk, request.param, monkeypatch) as one:
        yield one


@contextmanager
def opened(desk: Desk, engine: str, patch: pytest.MonkeyPatch) -> Iterator[SearchIndex]:
    if engine == "tantivy":
        patch.setattr(_partitions, "SPAN", 8)
    with SearchIndex.open(desk.archive, engine=engine, wait=0) as index:
        yield index
