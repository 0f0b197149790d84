"""What an engine indexes: one document per version of a record's content, as tokens."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from search._analysis import analyze, fold, words
from search._fields import SEVERAL

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

GAP = "\x1f"
"""A token that no query can contain: keeps phrases from reaching over the end of a part."""
_BETWEEN = f" {GAP} "

_SEQ_BITS = 31
_SECONDS_1900 = 2_208_988_800
_MOST_SECONDS = (1 << 33) - 1


class Document(NamedTuple):
    """One version of a record.

    ``record`` is the log position of the record's first entry, ``seq`` that of this version's.
    ``several`` says whether the record has more than one version; else both are the same.
    ``tokens`` maps index fields to tokens joined by one space; ``dates`` maps date fields to
    microseconds since 1970.
    """

    id: str
    record: int
    seq: int
    several: bool
    tokens: Mapping[str, str]
    dates: Mapping[str, int]

    @property
    def order(self) -> int:
        """A number of 64 bits, unique to the document, that sorts by date (second), then `seq`.

        Holds for dates from 1900 to 2172 and for 2^31 entries; dates outside stand at the ends.
        """
        seconds = self.dates["date"] // 1_000_000 + _SECONDS_1900
        return min(max(seconds, 0), _MOST_SECONDS) << _SEQ_BITS | self.seq


class Content(NamedTuple):
    """What is searchable of one version, as text; `tokenize` makes tokens of it.

    `further` is found among the words of the text: others' words that it repeats, whose they are,
    the answers of its poll, its place.
    """

    text: str = ""
    title: str = ""
    further: tuple[str, ...] = ()
    attached: bool = False
    attachments: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    platform: str = ""
    kind: str = ""
    language: str = ""
    status: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    several: bool = False


def seq_of(order: int) -> int:
    """The `Document.seq` that is in a `Document.order`."""
    return order & ((1 << _SEQ_BITS) - 1)


def microseconds(moment: datetime) -> int:
    """`moment` as date fields count."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """The inverse of `microseconds`."""
    return _EPOCH + value * _MICROSECOND


def keyword(value: str) -> str:
    """A value of a keyword field as one token."""
    return "_".join(fold(value).split()).encode(errors="replace").decode()


def tokenize(content: Content) -> dict[str, str]:
    """The tokens of a version by index field; fields without any are left out."""
    tokens = _labels(
        content.account,
        content.platform,
        content.kind,
        content.language,
        content.status,
        content.clauses,
        (content.attached, bool(content.reasons), bool(content.title)),
        content.several,
    ).copy()
    author = _names(content.author)
    if author:
        tokens["author"] = author
    _add_text(tokens, "text", (content.title, content.text, *content.further, *content.attachments))
    if content.title:
        _add_text(tokens, "title", (content.title,))
    if content.attachments:
        _add_text(tokens, "attachment", content.attachments)
    if content.reasons:
        _add_text(tokens, "reason", content.reasons)
    return tokens


@lru_cache(maxsize=4096)
def _labels(
    account: tuple[str, ...],
    platform: str,
    kind: str,
    language: str,
    status: tuple[str, ...],
    clauses: tuple[str, ...],
    has: tuple[bool, bool, bool],
    several: bool,
) -> dict[str, str]:
    """The tokens of what many records share; not to be changed by whoever gets them."""
    present = compress(("attachment", "reason", "title"), has)
    rows = (
        ("account", _names(account)),
        ("platform", keyword(platform)),
        ("kind", keyword(kind)),
        ("lang", _language(language)),
        ("status", " ".join(status)),
        ("clause", " ".join(map(keyword, clauses))),
        ("has", " ".join(present)),
        (SEVERAL, "yes" if several else ""),
    )
    return {name: value for name, value in rows if value}


def _add_text(tokens: dict[str, str], name: str, texts: Iterable[str]) -> None:
    rows: list[str] = []
    plain: list[str] = []
    found: set[str] = set()
    for text in filter(None, texts):
        row, stemmed, marks = analyze(text)
        if row:
            rows.append(" ".join(stemmed))
            plain.append(" ".join(row))
            found |= marks
    if rows:
        tokens[name] = _BETWEEN.join(rows)
        if found:
            plain.append(" ".join(sorted(found)))
        tokens[f"{name}_word"] = _BETWEEN.join(plain)


@lru_cache(maxsize=1 << 16)
def _names(names: tuple[str, ...]) -> str:
    return _BETWEEN.join(" ".join(words(name)) for name in names if name)


def _language(language: str) -> str:
    whole = keyword(language).replace("_", "-")
    return f"{whole} {whole.partition('-')[0]}" if "-" in whole else whole
