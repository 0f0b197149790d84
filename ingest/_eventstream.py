"""Server-sent events as they came, each with its exact bytes (WHATWG HTML, 9.2)."""

import re
from collections.abc import Iterable, Iterator

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_MOST = 8 << 20


class EventBlocks:
    """Cuts a stream that comes in pieces into blocks, each with the empty line that ends it."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The blocks that are whole with this piece; ValueError when one grows beyond 8 MiB."""
        self._held += piece
        while found := _END.search(self._held):
            block, self._held = self._held[: found.end()], self._held[found.end() :]
            yield block
        if len(self._held) > _MOST:
            raise ValueError(f"an event is longer than {_MOST} bytes")

    @property
    def rest(self) -> bytes:
        """What came after the last whole block."""
        return self._held


def event_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks of a recorded stream, also one that does not end with an empty line."""
    blocks = EventBlocks()
    for piece in pieces:
        yield from blocks.feed(piece)
    if blocks.rest.strip():
        yield blocks.rest


def event_of(block: bytes) -> tuple[str, str]:
    """The name and data of a block; both "" where it is a mere comment."""
    event, data = "", []
    for line in re.split(r"\r\n|\n|\r", block.decode()):
        name, _, value = line.partition(":")
        if name == "event":
            event = value.strip()
        elif name == "data":
            data.append(value.removeprefix(" "))
    return (event or "message" if data else ""), "\n".join(data)
