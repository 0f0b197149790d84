"""The log checked without any secret key: entries, tree, checkpoints and their signatures.

That is what a backup can be held to by whoever keeps it. Contents and projections need the keys.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from sqlalchemy import Connection, select

from archive import _schema, notes
from archive._entry import Entry
from archive._log import Reader
from archive._logkeys import log_keys, signers_of
from archive._replay import TreeReplay
from archive.errors import VerificationError

_PAGE = 1000


def check_log(
    reader: Reader, archive_id: str, origin: str, advance: Callable[[int], None]
) -> Iterator[str]:
    """What does not hold in a log, each place in one line; nothing when it holds.

    `advance` is told of entries, the log's length in all.
    """
    found: list[str] = []
    tree = TreeReplay(_tiles(reader.conn), lambda where, what: found.append(f"{where}: {what}"))
    heads = _checkpoints(reader.conn)
    keys = log_keys(reader, archive_id)
    previous = 0
    due = next(heads, None)
    for seq, header in _headers(reader.conn):
        if seq != tree.size:
            found.append(f"entry {tree.size}: missing")
            break
        try:
            Entry.parse(seq, header)
        except VerificationError as error:
            found.append(str(error))
        tree.add(sha256(b"\x00" + header).digest())
        while due is not None and due[0] <= tree.size:
            if problem := _problem(due, tree, origin, signers_of(keys, previous, due[0])):
                found.append(f"checkpoint {due[0]}: {problem}")
            previous = due[0]
            due = next(heads, None)
        if tree.size % _PAGE == 0:
            advance(_PAGE)
            yield from found
            found.clear()
    tree.finish()
    if due is not None:
        found.append(f"checkpoint {due[0]}: is beyond the log's {tree.size} entries")
    if (reader.head.size, reader.head.root) != (tree.size, tree.root):
        found.append(f"head: says {reader.head.size} entries, or a root they do not lead to")
    newest = notes.Checkpoint.parse(notes.Note.parse(reader.checkpoint()).text).size
    if newest != tree.size:
        found.append(f"checkpoint: the newest covers {newest} of {tree.size} entries")
    yield from found


def _problem(
    stored: tuple[int, str], tree: TreeReplay, origin: str, signers: Sequence[notes.NoteKey]
) -> str:
    size, note = stored
    if not signers:
        return "no key that the log names could have signed it"
    for key in signers:
        try:
            checkpoint = notes.open_checkpoint(note, [key])
        except VerificationError as error:
            return str(error)
        if (checkpoint.size, checkpoint.origin) != (size, origin):
            return "speaks of another size or origin"
        if checkpoint.root != tree.root:
            return "the entries before it do not lead to its root"
    return ""


def _tiles(connection: Connection) -> Callable[[int, int], bytes]:
    tile = _schema.tile

    def stored(tier: int, index: int) -> bytes:
        query = select(tile.c.hashes).where(tile.c.level == tier, tile.c.idx == index)
        return bytes(connection.execute(query).scalar() or b"")

    return stored


def _headers(connection: Connection) -> Iterator[tuple[int, bytes]]:
    table = _schema.entry
    last = -1
    while True:
        query = select(table.c.seq, table.c.header).where(table.c.seq > last)
        rows = connection.execute(query.order_by(table.c.seq).limit(_PAGE)).fetchall()
        if not rows:
            return
        yield from ((seq, bytes(header)) for seq, header in rows)
        last = rows[-1][0]


def _checkpoints(connection: Connection) -> Iterator[tuple[int, str]]:
    table = _schema.checkpoint
    last = -1
    while True:
        query = select(table.c.size, table.c.note).where(table.c.size > last)
        rows = connection.execute(query.order_by(table.c.size).limit(_PAGE)).fetchall()
        if not rows:
            return
        yield from ((size, note) for size, note in rows)
        last = rows[-1][0]
