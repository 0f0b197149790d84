"""Reading and writing the log: one snapshot to read from, one transaction to append in."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Select, bindparam, column, select, table, update

from archive import _blobs, _schema, merkle, notes, times
from archive._addition import Addition, Batch
from archive._blobs import BlobRef
from archive._entry import Draft, Entry, Signer
from archive._handed_over import HandedOver
from archive._hmac import keyed
from archive._parts import Parts, Sealed
from archive._projection import Projection, apply_live
from archive._restricted import restricted_among
from archive._store import insert_rows, rows_among, stored_bytes
from archive._tiles import Edge, Tiles
from archive._vault import Erased, Vault
from archive._words import to_bytes
from archive.errors import NotFound, Refused, VerificationError

_entry = _schema.entry.c
_HEADER = select(_entry.header).where(_entry.seq == bindparam("at"))
_HISTORY = (
    select(_entry.seq, _entry.header)
    .where(_entry.subject == bindparam("about"))
    .order_by(_entry.seq)
)
_STANDS: Select[Any, Any, Any] = select(column("size"), column("root"), column("at")).select_from(
    table("head")
)
_PAGE = 2000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands: number of entries, root, and the time of the newest entry."""

    size: int
    root: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the archive knows only with its keys at hand.

    While the vault key is being replaced, `other` is the one that some data keys are still, or
    already, under.
    """

    vault: bytes
    lookup: bytes
    other: bytes | None = None


NO_SECRETS = Secrets(bytes(32), bytes(32))
"""For reading the log alone: opens nothing."""


class Reader:
    """The log as of one moment."""

    def __init__(self, connection: Connection, secrets: Secrets, blobs: Path) -> None:
        self.conn = connection
        self.head = read_head(connection)
        self._secrets = secrets
        self._blobs = blobs
        self._vault = Vault(connection, secrets.vault, secrets.other)
        self._tiles = Tiles(connection)
        self._hmac = keyed(secrets.lookup)
        self.recurring = lru_cache(maxsize=8192)(partial(_lookup, self._hmac))
        """`lookup` for values that come again and again: authors, parents."""

    def over(self, connection: Connection) -> "Reader":
        """The log in another database, read with the same keys."""
        return Reader(connection, self._secrets, self._blobs)

    def lookup(self, *values: str) -> str:
        """A keyed HMAC-SHA-256 of texts, 32 hexadecimal characters: finds platform ids and
        handles again without keeping them.
        """
        return _lookup(self._hmac, *values)

    def mac(self, data: bytes) -> str:
        """A keyed HMAC-SHA-256 of bytes, cut to 32 hexadecimal characters."""
        return self._hmac(data)[:16].hex()

    def entry(self, seq: int) -> Entry:
        """The entry at a position; NotFound when the log is shorter."""
        header = self.conn.execute(_HEADER, {"at": seq}).scalar()
        if header is None:
            raise NotFound(f"there is no entry {seq}; the log has {self.head.size}")
        return Entry.parse(seq, stored_bytes(header, f"entry {seq}"))

    def entries_at(self, positions: Sequence[int]) -> list[Entry]:
        """The entries at positions, in the order of these; NotFound when the log is shorter."""
        table = _schema.entry
        query = select(table.c.seq, table.c.header)
        headers = dict(iter(rows_among(self.conn, query, table.c.seq, positions)))
        for seq in positions:
            if seq not in headers:
                raise NotFound(f"there is no entry {seq}; the log has {self.head.size}")
        return [Entry.parse(seq, stored_bytes(headers[seq], f"entry {seq}")) for seq in positions]

    def entries(
        self, start: int = 0, stop: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[Entry]:
        """Entries from `start` up to `stop` in log order, streamed; only of `types` when given."""
        table = _schema.entry
        stop = self.head.size if stop is None else stop
        query = select(table.c.seq, table.c.header).order_by(table.c.seq).limit(_PAGE)
        if types is not None:
            query = query.where(table.c.type.in_(types))
        while start < stop:
            rows = self.conn.execute(
                query.where(table.c.seq >= start, table.c.seq < stop)
            ).fetchall()
            for seq, header in rows:
                yield Entry.parse(seq, stored_bytes(header, f"entry {seq}"))
            if len(rows) < _PAGE:
                return
            start = rows[-1][0] + 1

    def history(self, subject: str, types: Collection[str] | None = None) -> list[Entry]:
        """All entries about a subject, in order; only of `types` when given."""
        query = _HISTORY if types is None else _HISTORY.where(_entry.type.in_(types))
        rows = self.conn.execute(query, {"about": subject})
        return [Entry.parse(seq, stored_bytes(header, f"entry {seq}")) for seq, header in rows]

    def open(
        self, entries: Iterable[Entry], *, restricted: bool = False
    ) -> Iterator[tuple[Entry, Sealed | None]]:
        """Entries with their sealed halves, streamed; None where there is none or it was erased.

        None, too, for all that is sealed about a restricted record (`archive.restrictions`), unless
        `restricted` asks for it: for comparing, and for showing it to whoever is named, after the
        access was recorded. VerificationError names the entry whose sealed half is damaged.
        """
        coming = iter(entries)
        while batch := list(islice(coming, _BATCH)):
            opened = self._vault.open(self._sealed(batch, restricted=restricted))
            for entry in batch:
                yield entry, opened.get(entry.seq)

    def open_whole(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Sealed | None]]:
        """As `open`, but words are not cut before they are asked for: for `Parts.whole`."""
        return self._uncut(entries, restricted=False)

    def replayed(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Sealed | None]]:
        """As `open`, but sealed halves are taken at their headers' word: for projections."""
        return self._uncut(entries, restricted=True)

    def _uncut(
        self, entries: Iterable[Entry], *, restricted: bool
    ) -> Iterator[tuple[Entry, Sealed | None]]:
        coming = iter(entries)
        while batch := list(islice(coming, _BATCH)):
            opened = self._vault.open_encoded(self._sealed(batch, restricted=restricted))
            for entry in batch:
                plain = opened.get(entry.seq)
                yield entry, None if plain is None else HandedOver(plain, entry.commitment or b"")

    def restricted(self, subjects: Iterable[str]) -> frozenset[str]:
        """Those of the subjects that are restricted: `open` gives nothing of them."""
        return restricted_among(self.conn, subjects)

    def _sealed(self, batch: Sequence[Entry], *, restricted: bool) -> list[tuple[int, str, bytes]]:
        """What the vault may open of a batch, those of restricted records with `restricted`."""
        every = [(e.seq, e.subject, e.commitment) for e in batch if e.commitment is not None]
        if restricted:
            return every
        closed = self.restricted(subject for _, subject, _ in every)
        return [row for row in every if row[1] not in closed] if closed else every

    def open_blob(self, subject: str, name: str, *, restricted: bool = False) -> Iterator[bytes]:
        """A stored attachment's content in pieces; VerificationError when missing or damaged.

        Refused when the subject is restricted, unless `restricted` asks for it, as with `open`.
        """
        if not restricted and self.restricted([subject]):
            raise Refused(f"record {subject} is restricted: nothing that hangs on it is shown")
        return _blobs.load(self._blobs, self._vault.cipher_of(subject), name)

    def checkpoint(self, size: int | None = None) -> str:
        """The newest checkpoint, or the one of a size: a C2SP tlog-checkpoint note.

        NotFound when none was signed at that size.
        """
        table = _schema.checkpoint
        query = select(table.c.note).order_by(table.c.size.desc()).limit(1)
        if size is not None:
            query = query.where(table.c.size == min(size, self.head.size + 1))
        note = self.conn.execute(query).scalar()
        if note is None and size is not None:
            raise NotFound(
                f"there is no checkpoint of {size} entries",
                hint="one is signed after every commit; see: muniment checkpoint",
            )
        if note is None:
            raise VerificationError("the log has no checkpoint")
        return str(note)

    def inclusion_proof(self, seq: int, size: int | None = None) -> list[bytes]:
        """The path from an entry's leaf to the head's root, or to that of an earlier size
        (RFC 6962 section 2.1.1).
        """
        return merkle.inclusion_proof(
            self._tiles.node, seq, self.head.size if size is None else size
        )

    def consistency_proof(self, old_size: int) -> list[bytes]:
        """That the head extends the tree of `old_size` (RFC 6962 section 2.1.2)."""
        return merkle.consistency_proof(self._tiles.node, old_size, self.head.size)

    def root_at(self, size: int) -> bytes:
        """The root that the tree had at an earlier size."""
        return merkle.range_hash(self._tiles.node, 0, size)

    def prove(self, seq: int, size: int | None = None) -> notes.EntryProof:
        """A C2SP tlog-proof of one entry against the newest checkpoint, or the one of a size.

        NotFound when no checkpoint of that size was signed.
        """
        note = self.checkpoint(size)
        return notes.EntryProof(seq, tuple(self.inclusion_proof(seq, size)), note)


class Writer(Reader):
    """The one writer's transaction. Nothing is kept unless the whole of it commits."""

    def __init__(
        self,
        connection: Connection,
        secrets: Secrets,
        blobs: Path,
        signer: Signer,
        projections: Sequence[Projection],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(connection, secrets, blobs)
        self.signer = signer
        self.unlink: list[str] = []
        self.stored: list[str] = []
        self._projections = projections
        self._clock = clock
        self._start = self.head
        self._retired = False
        self._edge = Edge(connection, self.head.size)
        if self._edge.root != self.head.root:
            raise VerificationError(
                "the stored tree does not lead to the head of the log",
                hint="run muniment verify; nothing was written",
            )

    @property
    def grown(self) -> tuple[int, int]:
        """The log's size when this transaction began, and now."""
        return self._start.size, self.head.size

    def retire(self) -> None:
        """The signer's key has just been replaced or revoked: nothing more is appended here."""
        self._retired = True

    def append(self, drafts: Iterable[Draft]) -> list[Entry]:
        """Append decisions, each signed by the writer's signer.

        ValueError for a type that `capture` appends.
        """
        adding = self._adding()
        adding.decide(list(drafts))
        self._keep(adding)
        return adding.entries

    def capture(
        self, drafts: Iterable[Draft], run: str, data: dict[str, Any], parts: Parts | None = None
    ) -> list[Entry]:
        """Append the captures of one run; their entries. As `capture_all` with one batch."""
        return self.capture_all([Batch(run, list(drafts), data, parts)])[0]

    def capture_all(self, batches: Iterable[Batch]) -> list[list[Entry]]:
        """Append captures, those of each run with one signed `capture.batch` that covers their
        leaves; the captures' entries of each.

        ValueError for any other type than `CAPTURE_TYPES`.
        """
        adding = self._adding()
        captured = [adding.capture(batch) for batch in batches]
        self._keep(adding)
        return captured

    def put_blob(self, subject: str, content: Iterable[bytes]) -> BlobRef:
        """Store an attachment of `subject`, given in pieces, encrypted under its data key."""
        ref = _blobs.store(self._blobs, self._vault.cipher_of(subject, create=True), content)
        self.stored.append(ref.name)
        insert_rows(self.conn, _schema.blob, [(ref.name, subject, ref.size)])
        return ref

    def erase(self, subjects: Sequence[str]) -> Erased:
        """Destroy the data keys, sealed halves and attachments of subjects.

        Headers, leaves and proofs stay. The caller answers for the right to do so: disposal alone.
        """
        erased = self._vault.erase(subjects)
        self.unlink += erased.blobs
        return erased

    def _adding(self) -> Addition:
        return Addition(self.head.size, max(self._clock(), self.head.at), self.signer)

    def _keep(self, adding: Addition) -> None:
        """Store what was added, move the head, and show it to the projections."""
        entries = adding.entries
        if not entries:
            return
        if self._retired:
            raise Refused("the signer's key was replaced or revoked: it signs nothing more")
        insert_rows(
            self.conn, _schema.entry, [(e.seq, e.type, e.subject, e.header) for e in entries]
        )
        self._vault.seal(adding.sealing)
        self._edge.append(adding.leaves)
        self.head = Head(self.head.size + len(entries), self._edge.root, adding.at)
        self._tiles = Tiles(self.conn)
        apply_live(self, self._projections, adding.events)

    def finish(self, origin: str, keys: Callable[[], Sequence[Ed25519PrivateKey]]) -> None:
        """Move the head and sign its checkpoint with the keys that `keys` then gives.

        VerificationError when another writer moved the head.
        """
        if self.head.size == self._start.size:
            return
        table = _schema.head
        moved = self.conn.execute(
            update(table)
            .where(table.c.size == self._start.size, table.c.root == self._start.root)
            .values(size=self.head.size, root=self.head.root, at=times.to_text(self.head.at))
        )
        if moved.rowcount != 1:
            raise VerificationError(
                "the head of the log moved under this command",
                hint="nothing was written; run it again",
            )
        checkpoint = notes.Checkpoint(origin, self.head.size, self.head.root)
        note = notes.sign_checkpoint(checkpoint, origin, *keys())
        insert_rows(self.conn, _schema.checkpoint, [(self.head.size, note)])


def _lookup(hmac: Callable[[bytes], bytes], *values: str) -> str:
    return hmac(to_bytes("".join([f"{len(value)}:{value}" for value in values])))[:16].hex()


def read_head(connection: Connection) -> Head:
    """Where the log stands; VerificationError when the database has no head, or no whole one."""
    rows: Sequence[Any] = connection.execute(_STANDS).fetchall()
    if len(rows) != 1:
        held = f"{len(rows)} heads" if rows else "no head"
        raise VerificationError(f"the database holds {held} of the log", hint="restore a backup")
    size, root, at = rows[0]
    try:
        if type(size) is not int or size < 0 or not isinstance(root, bytes) or type(at) is not str:
            raise ValueError("a value is of another kind")
        return Head(size, root, times.from_text(at))
    except ValueError as error:
        raise VerificationError(
            f"the head of the log is damaged ({error})", hint="restore a backup"
        ) from error
