"""The attack on a finished bundle: everything hidden is looked for in every text it holds."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from importlib.resources import files
from io import BytesIO
from itertools import chain
from pathlib import Path

import orjson

from archive import Refused, times
from exports._production import INTERNAL, ProducedRecord
from exports.bundle import _labels, _letter, _load, _page, _tables, _warc
from exports.bundle._disclosed import Item
from exports.bundle._extract import Texts
from exports.bundle._leaks import SHORTEST, Leak, Watch, joined, plain_words, words
from exports.bundle._originals import Originals
from exports.bundle._search import Search
from exports.bundle._summary import Summary

_TEMPLATES = ("response.typ", "VERIFY.md", *(f"page/{name}" for name in _page.ASSETS))
_STANDING = (
    "bagit bag info BagIt-Version Tag-File-Character-Encoding UTF-8 UTC manifest tagmanifest "
    "sha256 sha512 txt data response.pdf index.html records.jsonl records.csv withheld.csv "
    "attachments proofs tlog-proof checkpoint log-key pub pem BEGIN END PUBLIC KEY "
    "Source-Organization file External-Identifier External-Description Bagging-Date "
    "Bag-Software-Agent Muniment Payload-Oxum all internal version number record outcome "
    "index header parts exemptions reason proof path salt value base64 digest exemption "
    "subject title body request received date key titles fields outcomes accounts answers "
    "native id raw in reply to language thread alt type url name handle author blob parent "
    "images redacted "
)
_WEB = (
    "records.warc WARC/1.1 WARC-Type warcinfo resource WARC-Record-ID urn:uuid WARC-Date "
    "WARC-Block-Digest WARC-Payload-Digest WARC-Target-URI Content-Type application/warc-fields "
    "application/octet-stream text/plain; charset=utf-8 software: Muniment format: WARC File "
    "Format 1.1 sha256"
)
_NAMING = frozenset({"author/name", "author/handle", "url", "native_id"})
_FILES = ("data/response.pdf", "data/index.html", "data/records.jsonl", "data/records.csv")
_MOST_NAMED = 5


class Attack:
    """What a bundle hides, gathered while it is written, and the search for it afterwards."""

    def __init__(self, summary: Summary, cover: Sequence[str]) -> None:
        self._summary = summary
        self._watch = Watch("\n".join(_standing_text(summary, cover)))
        self.originals = Originals()
        self._numbers: set[int] = set()

    def hide(self, produced: ProducedRecord, item: Item) -> None:
        """Take note of what a record hides and of what it rightly shows.

        Refused when a redaction contradicts itself: a field is hidden that another part shows.
        """
        self._numbers.add(item.number)
        paths, values = produced.sealed.paths, produced.sealed.values
        exempt, internal = dict[int, str](), dict[int, str]()
        for index, code in produced.hidden.items():
            value = values[index].decode(errors="replace")
            (internal if code == INTERNAL else exempt)[index] = value
        source = paths.index("raw") if "raw" in paths else -1
        raw = internal.pop(source, "") or exempt.pop(source, "")
        shown = _shown_text(item)
        if exempt:
            _refuse_contradictions(produced, paths, exempt, shown)
        hidden = [*exempt.values(), *joined(exempt, paths)]
        block = "\n".join((shown, _own_text(item)))
        self._watch.hide(item.number, hidden, block, internal=internal.values(), source=raw)

    def complete(self) -> None:
        """Every record was told: what one rightly shows is no leak where another hides it."""
        self._watch.allow_shown()

    def allow(self, texts: Iterable[str]) -> None:
        """What files say further: marks for characters without a font, names of accounts."""
        self._watch.allow_everywhere("\n".join(texts))

    def run(self, bundle: Path, other: Executor | None = None) -> tuple[str, ...]:
        """Search the finished zip; the files in it that are closed to a search, with the reason.

        Refused when anything hidden is found, or a text cannot be read. `other` is another process
        that takes a part.

        That each record's number is found wherever records stand shows that the search can see.
        """
        summary = self._summary
        counts = (*summary.outcomes.values(), *summary.exemptions.values(), summary.records)
        self._watch.allow_everywhere("\n".join(map(str, (*counts, summary.position))))
        also = [(_load.DAT, summary.load_file), (_warc.NAME, summary.warc)]
        searched = (*_FILES, *(name for name, there in also if there))
        stamp = summary.stamp.files if summary.stamp else {}
        search = Search(self._watch, self.originals, summary.checkpoint, stamp)
        found = search.run(bundle, other)
        if found.leaks:
            raise Refused(
                _told(found.leaks), hint="no bundle was written; review the redactions named"
            )
        for name in searched:
            seen = found.seen.get(name, set())
            if seen != self._numbers:
                missing = min(seen ^ self._numbers)
                raise Refused(
                    f"{name} cannot be searched: record {missing} is not where it should be",
                    hint="no bundle was written",
                )
        return tuple(dict.fromkeys(found.unread))


def _told(found: Sequence[Leak]) -> str:
    named = "; ".join(map(str, found[:_MOST_NAMED]))
    rest = len(found) - _MOST_NAMED
    return f"something hidden would leave: {named}" + (f"; and {rest} more" if rest > 0 else "")


def _refuse_contradictions(
    produced: ProducedRecord, paths: Sequence[str], exempt: dict[int, str], shown: str
) -> None:
    """A hidden name, handle or address must not be readable elsewhere in the same record."""
    if any(paths[index] == "raw" for index in produced.shown):
        raise Refused(
            f"record {produced.number} hides parts but shows its source item, which repeats them",
            hint="hide raw as well",
        )
    readable = f" {' '.join(words(shown))} "
    for index, value in exempt.items():
        whole = " ".join(words(value))
        if paths[index] in _NAMING and len(whole) >= SHORTEST and f" {whole} " in readable:
            raise Refused(
                f"record {produced.number} hides {paths[index]}, but shows the same elsewhere",
                hint="hide every mention: what names the author in text and address too",
            )


def _shown_text(item: Item) -> str:
    return "\n".join(field.text(" ") for field in item.fields)


def _own_text(item: Item) -> str:
    """What stands in a record's block beside its parts."""
    header = item.header.decode()
    return "\n".join(
        (
            header,
            _labels.moment(times.to_text(item.entry().at)),
            *plain_words(item.reason),
            *item.exemptions,
            *item.attachments,
            *(part.path for part in item.parts),
            item.record,
            str(item.number),
            str(item.index),
            item.proof,
        )
    )


def _standing_text(summary: Summary, cover: Sequence[str]) -> Iterator[str]:
    """What every bundle of this request says, whatever its records hold."""
    for name in _TEMPLATES:
        yield files("exports.bundle").joinpath(name).read_text(encoding="utf-8")
    with BytesIO(_letter.boilerplate()) as standing:
        for fragment in Texts(summary.checkpoint, Path()).of("data/response.pdf", standing):
            yield fragment.text
    letter = list[str]()
    encoded = orjson.dumps(
        _letter.letter_data(summary, cover),
        default=lambda text: letter.extend(map(str, text.spans)),
    )
    yield from letter
    yield from (summary.title, encoded.decode())
    request = summary.request
    yield from (request.number, request.subject, request.body_name, request.requester_name)
    yield str(summary.supersedes or "")
    yield str(summary.stamp.stamped if summary.stamp else "")
    yield from (request.received.isoformat(), summary.at.date().isoformat(), request.id)
    yield from chain(summary.titles, summary.titles.values())
    yield from chain(_labels.FIELDS, _labels.FIELDS.values(), _labels.OUTCOMES.values())
    yield from chain(_tables.RECORD_HEAD, _tables.WITHHELD_HEAD)
    if summary.load_file:
        yield from (_load.DAT, _load.OPT, "VOL001 load txt text", *_load.COLUMNS)
    if summary.warc:
        yield _WEB
    yield from (summary.checkpoint, str(summary.key), _STANDING, _letter.MARKS, _letter.SLIP)
    yield from _labels.PLATFORMS.values()
