"""Rejected items read again, by the readers as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path, PurePosixPath

from archive import Archive, Signer, SourceError, UsageError, accounts, times
from ingest._boxes import DEFAULT_LIMITS, Memory
from ingest._capture import Capture, Gone, Rejected, Told
from ingest._digest import Digest
from ingest._export import Export
from ingest._origin import origin_of
from ingest._pipeline import BATCH, take
from ingest._projection import Run as Stored
from ingest._projection import runs
from ingest._rejected import Rejection, recovered
from ingest._run import Summary, begin
from ingest._source import Source, SourceReader
from ingest.readers import reader_named


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of rejected items that were read again.

    `read` are captures now, in the runs of `summaries`; `still` cannot be read, with the reason
    now; of `whole` the export has to be ingested again, for one item alone says too little.
    """

    read: list[Rejection] = field(default_factory=list)
    still: list[tuple[Rejection, str]] = field(default_factory=list)
    whole: list[Rejection] = field(default_factory=list)
    summaries: list[Summary] = field(default_factory=list)


def retry(archive: Archive, signer: Signer, rejected: Sequence[Rejection]) -> Retried:
    """Read rejected items again from the bytes that were kept; what can be read is archived.

    For every run that they are from there is one that reads them again, if it reads any.
    """
    outcome = Retried()
    with archive.read() as reader:
        known = {run.id: run for run in runs(reader)}
        handles = {one.id: one for one in accounts.every(reader)}
    for run_id, group in groupby(sorted(rejected, key=lambda one: one.run), lambda one: one.run):
        run = known[run_id]
        told = Told(handles[run.account].handle, handles[run.account].platform)
        _retry(archive, signer, run, told, list(group), outcome)
    return outcome


def _retry(
    archive: Archive,
    signer: Signer,
    run: Stored,
    told: Told,
    rejected: Sequence[Rejection],
    outcome: Retried,
) -> None:
    try:
        reader = reader_named(run.reader)
    except UsageError:
        outcome.whole.extend(rejected)
        return
    readings: list[_Reading] = []
    for one in rejected:
        frame = reader.frame(one.source_file) if one.raw and one.source_file else None
        if frame is None:
            outcome.whole.append(one)
            continue
        try:
            readings.append(_read(reader, told, one, frame))
        except (SourceError, UsageError, ValueError) as error:
            outcome.still.append((one, str(error)))
    if not readings:
        return
    made = None if run.made_at is None else times.from_text(run.made_at)
    _archive(archive, signer, run, reader, made, readings, outcome)


def _archive(
    archive: Archive,
    signer: Signer,
    run: Stored,
    reader: SourceReader,
    made: datetime | None,
    readings: Sequence["_Reading"],
    outcome: Retried,
) -> None:
    with archive.read() as stored:
        origin = origin_of(stored, run.id)
    source = replace(readings[0].source, made_at=made)
    now = begin(
        archive,
        signer,
        name=origin.name,
        digest=Digest(origin.sha256, origin.size),
        export=readings[0].export,
        reader=reader,
        source=source,
        retried=run.id,
    )
    for start in range(0, len(readings), BATCH):
        some = readings[start : start + BATCH]
        with archive.write(signer) as writer:
            now.check(writer)
            take(writer, now, [item for one in some for item in one.items])
            writer.append([recovered(one.rejection, now.context.run) for one in some])
            if start + BATCH >= len(readings):
                now.finish(writer)
    outcome.read.extend(one.rejection for one in readings)
    outcome.summaries.append(now.summary)


@dataclass(frozen=True, slots=True)
class _Reading:
    rejection: Rejection
    export: Export
    source: Source
    items: list[Capture | Gone]


def _read(reader: SourceReader, told: Told, one: Rejection, frame: tuple[bytes, bytes]) -> _Reading:
    """The items that stand in what was rejected; ValueError or SourceError says why none do."""
    box = Memory({one.source_file: frame[0] + one.raw + frame[1]})
    export = Export(Path(PurePosixPath(one.source_file).name), box, DEFAULT_LIMITS)
    source = reader.read(export, told)
    items: list[Capture | Gone] = []
    for item in source.items:
        if isinstance(item, Rejected):
            raise ValueError(item.reason)
        if isinstance(item, Capture | Gone):
            items.append(item)
    if not items:
        raise ValueError("it holds no item")
    return _Reading(one, export, source, items)
