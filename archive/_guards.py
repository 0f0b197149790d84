"""Whether the triggers that keep the log append-only are there, whole and switched on."""

from sqlalchemy import Connection, text

_SQLITE = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
_POSTGRESQL = text(
    "SELECT t.tgname, pg_get_triggerdef(t.oid, true), t.tgenabled IN ('O', 'A'), p.prosrc"
    " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
)
"""Without any qualification of the schema, for what the search path finds."""


def missing(connection: Connection) -> list[str]:
    """The names of the guards that are missing, switched off, or not as the migration made them.

    Guards stop accidents. Somebody with the database in hand can take them away; that changes
    nothing about the evidence, but it is worth knowing.
    """
    from archive.migrations.versions.rev_0002_guards import FUNCTIONS, POSTGRESQL, SQLITE

    if connection.dialect.name == "sqlite":
        found = {row.name: row.sql for row in connection.execute(_SQLITE)}
        return [name for name, sql in SQLITE.items() if found.get(name) != sql]
    working = {
        name
        for name, statement, enabled, body in connection.execute(_POSTGRESQL)
        if enabled
        and statement == POSTGRESQL.get(name)
        and body == FUNCTIONS[statement.rpartition(" ")[2].removesuffix("()")]
    }
    return [name for name in POSTGRESQL if name not in working]
