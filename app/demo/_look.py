"""Looking at bytes: what an archive's files hold, and what one flipped byte does."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import create_engine, text


def stored_bytes(archive: Path, record: str) -> list[bytes]:
    """What the database keeps of a record's content: ciphertexts and the wrapped data key."""
    engine = create_engine(f"sqlite:///{archive / 'archive.db'}")
    with engine.connect() as connection:
        sealed = text(
            "SELECT ciphertext FROM sealed JOIN entry USING (seq) WHERE subject LIKE :record"
        )
        key = text("SELECT wrapped FROM data_key WHERE subject LIKE :record")
        found = [
            bytes(value)
            for query in (sealed, key)
            for value in connection.execute(query, {"record": f"%{record}"}).scalars()
        ]
    engine.dispose()
    return found


def files_holding(folder: Path, wanted: Sequence[bytes]) -> tuple[int, list[Path]]:
    """How many files there are below `folder`, and those that hold any of the byte strings."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    holding = [path for path in paths if any(value in path.read_bytes() for value in wanted)]
    return len(paths), holding


def damage_database(archive: Path) -> None:
    """Flip a bit in the middle of one entry's stored header."""
    engine = create_engine(f"sqlite:///{archive / 'archive.db'}")
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        query = text("SELECT header FROM entry WHERE type = 'record.captured' ORDER BY seq LIMIT 1")
        header = bytes(connection.execute(query).scalar_one())
    engine.dispose()
    path = archive / "archive.db"
    stored = path.read_bytes()
    _flip(path, stored.index(header) + header.index(b'"commitment":"') + 20)


def damage_bundle(bundle: Path) -> None:
    """Flip a bit in the middle of the stored `records.jsonl`."""
    with zipfile.ZipFile(bundle) as opened:
        member = next(one for one in opened.infolist() if one.filename.endswith("records.jsonl"))
    start = member.header_offset + 30 + len(member.filename.encode())
    _flip(bundle, start + member.compress_size // 2)


def _flip(path: Path, position: int) -> None:
    stored = bytearray(path.read_bytes())
    stored[position] ^= 1
    path.write_bytes(stored)
