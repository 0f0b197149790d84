"""What the readers make of answers: the same items that they make of an export's files."""

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path, PurePosixPath

from archive import MunimentError
from ingest._boxes import DEFAULT_LIMITS, Memory
from ingest._capture import AccountName, Rejected, Remark, Told
from ingest._export import Export
from ingest._source import Item, Source, SourceReader
from ingest.live._platform import Answer


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader made of some answers, in their order; the bytes of what hangs on the items
    stand in `media` by the name of their member.
    """

    reader: SourceReader
    platform: str
    account: AccountName
    items: Sequence[Item]
    media: Mapping[str, bytes]

    @property
    def source(self) -> Source:
        """As of one export of the account."""
        return Source(self.platform, self.account, frozenset(), (), iter(()))

    @property
    def export(self) -> Export:
        """The files that the items name as their attachments."""
        return Export(Path("live"), Memory(self.media), DEFAULT_LIMITS)


def read(answers: Sequence[Answer], told: Told) -> Iterator[Reading]:
    """The items of answers; those that one reader reads are together where they come together."""
    for reader, some in groupby(answers, key=lambda answer: answer.reader):
        platform, account = told.platform, AccountName(told.handle)
        items: list[Item] = []
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
