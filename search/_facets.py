"""How many of the records that match there are of each platform, author, status, month …"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import select

from archive import Reader, accounts, chunked, rows_among, times
from archive.records import record_table
from search._engine import Match

FacetName: TypeAlias = Literal["platform", "author", "status", "kind", "account", "month"]
FACETS: Final[tuple[FacetName, ...]] = get_args(FacetName)
"""What records can be counted by."""

_PAGE = 5_000
_c = record_table.c
_COLUMNS = (
    *(_c.id, _c.platform, _c.author_key, _c.status),
    *(_c.kind, _c.account, _c.occurred_at, _c.captured_at),
)
_ROWS = select(*_COLUMNS).where(_c.status != "disposed")


@dataclass(frozen=True, slots=True)
class Facet:
    """How many records there are of each value of `name`; `without` counts those that have none.

    The most frequent value stands first, of equals the first by alphabet; months stand in order.
    """

    name: FacetName
    counts: Mapping[str, int]
    without: int


def count_by(
    reader: Reader, found: Iterator[Match], names: Sequence[FacetName], zone: ZoneInfo
) -> list[Facet]:
    """Count the records that `found` gives, each once, by each of the facets that are named.

    A month (``2026-03``, in `zone`) is when a record was written, or first captured where the
    platform does not say. An author is one account of a platform, or one name where the platform
    gives no more; it is shown as ``name (handle)``, as the last captured of the counted records
    has it. Memory grows with the number of different values, not with that of records.
    """
    tallies = {name: Counter[str]() for name in names}
    plain = tallies.keys() - {"author", "month"}
    newest: dict[str, int] = {}
    while page := list(islice(found, _PAGE)):
        seqs = {match.id: match.seq for match in page}
        closed = reader.restricted(seqs)
        for row in rows_among(reader.conn, _ROWS, _c.id, list(seqs)):
            if row.id in closed:
                continue
            if "author" in tallies:
                author = row.author_key or ""
                tallies["author"][author] += 1
                newest[author] = max(newest.get(author, 0), seqs[row.id])
            if "month" in tallies:
                tallies["month"][_month(row.occurred_at or row.captured_at, zone)] += 1
            for name in plain:
                tallies[name][getattr(row, name)] += 1
    if "author" in tallies:
        tallies["author"] = _authors(reader, tallies["author"], newest)
    if "account" in tallies:
        tallies["account"] = _accounts(reader, tallies["account"])
    return [_facet(name, tally) for name, tally in tallies.items()]


def _facet(name: FacetName, tally: Counter[str]) -> Facet:
    without = tally.pop("", 0)
    by_count = name != "month"
    ordered = sorted(tally.items(), key=lambda pair: (-pair[1] if by_count else 0, pair[0]))
    return Facet(name, dict(ordered), without)


def _month(written: str, zone: ZoneInfo) -> str:
    moment = times.from_text(written).astimezone(zone)
    return f"{moment.year:04}-{moment.month:02}"


def _authors(reader: Reader, tally: Counter[str], newest: Mapping[str, int]) -> Counter[str]:
    """The tally by keys of authors as one by what they are called; equal ones are one."""
    named = Counter({"": tally.pop("", 0)})
    seqs = [newest[key] for key in tally]
    opened = reader.open(one for some in chunked(seqs) for one in reader.entries_at(some))
    for count, (_, parts) in zip(tally.values(), opened, strict=True):
        name = (parts and parts.get("author/name")) or ""
        handle = (parts and parts.get("author/handle")) or ""
        named[f"{name} ({handle})" if name and handle else name or handle] += count
    return named


def _accounts(reader: Reader, tally: Counter[str]) -> Counter[str]:
    """The tally by ids of accounts as one by ``handle (platform)``."""
    known = {one.id: f"{one.handle} ({one.platform})" for one in accounts.every(reader)}
    named = Counter[str]()
    for account, count in tally.items():
        named[known.get(account, account)] += count
    return named
