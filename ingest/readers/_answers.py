"""JSON that services answered or sent, kept in files: documents, lists of them, lines of them.

A file is one document, an array of documents, or one document a line. A long list inside a document
is read piecewise, too.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence

import orjson

from archive import SourceError
from ingest._boxes import CHUNK
from ingest._capture import Remark
from ingest._export import Export
from ingest._json import Piece, array_items, piece_of
from ingest._lines import json_lines
from ingest._located import Inside

_NAMES = (".json", ".jsonl", ".ndjson")
_LINES = (".jsonl", ".ndjson")
_HEAD = 16 << 10
_LOOKED_AT = 8
_BOM = b"\xef\xbb\xbf"


def answers_in(export: Export, mark: re.Pattern[bytes], most: int = 0) -> list[str]:
    """The JSON files whose beginning shows the mark; of the first `most` files, when it is given.

    A file that is the whole export may have any name.
    """
    alone = len(export.names) == 1
    named = export.find(lambda name: alone or name.endswith(_NAMES))
    return [name for name in named[: most or None] if _shows(export, name, mark)]


def is_answer(export: Export, mark: re.Pattern[bytes]) -> bool:
    """Whether one of the first JSON files of an export shows the mark."""
    return bool(answers_in(export, mark, _LOOKED_AT))


def documents(
    export: Export,
    file: str,
    lists: Sequence[str] = (),
    inside: Inside | None = None,
    beside: Container[str] | None = None,
) -> Iterator[Piece]:
    """The documents of a file: its lines, the elements of its array, or the whole of it.

    Where the whole is an object with a list under one of the names `lists`, the elements of that
    list. SourceError when one document is longer than the export's limit. Items `inside` the
    elements of an array know their bytes. `beside` names what stands beside the list, as in
    `array_items`.
    """
    head = export.head(file, _HEAD).removeprefix(_BOM).lstrip()
    limit = export.limits.item
    if file.endswith(_LINES) or _is_lines(head):
        with export.open(file) as stream:
            yield from json_lines(stream, limit)
        return
    wanted = [name for name in lists if re.search(rb'"%s"\s*:\s*\[' % name.encode(), head)]
    for name in [""] if head.startswith(b"[") else wanted:
        with export.open(file) as stream:
            pieces = array_items(stream, name, limit=limit, inside=inside, beside=beside)
            try:
                first = next(pieces, None)
            except SourceError:
                if name:
                    continue  # it stands deeper
                raise
            if first is not None:
                yield first
                yield from pieces
            return
    yield from _whole(export, file)


def not_captured(passed: Mapping[str, int]) -> Iterator[Remark]:
    """A remark on what was met and is no item, by name; none when nothing was."""
    if passed:
        counts = ", ".join(f"{name} ({count})" for name, count in sorted(passed.items()))
        said = counts.encode(errors="backslashreplace").decode()
        yield Remark(f"not captured: {said}")


def _shows(export: Export, name: str, mark: re.Pattern[bytes]) -> bool:
    try:
        head = export.head(name, _HEAD)
    except SourceError:
        return False
    return head.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[") and mark.search(head) is not None


def _is_lines(head: bytes) -> bool:
    line, end, rest = head.partition(b"\n")
    if not end or not rest.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _whole(export: Export, file: str) -> Iterator[Piece]:
    held = b""
    try:
        with export.open(file) as stream:
            while data := stream.read(CHUNK):
                held += data
                if len(held) > export.limits.item:
                    raise SourceError(f"{file} is longer than {export.limits.item} bytes")
    except SourceError as error:
        if len(held) > export.limits.item:
            raise
        yield Piece(held, error=str(error))
        return
    yield piece_of(held)
