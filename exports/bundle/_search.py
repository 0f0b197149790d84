"""The search of a finished zip for what must not be in it."""

import re
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from exports._open import Bundle, opened, read
from exports.bundle._extract import Texts
from exports.bundle._leaks import Fragment, Leak, Watch
from exports.bundle._originals import Originals

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
        """Search every file of the zip; with `other`, every second one of the letter's there.

        VerificationError when it cannot be opened.
        """
        with opened(bundle) as files:
            letter = [name for name in files.names if _LETTER.fullmatch(name)]
            apart = frozenset(letter[1::2] if other else ())
            searched = other.submit(self.of, bundle, apart) if other and apart else None
            names = [name for name in files.names if name not in apart]
            found = self._found(files, names, bundle.parent)
        if searched:
            found.add(searched.result())
        return found

    def of(self, bundle: Path, names: Collection[str]) -> Found:
        """Search these files of the zip."""
        with opened(bundle) as files:
            return self._found(files, names, bundle.parent)

    def _found(self, files: Bundle, names: Collection[str], folder: Path) -> Found:
        found = Found()
        found.leaks += self.watch.leaks(self._texts(files, names, folder, found))
        for name in names if self.originals else ():
            with files.open(name) as source:
                found.leaks += self.originals.leaks(name, source)
        return found

    def _texts(
        self, files: Bundle, names: Collection[str], folder: Path, found: Found
    ) -> Iterator[Fragment]:
        texts = Texts(self.checkpoint, folder)
        for name in names:
            if name in self.stamp and read(files, name) == self.stamp[name]:
                continue
            seen = found.seen.setdefault(_LETTER.sub("data/response.pdf", name), set())
            with files.open(name) as source:
                for fragment in texts.of(name, source):
                    if fragment.number is not None:
                        seen.add(fragment.number)
                    yield fragment
        found.unread += texts.unread
