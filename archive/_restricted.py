"""Which subjects are restricted, asked of the log itself: no table that could be behind."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from archive import _schema
from archive._store import chunked

RESTRICTED, UNRESTRICTED = "record.restricted", "record.unrestricted"


def restricted_among(connection: Connection, subjects: Iterable[str]) -> frozenset[str]:
    """Those of the subjects whose last word in the log about restriction is that they are."""
    table = _schema.entry
    last: dict[str, str] = {}
    for chunk in chunked(sorted(set(subjects))):
        query = select(table.c.subject, table.c.type).where(
            table.c.subject.in_(chunk), table.c.type.in_((RESTRICTED, UNRESTRICTED))
        )
        last.update((one, kind) for one, kind in connection.execute(query.order_by(table.c.seq)))
    return frozenset(subject for subject, kind in last.items() if kind == RESTRICTED)
