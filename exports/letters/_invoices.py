"""Estimates and invoices as they were given, in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from archive import Draft, Parts, Reader, Writer, times
from exports.letters._fees import FeeLine
from exports.requests import Request

BillKind = Literal["estimate", "invoice"]


@dataclass(frozen=True, slots=True)
class Bill:
    """An estimate or invoice: when it was made (a time text), its lines, the sum in cents."""

    kind: BillKind
    at: str
    cents: int
    lines: tuple[FeeLine, ...]


def record_bill(writer: Writer, request: Request, kind: BillKind, lines: Sequence[FeeLine]) -> Bill:
    """Enter in the log what was estimated or charged."""
    cents = sum(line.cents for line in lines)
    data = {"kind": kind, "cents": cents}
    rows = [[one.what, one.counted, one.cents, one.source, one.verified] for one in lines]
    parts = Parts.of([("lines", orjson.dumps(rows))])
    [entry] = writer.append([Draft("request.billed", request.id, data, parts)])
    return Bill(kind, times.to_text(entry.at), cents, tuple(lines))


def bills(reader: Reader, request: Request) -> list[Bill]:
    """The estimates and invoices of a request, in order; without lines where they were erased."""
    found = []
    for entry, sealed in reader.open(reader.history(request.id, {"request.billed"})):
        stored = sealed.bytes_of("lines") if sealed is not None else None
        lines = tuple(FeeLine(*row) for row in orjson.loads(stored)) if stored else ()
        at = times.to_text(entry.at)
        found.append(Bill(entry.data["kind"], at, entry.data["cents"], lines))
    return found


def money(cents: int) -> str:
    """An amount as a letter writes it: "$1,234.50"."""
    return f"${cents / 100:,.2f}"
