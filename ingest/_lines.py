"""JSON, a value a line: every value with its bytes."""

from collections.abc import Iterator

from archive.errors import SourceError
from ingest._boxes import CHUNK, Stream
from ingest._json import Piece, piece_of

_PART = 4 << 20


def json_lines(stream: Stream, limit: int) -> Iterator[Piece]:
    """The values of the lines that are not blank, as they stand without their ends.

    A line of more than `limit` bytes gives pieces with an error that hold its bytes between them;
    so does what was read of a line where the stream breaks off.
    """
    held, part, broken = b"", 0, ""
    while not broken:
        try:
            data = stream.read(CHUNK)
        except SourceError as error:
            data, broken = b"", str(error)
        if not data:
            break
        *lines, held = (held + data).split(b"\n")
        for line in lines:
            if part or len(line) > limit:
                yield Piece(line, error=_too_long(limit, part + 1))
                part = 0
            elif line and not line.isspace():
                yield piece_of(line)
        if len(held) > (_PART if part else limit):
            part += 1
            yield Piece(held, error=_too_long(limit, part))
            held = b""
    if broken or part:
        yield Piece(held, error=broken or _too_long(limit, part + 1))
    elif held and not held.isspace():
        yield piece_of(held)


def _too_long(limit: int, part: int) -> str:
    return f"a line is longer than {limit} bytes: part {part} of it"
