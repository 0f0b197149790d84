"""The tables of the log and the vault. Created and changed by migrations (archive/migrations).

`entry`, `tile` and `checkpoint` are append-only: triggers refuse to change or remove a row (a tile
may only grow), and let the one row of `head` move forward alone. `sealed`, `data_key` and `blob`
hold what a disposal destroys.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

REVISIONS = ("0001", "0002")
"""Every migration that this program knows, oldest first; released ones are never changed."""

REVISION = REVISIONS[-1]
"""The newest of them."""

metadata = MetaData()
_position = BigInteger().with_variant(Integer, "sqlite")

entry = Table(
    "entry",
    metadata,
    Column("seq", _position, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Index("entry_by_subject", "subject", "seq"),
)

tile = Table(
    "tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("idx", _position, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", _position, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", _position, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", Text, nullable=False),
)

sealed = Table(
    "sealed",
    metadata,
    Column("seq", _position, primary_key=True, autoincrement=False),
    Column("ciphertext", LargeBinary, nullable=False),
)

data_key = Table(
    "data_key",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

blob = Table(
    "blob",
    metadata,
    Column("name", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("size", _position, nullable=False),
    Index("blob_by_subject", "subject"),
)

projection = Table(
    "projection",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", _position, nullable=False),
)
