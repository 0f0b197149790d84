"""The load file: records for review platforms, as Concordance DAT, Opticon OPT and texts.

A row of the DAT is a record, from its disclosed form alone, or one of its attachments, in the rows
after it. In a bundle with a load file every record begins a page of its own, so that the numbers of
its pages are its alone.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from archive import times
from exports.bundle import _labels
from exports.bundle._disclosed import Item
from exports.bundle._numbering import Numbering

DAT = "data/load/records.dat"
OPT = "data/load/records.opt"
COLUMNS = (
    *("BEGBATES", "ENDBATES", "BEGATTACH", "ENDATTACH", "PARENTID", "INREPLYTO", "CUSTODIAN"),
    *("PLATFORM", "KIND", "AUTHOR", "HANDLE"),
    *("TITLE", "DATESENT", "DATEMODIFIED", "DATECAPTURED", "URL", "OUTCOME", "REDACTED"),
    *("EXEMPTIONS", "NATIVEPATH", "TEXTPATH", "PDFPATH", "RECORDID", "LOGINDEX"),
)
QUOTE, BETWEEN, LINE = "\u00fe", "\x14", "\u00ae"
_VOLUME = "VOL001"
_PLAIN = str.maketrans({QUOTE: "th", BETWEEN: " ", LINE: "(R)", "\n": LINE, "\r": ""})
_BODIES = ("title", "text", "shared/text")


@dataclass(frozen=True, slots=True)
class Row:
    """A record's row but for its page numbers; `answers` is the number of what it replies to.

    `attachments` are its files' names, and whether something is painted over in them.
    """

    number: int
    account: str
    answers: int | None
    cells: Mapping[str, str]
    attachments: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """The letter's pages: how many each volume has, and on which each record begins, from 0."""

    volumes: Sequence[tuple[str, int]]
    begins: Mapping[int, int]

    @property
    def ends(self) -> dict[int, int]:
        """The last page of each record: before the next record, or the last of its volume."""
        totals = accumulate(count for _, count in self.volumes)
        breaks = sorted({*self.begins.values(), *totals})
        return {n: breaks[bisect_right(breaks, page)] - 1 for n, page in self.begins.items()}


def text_name(number: int) -> str:
    """The payload path of a record's text."""
    return f"data/load/text/{number:06d}.txt"


def text_of(item: Item) -> str:
    """A record's words, each redaction as ``[code]``; of a withheld one the slip's."""
    if item.outcome == "withhold":
        return f"[{', '.join(item.exemptions)}]\n"
    held = {field.name: field.text() for field in item.fields}
    return "\n\n".join(held[name] for name in _BODIES if name in held) + "\n"


def row_of(item: Item, account: str, answers: int | None) -> Row:
    """The row of one record."""
    entry = item.entry()
    held = {field.name: field.text() for field in item.fields}
    cells = {
        "PLATFORM": str(entry.data.get("platform", "")),
        "KIND": str(entry.data.get("kind", "")),
        "AUTHOR": held.get("author/name", ""),
        "HANDLE": held.get("author/handle", ""),
        "TITLE": held.get("title", ""),
        "DATESENT": held.get("occurred_at", ""),
        "DATEMODIFIED": held.get("edited_at", ""),
        "DATECAPTURED": times.to_text(entry.at),
        "URL": held.get("url", ""),
        "OUTCOME": _labels.OUTCOMES[item.outcome],
        "REDACTED": "N" if item.outcome == "release" else "Y",
        "EXEMPTIONS": "; ".join(item.exemptions),
        "TEXTPATH": _backwards(text_name(item.number)),
        "RECORDID": item.record,
        "LOGINDEX": str(item.index),
    }
    painted = {image.name for image in item.images}
    attachments = tuple((name, name in painted) for name in item.attachments)
    return Row(item.number, account, answers, cells, attachments)


class Book:
    """The load file's two tables; `accounts` are the names of accounts by id, where shown."""

    def __init__(self, pages: Pages, numbering: Numbering, accounts: Mapping[str, str]) -> None:
        self._pages, self._numbering, self._accounts = pages, numbering, accounts
        self._ends = pages.ends

    def rows(self, row: Row) -> Iterator[str]:
        """The lines of the DAT for a record and, with numbers below its own, its attachments."""
        first, last = self._label(row.number), self._numbering.label(self._ends[row.number])
        below = {f"{first}.{n:04d}": one for n, one in enumerate(row.attachments, 1)}
        family = {
            **dict.fromkeys(COLUMNS, ""),
            "BEGATTACH": first,
            "ENDATTACH": [last, *below][-1],
            "CUSTODIAN": self._accounts.get(row.account, row.account),
        }
        own = {
            "BEGBATES": first,
            "ENDBATES": last,
            "INREPLYTO": self._label(row.answers) if row.answers else "",
            "PDFPATH": _backwards(_volume_of(self._pages, self._pages.begins[row.number])),
        }
        yield _line([*({**family, **row.cells, **own}[name] for name in COLUMNS)])
        for number, (name, painted) in below.items():
            file = {
                "BEGBATES": number,
                "ENDBATES": number,
                "PARENTID": first,
                "REDACTED": "Y" if painted else "N",
                "NATIVEPATH": _backwards(name),
                "RECORDID": row.cells["RECORDID"],
                "LOGINDEX": row.cells["LOGINDEX"],
            }
            yield _line([*({**family, **file}[name] for name in COLUMNS)])

    def images(self) -> Iterator[str]:
        """The lines of the OPT."""
        return _opticon(self._pages, self._numbering)

    def _label(self, record: int) -> str:
        return self._numbering.label(self._pages.begins[record])


def write(bag: Path, rows: Sequence[Row], book: Book) -> None:
    """Write both tables."""
    with (bag / DAT).open("w", encoding="utf-8", newline="") as dat:
        dat.write(HEAD)
        for row in rows:
            dat.writelines(book.rows(row))
    with (bag / OPT).open("w", encoding="utf-8", newline="") as opt:
        opt.writelines(book.images())


def _opticon(pages: Pages, numbering: Numbering) -> Iterator[str]:
    """A line for each page of the letter: of one file, the nth line is its nth page."""
    starts = set(pages.begins.values())
    at = 0
    for name, count in pages.volumes:
        for place in range(count):
            begins = "Y" if place == 0 or at in starts else ""
            yield f"{numbering.label(at)},{_VOLUME},{_backwards(name)},{begins},,,\r\n"
            at += 1


def _volume_of(pages: Pages, page: int) -> str:
    for name, count in pages.volumes:
        if page < count:
            return name
        page -= count
    raise ValueError("a page beyond the last volume")


def _line(cells: Sequence[str]) -> str:
    quoted = (f"{QUOTE}{cell.translate(_PLAIN)}{QUOTE}" for cell in cells)
    return BETWEEN.join(quoted) + "\r\n"


def _backwards(name: str) -> str:
    return name.replace("/", "\\")


HEAD = "\ufeff" + _line(COLUMNS)
