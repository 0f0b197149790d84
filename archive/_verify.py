"""Verification: everything derived anew from stored bytes. Damage is collected, never raised."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select, text

from archive import _blobs, _schema, notes, times
from archive._archive import Archive
from archive._entry import CAPTURE_TYPES, Entry
from archive._log import Reader
from archive._replay import TreeReplay
from archive._store import chunked
from archive.errors import StorageError, VerificationError

_PAGE = 1000
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: where, and what."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and what does not hold (at most the first thousand findings).

    `leftovers` are attachment files of writes that never committed: harmless, for their keys are
    nowhere; the next disposal removes them.
    """

    entries: int
    checkpoints: int
    signatures: int
    contents: int
    erased: int
    blobs: int
    leftovers: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not self.findings


def verify(
    archive: Archive, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> Report:
    """Check the whole archive: database, entries, tree, checkpoints, signatures, contents,
    attachments, and projections against a replay.

    `progress` is told how many of how many entries are done.
    """
    check = _Check(archive, progress)
    try:
        check.run()
    except (StorageError, VerificationError) as error:
        check.report("database", f"{error}; what follows it could not be checked")
    return check.result()


class _Check:
    def __init__(self, archive: Archive, progress: Callable[[int, int], None]) -> None:
        self._archive = archive
        self._progress = progress
        self._findings: list[Finding] = []
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._uncovered: list[Entry] = []
        self._astray: list[int] = []
        self._last_at = ""
        self.entries = self.checkpoints = self.signatures = self.contents = 0
        self.erased = self.blobs = self.leftovers = 0

    def report(self, place: str, problem: str) -> None:
        if len(self._findings) < _MOST:
            self._findings.append(Finding(place, problem))

    def result(self) -> Report:
        return Report(
            self.entries,
            self.checkpoints,
            self.signatures,
            self.contents,
            self.erased,
            self.blobs,
            self.leftovers,
            tuple(self._findings),
        )

    def run(self) -> None:
        with self._archive.snapshot() as reader:
            self._database(reader)
            self._log(reader)
            self._blobs(reader)
        if self._findings:
            self.report("projections", "not compared with a replay: the log itself is damaged")
            return
        for table in self._archive.differing_tables():
            self.report(f"table {table}", "differs from a replay of the log")

    def _database(self, reader: Reader) -> None:
        if reader.conn.dialect.name != "sqlite":
            return
        for (line,) in reader.conn.execute(text("PRAGMA integrity_check(20)")):
            if line != "ok":
                self.report("database", str(line).replace("\n", " "))

    def _log(self, reader: Reader) -> None:
        tile = _schema.tile

        def stored(tier: int, index: int) -> bytes:
            query = select(tile.c.hashes).where(tile.c.level == tier, tile.c.idx == index)
            return bytes(reader.conn.execute(query).scalar() or b"")

        tree = TreeReplay(stored, self.report)
        heads = self._heads(reader)
        due = next(heads, None)
        for page in self._pages(reader):
            parsed: list[Entry] = []
            for row in page:
                header = bytes(row.header)
                entry = self._entry(row, header, tree.size)
                tree.add(entry.leaf_hash if entry else sha256(b"\x00" + header).digest())
                if entry is not None:
                    parsed.append(entry)
                while due is not None and due[0] <= tree.size:
                    self._head(due, tree)
                    due = next(heads, None)
            self._contents(reader, parsed)
            self.entries = tree.size
            self._progress(tree.size, reader.head.size)
        self._cover(None)
        while due is not None:
            self.report(f"checkpoint {due[0]}", f"is beyond the log's {tree.size} entries")
            due = next(heads, None)
        if self._astray:
            others = len(self._astray) - 1
            self.report(
                f"checkpoint {self._astray[0]}",
                "the entries before it do not lead to its root"
                + (f", nor to those of {others} later ones" if others else ""),
            )
        self._end(reader, tree)

    def _pages(self, reader: Reader) -> Iterator[Sequence[Any]]:
        table, last = _schema.entry, -1
        query = select(table.c.seq, table.c.type, table.c.subject, table.c.header)
        while True:
            page = query.where(table.c.seq > last).order_by(table.c.seq).limit(_PAGE)
            rows = reader.conn.execute(page).fetchall()
            if not rows:
                return
            yield rows
            last = rows[-1].seq

    def _entry(self, row: Any, header: bytes, expected: int) -> Entry | None:
        if row.seq != expected:
            self.report(f"entry {expected}", f"missing; entry {row.seq} stands in its place")
        try:
            entry = Entry.parse(row.seq, header)
        except VerificationError as error:
            self.report(f"entry {row.seq}", str(error).partition(": ")[2])
            return None
        if (row.type, row.subject) != (entry.type, entry.subject):
            self.report(f"entry {row.seq}", "its type or subject column differs from its header")
        at = times.to_text(entry.at)
        if at < self._last_at:
            self.report(f"entry {row.seq}", "its time is before that of the entry ahead of it")
        self._last_at = max(at, self._last_at)
        self._signed(entry)
        return entry

    def _signed(self, entry: Entry) -> None:
        if entry.type == "actor.added":
            self._learn(entry)
        if entry.type in CAPTURE_TYPES:
            self._uncovered.append(entry)
            return
        self._cover(entry)
        key = self._keys.get(entry.actor)
        if key is None:
            self.report(f"entry {entry.seq}", f"its actor {entry.actor} is not known by then")
        elif entry.signature is None:
            self.report(f"entry {entry.seq}", "a decision without its actor's signature")
        else:
            try:
                key.verify(entry.signature, entry.signed_message)
                self.signatures += 1
            except InvalidSignature:
                self.report(f"entry {entry.seq}", "its actor's signature is wrong")

    def _learn(self, entry: Entry) -> None:
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(entry.data["public_key"]))
        except (KeyError, TypeError, ValueError):
            self.report(f"entry {entry.seq}", "names an actor without an Ed25519 key")
            return
        if entry.subject in self._keys:
            self.report(f"entry {entry.seq}", "names an actor who has a key already")
        elif entry.seq == 0 or entry.actor in self._keys:
            self._keys[entry.subject] = public

    def _cover(self, entry: Entry | None) -> None:
        """Captures must be covered by the signed batch entry right behind them."""
        captures, self._uncovered = self._uncovered, []
        if entry is not None and entry.type == "capture.batch":
            leaves = sha256(b"".join(c.leaf_hash for c in captures)).hexdigest()
            covered = (entry.data.get("first"), entry.data.get("count"), entry.data.get("leaves"))
            first = captures[0].seq if captures else None
            if covered != (first, len(captures), leaves):
                self.report(f"entry {entry.seq}", "does not cover the captures before it")
            if any(capture.actor != entry.actor for capture in captures):
                self.report(f"entry {entry.seq}", "covers captures of another actor")
        elif captures:
            self.report(f"entry {captures[0].seq}", "a capture that no batch entry covers")

    def _heads(self, reader: Reader) -> Iterator[tuple[int, str]]:
        table, last = _schema.checkpoint, -1
        while True:
            query = select(table.c.size, table.c.note).where(table.c.size > last)
            rows = reader.conn.execute(query.order_by(table.c.size).limit(_PAGE)).fetchall()
            if not rows:
                return
            yield from ((size, note) for size, note in rows)
            last = rows[-1][0]

    def _head(self, stored: tuple[int, str], tree: TreeReplay) -> None:
        size, note = stored
        self.checkpoints += 1
        try:
            checkpoint = notes.open_checkpoint(note, [self._archive.log_key])
        except VerificationError as error:
            self.report(f"checkpoint {size}", str(error))
            return
        if (checkpoint.size, checkpoint.origin) != (size, self._archive.origin):
            self.report(f"checkpoint {size}", "speaks of another size or origin")
        elif checkpoint.root != tree.root:
            self._astray.append(size)

    def _end(self, reader: Reader, tree: TreeReplay) -> None:
        if (reader.head.size, reader.head.root) != (tree.size, tree.root):
            self.report("head", f"says {reader.head.size} entries, or a root they do not lead to")
        elif times.to_text(reader.head.at) != self._last_at:
            self.report("head", "its time is not that of the newest entry")
        try:
            newest = notes.Checkpoint.parse(notes.Note.parse(reader.checkpoint()).text).size
        except VerificationError as error:
            self.report("checkpoint", str(error))
        else:
            if newest != tree.size:
                self.report("checkpoint", f"the newest covers {newest} of {tree.size} entries")
        expected = dict(tree.finish())
        tile = _schema.tile
        counts = select(tile.c.level, func.count(), func.max(tile.c.idx)).group_by(tile.c.level)
        for level, count, last in reader.conn.execute(counts):
            if count != expected.get(level, 0) or last != count - 1:
                self.report(f"tile {level}/{last}", "tiles missing or too many at this level")
        sealed, entry = _schema.sealed, _schema.entry
        orphans = (
            select(sealed.c.seq)
            .where(sealed.c.seq.not_in(select(entry.c.seq)))
            .order_by(sealed.c.seq)
            .limit(_MOST)
        )
        for seq in reader.conn.execute(orphans).scalars():
            self.report(f"sealed half {seq}", "belongs to no entry")

    def _contents(self, reader: Reader, entries: Sequence[Entry]) -> None:
        absent: list[Entry] = []
        for entry, opened in self._opened(reader, [e for e in entries if e.commitment]):
            if opened is None:
                absent.append(entry)
            elif opened != entry.commitment:
                self.report(f"entry {entry.seq}", "its content is not what its header commits to")
            else:
                self.contents += 1
        disposed = self._disposed(reader, sorted({entry.subject for entry in absent}))
        for entry in absent:
            if entry.subject in disposed:
                self.erased += 1
            else:
                self.report(f"entry {entry.seq}", "its content is missing, and no disposal says so")
        bare = [entry.seq for entry in entries if not entry.commitment]
        for chunk in chunked(bare):
            query = select(_schema.sealed.c.seq).where(_schema.sealed.c.seq.in_(chunk))
            for seq in reader.conn.execute(query).scalars():
                self.report(f"sealed half {seq}", "its entry commits to none")

    def _opened(
        self, reader: Reader, entries: Sequence[Entry]
    ) -> Iterator[tuple[Entry, bytes | None]]:
        try:
            opened = list(reader.open(entries))
        except VerificationError as error:
            if len(entries) == 1:
                self.report(f"entry {entries[0].seq}", str(error).partition(": ")[2])
                return
            middle = len(entries) // 2
            yield from self._opened(reader, entries[:middle])
            yield from self._opened(reader, entries[middle:])
            return
        for entry, sealed in opened:
            yield entry, None if sealed is None else sealed.commitment

    def _disposed(self, reader: Reader, subjects: Sequence[str]) -> set[str]:
        table = _schema.entry
        found: set[str] = set()
        for chunk in chunked(subjects):
            query = select(table.c.subject).where(
                table.c.subject.in_(chunk), table.c.type == "record.disposed"
            )
            found.update(reader.conn.execute(query).scalars())
        return found

    def _blobs(self, reader: Reader) -> None:
        folder = self._archive.blob_folder
        known = set(reader.conn.execute(select(_schema.blob.c.name)).scalars())
        for name in sorted(known):
            digest = sha256()
            try:
                with _blobs.path_of(folder, name).open("rb") as file:
                    while piece := file.read(1 << 20):
                        digest.update(piece)
            except OSError:
                self.report(f"blob {name}", "missing")
                continue
            self.blobs += 1
            if digest.hexdigest() != name:
                self.report(f"blob {name}", "its bytes are not those it is named by")
        self.leftovers = sum(name not in known for name in _blobs.names(folder))
