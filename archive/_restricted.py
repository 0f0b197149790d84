"""Which subjects are restricted, asked of the log itself: no table that could be behind."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from archive import _schema
from archive._store import among, rows_of

RESTRICTED, UNRESTRICTED = "record.restricted", "record.unrestricted"
_entry = _schema.entry.c
_SAID = among(
    select(_entry.subject, _entry.type)
    .where(_entry.type.in_((RESTRICTED, UNRESTRICTED)))
    .order_by(_entry.seq),
    _entry.subject,
)


def restricted_among(connection: Connection, subjects: Iterable[str]) -> frozenset[str]:
    """Those of the subjects whose last word in the log about restriction is that they are."""
    last = dict(rows_of(connection, _SAID, sorted(set(subjects))))
    return frozenset(subject for subject, kind in last.items() if kind == RESTRICTED)
