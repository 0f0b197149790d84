from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import Archive
from archive.notes import NoteKey
from tests.archive.tiles_client import Client
from tests.archive.witness import Witness
from tests.conftest import BOTH, Muniment

NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())


@pytest.fixture
def witness(library: Muniment) -> Witness:
    log = NoteKey.parse((library.folder / "keys" / "log.pub").read_text())
    return Witness("clerk.example/w", log)


def cosigned(library: Muniment, witness: Witness, path: Path, since: int = 0) -> Path:
    """A file with the newest checkpoint as the witness signed it."""
    with Archive.open(library.folder) as archive, archive.read() as reader:
        proof = reader.consistency_proof(since)
    path.write_text(witness.see(library.ok("checkpoint"), proof, NOON))
    return path


@BOTH
def test_a_file_grows_by_one_checkpoint_each_time(library: Muniment, tmp_path: Path) -> None:
    kept = tmp_path / "kept.checkpoints"
    said = library.ok("checkpoint", "--publish", kept)
    assert said == f"the checkpoint of 2 entries is now in {kept}\n"
    assert "in" in library.ok("checkpoint", "--publish", kept)
    assert kept.read_text() == library.ok("checkpoint")
    library.ok("account", "add", "mastodon", "@library")
    library.ok("checkpoint", "--publish", kept)
    assert "extends the checkpoint of 3 entries, and 1 older" in library.ok(
        "verify", "--since", kept
    )


def test_a_folder_gets_a_file_each_time(library: Muniment, tmp_path: Path) -> None:
    folder = f"{tmp_path}/kept/"
    library.ok("checkpoint", "--publish", folder)
    library.ok("account", "add", "mastodon", "@library")
    library.ok("checkpoint", "--publish", folder)
    assert sorted(path.name for path in Path(folder).iterdir()) == [
        "000000000002.checkpoint",
        "000000000003.checkpoint",
    ]
    assert "of 3 entries, and 1 older" in library.ok("verify", "--since", folder)


def test_a_checkpoint_that_the_log_does_not_extend_stops_publishing(
    library: Muniment, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(library.ok("checkpoint").replace("\n2\n", "\n3\n"))
    assert "wrong signature" in library.fails(8, "checkpoint", "--publish", kept)
    library.fails(9, "checkpoint", "--publish", tmp_path / "none" / "kept")


def test_static_tiles(library: Muniment, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    assert "holds the log of 2 entries: 3 files written" in library.ok(
        "checkpoint", "--tiles", folder
    )
    assert "nothing was new" in library.ok("checkpoint", "--tiles", folder)
    client = Client(folder)
    assert client.root == client.tree(0, client.size)
    kept = tmp_path / "file"
    kept.touch()
    library.fails(9, "checkpoint", "--tiles", kept)


def test_witnesses_are_kept_and_printed(
    library: Muniment, witness: Witness, tmp_path: Path
) -> None:
    signed = cosigned(library, witness, tmp_path / "signed")
    said = library.ok("checkpoint", "--cosigned", signed, "--witness", str(witness.public))
    assert said == "clerk.example/w has seen the log of 2 entries\n"
    assert library.ok("checkpoint", "--size", "2") == signed.read_text()
    assert "clerk" not in library.ok("checkpoint")
    assert "known already" in library.ok("checkpoint", "--cosigned", signed)
    signed = cosigned(library, witness, tmp_path / "later", 2)
    assert "of 3 entries" in library.ok("checkpoint", "--cosigned", signed)
    library.ok("verify", "--since", signed)


def test_witness_keys_come_from_a_file_too(
    library: Muniment, witness: Witness, tmp_path: Path
) -> None:
    other = Witness("other.example", witness.public)
    keys = tmp_path / "witnesses.pub"
    keys.write_text(f"{other.public}\n\n{witness.public}\n")
    signed = cosigned(library, witness, tmp_path / "signed")
    library.ok("checkpoint", "--cosigned", signed, "--witness", keys)


def test_what_is_no_witness(library: Muniment, witness: Witness, tmp_path: Path) -> None:
    signed = cosigned(library, witness, tmp_path / "signed")
    assert "not signed by a known key" in library.fails(8, "checkpoint", "--cosigned", signed)
    for given in ("a+b", "none", tmp_path, signed):
        line = library.fails(4, "checkpoint", "--cosigned", signed, "--witness", given)
        assert "not a witness's key" in line
    log = library.folder / "keys" / "log.pub"
    library.fails(6, "checkpoint", "--cosigned", signed, "--witness", log)
    library.fails(2, "checkpoint", "--cosigned", tmp_path / "none")


def test_one_thing_at_a_time(library: Muniment, tmp_path: Path) -> None:
    library.fails(2, "checkpoint", "--size", "2", "--tiles", tmp_path)
    library.fails(2, "checkpoint", "--witness", "x")
    assert "no checkpoint of 1 entries" in library.fails(5, "checkpoint", "--size", "1")
    library.fails(5, "checkpoint", "--size", str(10**30))
