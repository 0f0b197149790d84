"""How often the same person asked lately, where an act makes a difference of that."""

from datetime import timedelta

from sqlalchemy import select

from archive import Reader
from exports.requests import _tables as t
from exports.requests._intake import Intake
from exports.requests._jurisdiction import Jurisdiction, Threshold
from exports.requests._requests import Request


def reached(
    reader: Reader, act: Jurisdiction, request: Request, intake: Intake
) -> tuple[Threshold, int] | None:
    """The first threshold that this request reaches, and how many requests were counted.

    Counted are the requests of the same name or contact within the threshold's days up to the day
    of receipt, this one among them. Whether they are to be counted, a person decides.
    """
    thresholds = act.thresholds_on(request.received)
    if not thresholds:
        return None
    longest = max(one.days for one in thresholds)
    table = t.request
    rows = reader.conn.execute(
        select(table.c.seq, table.c.received).where(
            table.c.received > (request.received - timedelta(days=longest)).isoformat(),
            table.c.received <= request.received.isoformat(),
        )
    ).fetchall()
    if len(rows) < min(one.requests for one in thresholds):
        return None
    wanted = _known(intake.requester, intake.contact)
    days = [
        row.received
        for row, (_, sealed) in zip(
            rows, reader.open(reader.entry(row.seq) for row in rows), strict=True
        )
        if sealed is not None
        and wanted & _known(sealed.text("requester/name"), sealed.get("requester/contact"))
    ]
    for one in thresholds:
        since = (request.received - timedelta(days=one.days)).isoformat()
        count = sum(day > since for day in days)
        if count >= one.requests:
            return one, count
    return None


def _known(*texts: str | None) -> frozenset[str]:
    """Who it is, as far as that can be compared; an anonymous requester is nobody known."""
    return frozenset(text.strip().casefold() for text in texts if text) - {"", "anonymous"}
