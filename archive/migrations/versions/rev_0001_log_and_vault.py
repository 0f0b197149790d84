"""The log, its tree, and the vault."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_position = sa.BigInteger().with_variant(sa.Integer, "sqlite")

_SQLITE = (
    """CREATE TRIGGER entry_appends BEFORE INSERT ON entry
       WHEN NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM entry)
       BEGIN SELECT RAISE(ABORT, 'the log is append-only: entry out of order'); END""",
    """CREATE TRIGGER entry_keeps BEFORE UPDATE ON entry
       BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
    """CREATE TRIGGER entry_stays BEFORE DELETE ON entry
       BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
    """CREATE TRIGGER checkpoint_appends BEFORE INSERT ON checkpoint
       WHEN NEW.size <= (SELECT coalesce(max(size), -1) FROM checkpoint)
       BEGIN SELECT RAISE(ABORT, 'the log is append-only: checkpoint out of order'); END""",
    """CREATE TRIGGER checkpoint_keeps BEFORE UPDATE ON checkpoint
       BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
    """CREATE TRIGGER checkpoint_stays BEFORE DELETE ON checkpoint
       BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
    """CREATE TRIGGER tile_grows BEFORE UPDATE ON tile
       WHEN NEW.level <> OLD.level OR NEW.idx <> OLD.idx OR length(NEW.hashes) > 8192
         OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes
       BEGIN SELECT RAISE(ABORT, 'the log is append-only: a tile can only grow'); END""",
    """CREATE TRIGGER tile_stays BEFORE DELETE ON tile
       BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
)

_POSTGRESQL = (
    """CREATE FUNCTION muniment_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the log is append-only'; END $$""",
    """CREATE FUNCTION muniment_tile_grows() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.level <> OLD.level OR NEW.idx <> OLD.idx OR length(NEW.hashes) > 8192
           OR substring(NEW.hashes from 1 for length(OLD.hashes)) <> OLD.hashes THEN
           RAISE EXCEPTION 'the log is append-only: a tile can only grow';
         END IF;
         RETURN NEW;
       END $$""",
    *(
        f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION muniment_refuse()"
        for table, verbs in (
            ("entry", ("UPDATE", "DELETE", "TRUNCATE")),
            ("checkpoint", ("UPDATE", "DELETE", "TRUNCATE")),
            ("tile", ("DELETE", "TRUNCATE")),
        )
        for verb in verbs
    ),
    """CREATE TRIGGER tile_grows BEFORE UPDATE ON tile
       FOR EACH ROW EXECUTE FUNCTION muniment_tile_grows()""",
)


def upgrade() -> None:
    """Create the tables and their guards."""
    op.create_table(
        "entry",
        sa.Column("seq", _position, primary_key=True, autoincrement=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("header", sa.LargeBinary, nullable=False),
    )
    op.create_index("entry_by_subject", "entry", ["subject", "seq"])
    op.create_table(
        "tile",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", _position, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", _position, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", _position, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
    op.create_table(
        "sealed",
        sa.Column("seq", _position, primary_key=True, autoincrement=False),
        sa.Column("ciphertext", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "data_key",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "blob",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("size", _position, nullable=False),
    )
    op.create_index("blob_by_subject", "blob", ["subject"])
    op.create_table(
        "projection",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", _position, nullable=False),
    )
    for statement in _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
