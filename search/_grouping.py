"""Which of the records that match say the same: copies, and shares of one record."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from archive import Entry, Reader, Record, Sealed, UsageError, records
from search._analysis import fold, words_of_folded
from search._engine import Match

MOST = 250_000
"""How many records can be grouped."""

_ADDRESSED = re.compile(r"(?:https?://|www\.)\S+|(?<!\w)@\w[\w.\-]*")

Opened = tuple[Match, Record, Entry, Sealed]


@dataclass(slots=True)
class Alike:
    """The first of a group of records that say the same, and the ids of the others in order."""

    first: Match
    others: list[str] = field(default_factory=list)


def grouped(reader: Reader, total: int, pages: Iterator[Sequence[Opened]]) -> list[Alike]:
    """The records on the pages in groups, in the order in which each group's first one comes.

    Two records are in one group when they say the same words in the same order: case, accents,
    punctuation, addresses of pages and @handles do not count. A share says what it adds; one that
    adds nothing says what the shared record says. A record without any word is alone.

    Which group a record is in depends on nothing but the version that is shown, and on what it
    shares. Memory: some 500 bytes for each record. UsageError for more than `MOST` records.
    """
    if total > MOST:
        raise UsageError(
            f"{total} records are more than can be grouped, which is {MOST}",
            hint="ask for a shorter time by date:, or search without --group",
        )
    groups: list[Alike] = []
    known: dict[bytes, Alike] = {}
    for page in pages:
        for (match, *_), said in zip(page, _said(reader, page), strict=True):
            key = _key(said)
            if key and key in known:
                known[key].others.append(match.id)
            else:
                groups.append(Alike(match))
                if key:
                    known[key] = groups[-1]
    return groups


def _key(words: Sequence[str]) -> bytes:
    """A digest of words; of none, nothing."""
    return blake2b(" ".join(words).encode(), digest_size=16).digest() if words else b""


def _said(reader: Reader, page: Sequence[Opened]) -> Iterator[list[str]]:
    """What each record says, as words."""
    own = [words_said(f"{parts.text('title')} {parts.text('text')}") for *_, parts in page]
    bare = [opened for opened, words in zip(page, own, strict=True) if not words]
    shared = _shared(reader, bare)
    for (_, record, _, parts), words in zip(page, own, strict=True):
        yield (
            words
            or shared.get(record.id)
            or words_said(parts.text("shared/text"))
            or words_of_folded(fold(parts.get("shared/url") or parts.text("text")))
        )


def words_said(text: str) -> list[str]:
    """The words of a text that count for what it says."""
    return words_of_folded(_ADDRESSED.sub(" ", fold(text)))


def _shared(reader: Reader, bare: Sequence[Opened]) -> dict[str, list[str]]:
    """What those records say that are shared by others and are in the archive, by the sharing."""
    lookups: dict[str, str] = {}
    for _, record, _, parts in bare:
        native = parts.get("shared/native_id")
        if native:
            lookups[record.id] = records.lookup_of(reader, record.platform, record.account, native)
        elif record.kind == "share" and record.parent_lookup:
            lookups[record.id] = record.parent_lookup
    originals = records.by_lookup(reader, list(lookups.values()))
    opened = reader.open(reader.entries_at([one.last_seq for one in originals.values()]))
    said = {
        lookup: words_said(f"{parts.text('title')} {parts.text('text')}")
        for lookup, (_, parts) in zip(originals, opened, strict=True)
        if parts is not None
    }
    return {share: said[lookup] for share, lookup in lookups.items() if lookup in said}
