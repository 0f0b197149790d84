"""What was published, stamped and proved before the log's key was replaced still holds after."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import evidence, export_tiles, timestamps
from archive._rotation import rotate_log
from archive.checkpoints import check_kept, publish
from archive.notes import NoteKey
from tests.archive.library import Library
from tests.archive.tiles_client import Client
from tests.tsa import Authority


def test_checkpoints_of_each_key_are_extended(library: Library, tmp_path: Path) -> None:
    kept, tiles = tmp_path / "kept", tmp_path / "tiles"
    sizes = []
    for turn in range(3):
        if turn:
            rotate_log(library.archive, library.ada)
        for words in ("one", "two"):
            sizes.append(publish(library.archive, kept).size)
            export_tiles(library.archive, tiles)
            library.capture(words)
    with library.archive.read() as reader:
        assert [one.size for one in check_kept(library.archive, reader, kept)] == sizes
    assert len(library.archive.log_keys()) == 3
    client = Client(tiles)
    assert client.root == client.tree(0, client.size)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command")
def test_evidence_brings_the_key_that_signed_it(library: Library, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    with library.archive.read() as reader:
        asked = timestamps.query(reader)
    answer = authority.stamp(asked.der, datetime.now(UTC))
    timestamps.add(library.archive, library.ada, answer, asked, [authority.root])
    rotate_log(library.archive, library.ada)
    library.capture("one")
    first, second = library.archive.log_keys()
    for seq, signers in ((0, [first]), (4, [second])):
        folder = tmp_path / f"evidence-{seq}"
        with library.archive.read() as reader:
            found = evidence.of(library.archive, reader, [reader.entry(seq)])
            evidence.write(library.archive, folder, found)
        lines = (folder / "log.pub").read_text().splitlines()
        assert [NoteKey.parse(line) for line in lines] == signers
        proof, header = (folder / f"entry-{seq}{end}" for end in (".tlog-proof", ".json"))
        proved = evidence.check(proof.read_bytes(), header.read_bytes(), signers)
        assert proved.entry.seq == seq
