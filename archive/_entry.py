"""Entries: the one kind of durable fact. A header that is public for ever, and a sealed half."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import uuid_utils

from archive import _canonical, merkle, times
from archive._parts import Parts
from archive.errors import VerificationError

FORMAT = 1
CAPTURE_TYPES = frozenset(
    {
        "record.captured",
        "record.edited",
        "record.deleted",
        "record.vanished",
        "capture.rejected",
    }
)
"""Entries that are covered by the signature of the `capture.batch` entry after them."""

_SIGNING_DOMAIN = b"muniment entry v1\n"
_REQUIRED = frozenset({"actor", "at", "data", "format", "subject", "type"})
_OPTIONAL = frozenset({"commitment", "signature"})


class Signer(Protocol):
    """An actor who signs decisions."""

    @property
    def actor(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...


def new_id() -> str:
    """A fresh UUIDv7 (RFC 9562) as text."""
    return str(uuid_utils.uuid7())


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be appended. `data` stays public for ever: ids, codes, dates and counts only.

    `parts` may be sealed already (`Parts.seal`), which spares the writer that work.
    """

    type: str
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)
    parts: Parts | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log at position `seq`; `header` is its stored canonical JSON."""

    seq: int
    header: bytes
    type: str
    at: datetime
    actor: str
    subject: str
    data: Mapping[str, Any]
    commitment: bytes | None
    signature: bytes | None

    @property
    def leaf_hash(self) -> bytes:
        return merkle.leaf_hash(self.header)

    @classmethod
    def parse(cls, seq: int, header: bytes) -> "Entry":
        """An entry from its stored bytes; VerificationError when they are of no such form."""
        try:
            value = _canonical.loads(header)
            members = value.keys()
            if not members >= _REQUIRED or not members <= _REQUIRED | _OPTIONAL:
                raise ValueError("members missing or unknown")
            if value["format"] is True or value["format"] != FORMAT:
                raise ValueError(f"format {value['format']!r} is unknown")
            if not isinstance(value["data"], dict):
                raise ValueError("data is no object")
            for name in ("type", "actor", "subject", "at"):
                if not isinstance(value[name], str):
                    raise ValueError(f"{name} is no string")
            return cls(
                seq,
                header,
                value["type"],
                times.from_text(value["at"]),
                value["actor"],
                value["subject"],
                value["data"],
                _fixed_hex(value["commitment"], 32) if "commitment" in value else None,
                _fixed_hex(value["signature"], 64) if "signature" in value else None,
            )
        except (ValueError, TypeError) as error:
            raise VerificationError(f"entry {seq}: not a header ({error})") from error

    @property
    def signed_message(self) -> bytes:
        """The bytes that the actor signed: the header without its signature, under a domain."""
        value = _canonical.loads(self.header)
        value.pop("signature", None)
        return signing_message(value)


def signing_message(header: dict[str, Any]) -> bytes:
    """What an actor signs of a header that carries no signature yet."""
    return _SIGNING_DOMAIN + _canonical.dumps(header)


def build(
    seq: int,
    draft: Draft,
    at: datetime,
    at_text: str,
    actor: str,
    commitment: bytes | None,
    signer: Signer | None,
) -> Entry:
    """The entry of a draft, signed when a signer is given; `at_text` is `at` as text.

    ValueError when the draft's data cannot stand in a header.
    """
    header: dict[str, Any] = {
        "actor": actor,
        "at": at_text,
        "data": draft.data,
        "format": FORMAT,
        "subject": draft.subject,
        "type": draft.type,
    }
    if commitment is not None:
        header["commitment"] = commitment.hex()
    signature = None
    if signer is not None:
        signature = signer.sign(signing_message(header))
        header["signature"] = signature.hex()
    return Entry(
        seq,
        _canonical.dumps(header),
        draft.type,
        at,
        actor,
        draft.subject,
        draft.data,
        commitment,
        signature,
    )


def _fixed_hex(value: object, length: int) -> bytes:
    if not isinstance(value, str) or len(value) != 2 * length:
        raise ValueError(f"not {length} bytes in hexadecimal")
    data = bytes.fromhex(value)
    if data.hex() != value:
        raise ValueError(f"not {length} bytes in hexadecimal")
    return data
