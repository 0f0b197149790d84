"""`response.pdf`: the cover letter and every record, as PDF/A by Typst."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any
from unicodedata import bidirectional

import orjson

from archive import MunimentError, times
from exports._production import INTERNAL
from exports.bundle import _fonts, _glyphs, _labels
from exports.bundle._compile import Compile, NotSet, compiled
from exports.bundle._disclosed import Field, Item, Redaction
from exports.bundle._issues import Issue
from exports.bundle._summary import Summary

_EMPTY = b"""
#set document(title: "title", author: "author")
#table(table.header([Records]), [Records])
"""
VOLUME = 500
"""How many records one file of the letter holds."""

_BODIES = ("title", "text", "shared/text", "removal_reason")
_FURTHER = ("shared/", "poll/", "observed/", "attachment/")
_FACTS = (
    "author/name",
    "author/handle",
    "occurred_at",
    "edited_at",
    "removed_at",
    "removed_by",
    "time_zone",
    "location",
    "visibility",
    "url",
)
_UNTOLD = (("public",), ("unknown",))
"""Of a visibility these say nothing that a reader asks for."""
_ATTEMPTS = 3


class Text:
    """Text of unknown content: becomes strings, redactions and marks only when it is typeset."""

    __slots__ = ("spans",)

    def __init__(self, *spans: str | Redaction) -> None:
        self.spans = spans


SLIP = "This record is withheld as a whole."
COVER = (
    "This is the answer to your request for public records. The records that follow are numbered. "
    "Where part of a record is withheld, a black box stands in its place and names the exemption. "
    "A record withheld as a whole keeps its number and a slip with the reason."
)
_READING = (
    (
        "The file data/index.html shows the same records in a web browser, without a network, "
        "where they can be searched and verified. The tables data/records.csv and "
        "data/withheld.csv open in any spreadsheet."
    ),
    (
        "Every record was entered in a tamper-evident log when it was captured. The bundle proves "
        "that what is shown here is what was captured, and that nothing else was taken out than "
        "the boxes show. VERIFY.md says how anyone can check it, without us."
    ),
)
MARKS = (
    "A small frame with a word or a number in it stands for characters that the fonts of this "
    "document do not have; index.html and records.jsonl hold them exactly."
)


_LISTED = 60
"""Of more records than these the table of contents lists groups."""
_GROUPS = 50
_MOST_MARKS = 40


@dataclass(frozen=True, slots=True)
class Typeset:
    """A finished PDF, and what the marks in it say that stand for characters without a glyph."""

    pdf: bytes
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Volume:
    """One of the files that the letter is cut into: its place from 1, how many there are, records.

    The first holds the cover letter. `pages_before` tells how many pages stand in the files before
    it, and waits until they are set.
    """

    number: int
    of: int
    records: Sequence[dict[str, Any]]
    pages_before: Callable[[], int]

    @property
    def name(self) -> str:
        """Its payload path."""
        return volume_name(self.number)


def volume_name(number: int) -> str:
    """The payload path of a volume."""
    return "data/response.pdf" if number == 1 else f"data/response-{number}.pdf"


def volumes(records: int) -> int:
    """How many volumes so many records take."""
    return max(1, -(-records // VOLUME))


def typeset(summary: Summary, cover: Sequence[str], volume: Volume, compile_: Compile) -> Typeset:
    """The letter and its records as PDF/A. The same input gives the same bytes.

    Raises MunimentError when Typst refuses it.
    """
    texts = list[str]()
    data = _document(summary, cover, volume)
    orjson.dumps(data, default=lambda text: texts.extend(map(str, text.spans)))
    whole = "".join(texts)
    missing = _glyphs.unsettable(whole)
    for _ in range(_ATTEMPTS):
        try:
            return _settled(summary, volume, data, missing, compile_)
        except NotSet as error:
            more = _glyphs.refused(str(error))
            if more <= missing:
                break
            missing |= more
    try:
        return _settled(summary, volume, data, missing | _glyphs.cautious(whole), compile_)
    except NotSet as error:
        reason = str(error).partition("\n")[0]
        raise MunimentError(f"the letter cannot be typeset: {reason}") from error


def boilerplate() -> bytes:
    """A PDF that holds nothing but what Typst writes into every one: schemas, versions, ids."""
    return compiled(_EMPTY, {}, 0, ())


def _document(summary: Summary, cover: Sequence[str], volume: Volume) -> dict[str, Any]:
    return {
        "fonts": _fonts.FAMILIES,
        "prefix": summary.numbering.prefix,
        "contents": [(Text(name), first) for name, first in _contents(volume.records)],
        "paper": "us-letter" if summary.request.jurisdiction.lower().startswith("us") else "a4",
        "letter": letter_data(summary, cover),
        "apart": summary.load_file,
        "volume": volume.number,
        "volumes": volume.of,
        "total": str(summary.records),
        "records": volume.records,
    }


def _contents(records: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The lines of the table of contents: what each names, and its first record's number."""
    size = 1 if len(records) <= _LISTED else -(-len(records) // _GROUPS)
    for start in range(0, len(records), size):
        first, last = records[start], records[min(start + size, len(records)) - 1]
        if size == 1:
            yield (
                f"Record {first['number']} · {first['source']} · {first['label']}",
                first["number"],
            )
        else:
            yield f"Records {first['number']} to {last['number']}", first["number"]


def _settled(
    summary: Summary,
    volume: Volume,
    data: dict[str, Any],
    missing: frozenset[str],
    compile_: Compile,
) -> Typeset:
    marks = set[str]()

    def settle(text: Text) -> list[object]:
        out = list[object]()
        for span in text.spans:
            if isinstance(span, Redaction):
                out.append(("redaction", redaction_label(span.exemption)))
                continue
            for piece in _glyphs.spans(span, missing):
                out.append(piece)
                if isinstance(piece, tuple):
                    marks.add(piece[1])
        return out

    inputs = {"data": orjson.dumps(data, default=settle).decode()}
    if marks:
        inputs["marks"] = orjson.dumps([MARKS, _listed(marks)]).decode()
    fonts = _fonts.folders(inputs["data"])
    inputs["first"] = str(summary.numbering.first + volume.pages_before())
    pdf = compile_(_template("response.typ"), inputs, int(summary.at.timestamp()), fonts)
    return Typeset(pdf, frozenset(marks))


def _listed(marks: Collection[str]) -> str:
    named = sorted(marks)
    rest = len(named) - _MOST_MARKS
    return "; ".join(named[:_MOST_MARKS]) + (f"; and {rest} more" if rest > 0 else "")


def letter_data(summary: Summary, cover: Sequence[str]) -> dict[str, Any]:
    """The first page: letterhead, facts, what is released and what is not."""
    request, earlier = summary.request, summary.supersedes
    plain = "".join(c for c in request.body_name if c.isprintable())
    return {
        "title": "".join(c for c in summary.title if c.isprintable()),
        "body-plain": plain,
        "body": Text(request.body_name),
        "footer": Text(f"{request.body_name} · Request {request.number}"),
        "heading": Text(summary.title),
        "facts": [
            ("Date", Text(day(summary.at.date()))),
            ("To", Text(request.requester_name)),
            ("Request", Text(request.number)),
            ("Received", Text(day(request.received))),
            ("Subject", Text(request.subject)),
            *([("Supersedes", Text(_corrected(earlier)))] if earlier else []),
        ],
        "paragraphs": [Text(paragraph) for paragraph in cover or (COVER,)],
        "outcomes": [*summary.outcome_rows(), ("All responsive records", str(summary.records))],
        "exemptions": [
            (code, Text(title), count) for code, title, count in summary.exemption_rows()
        ],
        "notes": [Text(note) for note in _reading(summary)],
    }


def _corrected(earlier: Issue) -> str:
    when = _labels.moment(times.to_text(earlier.at))
    return f"the answer issued on {when}, whose zip file has the SHA-256 {earlier.sha256}"


def _reading(summary: Summary) -> tuple[str, ...]:
    head = f"{summary.key.name} at {summary.position} entries"
    return (*_READING, f"The proofs lead to the signed head of the log {head}.")


def record_data(
    item: Item, titles: Mapping[str, str], answers: int | None = None
) -> dict[str, Any]:
    """One record as the template takes it; `answers` is the number of the one it replies to."""
    entry = item.entry()
    fields = {field.name: field for field in item.fields if not _internal(field)}
    source = _labels.source(entry.data)
    facts: list[tuple[str, Text]] = [("Source", Text(source))]
    if answers is not None:
        facts.append((_labels.FIELDS["parent"], Text(f"Record {answers}")))
    facts += [
        (_labels.field(name), _moments(fields[name]))
        for name in _FACTS
        if name in fields and fields[name].spans not in _UNTOLD
    ]
    facts.append(("Captured", Text(_labels.moment(times.to_text(entry.at)))))
    facts += [
        (_labels.field(name), Text(*field.spans))
        for name, field in fields.items()
        if name.startswith(_FURTHER)
        and name not in _BODIES
        and not name.endswith(("/sha256", "/type"))
    ]
    for code in item.exemptions:
        facts.append(("Exemption", Text(f"{code} {titles.get(code, '')}".strip())))
    if item.reason:
        facts.append(("Reason", Text(item.reason)))
    bodies = [
        (
            "" if name == "text" else _labels.field(name),
            Text(*fields[name].spans),
            _direction(fields[name]),
        )
        for name in _BODIES
        if name in fields
    ]
    if item.outcome == "withhold":
        bodies = [("", Text(SLIP), "ltr")]
    return {
        "number": str(item.number),
        "source": source,
        "outcome": item.outcome,
        "label": _labels.OUTCOMES[item.outcome],
        "facts": facts,
        "bodies": bodies,
        "trace": f"record {item.record}   log entry {item.index}   {item.proof}",
    }


def redaction_label(code: str) -> str:
    """What a box says."""
    return "internal" if code == INTERNAL else code


def day(moment: date) -> str:
    """A date as a letter writes it."""
    return f"{moment:%B} {moment.day}, {moment.year}"


def _direction(field: Field) -> str:
    """Which way a text runs: as its first letter does."""
    letters = (bidirectional(c) for s in field.spans if isinstance(s, str) for c in s)
    return "rtl" if next((b for b in letters if b in {"L", "R", "AL"}), "L") != "L" else "ltr"


def _internal(field: Field) -> bool:
    return all(isinstance(s, Redaction) and s.exemption == INTERNAL for s in field.spans)


def _moments(field: Field) -> Text:
    return Text(*(_labels.moment(s) if isinstance(s, str) else s for s in field.spans))


def _template(name: str) -> bytes:
    return files("exports.bundle").joinpath(name).read_bytes()
