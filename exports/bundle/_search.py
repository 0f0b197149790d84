"""The search of a finished zip for what must not be in it."""

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import cast

from exports.bundle._extract import Texts
from exports.bundle._leaks import Fragment, Leak, Watch
from exports.bundle._originals import Originals

_BUFFER = 1 << 16
_LETTER = re.compile(r"data/response(?:-[0-9]+)?\.pdf\Z")


@dataclass(slots=True)
class Found:
    """The leaks that were found, of which records a text was seen, by file, and what is closed.

    The files of the letter count as one.
    """

    leaks: list[Leak] = field(default_factory=list)
    seen: dict[str, set[int]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def add(self, other: "Found") -> None:
        """Take in what was found in other files of the bundle."""
        self.leaks += other.leaks
        self.unread += other.unread
        for name, numbers in other.seen.items():
            self.seen.setdefault(name, set()).update(numbers)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: `watch` in every text, `originals` in the bytes of every file.

    `stamp` are the files of a time stamp: they are not searched where they are as they should be.
    """

    watch: Watch
    originals: Originals
    checkpoint: str
    stamp: Mapping[str, bytes]

    def run(self, bundle: Path, other: Executor | None = None) -> Found:
        """Search every file of the zip; with `other`, every second one of the letter's there."""
        with zipfile.ZipFile(bundle) as opened:
            names = opened.namelist()
        apart = [name for name in names if _LETTER.fullmatch(name)][1::2] if other else []
        searched = other.submit(self.of, bundle, apart) if other and apart else None
        found = self.of(bundle, [name for name in names if name not in apart])
        if searched:
            found.add(searched.result())
        return found

    def of(self, bundle: Path, names: Collection[str]) -> Found:
        """Search these files of the zip."""
        found = Found()
        with zipfile.ZipFile(bundle) as opened:
            found.leaks += self.watch.leaks(self._texts(opened, names, bundle.parent, found))
            for name in names if self.originals else ():
                with opened.open(name) as source:
                    found.leaks += self.originals.leaks(name, source)
        return found

    def _texts(
        self, opened: zipfile.ZipFile, names: Collection[str], folder: Path, found: Found
    ) -> Iterator[Fragment]:
        texts = Texts(self.checkpoint, folder)
        for name in names:
            if name in self.stamp and opened.read(name) == self.stamp[name]:
                continue
            seen = found.seen.setdefault(_LETTER.sub("data/response.pdf", name), set())
            packed = cast(zipfile.ZipExtFile, opened.open(name))
            with BufferedReader(packed, _BUFFER) as source:  # finds lines much faster
                for fragment in texts.of(name, source):
                    if fragment.number is not None:
                        seen.add(fragment.number)
                    yield fragment
        found.unread += texts.unread
