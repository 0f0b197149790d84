"""Which subjects are restricted, asked of the log itself: no table that could be behind."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from archive import _schema
from archive._store import rows_among

RESTRICTED, UNRESTRICTED = "record.restricted", "record.unrestricted"


def restricted_among(connection: Connection, subjects: Iterable[str]) -> frozenset[str]:
    """Those of the subjects whose last word in the log about restriction is that they are."""
    table = _schema.entry
    query = (
        select(table.c.subject, table.c.type)
        .where(table.c.type.in_((RESTRICTED, UNRESTRICTED)))
        .order_by(table.c.seq)
    )
    rows = rows_among(connection, query, table.c.subject, sorted(set(subjects)))
    last = dict(rows)
    return frozenset(subject for subject, kind in last.items() if kind == RESTRICTED)
