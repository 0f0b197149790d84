"""Guards for every verb on every table of the log, on both databases.

They replace those of revision 0001. On SQLite, `REPLACE` and `UPDATE OR REPLACE` remove the row
that is in the way without asking its delete trigger, unless the connection has recursive_triggers
on, and a row is in the way by its key or by its hidden rowid: so that is refused before it happens.
On PostgreSQL entries and checkpoints could be inserted out of order.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("entry", "tile", "checkpoint", "head")

_TILE_IN_THE_WAY = (
    "EXISTS (SELECT 1 FROM tile WHERE level = NEW.level AND idx = NEW.idx OR rowid = NEW.rowid)"
)
_TILE_CHANGES = (
    "NEW.level <> OLD.level OR NEW.idx <> OLD.idx OR NEW.rowid <> OLD.rowid"
    " OR typeof(NEW.hashes) <> 'blob' OR length(NEW.hashes) > 8192"
    " OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes"
)

SQLITE = {
    name: f"CREATE TRIGGER {name} BEFORE {verb} ON {table}{when and ' WHEN '}{when}\n"
    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    for name, verb, table, when in (
        (
            "entry_appends",
            "INSERT",
            "entry",
            "NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM entry)",
        ),
        ("entry_keeps", "UPDATE", "entry", ""),
        ("entry_stays", "DELETE", "entry", ""),
        (
            "tile_adds",
            "INSERT",
            "tile",
            _TILE_IN_THE_WAY,
        ),
        (
            "tile_grows",
            "UPDATE",
            "tile",
            _TILE_CHANGES,
        ),
        ("tile_stays", "DELETE", "tile", ""),
        (
            "checkpoint_appends",
            "INSERT",
            "checkpoint",
            "NEW.size <= (SELECT coalesce(max(size), -1) FROM checkpoint)",
        ),
        ("checkpoint_keeps", "UPDATE", "checkpoint", ""),
        ("checkpoint_stays", "DELETE", "checkpoint", ""),
        ("head_begins", "INSERT", "head", "EXISTS (SELECT 1 FROM head)"),
        (
            "head_advances",
            "UPDATE",
            "head",
            "NEW.id <> OLD.id OR NEW.size <= OLD.size OR NEW.at < OLD.at",
        ),
        ("head_stays", "DELETE", "head", ""),
    )
}
"""The statement of each guard on SQLite, by its name."""

FUNCTIONS = {
    "muniment_refuse": "BEGIN RAISE EXCEPTION 'the log is append-only'; END",
    "muniment_entry_appends": """BEGIN
IF NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM entry) THEN
  RAISE EXCEPTION 'the log is append-only';
END IF;
RETURN NEW;
END""",
    "muniment_tile_grows": """BEGIN
IF NEW.level <> OLD.level OR NEW.idx <> OLD.idx OR length(NEW.hashes) > 8192
  OR substring(NEW.hashes from 1 for length(OLD.hashes)) <> OLD.hashes THEN
  RAISE EXCEPTION 'the log is append-only';
END IF;
RETURN NEW;
END""",
    "muniment_checkpoint_appends": """BEGIN
IF NEW.size <= (SELECT coalesce(max(size), -1) FROM checkpoint) THEN
  RAISE EXCEPTION 'the log is append-only';
END IF;
RETURN NEW;
END""",
    "muniment_head_begins": """BEGIN
IF EXISTS (SELECT 1 FROM head) THEN
  RAISE EXCEPTION 'the log is append-only';
END IF;
RETURN NEW;
END""",
    "muniment_head_advances": """BEGIN
IF NEW.id <> OLD.id OR NEW.size <= OLD.size OR NEW.at < OLD.at THEN
  RAISE EXCEPTION 'the log is append-only';
END IF;
RETURN NEW;
END""",
}
"""The body of each trigger function on PostgreSQL, by its name."""

POSTGRESQL = {
    f"{table}_{verb.lower()}": (
        f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
        f"FOR EACH {'ROW' if function else 'STATEMENT'} "
        f"EXECUTE FUNCTION {function or 'muniment_refuse'}()"
    )
    for table, verb, function in (
        ("entry", "INSERT", "muniment_entry_appends"),
        ("entry", "UPDATE", ""),
        ("entry", "DELETE", ""),
        ("entry", "TRUNCATE", ""),
        ("tile", "UPDATE", "muniment_tile_grows"),
        ("tile", "DELETE", ""),
        ("tile", "TRUNCATE", ""),
        ("checkpoint", "INSERT", "muniment_checkpoint_appends"),
        ("checkpoint", "UPDATE", ""),
        ("checkpoint", "DELETE", ""),
        ("checkpoint", "TRUNCATE", ""),
        ("head", "INSERT", "muniment_head_begins"),
        ("head", "UPDATE", "muniment_head_advances"),
        ("head", "DELETE", ""),
        ("head", "TRUNCATE", ""),
    )
}
"""The statement of each guard on PostgreSQL, by its name, as pg_get_triggerdef gives it."""

_BEFORE_SQLITE = (
    "entry_appends", "entry_keeps", "entry_stays",
    "checkpoint_appends", "checkpoint_keeps", "checkpoint_stays",
    "tile_grows", "tile_stays",
)  # fmt: skip
_BEFORE_POSTGRESQL = {
    "entry": ("entry_update", "entry_delete", "entry_truncate"),
    "checkpoint": ("checkpoint_update", "checkpoint_delete", "checkpoint_truncate"),
    "tile": ("tile_delete", "tile_truncate", "tile_grows"),
}


def upgrade() -> None:
    """Put the guards of this revision in the place of the earlier ones."""
    if op.get_context().dialect.name == "sqlite":
        for name in _BEFORE_SQLITE:
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
        for statement in SQLITE.values():
            op.execute(statement)
        return
    for table, names in _BEFORE_POSTGRESQL.items():
        for name in names:
            op.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
    for name, body in FUNCTIONS.items():
        op.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
        )
    for statement in POSTGRESQL.values():
        op.execute(statement)
