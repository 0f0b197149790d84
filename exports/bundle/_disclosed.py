"""A record as it leaves: what is shown, digests of what is hidden, and nothing else.

Every file of a bundle is written from these values. A hidden value is not within their reach, so no
writer can let it slip. The form in `records.jsonl` is described in docs/format.md.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import orjson

from archive import Entry, ShownPart, commitment_of
from archive.errors import VerificationError
from archive.merkle import leaf_hash
from exports._production import INTERNAL, Outcome, ProducedRecord, RedactedImage
from exports._shown import part_from_json, part_to_json

_INDEXED = re.compile(r"(.+)/(?:0|[1-9][0-9]*)\Z")
_OBSCURED = frozenset({"path", "digest", "exemption"})
_OUTCOMES: Mapping[str, Outcome] = {
    "release": "release",
    "redact": "redact",
    "withhold": "withhold",
}
_MEMBERS = frozenset(
    {
        "number",
        "record",
        "outcome",
        "index",
        "header",
        "parts",
        "exemptions",
        "reason",
        "attachments",
        "proof",
    }
)


@dataclass(frozen=True, slots=True)
class Obscured:
    """A part that is not shown. Its path is the public body's word; only the digest is proven."""

    path: str
    digest: bytes
    exemption: str


@dataclass(frozen=True, slots=True)
class Painted:
    """An image that leaves with rectangles burnt in: its name, SHA-256 (hex) and exemptions."""

    name: str
    sha256: str
    exemptions: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The object that stands in a record's `images`."""
        return {"name": self.name, "sha256": self.sha256, "exemptions": list(self.exemptions)}


@dataclass(frozen=True, slots=True)
class Redaction:
    """Neighbouring hidden parts of one field under one exemption."""

    exemption: str
    parts: int


@dataclass(frozen=True, slots=True)
class Field:
    """A field for reading: text and redactions in order."""

    name: str
    spans: tuple[str | Redaction, ...]

    def text(self, mark: str = "[{}]") -> str:
        """The field as one string, each redaction as `mark` with its exemption code."""
        return "".join(s if isinstance(s, str) else mark.format(s.exemption) for s in self.spans)


@dataclass(frozen=True)
class Item:
    """One numbered record of a bundle. A withheld one has no parts: header and proof only."""

    number: int
    record: str
    outcome: Outcome
    index: int
    header: bytes
    parts: tuple[ShownPart | Obscured, ...]
    exemptions: tuple[str, ...]
    reason: str
    attachments: tuple[str, ...] = ()
    images: tuple[Painted, ...] = ()

    @classmethod
    def of(
        cls,
        produced: ProducedRecord,
        attachments: tuple[str, ...] = (),
        images: Mapping[str, RedactedImage] | None = None,
    ) -> "Item":
        """The disclosed form of a produced record."""
        withheld = produced.outcome == "withhold"
        return cls(
            produced.number,
            produced.record.id,
            produced.outcome,
            produced.entry.seq,
            produced.entry.header,
            () if withheld else tuple(_parts(produced)),
            produced.exemptions,
            produced.reason,
            attachments,
            tuple(Painted(n, one.sha256, one.exemptions) for n, one in (images or {}).items()),
        )

    @property
    def proof(self) -> str:
        """The payload path of this record's proof of inclusion."""
        return f"data/proofs/{self.number:06d}.tlog-proof"

    @property
    def tells_parent(self) -> bool:
        """Whether what it replies to may be told: it is not withheld, nor its parent exempt."""
        return self.outcome != "withhold" and not any(
            isinstance(part, Obscured) and part.path == "parent" and part.exemption != INTERNAL
            for part in self.parts
        )

    @property
    def leaf(self) -> bytes:
        return leaf_hash(self.header)

    @property
    def commitment(self) -> bytes:
        """The commitment that the parts lead to."""
        return commitment_of([part.digest for part in self.parts])

    def entry(self) -> Entry:
        """The header as an entry; VerificationError when it is none."""
        return self._entry

    @cached_property
    def _entry(self) -> Entry:
        return Entry.parse(self.index, self.header)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The parts as fields for reading, those of one split field joined, in their order.

        White space is hidden with the word before it: a space stands for it after a redaction.
        """
        return tuple(self._fields())

    def _fields(self) -> Iterator[Field]:
        name, spans = "", list[str | Redaction]()
        for part in self.parts:
            own = _field_of(part.path)
            if own != name:
                if spans:
                    yield Field(name, tuple(spans))
                name, spans = own, []
            last = spans[-1] if spans else None
            if isinstance(part, ShownPart):
                text = part.value.decode(errors="replace")
                if isinstance(last, Redaction) and not text[:1].isspace():
                    text = f" {text}"
                if isinstance(last, str):
                    spans[-1] = last + text
                else:
                    spans.append(text)
            elif isinstance(last, Redaction) and last.exemption == part.exemption:
                spans[-1] = Redaction(last.exemption, last.parts + 1)
            else:
                spans.append(Redaction(part.exemption, 1))
        if spans:
            yield Field(name, tuple(spans))

    @cached_property
    def json(self) -> Mapping[str, Any]:
        """The object that stands in `records.jsonl` and in the page."""
        return {
            "number": self.number,
            "record": self.record,
            "outcome": self.outcome,
            "index": self.index,
            "header": self.header.decode(),
            "parts": [_part_to_json(part) for part in self.parts],
            "exemptions": list(self.exemptions),
            "reason": self.reason,
            "attachments": list(self.attachments),
            **({"images": [one.to_json() for one in self.images]} if self.images else {}),
            "proof": self.proof,
        }

    def to_line(self) -> bytes:
        """One line of `records.jsonl`."""
        return orjson.dumps(self.json) + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Item":
        """The inverse of `to_line`; VerificationError for anything else."""
        try:
            value = orjson.loads(line)
            if not isinstance(value, dict) or value.keys() - {"images"} != _MEMBERS:
                raise ValueError("members missing or unknown")
            item = cls(
                _whole(value["number"]),
                _string(value["record"]),
                _OUTCOMES[_string(value["outcome"])],
                _whole(value["index"]),
                _string(value["header"]).encode(),
                tuple(_part_from_json(part) for part in value["parts"]),
                tuple(_string(code) for code in value["exemptions"]),
                _string(value["reason"]),
                tuple(_string(name) for name in value["attachments"]),
                tuple(_painted_from_json(one) for one in value.get("images", ())),
            )
            if value["proof"] != item.proof:
                raise ValueError("the proof is not named after the record's number")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise VerificationError(f"not a disclosed record ({error})") from error
        return item


@lru_cache(maxsize=1024)
def _field_of(path: str) -> str:
    match = _INDEXED.match(path)
    return match[1] if match else path


def _parts(produced: ProducedRecord) -> Iterator[ShownPart | Obscured]:
    disclosed = produced.sealed.disclose(produced.shown)
    for index, (path, part) in enumerate(zip(produced.sealed.paths, disclosed.parts, strict=True)):
        if isinstance(part, ShownPart):
            yield part
        else:
            yield Obscured(path, part.digest, produced.hidden[index])


def _part_to_json(part: ShownPart | Obscured) -> dict[str, str]:
    if isinstance(part, Obscured):
        return {"path": part.path, "digest": part.digest.hex(), "exemption": part.exemption}
    return part_to_json(part)


def _part_from_json(value: dict[str, Any]) -> ShownPart | Obscured:
    if value.keys() == _OBSCURED:
        digest = _hex(value["digest"], 32)
        return Obscured(_string(value["path"]), digest, _string(value["exemption"]))
    return part_from_json(value)


def _painted_from_json(value: dict[str, Any]) -> Painted:
    if value.keys() != {"name", "sha256", "exemptions"}:
        raise ValueError("not a redacted image")
    codes = tuple(_string(code) for code in value["exemptions"])
    return Painted(_string(value["name"]), _hex(value["sha256"], 32).hex(), codes)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a string")
    return value


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a whole number")
    return value


def _hex(value: object, length: int) -> bytes:
    data = bytes.fromhex(_string(value))
    if len(data) != length or data.hex() != value:
        raise ValueError(f"not {length} bytes in hexadecimal")
    return data
