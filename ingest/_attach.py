"""Attachments into the archive: streamed, once a record, typed by what they hold."""

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

import puremagic

from archive import Record, SourceError, Writer
from ingest._boxes import CHUNK
from ingest._capture import Attachment, Capture, Rejected
from ingest._export import Export

_HEAD = 4096
_SURE = 0.3
_ZIP = b"PK\x03\x04"


class Held:
    """The attachments of one record that are stored: by content, and by where they came from."""

    def __init__(self) -> None:
        self._by_digest: dict[str, Attachment] = {}
        self._by_place: dict[tuple[str, str], Attachment] = {}
        self._sizes: set[int] = set()
        self._any_size = False

    @classmethod
    def of(cls, writer: Writer, record: Record) -> "Held":
        """Those of the record's newest version."""
        held = cls()
        for _, parts in writer.open([writer.entry(record.last_seq)], restricted=True):
            found: dict[str, dict[str, str]] = {}
            for path, value in [] if parts is None else parts.singles.items():
                place, _, name = path.removeprefix("attachment/").partition("/")
                if path.startswith("attachment/"):
                    found.setdefault(place, {})[name] = value.decode()
            for known in found.values():
                if known.get("blob"):
                    held.add(
                        Attachment(
                            name=known.get("name", ""),
                            type=known.get("type", ""),
                            url=known.get("url", ""),
                            sha256=known["sha256"],
                            blob=known["blob"],
                        )
                    )
                    held._any_size = True
        return held

    def add(self, one: Attachment, size: int = -1) -> None:
        """Take note of an attachment that is stored, of `size` bytes where that is known."""
        self._by_digest[one.sha256] = self._by_place[one.url, one.name] = one
        self._sizes.add(size)

    def likely(self, size: int) -> bool:
        """Whether a file of this size may be one of these."""
        return self._any_size or size in self._sizes

    def same(self, digest: str) -> Attachment | None:
        """The one with this content."""
        return self._by_digest.get(digest)

    def placed(self, one: Attachment) -> Attachment | None:
        """The one that came from the same place, under the same name."""
        return self._by_place.get((one.url, one.name))


@dataclass(frozen=True, slots=True)
class Attached:
    """A capture with its attachments stored, and those that could not be read."""

    capture: Capture
    problems: list[Rejected]


def attach(
    writer: Writer, export: Export, record_id: str, capture: Capture, held: Held
) -> Attached:
    """Store what the export holds of a capture's attachments; what is stored already is kept."""
    attachments: list[Attachment] = []
    problems: list[Rejected] = []
    for one in capture.attachments:
        try:
            attachments.append(_stored(writer, export, record_id, one, held))
        except SourceError as error:
            reason = f"an attachment could not be read: {error}"
            problems.append(Rejected(reason, b"", one.member))
            attachments.append(_kept(replace(one, member=""), held))
    return Attached(replace(capture, attachments=tuple(attachments)), problems)


def _kept(one: Attachment, held: Held) -> Attachment:
    same = None if one.sha256 else held.placed(one)
    return one if same is None else _filled(one, same)


def _filled(one: Attachment, same: Attachment) -> Attachment:
    return replace(one, type=same.type, sha256=same.sha256, blob=same.blob)


def _stored(
    writer: Writer, export: Export, record_id: str, one: Attachment, held: Held
) -> Attachment:
    if not one.member:
        return _kept(one, held)
    size = export.size(one.member) if one.member in export else -1
    if held.likely(size):
        digest = sha256()
        for piece in _content(export, one.member):
            digest.update(piece)
        same = held.same(digest.hexdigest())
        if same is not None:
            return _filled(one, same)
    heads: list[bytes] = []
    ref = writer.put_blob(record_id, _noted(_content(export, one.member), heads))
    kind = type_of(b"".join(heads), one.type, one.name or one.member)
    stored = replace(one, type=kind, sha256=ref.sha256, blob=ref.name)
    held.add(stored, size)
    return stored


def type_of(head: bytes, claimed: str, name: str = "") -> str:
    """The media type that a file's first bytes show; what is claimed where they do not say.

    Where they fit several types, the claimed one or the one that the name stands for is taken.
    """
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return claimed
    fitting = {one.mime_type: one.confidence for one in reversed(found) if one.mime_type}
    for said in (claimed, mimetypes.guess_type(name)[0] or ""):
        if said in fitting:
            return said
    best = max(fitting.items(), key=lambda pair: pair[1], default=("", 0.0))
    if best[1] < _SURE:
        return claimed
    if head.startswith(_ZIP):
        return claimed or "application/zip"
    return best[0]


def _noted(pieces: Iterator[bytes], heads: list[bytes]) -> Iterator[bytes]:
    """The pieces; the first bytes of them are kept in `heads`."""
    wanted = _HEAD
    for piece in pieces:
        if wanted > 0:
            heads.append(piece[:wanted])
            wanted -= len(heads[-1])
        yield piece


def _content(export: Export, member: str) -> Iterator[bytes]:
    with export.open(member) as stream:
        while piece := stream.read(CHUNK):
            yield piece
