import gc
import subprocess
import sys
import weakref
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text, update

from archive import (
    Draft,
    Entry,
    NotFound,
    Parts,
    StorageError,
    VerificationError,
    Writer,
    _schema,
    merkle,
    new_id,
    notes,
    times,
)
from archive._store import writing
from tests.archive.library import Library

ROOT = Path(__file__).parents[2]


def entries(library: Library) -> list[Entry]:
    with library.archive.read() as reader:
        return list(reader.entries())


def start_writer(library: Library, batches: int) -> subprocess.Popen[str]:
    secret = library.ada.key.private_bytes_raw().hex()
    words = [str(library.folder), library.ada.actor, secret, str(batches)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.archive.writers", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_new_log_names_its_founder_and_its_key(library: Library) -> None:
    founder, created = entries(library)
    assert (founder.type, founder.subject, founder.actor) == (
        "actor.added",
        library.ada.actor,
        library.ada.actor,
    )
    assert founder.data == {"public_key": library.ada.public.hex(), "roles": ["officer"]}
    assert (created.type, created.subject) == ("archive.created", library.archive.config.id)
    assert created.data["log_key"] == str(library.archive.log_key)


def test_decisions_are_signed_by_their_actor(library: Library) -> None:
    with library.archive.write(library.ada) as writer:
        drafts = [Draft("hold.placed", new_id(), {"kind": "litigation"}) for _ in range(3)]
        written = writer.append(drafts)
    stored = entries(library)[2:]
    assert stored == written
    public = Ed25519PublicKey.from_public_bytes(library.ada.public)
    for entry in stored:
        assert entry.signature is not None
        public.verify(entry.signature, entry.signed_message)
        with pytest.raises(InvalidSignature):
            public.verify(entry.signature, entry.signed_message.replace(b"litigation", b"audit"))


def test_captures_are_covered_by_one_signed_batch(library: Library) -> None:
    captured = library.capture("one", "two", "three")
    *stored, batch = entries(library)[2:]
    assert stored == captured
    assert all(entry.signature is None and entry.commitment for entry in stored)
    assert batch.type == "capture.batch"
    assert batch.subject == library.run
    assert batch.signature is not None
    leaves = sha256(b"".join(entry.leaf_hash for entry in stored)).hexdigest()
    assert batch.data == {"run": library.run, "first": 2, "count": 3, "leaves": leaves}


def test_a_batch_of_nothing_leaves_nothing(library: Library) -> None:
    assert library.capture() == []
    assert library.size() == 2


def test_entries_are_found_by_position_type_and_subject(library: Library) -> None:
    one, two = library.capture("one", "two")
    edited = library.edit(one, "one, again")
    removed = library.remove(one.subject)
    with library.archive.read() as reader:
        assert reader.entry(2) == one
        with pytest.raises(NotFound, match="no entry 99"):
            reader.entry(99)
        assert reader.entries_at([removed.seq, 2, 2]) == [removed, one, one]
        assert reader.entries_at([]) == []
        with pytest.raises(NotFound, match="no entry 99"):
            reader.entries_at([2, 99])
        assert [entry.seq for entry in reader.entries(3, 5)] == [3, 4]
        assert list(reader.entries(types={"record.captured"})) == [one, two]
        assert list(reader.entries(types=set())) == []
        assert reader.history(one.subject) == [one, edited, removed]
        assert reader.history(one.subject, {"record.edited"}) == [edited]
        assert reader.history("nobody") == []
        opened = [parts and parts.text() for _, parts in reader.open([one, edited])]
        assert opened == ["one", "one, again"]
        reasons = [parts and parts.text("reason") for _, parts in reader.open([removed])]
        assert reasons == ["an insult"]


def test_more_entries_than_a_page_are_read_in_order(library: Library) -> None:
    with library.archive.write(library.ada) as writer:
        drafts = [
            Draft("capture.rejected", new_id(), {"n": n}, Parts.of([("name", str(n))]))
            for n in range(4100)
        ]
        writer.capture(drafts, "run", {})
    with library.archive.read() as reader:
        found = list(reader.entries(2))
        assert [entry.seq for entry in found] == list(range(2, 4103))
        names = [parts.get("name") for _, parts in reader.open(found) if parts]
        assert names == [str(n) for n in range(4100)]
        assert reader.entries_at(range(4102, 1, -1)) == found[::-1]
        some = list(reader.entries(types={"capture.rejected"}))
        assert [entry.data["n"] for entry in some] == list(range(4100))
        root = merkle.root_of([entry.leaf_hash for entry in reader.entries()])
        assert reader.head.root == root == reader.root_at(reader.head.size)


def test_time_never_goes_backwards(library: Library) -> None:
    library.capture("now")
    now = library.clock.now
    library.clock.advance(hours=-2)
    (earlier,) = library.capture("two hours ago, says the clock")
    assert earlier.at == now
    library.clock.advance(hours=3)
    (later,) = library.capture("an hour on")
    assert later.at == now + timedelta(hours=1)
    stamps = [times.to_text(entry.at) for entry in entries(library)]
    assert stamps == sorted(stamps)
    assert library.verify().ok


def test_every_entry_is_proved_against_every_checkpoint(library: Library) -> None:
    heads: list[notes.Checkpoint] = []
    for words in ("one two", "three", "four five six seven"):
        library.capture(*words.split())
        with library.archive.read() as reader:
            head = notes.open_checkpoint(reader.checkpoint(), [library.archive.log_key])
            assert head == notes.Checkpoint(
                library.archive.origin, reader.head.size, reader.head.root
            )
            heads.append(head)
            for entry in reader.entries():
                proof = notes.EntryProof.parse(str(reader.prove(entry.seq)))
                assert proof.verify(entry.leaf_hash, [library.archive.log_key]) == head
                with pytest.raises(VerificationError):
                    proof.verify(merkle.leaf_hash(b"another"), [library.archive.log_key])
            for old in heads:
                way = reader.consistency_proof(old.size)
                merkle.verify_consistency(old.size, head.size, old.root, head.root, way)


def test_appending_nothing_after_something_moves_no_clock(library: Library) -> None:
    with library.archive.write(library.ada) as writer:
        (entry,) = writer.append([Draft("hold.placed", new_id())])
        library.clock.advance(minutes=1)
        assert writer.append([]) == []
    with library.archive.read() as reader:
        assert reader.head.at == entry.at
    assert library.verify().ok


def test_a_write_that_appends_nothing_signs_nothing(library: Library) -> None:
    count = text("SELECT count(*) FROM checkpoint")
    with library.archive.write(library.ada) as writer:
        before = writer.conn.execute(count).scalar()
    with library.archive.read() as reader:
        assert reader.conn.execute(count).scalar() == before == 1


def test_a_failed_write_leaves_nothing(library: Library) -> None:
    library.capture("kept")
    with library.archive.read() as reader:
        before = (reader.head, reader.checkpoint())

    def fail() -> None:
        with library.archive.write(library.ada) as writer:
            writer.capture([library.draft(writer, "lost", attachment=b"lost")], "run", {})
            writer.append([Draft("hold.placed", new_id())])
            assert len(list((library.folder / "blobs").glob("*/*"))) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with library.archive.read() as reader:
        assert (reader.head, reader.checkpoint()) == before
        for table in (_schema.entry, _schema.sealed, _schema.blob):
            seq = reader.conn.execute(table.select()).fetchall()
            assert not any("lost" in str(row) for row in seq)
        assert len(list(reader.entries())) == before[0].size
    assert list((library.folder / "blobs").glob("*/*")) == []
    library.capture("and on it goes")
    assert library.verify().ok


def test_data_that_cannot_stand_in_a_header_leaves_nothing(library: Library) -> None:
    def fail() -> None:
        with library.archive.write(library.ada) as writer:
            writer.append([Draft("hold.placed", new_id()), Draft("a.b", "s", {"share": 0.5})])

    with pytest.raises(ValueError, match="cannot stand in a header"):
        fail()
    assert library.size() == 2


def test_the_head_moves_by_compare_and_swap(library: Library) -> None:
    def race(**other: object) -> None:
        with library.archive.write(library.ada) as writer:
            writer.append([Draft("hold.placed", new_id())])
            writer.conn.execute(update(_schema.head).values(**other))

    for other in ({"size": 3}, {"size": 3, "root": bytes(32)}):
        with pytest.raises(VerificationError, match="head of the log moved"):
            race(**other)
    assert library.size() == 2
    assert library.verify().ok


def test_nothing_is_signed_over_a_damaged_tree(library: Library) -> None:
    library.capture("before the damage")
    library.tamper("UPDATE tile SET hashes = :hashes WHERE level = 0", hashes=bytes(128))
    with pytest.raises(VerificationError, match="does not lead to the head"):
        library.capture("after it")
    library.tamper("UPDATE tile SET hashes = :hashes WHERE level = 0", hashes=bytes(64))
    with pytest.raises(VerificationError, match="cut short"):
        library.capture("after it")


def test_two_processes_writing_at_once_make_one_log(library: Library) -> None:
    writers = [start_writer(library, 6) for _ in range(2)]
    for _ in range(3):
        library.capture("in between")
    printed = [writer.communicate()[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert printed == ["committed\n" * 6] * 2
    stored = entries(library)
    assert [entry.seq for entry in stored] == list(range(len(stored)))
    kinds = Counter(entry.type for entry in stored)
    assert kinds["record.captured"] == 2 * 6 * 20 + 3
    assert kinds["capture.batch"] == 2 * 6 + 3
    assert library.verify().findings == ()


@pytest.mark.parametrize("committed", [0, 1, 3])
def test_a_killed_writer_leaves_whole_batches(library: Library, committed: int) -> None:
    library.capture("before")
    whole = library.size()
    with start_writer(library, 1000 if committed else 0) as writer:
        assert writer.stdout is not None
        for _ in range(committed or 1):
            assert writer.stdout.readline() in ("committed\n", "inside\n")
        writer.kill()
    size = library.size()
    if committed:
        assert (size - whole) % 21 == 0
        assert (size - whole) // 21 >= committed
    else:
        assert size == whole
    assert library.verify().findings == ()
    library.archive.scrub()
    library.capture("after")
    report = library.verify()
    assert (report.findings, report.leftovers) == ((), 0)
    assert list((library.folder / "blobs").glob("*/*")) == []


def refused(library: Library, statement: str, **values: object) -> None:
    """The database itself refuses a statement, and says why."""
    with (
        pytest.raises(StorageError, match=r"append-only|duplicate key|UNIQUE"),
        writing(library.archive.engine) as connection,
    ):
        connection.execute(text(statement), values)


CHANGES = [
    "UPDATE entry SET type = type",
    "UPDATE entry SET header = header WHERE seq = 1",
    "UPDATE entry SET seq = seq + 100",
    "DELETE FROM entry",
    "DELETE FROM entry WHERE seq = 3",
    "INSERT INTO entry (seq, type, subject, header) VALUES (1, 'a', 'b', 'c')",
    "UPDATE checkpoint SET note = 'x'",
    "DELETE FROM checkpoint WHERE size = 2",
    "INSERT INTO checkpoint (size, note) VALUES (2, 'x')",
    "UPDATE tile SET hashes = 'x'",
    "UPDATE tile SET idx = 7",
    "UPDATE tile SET level = 7",
    "DELETE FROM tile",
]


def test_the_database_refuses_to_change_the_log(library: Library) -> None:
    library.capture("one", "two")
    for statement in CHANGES:
        refused(library, statement)
    assert library.verify().ok


REPLACEMENTS = [
    "INSERT OR REPLACE INTO entry (seq, type, subject, header) VALUES (1, 'a', 'b', 'c')",
    "REPLACE INTO entry (seq, type, subject, header) VALUES (0, 'a', 'b', 'c')",
    "INSERT INTO entry (seq, type, subject, header) VALUES (99, 'a', 'b', 'c')",
    "INSERT OR REPLACE INTO checkpoint (size, note) VALUES (2, 'x')",
    "INSERT INTO checkpoint (size, note) VALUES (1, 'x')",
    "INSERT OR REPLACE INTO tile (level, idx, hashes) VALUES (0, 0, 'x')",
    "UPDATE OR REPLACE entry SET seq = 0 WHERE seq = 1",
]


def test_sqlite_refuses_to_replace_the_log(sqlite_library: Library) -> None:
    sqlite_library.capture("one")
    for statement in REPLACEMENTS:
        refused(sqlite_library, statement)
    assert sqlite_library.verify().ok


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_empty_the_log(library: Library) -> None:
    for table in ("entry", "checkpoint", "tile"):
        refused(library, f"TRUNCATE {table}")


def test_a_tile_may_grow_in_place_and_no_further(library: Library) -> None:
    with library.archive.read() as reader:
        held = reader.conn.execute(_schema.tile.select()).one().hashes
    grow = "UPDATE tile SET hashes = :hashes"
    refused(library, grow, hashes=bytes(held) + bytes(8192))
    refused(library, grow, hashes=bytes(32) + bytes(held))
    refused(library, grow, hashes=bytes(held)[:-32])
    library.capture("this one grows it")
    with library.archive.read() as reader:
        grown = reader.conn.execute(_schema.tile.select()).one().hashes
    assert bytes(grown).startswith(bytes(held))


def test_a_writer_goes_when_it_is_done_with(library: Library) -> None:
    gc.disable()
    try:
        with library.archive.write(library.ada) as writer:
            writer.append([Draft("hold.placed", new_id(), {}, Parts.of([("name", "a")]))])
        left = weakref.ref(writer)
        del writer
        assert left() is None
    finally:
        gc.enable()


def test_lookups_are_stable_keyed_and_unambiguous(library: Library, tmp_path: Path) -> None:
    with library.archive.read() as reader:
        one = reader.lookup("item", "x", "12")
        assert len(one) == 32
        assert one != reader.lookup("item", "x1", "2")
        assert one != reader.lookup("item", "x", "1", "2")
        assert reader.recurring("item", "x", "12") == one
        assert len(reader.lookup("\udcff", "")) == 32
    with library.again() as again, again.read() as reader:
        assert reader.lookup("item", "x", "12") == one
    other = Library.found(tmp_path / "other", library.clock)
    with other.archive, other.archive.read() as reader:
        assert reader.lookup("item", "x", "12") != one


def test_a_draft_may_be_sealed_already(library: Library) -> None:
    sealed = Parts.of([("name", "x")]).seal()

    def append(writer: Writer) -> Entry:
        return writer.append([Draft("hold.placed", new_id(), {}, sealed)])[0]

    with library.archive.write(library.ada) as writer:
        entry = append(writer)
    assert entry.commitment == sealed.commitment
    with library.archive.read() as reader:
        assert list(reader.open([entry])) == [(entry, sealed)]


def test_a_log_without_head_or_checkpoint_is_refused(library: Library) -> None:
    library.tamper("DELETE FROM checkpoint")
    with library.archive.read() as reader, pytest.raises(VerificationError, match="no checkpoint"):
        reader.checkpoint()
    library.tamper("DELETE FROM head")
    with pytest.raises(VerificationError, match="no head"):
        library.size()


def test_captures_and_decisions_are_appended_each_in_their_way(library: Library) -> None:
    with library.archive.write(library.ada) as writer:
        with pytest.raises(ValueError, match="by the batch"):
            writer.append([Draft("record.vanished", new_id(), {"run": library.run})])
        with pytest.raises(ValueError, match="without a signature"):
            writer.capture([Draft("hold.placed", new_id())], library.run, {})
