"""Several parts of one download as one export."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import IO

from ingest._boxes import Box, Limits, Refused
from ingest._opening import box_of


class Together:
    """The members of several boxes. Of two with one path the later stands below its part's name."""

    def __init__(self, parts: Sequence[tuple[str, Box]]) -> None:
        self.sizes: dict[str, int] = {}
        self.times: dict[str, datetime] = {}
        self.refused: list[Refused] = []
        self._boxes = [box for _, box in parts]
        self._places: dict[str, tuple[Box, str]] = {}
        for number, (part, box) in enumerate(parts):
            self.refused += box.refused
            for name, size in box.sizes.items():
                known = f"{part}/{name}" if name in self._places else name
                if known in self._places:
                    known = f"{number}/{known}"
                self._places[known] = box, name
                self.sizes[known] = size
                if name in box.times:
                    self.times[known] = box.times[name]

    def stream(self, name: str) -> IO[bytes]:
        box, inner = self._places[name]
        return box.stream(inner)

    def packed(self, name: str) -> int:
        box, inner = self._places[name]
        return box.packed(inner)

    def close(self) -> None:
        for box in self._boxes:
            box.close()


def together(parts: Sequence[Path], limits: Limits) -> Box:
    """The members of all parts; SourceError when one of them cannot be read at all."""
    with ExitStack() as stack:
        boxes: list[tuple[str, Box]] = []
        for part in parts:
            box = box_of(part, limits)
            stack.callback(box.close)
            boxes.append((part.name, box))
        stack.pop_all()
    return Together(boxes)
