"""Lines of a stream, each with its bytes."""

from collections.abc import Iterator

from archive.errors import SourceError
from ingest._boxes import CHUNK, Stream


def lines(stream: Stream, limit: int) -> Iterator[bytes]:
    """The lines that are not blank, without their ends.

    SourceError when a line is longer than `limit` bytes, or the stream breaks off: after
    everything that could be read before it.
    """
    held: list[bytes] = []
    size = 0
    broken: SourceError | None = None
    while broken is None:
        try:
            data = stream.read(CHUNK)
        except SourceError as error:
            data, broken = b"", error
        if not data:
            break
        first, *others = data.split(b"\n")
        held.append(first)
        size += len(first)
        if others:
            yield from _trimmed((b"".join(held), *others[:-1]))
            held = [others[-1]]
            size = len(held[0])
        if size > limit:
            raise SourceError(f"a line is longer than {limit} bytes")
    yield from _trimmed((b"".join(held),))
    if broken is not None:
        raise broken


def _trimmed(found: tuple[bytes, ...]) -> Iterator[bytes]:
    return (line.rstrip(b"\r") for line in found if line and not line.isspace())
