"""The letter's files, set one after the other on another processor while records are written.

Each is prepared while the one before it is set: it has only to know how many pages that has.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from exports.bundle import _letter, _pdf_text
from exports.bundle._compile import Compile
from exports.bundle._load import Pages
from exports.bundle._summary import Summary

_AHEAD = 2
"""So many volumes may wait to be set, with their records in memory."""


class Volumes:
    """Takes the records in order and writes the letter into a bag.

    `marks` are what stands in the pages set so far for missing characters.
    """

    def __init__(
        self, summary: Summary, cover: Sequence[str], bag: Path, compile_: Compile
    ) -> None:
        self._summary, self._cover, self._bag = summary, cover, bag
        self._compile = compile_
        self._setting = ThreadPoolExecutor(max_workers=2)  # one is prepared while one is set
        self._before: Future[int] = Future()
        self._before.set_result(0)
        self._waiting: deque[Future[None]] = deque()
        self._records: list[dict[str, Any]] = []
        self._number = 0
        self._total = _letter.volumes(summary.records)
        self.marks: set[str] = set()
        self._volumes: list[tuple[str, int]] = []
        self._begins: dict[int, int] = {}

    @property
    def pages(self) -> int:
        """How many pages are set so far."""
        return sum(count for _, count in self._volumes)

    @property
    def numbered(self) -> Pages:
        """The pages set so far, and where on them each record begins."""
        return Pages(self._volumes, self._begins)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._setting.shutdown(cancel_futures=True)

    def add(self, record: dict[str, Any]) -> None:
        """The next record as `record_data` gives it; MunimentError when one cannot be set."""
        self._records.append(record)
        if len(self._records) == _letter.VOLUME:
            self._hand_over()

    def finish(self) -> None:
        """Set what is left, and wait for all."""
        if self._records or not self._number:
            self._hand_over()
        while self._waiting:
            self._waiting.popleft().result()

    def _hand_over(self) -> None:
        while len(self._waiting) >= _AHEAD:
            self._waiting.popleft().result()
        self._number += 1
        before, self._before = self._before, Future()
        job = (self._number, self._records, before, self._before)
        self._waiting.append(self._setting.submit(self._set, *job))
        self._records = []

    def _set(
        self,
        number: int,
        records: list[dict[str, Any]],
        before: "Future[int]",
        after: "Future[int]",
    ) -> None:
        """Set a volume, once it is known how many pages those before it have."""
        try:
            volume = _letter.Volume(number, self._total, records, before.result)
            typeset = _letter.typeset(self._summary, self._cover, volume, self._compile)
            count = _pdf_text.page_count(typeset.pdf)
            if self._summary.load_file:
                for record, page in _pdf_text.record_pages(typeset.pdf):
                    self._begins[record] = self.pages + page
            self._volumes.append((volume.name, count))
            self.marks |= typeset.marks
            after.set_result(self.pages)
            (self._bag / volume.name).write_bytes(typeset.pdf)
        except BaseException as error:
            if not after.done():
                after.set_exception(error)
            raise
