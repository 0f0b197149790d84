from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select, text

from archive import (
    Archive,
    Draft,
    Entry,
    Parts,
    _schema,
    canonical_json,
    keys,
    merkle,
    new_id,
    notes,
    times,
    verify,
)
from archive._entry import build, signing_message
from archive._store import insert_rows, writing
from archive._tiles import Edge
from tests.archive.library import Library, disarmed, places


def filled(library: Library) -> Library:
    """With some history: entries 2 to 4 are captures, 5 their batch, 6 a decision."""
    library.capture("one", "two", "three", attachment=b"picture")
    library.decide("hold.placed", new_id(), {"kind": "audit"}, "the auditor asked")
    return library


@pytest.fixture
def kept(sqlite_library: Library) -> Library:
    return filled(sqlite_library)


@pytest.fixture
def kept_anywhere(library: Library) -> Library:
    """On either database: for what touches each kind of table once."""
    return filled(library)


def header(library: Library, seq: int) -> bytes:
    with library.archive.read() as reader:
        return reader.entry(seq).header


def forge(
    library: Library, change: Callable[[list[Entry]], list[bytes]], *, resign: bool = True
) -> None:
    """Write the whole log anew with other headers: tree, head and checkpoint fit, as they would
    after an attack by somebody who holds the log's key.
    """
    with library.archive.read() as reader:
        headers = change(list(reader.entries()))
    secret = keys.load_secret(library.folder / "keys" / "log.key", "log key")
    with writing(library.archive.engine) as connection, disarmed(connection):
        for table in (_schema.entry, _schema.tile, _schema.checkpoint):
            connection.execute(table.delete())
        entries = [Entry.parse(seq, header) for seq, header in enumerate(headers)]
        rows = [(e.seq, e.type, e.subject, e.header) for e in entries]
        insert_rows(connection, _schema.entry, rows)
        edge = Edge(connection, 0)
        edge.append([entry.leaf_hash for entry in entries])
        head = {"size": len(headers), "root": edge.root}
        connection.execute(_schema.head.update().values(**head))
        checkpoint = notes.Checkpoint(library.archive.origin, len(headers), edge.root)
        note = notes.sign_checkpoint(
            checkpoint, library.archive.origin, Ed25519PrivateKey.from_private_bytes(secret)
        )
        connection.execute(insert(_schema.checkpoint).values(size=len(headers), note=note))


def made(entry: Entry, draft: Draft, signer: keys.ActorKey | None, actor: str = "") -> bytes:
    """A header in the place of an entry's, signed or not."""
    at = times.to_text(entry.at)
    name = actor or entry.actor
    return build(entry.seq, draft, entry.at, at, name, entry.commitment, signer).header


def test_an_archive_as_it_should_be(kept_anywhere: Library) -> None:
    report = kept_anywhere.verify()
    assert report.ok
    assert (report.entries, report.checkpoints, report.signatures) == (7, 3, 4)
    assert (report.contents, report.erased, report.blobs) == (6, 0, 3)


def test_a_disposal_leaves_everything_verifiable(kept_anywhere: Library) -> None:
    (gone,) = kept_anywhere.capture("to be forgotten", attachment=b"picture")
    kept_anywhere.dispose(gone.subject)
    report = kept_anywhere.verify()
    assert report.ok
    assert (report.contents, report.erased, report.blobs) == (6, 1, 3)


def test_progress_is_told(kept: Library) -> None:
    told: list[tuple[int, int]] = []
    verify(kept.archive, lambda done, of: told.append((done, of)))
    assert told == [(7, 7)]


def test_a_changed_header_byte_is_found(kept_anywhere: Library) -> None:
    changed = header(kept_anywhere, 6).replace(b"audit", b"adieu")
    kept_anywhere.tamper("UPDATE entry SET header = :header WHERE seq = 6", header=changed)
    assert places(kept_anywhere.verify()) == ["entry 6", "checkpoint 7", "head", "entry 6"]


def test_a_header_that_is_none_is_found(kept: Library) -> None:
    kept.tamper("UPDATE entry SET header = :header WHERE seq = 3", header=b"{}")
    found = kept.verify().findings
    assert ("entry 3", "not a header (members missing or unknown)") in [
        (f.place, f.problem) for f in found
    ]
    assert "entry 5" in places(kept.verify())


def test_columns_that_differ_from_the_header_are_found(kept: Library) -> None:
    kept.tamper("UPDATE entry SET type = 'hold.released' WHERE seq = 6")
    assert places(kept.verify()) == ["entry 6"]
    kept.tamper("UPDATE entry SET type = 'hold.placed', subject = 'x' WHERE seq = 6")
    assert "entry 6" in places(kept.verify())


@pytest.mark.parametrize("seq", [0, 3, 6])
def test_an_entry_that_was_removed_is_found(kept_anywhere: Library, seq: int) -> None:
    kept_anywhere.tamper(f"DELETE FROM entry WHERE seq = {seq}")
    found = places(kept_anywhere.verify())
    assert f"entry {seq}" in found or seq == 6
    assert "head" in found
    assert f"sealed half {seq}" in found


def test_entries_swapped_are_found(kept: Library) -> None:
    swapped = {2: header(kept, 3), 3: header(kept, 2)}
    for seq, data in swapped.items():
        kept.tamper("UPDATE entry SET header = :header WHERE seq = :seq", header=data, seq=seq)
    found = places(kept.verify())
    assert {"entry 2", "entry 3", "entry 5", "checkpoint 6", "head"} <= set(found)


def test_an_entry_put_at_the_end_is_found(kept: Library) -> None:
    with writing(kept.archive.engine) as connection, disarmed(connection):
        insert_rows(connection, _schema.entry, [(7, "hold.placed", "x", header(kept, 6))])
    assert {"entry 7", "head", "checkpoint"} <= set(places(kept.verify()))


def test_a_log_cut_short_is_found(kept: Library) -> None:
    kept.tamper("DELETE FROM entry WHERE seq = 6")
    kept.tamper("DELETE FROM sealed WHERE seq = 6")
    assert {"checkpoint 7", "head"} <= set(places(kept.verify()))


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n7\n", "\n8\n"), ("town-library", "down-library"), ("\n\n", "\nmore\n\n"), ("— ", "- ")],
)
def test_a_changed_checkpoint_is_found(kept: Library, old: str, new: str) -> None:
    with kept.archive.read() as reader:
        note = reader.checkpoint()
    changed = note.replace(old, new, 1)
    assert changed != note
    kept.tamper("UPDATE checkpoint SET note = :note WHERE size = 7", note=changed)
    assert "checkpoint 7" in places(kept.verify())


def test_checkpoints_moved_or_removed_are_found(kept: Library) -> None:
    kept.tamper("UPDATE checkpoint SET size = 5 WHERE size = 6")
    assert places(kept.verify()) == ["checkpoint 5"]
    kept.tamper("UPDATE checkpoint SET size = 6 WHERE size = 5")
    kept.tamper("DELETE FROM checkpoint WHERE size = 7")
    assert places(kept.verify()) == ["checkpoint"]
    kept.tamper("DELETE FROM checkpoint")
    assert places(kept.verify()) == ["checkpoint"]


def test_checkpoints_of_another_key_are_found(kept: Library) -> None:
    other = notes.NoteKey(kept.archive.origin, bytes(32))
    (kept.folder / "keys" / "log.pub").write_text(f"{other}\n")
    assert places(kept.verify()) == ["keys/log.pub"]


@pytest.mark.parametrize(("at", "place"), [(0, "entry 0"), (32 * 3 + 5, "entry 3")])
def test_a_changed_tile_byte_is_found(kept_anywhere: Library, at: int, place: str) -> None:
    with kept_anywhere.archive.read() as reader:
        hashes = bytearray(reader.conn.execute(select(_schema.tile.c.hashes)).scalar_one())
    hashes[at] ^= 1
    kept_anywhere.tamper("UPDATE tile SET hashes = :hashes", hashes=bytes(hashes))
    assert places(kept_anywhere.verify()) == [place]


def test_tiles_too_short_too_long_or_too_many_are_found(kept: Library) -> None:
    with kept.archive.read() as reader:
        hashes = bytes(reader.conn.execute(select(_schema.tile.c.hashes)).scalar_one())
    for wrong in (hashes[:-32], hashes + bytes(32), b""):
        kept.tamper("UPDATE tile SET hashes = :hashes", hashes=wrong)
        assert places(kept.verify()) == ["tile 0/0"]
    kept.tamper("UPDATE tile SET hashes = :hashes", hashes=hashes)
    with writing(kept.archive.engine) as connection:
        insert_rows(connection, _schema.tile, [(0, 4, hashes), (1, 0, hashes)])
    assert sorted(places(kept.verify())) == ["tile 0/4", "tile 1/0"]
    kept.tamper("DELETE FROM tile")
    assert "tile 0/0" in places(kept.verify())


def test_a_changed_ciphertext_is_found(kept_anywhere: Library) -> None:
    with kept_anywhere.archive.read() as reader:
        query = select(_schema.sealed.c.ciphertext).where(_schema.sealed.c.seq == 3)
        data = bytearray(reader.conn.execute(query).scalar_one())
    data[20] ^= 1
    kept_anywhere.tamper("UPDATE sealed SET ciphertext = :data WHERE seq = 3", data=bytes(data))
    found = kept_anywhere.verify().findings
    assert [(f.place, f.problem) for f in found][:1] == [("entry 3", "its sealed half is damaged")]


def test_a_sealed_half_that_was_removed_is_found(kept: Library) -> None:
    kept.tamper("DELETE FROM sealed WHERE seq = 3")
    assert [str(f) for f in kept.verify().findings][:1] == [
        "entry 3: its content is missing, and no disposal says so"
    ]


def test_sealed_halves_of_nothing_are_found(kept: Library) -> None:
    with writing(kept.archive.engine) as connection:
        insert_rows(connection, _schema.sealed, [(5, b"x"), (99, b"y")])
    assert sorted(places(kept.verify())) == ["sealed half 5", "sealed half 99"]


def test_data_keys_changed_or_removed_are_found(kept: Library) -> None:
    with kept.archive.read() as reader:
        subject = reader.entry(3).subject
    wrapped = "UPDATE data_key SET wrapped = :wrapped WHERE subject = :subject"
    kept.tamper(wrapped, wrapped=bytes(60), subject=subject)
    assert "entry 3" in places(kept.verify())
    kept.tamper("DELETE FROM data_key WHERE subject = :subject", subject=subject)
    entry, attachment = places(kept.verify())
    assert (entry, attachment[:5]) == ("entry 3", "blob ")


def test_content_that_is_not_what_the_header_commits_to_is_found(kept: Library) -> None:
    """Encrypted rightly, with the right commitment beside it, but other words."""
    with writing(kept.archive.engine) as connection, disarmed(connection):
        connection.execute(text("DELETE FROM sealed WHERE seq = 3"))
        with kept.archive.read() as reader:
            entry = reader.entry(3)
            cipher = reader._vault.cipher_of(entry.subject)
            ((_, held),) = reader.open([reader.entry(2)])
        assert held is not None
        data = bytes(12) + cipher.encrypt(bytes(12), b"\0" + held.encode(), entry.commitment)
        insert_rows(connection, _schema.sealed, [(3, data)])
    assert [str(f) for f in kept.verify().findings][:1] == [
        "entry 3: its content is not what its header commits to"
    ]


def test_attachments_changed_missing_or_strange_are_found(kept: Library) -> None:
    blobs = kept.folder / "blobs"
    one, two, _ = sorted(path for path in blobs.glob("*/*"))
    data = bytearray(one.read_bytes())
    data[20] ^= 1
    one.write_bytes(data)
    two.unlink()
    (blobs / "00").mkdir(exist_ok=True)
    (blobs / "00" / "00ff").touch()
    report = kept.verify()
    found = {f.place: f.problem for f in report.findings}
    assert found[f"blob {one.name}"] == "its bytes are not those it is named by"
    assert found[f"blob {two.name}"] == "missing"
    assert report.leftovers == 1
    assert len(found) == 3


def test_a_changed_head_is_found(kept_anywhere: Library) -> None:
    kept_anywhere.tamper("UPDATE head SET size = 6")
    assert places(kept_anywhere.verify()) == ["head"]
    kept_anywhere.tamper("UPDATE head SET size = 7, root = :root", root=bytes(32))
    assert places(kept_anywhere.verify()) == ["head"]
    kept_anywhere.tamper("UPDATE head SET size = 7, at = '2026-03-01T00:00:00.000000Z'")
    assert "head" in places(kept_anywhere.verify())
    kept_anywhere.tamper("UPDATE head SET at = 'yesterday'")
    assert places(kept_anywhere.verify()) == ["head"]
    kept_anywhere.tamper("DELETE FROM head")
    assert places(kept_anywhere.verify()) == ["head"]


def test_a_changed_projection_row_is_found(kept_anywhere: Library) -> None:
    kept_anywhere.tamper("UPDATE record SET versions = 9")
    kept_anywhere.tamper("UPDATE actor SET name = 'eve'")
    assert sorted(places(kept_anywhere.verify())) == ["table actor", "table record"]


def test_a_changed_projection_row_is_found_though_its_projection_claims_to_lag(
    kept: Library,
) -> None:
    kept.tamper("UPDATE record SET versions = 9")
    for position in (3, 6, 99):
        kept.tamper(f"UPDATE projection SET position = {position} WHERE name = 'records'")
        assert "table record" in places(kept.verify())


def test_a_flipped_byte_anywhere_in_the_log_or_vault_is_found(kept: Library) -> None:
    places_ = Random(5)
    rows: list[tuple[str, str, Any, Any]] = []
    with kept.archive.engine.connect() as connection:
        for name, columns in (
            ("entry", ("type", "subject", "header")),
            ("tile", ("hashes",)),
            ("checkpoint", ("note",)),
            ("head", ("root", "at")),
            ("sealed", ("ciphertext",)),
            ("data_key", ("wrapped",)),
        ):
            for row in connection.execute(text(f"SELECT rowid AS row_id, * FROM {name}")):
                rows += [(name, column, row.row_id, row._mapping[column]) for column in columns]
    assert len(rows) > 30
    for table, column, rowid, value in rows:
        changed = bytearray(value.encode() if isinstance(value, str) else value)
        changed[places_.randrange(len(changed))] ^= 1
        put = changed.decode(errors="replace") if isinstance(value, str) else bytes(changed)
        statement = f"UPDATE {table} SET {column} = :value WHERE rowid = :rowid"
        kept.tamper(statement, value=put, rowid=rowid)
        assert kept.verify().findings, (table, column, rowid)
        kept.tamper(statement, value=value, rowid=rowid)
    assert kept.verify().ok


def test_a_second_key_for_an_actor_is_found_though_the_tree_fits(kept: Library) -> None:
    draft = Draft("actor.added", kept.ada.actor, {"public_key": "0f" * 32, "roles": ["officer"]})
    forge(
        kept,
        lambda entries: [
            *(e.header for e in entries[:-1]),
            made(entries[-1], draft, kept.ada),
        ],
    )
    assert "entry 6: names an actor who has a key already" in map(str, kept.verify().findings)


def test_a_wrong_or_missing_signature_is_found_though_the_tree_fits(kept: Library) -> None:
    draft = Draft("hold.placed", new_id(), {"kind": "audit"})
    stranger = keys.ActorKey(kept.ada.actor, Ed25519PrivateKey.generate())
    unknown = keys.ActorKey(new_id(), Ed25519PrivateKey.generate())
    for signer, actor, problem in (
        (stranger, "", "its actor's signature is wrong"),
        (None, "", "a decision without its actor's signature"),
        (unknown, unknown.actor, f"its actor {unknown.actor} is not known by then"),
    ):

        def last(
            entries: list[Entry], signer: keys.ActorKey | None = signer, actor: str = actor
        ) -> list[bytes]:
            return [*(e.header for e in entries[:-1]), made(entries[-1], draft, signer, actor)]

        forge(kept, last)
        assert [(f.place, f.problem) for f in kept.verify().findings][:1] == [("entry 6", problem)]


def test_a_capture_that_no_batch_covers_is_found_though_the_tree_fits(kept: Library) -> None:
    forge(kept, lambda entries: [e.header for e in entries if e.type != "capture.batch"])
    assert "entry 2: a capture that no batch entry covers" in map(str, kept.verify().findings)


def test_captures_at_the_end_without_batch_are_found(kept: Library) -> None:
    forge(kept, lambda entries: [e.header for e in entries[:5]])
    assert "entry 2: a capture that no batch entry covers" in map(str, kept.verify().findings)


def test_a_capture_that_was_changed_is_found_though_the_tree_fits(kept: Library) -> None:
    def change(entries: list[Entry]) -> list[bytes]:
        other = Draft("record.captured", entries[3].subject, {**entries[3].data, "kind": "page"})
        return [made(entry, other, None) if entry.seq == 3 else entry.header for entry in entries]

    forge(kept, change)
    assert [str(f) for f in kept.verify().findings][:1] == [
        "entry 5: does not cover the captures before it"
    ]


def test_a_capture_in_anothers_name_is_found_though_the_tree_fits(kept: Library) -> None:
    """The batch covers it, but its actor is not who signed the batch."""

    def change(entries: list[Entry]) -> list[bytes]:
        draft = Draft(entries[3].type, entries[3].subject, entries[3].data)
        headers = [e.header for e in entries]
        headers[3] = made(entries[3], draft, None, new_id())
        leaves = b"".join(merkle.leaf_hash(h) for h in headers[2:5])
        data = {**entries[5].data, "leaves": sha256(leaves).hexdigest()}
        headers[5] = made(entries[5], Draft("capture.batch", kept.run, data), kept.ada)
        return headers

    forge(kept, change)
    assert places(kept.verify())[:1] == ["entry 5"]


def test_a_time_that_goes_backwards_is_found_though_the_tree_fits(kept: Library) -> None:
    def change(entries: list[Entry]) -> list[bytes]:
        members = {
            "actor": kept.ada.actor,
            "at": "2020-01-01T00:00:00.000000Z",
            "data": {},
            "format": 1,
            "subject": "s",
            "type": "hold.placed",
        }
        members["signature"] = kept.ada.sign(signing_message(members)).hex()
        return [*(entry.header for entry in entries[:-1]), canonical_json(members)]

    forge(kept, change)
    assert [f.problem for f in kept.verify().findings][:1] == [
        "its time is before that of the entry ahead of it"
    ]


def test_an_actor_without_a_key_is_found_though_the_tree_fits(kept: Library) -> None:
    draft = Draft("actor.added", new_id(), {"public_key": "none", "roles": []})
    forge(
        kept,
        lambda entries: [
            *(e.header for e in entries[:-1]),
            made(entries[-1], draft, kept.ada),
        ],
    )
    assert "entry 6: names an actor without an Ed25519 key" in map(str, kept.verify().findings)


def test_damage_to_the_database_file_is_found(sqlite_library: Library) -> None:
    sqlite_library.capture(*["words " * 50] * 40)
    sqlite_library.archive.scrub()
    sqlite_library.archive.close()
    path = sqlite_library.folder / "archive.db"
    data = bytearray(path.read_bytes())
    for at in range(4096, len(data), 4096):
        data[at : at + 40] = bytes(40)
    path.write_bytes(data)
    assert places(sqlite_library.verify())[:1] == ["database"]


def test_findings_are_bounded(sqlite_library: Library) -> None:
    library = sqlite_library
    with library.archive.write(library.ada) as writer:
        writer.capture([library.draft(writer) for _ in range(1100)], "run", {})
    library.tamper("DELETE FROM sealed WHERE seq > 1")
    report = library.verify()
    assert len(report.findings) == 1000
    assert report.entries == 1103


def test_verification_writes_nothing(kept: Library) -> None:
    def bytes_of(archive: Archive) -> dict[str, bytes]:
        paths = (path for path in archive.folder.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in paths if path.suffix != ".db-shm"}

    before = bytes_of(kept.archive)
    assert kept.verify().ok
    after = bytes_of(kept.archive)
    assert {name for name in after if not name.endswith("-shm")} == {
        name for name in before if not name.endswith("-shm")
    }
    assert all(
        after[name] == before[name] for name in before if not name.endswith(("-shm", "-wal"))
    )


def test_processes_find_what_one_finds(kept_anywhere: Library) -> None:
    changed = header(kept_anywhere, 6).replace(b"audit", b"adieu")
    kept_anywhere.tamper("UPDATE entry SET header = :header WHERE seq = 6", header=changed)
    kept_anywhere.tamper("DELETE FROM sealed WHERE seq = 3")
    alone = kept_anywhere.verify()
    assert "entry 3" in places(alone)
    assert verify(kept_anywhere.archive, processes=2) == alone


def test_processes_replay_the_projections(kept_anywhere: Library) -> None:
    assert verify(kept_anywhere.archive, processes=2).ok
    kept_anywhere.tamper("UPDATE record SET versions = 9")
    assert places(verify(kept_anywhere.archive, processes=1)) == ["table record"]


def test_the_first_row_that_differs_is_named(kept_anywhere: Library) -> None:
    with kept_anywhere.archive.read() as reader:
        record = reader.entry(3).subject
    kept_anywhere.tamper("UPDATE record SET kind = 'page' WHERE id = :id", id=record)
    assert [str(finding) for finding in kept_anywhere.verify().findings] == [
        f"table record: differs from a replay of the log, first at {record}"
    ]


def test_ranges_are_joined(sqlite_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Captures, their batch, checkpoints and times, cut apart at every place."""
    kept = filled(filled(sqlite_library))
    for width in (1, 2, 3, 4):
        monkeypatch.setattr("archive._verify.RANGE", width)
        report = kept.verify()
        assert report.ok, report.findings
        assert (report.entries, report.checkpoints, report.signatures) == (12, 5, 6)
    kept.tamper("DELETE FROM entry WHERE seq = 3")
    assert "entry 3: missing" in map(str, kept.verify().findings)


def test_the_log_is_verified_without_the_vault_key(kept_anywhere: Library) -> None:
    kept_anywhere.tamper("DELETE FROM sealed WHERE seq = 3")
    (kept_anywhere.folder / "keys" / "vault.key").unlink()
    (kept_anywhere.folder / "keys" / "log.key").unlink()
    with Archive.open_log(kept_anywhere.folder) as archive:
        report = verify(archive, log_only=True)
        assert report.ok, report.findings
        assert (report.entries, report.checkpoints, report.signatures) == (7, 3, 4)
        assert (report.contents, report.blobs) == (0, 0)
        kept_anywhere.tamper("DELETE FROM entry WHERE seq = 4")
        assert "entry 4" in places(verify(archive, log_only=True))


def test_a_data_key_of_nobody_is_found(kept_anywhere: Library) -> None:
    with writing(kept_anywhere.archive.engine) as connection:
        insert_rows(connection, _schema.data_key, [("nobody", bytes(60))])
    assert places(kept_anywhere.verify()) == ["data key of nobody"]


def test_what_is_listed_of_attachments_is_held_against_them(kept_anywhere: Library) -> None:
    with kept_anywhere.archive.read() as reader:
        rows = reader.conn.execute(select(_schema.blob).order_by(_schema.blob.c.name)).all()
    one, other = rows[:2]
    change = "UPDATE blob SET size = :size, subject = :subject WHERE name = :name"
    kept_anywhere.tamper(change, size=one.size + 1, subject=one.subject, name=one.name)
    assert [str(finding) for finding in kept_anywhere.verify().findings][:1] == [
        f"blob {one.name}: its content has 7 bytes, not the 8 that are listed"
    ]
    kept_anywhere.tamper(change, size=one.size, subject=other.subject, name=one.name)
    found = kept_anywhere.verify().findings
    assert any("not listed as its record's" in finding.problem for finding in found)
    assert any("under its subject's key" in finding.problem for finding in found)
    kept_anywhere.tamper("DELETE FROM blob WHERE name = :name", name=one.name)
    assert len(places(kept_anywhere.verify())) == 1


def test_an_attachment_that_is_not_what_its_record_states_is_found(kept: Library) -> None:
    with kept.archive.write(kept.ada) as writer:
        draft = kept.draft(writer, attachment=b"picture")
        assert draft.parts is not None
        fields = [*draft.parts.fields, ("attachment/0/sha256", b"0" * 64)]
        stating = Draft(draft.type, draft.subject, draft.data, Parts(tuple(fields)))
        writer.capture([stating], kept.run, {})
    (found,) = [f for f in kept.verify().findings if f.place != "projections"]
    assert found.problem == "its content is not the one that its record states"


def test_guards_that_are_missing_or_new_are_found(kept: Library) -> None:
    with writing(kept.archive.engine) as connection:
        connection.execute(text("DROP TRIGGER entry_keeps"))
        connection.execute(
            text("CREATE TRIGGER mine AFTER INSERT ON sealed BEGIN DELETE FROM sealed; END")
        )
        connection.execute(text("DROP INDEX blob_by_subject"))
    assert places(kept.verify()) == ["guard entry_keeps", "index blob_by_subject", "trigger mine"]


def test_guards_that_are_switched_off_are_found(kept_anywhere: Library) -> None:
    if kept_anywhere.archive.engine.dialect.name == "sqlite":
        statements = ["DROP TRIGGER tile_stays"]
    else:
        statements = ["ALTER TABLE tile DISABLE TRIGGER tile_delete"]
    with writing(kept_anywhere.archive.engine) as connection:
        for statement in statements:
            connection.execute(text(statement))
    (found,) = places(kept_anywhere.verify())
    assert found in {"guard tile_stays", "guard tile_delete"}


@pytest.mark.parametrize(
    ("name", "new", "problem"),
    [
        ("log.pub", b"", "verifier key: not base64"),
        ("log.pub", b"\xff", "not a text"),
        ("log.key", b"{}", "is damaged"),
        ("actor.pub", b"ssh-ed25519 AAAA ada", "not an OpenSSH public key"),
    ],
)
def test_key_files_that_are_damaged_are_found(
    kept: Library, name: str, new: bytes, problem: str
) -> None:
    path = kept.folder / "keys" / name.replace("actor", kept.ada.actor)
    path.write_bytes(new)
    (found,) = [f for f in kept.verify().findings if f.place != "projections"]
    assert found.place == f"keys/{path.name}"
    assert problem in found.problem


def test_key_files_of_somebody_else_are_found(kept: Library) -> None:
    folder = kept.folder / "keys"
    public = keys.openssh_public(keys.public_bytes(Ed25519PrivateKey.generate()))
    (folder / f"{kept.ada.actor}.pub").write_text(public)
    (folder / "stranger.pub").write_text(public)
    (folder / "log.key").unlink()
    keys.create_secret(folder / "log.key")
    assert sorted(places(kept.verify())) == sorted(
        [f"keys/{kept.ada.actor}.pub", "keys/log.key", "keys/stranger.pub"]
    )


def test_settings_of_another_archive_are_found(kept: Library) -> None:
    config = kept.archive.config
    for change, said in (
        ({"name": "Other"}, ["its name is not the one that the log begins with"]),
        ({"origin": "other/log"}, ["its origin is not the name of the log's key"]),
    ):
        other = replace(kept.archive, config=replace(config, **change))
        problems = [f.problem for f in verify(other).findings if f.place == "muniment.toml"]
        assert problems == said


def test_a_log_key_replaced_by_somebody_who_may_not_is_found(kept: Library) -> None:
    key = notes.NoteKey(kept.archive.origin, bytes(31) + b"\1")
    draft = Draft("log.rekeyed", kept.archive.config.id, {"log_key": str(key)})
    forge(
        kept,
        lambda entries: [*(e.header for e in entries[:-1]), made(entries[-1], draft, kept.ada)],
    )
    found = list(map(str, kept.verify().findings))
    assert f"checkpoint 7: not signed by the log's key {key.key_id.hex()}" in found
    assert "keys/log.key: is not the key that the log names" in found


def test_a_disposal_meanwhile_is_no_damage(kept_anywhere: Library) -> None:
    (gone,) = kept_anywhere.capture("to be forgotten", attachment=b"picture")
    disposed = False

    def dispose(_done: int, _of: int) -> None:
        nonlocal disposed
        if not disposed:
            disposed = True
            kept_anywhere.dispose(gone.subject)

    assert verify(kept_anywhere.archive, dispose).ok
    assert kept_anywhere.verify().ok
