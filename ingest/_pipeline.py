"""One pipeline from an export to the log: batches, each one transaction, all of it or none."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

from archive import Archive, Draft, Signer, SourceError, Writer, records
from ingest._ahead import WORTHWHILE, batches_ahead
from ingest._batches import Batch, Ready, batches
from ingest._boxes import DEFAULT_LIMITS, Limits
from ingest._capture import Capture, Remark, Told
from ingest._collector import rarely_collecting
from ingest._compare import Seen, compare, gone, lookups_of, stretches
from ingest._digest import digest_of, state_of
from ingest._export import open_export
from ingest._rejected import kept, mark, read_since
from ingest._run import Run, Summary, begin, capture_all
from ingest.readers import opened_by, reader_for, reader_named

BATCH = 1000

_Stretch = tuple[Run, Sequence[Ready], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: bytes of the export's files read so far and in all, items, rejects."""

    bytes_read: int
    bytes_total: int
    items: int
    rejected: int


def ingest(
    archive: Archive,
    signer: Signer,
    path: Path,
    *,
    further: Sequence[Path] = (),
    source: str = "",
    account: str = "",
    platform: str = "",
    complete: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    limits: Limits = DEFAULT_LIMITS,
    batch: int = BATCH,
) -> Summary:
    """Take the export at `path` into the archive; `further` are more parts of the same download.

    `source` names the reader, else the export is recognised; `account` is the handle of the
    account, else what the export says; `platform` where the items come from, for readers of forms
    that many platforms share. `complete` is the caller's word that the export holds
    everything of that account that is still there: what was there and is not in it has vanished.

    Each batch is one transaction: an interrupted run leaves whole batches and no `ingest.finished`
    entry, and running it again goes on after the last of them. Raises SourceError when nothing of
    the export can be read, or when it was changed meanwhile, UsageError for an unknown reader or
    when it is not said whose account it is, Refused when another command has gone on with this run.
    """
    parts = (path, *further)
    with ExitStack() as stack:
        stack.enter_context(rarely_collecting())
        export = stack.enter_context(open_export(path, limits, further))
        state = state_of(parts)
        reader = reader_named(source) if source else reader_for(export)
        told = Told(account, platform)
        export.touched.clear()
        opened = opened_by(reader, export, told)
        total = sum(map(export.size, opened.members))
        if total < WORTHWHILE:
            taken = batches(export, opened, batch)
        else:
            taken = batches_ahead(parts, reader.name, told, limits, batch, export.touched)
            stack.enter_context(closing(taken))
        first = next(taken, None)
        seen = stack.enter_context(Seen()) if complete else None
        digest = digest_of(parts)
        _unchanged(parts, state)
        run = begin(
            archive,
            signer,
            name=", ".join(map(shown, parts)),
            digest=digest,
            export=export,
            reader=reader,
            source=opened,
        )
        summary = run.summary
        if run.items:
            summary.remarks.append(
                f"it was interrupted after {summary.resumed} items, and goes on from there"
            )
        for current in _after(archive, run, first, taken, seen):
            with archive.write(signer) as writer:
                run.check(writer)
                take(writer, run, current.items, seen)
            progress(Progress(current.bytes_read, total, summary.seen, summary.rejected))
        summary.unread = export.unread(opened.members)
        _unchanged(parts, state)
        with archive.write(signer) as writer:
            run.check(writer)
            if seen is not None:
                _compare_all(writer, run, seen)
            if not summary.resumed and not summary.partial:
                writer.append(read_since(writer, run.context, run.met))
            run.finish(writer)
        return summary


def shown(path: Path) -> str:
    """The file's name as text, whatever its bytes are."""
    return os.fsencode(path.absolute().name).decode(errors="replace")


def _unchanged(parts: Sequence[Path], state: int) -> None:
    """SourceError when the bytes that were read need not be those of the digest."""
    if state_of(parts) != state:
        raise SourceError(
            f"{', '.join(map(shown, parts))} was changed while it was read",
            hint="what was taken in is kept; when nothing writes to it any more, ingest it again",
        )


def _after(
    archive: Archive, run: Run, first: Batch | None, taken: Iterator[Batch], seen: Seen | None
) -> Iterator[Batch]:
    """The batches that an interrupted run had not come to, none where there is nothing at all."""
    left = run.items
    current = first
    while current is not None:
        done, rest = current.items[:left], current.items[left:]
        left -= len(done)
        if done:
            _note(run, done)
            if seen is not None:
                with archive.read() as reader:
                    seen.add(lookups_of(reader, run.context, done))
        if rest:
            yield Batch(rest, current.bytes_read)
        current = next(taken, None)


def _note(run: Run, items: Sequence[Ready]) -> None:
    """Take note of the remarks among some items, and of the files that they refer to."""
    for item in items:
        if isinstance(item, Remark):
            run.summary.remarks.append(item.text)
            run.summary.partial |= item.partial
        elif isinstance(item, Capture):
            run.context.export.touched.update(one.member for one in item.attachments)


def take(writer: Writer, run: Run, items: Sequence[Ready], seen: Seen | None = None) -> None:
    """Append what is new of some items, and count all of them."""
    take_all(writer, [(run, items)], seen)


def take_all(
    writer: Writer, takings: Iterable[tuple[Run, Sequence[Ready]]], seen: Seen | None = None
) -> None:
    """As `take`, for items of several runs of which no two name one record."""
    waiting: list[list[_Stretch]] = []
    for run, items in takings:
        _note(run, items)
        lookups = lookups_of(writer, run.context, items)
        if seen is not None:
            seen.add(lookups)
        waiting.append([(run, items[a:b], lookups[a:b]) for a, b in stretches(lookups)])
    for together in zip_longest(*waiting):
        _take(writer, [one for one in together if one is not None])


def _take(writer: Writer, stretches: Sequence[_Stretch]) -> None:
    """Append what is new of items of which no two are one record."""
    wanted = [lookup for _, _, lookups in stretches for lookup in lookups if lookup]
    known = records.by_lookup(writer, wanted)
    captures: list[tuple[Run, list[Draft]]] = []
    decisions: list[Draft] = []
    for run, items, lookups in stretches:
        outcome = compare(writer, run.context, items, lookups, known)
        run.items += len(items)
        run.summary.add(outcome)
        run.met.update(map(mark, outcome.problems))
        rejected = kept(writer, run.context, outcome.problems)
        captures.append((run, [*outcome.drafts, *rejected]))
        decisions += outcome.decisions
    capture_all(writer, captures)
    writer.append(decisions)


def _compare_all(writer: Writer, run: Run, seen: Seen) -> None:
    summary = run.summary
    if summary.rejected or summary.partial:
        summary.remarks.append(
            "it was not looked for what has vanished: what could not be read may hold it"
        )
        return
    drafts = gone(writer, run.context, seen)
    while found := list(islice(drafts, BATCH)):
        summary.vanished += len(found)
        run.capture(writer, found)
    summary.compared = True
