"""What the readers make of answers: the same items that they make of an export's files."""

import os
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import RawIOBase
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import IO, cast

from archive import MunimentError
from ingest._boxes import DEFAULT_LIMITS, Memory, Refused
from ingest._capture import AccountName, Capture, Gone, Rejected, Remark, Told
from ingest._export import Export
from ingest._source import Source, SourceReader
from ingest.live._platform import Answer


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader made of some answers, in their order; files that hang on the items stand in
    `media` by the names of their members.
    """

    reader: SourceReader
    platform: str
    account: AccountName
    items: Sequence[Capture | Gone | Rejected]
    media: Mapping[str, IO[bytes]]

    @property
    def source(self) -> Source:
        """As of one export of the account."""
        return Source(self.platform, self.account, frozenset(), (), iter(()))

    @property
    def export(self) -> Export:
        """The files that the items name as their attachments."""
        return Export(Path("live"), _Files(self.media), DEFAULT_LIMITS)


class _Files:
    """Files that were fetched, as the members of an export."""

    def __init__(self, files: Mapping[str, IO[bytes]]) -> None:
        self._files = files
        self.sizes = {name: file.seek(0, os.SEEK_END) for name, file in files.items()}
        self.times: dict[str, datetime] = {}
        self.refused: list[Refused] = []

    def stream(self, name: str) -> IO[bytes]:
        return cast("IO[bytes]", _Again(self._files[name]))

    def packed(self, name: str) -> int:
        return self.sizes[name]

    def close(self) -> None:
        pass


class _Again(RawIOBase):
    """A file from its beginning, which stays open when this is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the protocol's own buffer type has no name before Python 3.12
        self._file.seek(self._at)
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def read(answers: Sequence[Answer], told: Told) -> Iterator[Reading]:
    """The items of answers; those that one reader reads are together where they come together."""
    for reader, some in groupby(answers, key=lambda answer: answer.reader):
        platform, account = told.platform, AccountName(told.handle)
        items: list[Capture | Gone | Rejected] = []
        for answer in some:
            try:
                source = reader.read(export_of(answer), told)
                items += [one for one in source.items if not isinstance(one, Remark)]
                platform, account = source.platform, source.account
            except (MunimentError, RecursionError) as error:
                items.append(Rejected(str(error), answer.body, answer.name))
        if items:
            yield Reading(reader, platform, account, items, {})


def export_of(answer: Answer) -> Export:
    """An answer as an export of one file."""
    name = PurePosixPath(answer.name)
    return Export(Path(name.name), Memory({answer.name: answer.body}), DEFAULT_LIMITS)


def together(readings: Sequence[Reading]) -> Iterator[Reading]:
    """Readings with those that follow each other by one reader made one."""
    for _, some in groupby(readings, key=lambda reading: reading.reader):
        group = list(some)
        yield replace(
            group[-1],
            items=[item for one in group for item in one.items],
            media=ChainMap(*(dict(one.media) for one in group)),
        )
