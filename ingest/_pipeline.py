"""One pipeline from an export to the log: batches, each one transaction, all of it or none."""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from archive import Archive, Draft, Parts, Signer, Writer, accounts, new_id, times
from ingest._ahead import WORTHWHILE, batches_ahead
from ingest._batches import Ready, batches
from ingest._boxes import CHUNK, DEFAULT_LIMITS, Limits
from ingest._capture import Gone, Rejected, Remark, Told
from ingest._compare import Context, Seen, compare, gone, lookups_of
from ingest._export import Export, open_export
from ingest._projection import COUNTS, rejected_before
from ingest._source import Source, SourceReader
from ingest.readers import reader_for, reader_named

BATCH = 2000
_REASONS = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: bytes of the export's files read so far and in all, items, rejects."""

    bytes_read: int
    bytes_total: int
    items: int
    rejected: int


@dataclass(slots=True)
class Summary:
    """What became of the items of one export.

    Every item seen is new, changed, unchanged, disposed of earlier, or rejected. `vanished` and
    `reappeared` count records; `reasons` are those for which items were rejected, the first hundred
    of them; `compared` says whether it was looked for what has vanished;
    `remarks` are what else should be known, such as why it was not looked for that.
    """

    run: str
    file: str
    reader: str
    platform: str
    account: str
    seen: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    disposed: int = 0
    rejected: int = 0
    vanished: int = 0
    reappeared: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    compared: bool = False
    remarks: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The counts by name, as `ingest.finished` keeps them."""
        return {name: getattr(self, name) for name in COUNTS}


def ingest(
    archive: Archive,
    signer: Signer,
    path: Path,
    *,
    source: str = "",
    account: str = "",
    platform: str = "",
    complete: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    limits: Limits = DEFAULT_LIMITS,
    batch: int = BATCH,
) -> Summary:
    """Take the export at `path` into the archive.

    `source` names the reader, else the export is recognised; `account` is the handle of the
    account, else what the export says; `platform` where the items come from, for readers of forms
    that many platforms share. `complete` is the caller's word that the export holds
    everything of that account that is still there: what was live and is not in it has vanished.

    Each batch is one transaction: an interrupted run leaves whole batches and no `ingest.finished`
    entry, and running it again adds only what is missing. Raises SourceError when nothing of the
    export can be read, UsageError for an unknown reader or when it is not said whose account it is.
    """
    with ExitStack() as stack:
        export = stack.enter_context(open_export(path, limits))
        reader = reader_named(source) if source else reader_for(export)
        told = Told(account, platform)
        opened = reader.read(export, told)
        total = sum(map(export.size, opened.members))
        if total < WORTHWHILE:
            taken = batches(export, opened, batch)
        else:
            taken = batches_ahead(path, reader.name, told, limits, batch)
            stack.enter_context(closing(taken))
        first = next(taken, None)
        seen = stack.enter_context(Seen()) if complete else None
        run = _start(archive, signer, path, export, reader, opened)
        summary = Summary(
            run.run, _shown(path), reader.name, opened.platform, opened.account.handle
        )
        current = first
        while current is not None:
            with archive.write(signer) as writer:
                _take(writer, run, current.items, seen, summary)
            progress(Progress(current.bytes_read, total, summary.seen, summary.rejected))
            current = next(taken, None)
        with archive.write(signer) as writer:
            if seen is not None:
                _compare_all(writer, run, seen, summary)
            writer.append([Draft("ingest.finished", run.run, _finished(summary))])
        return summary


def _start(
    archive: Archive,
    signer: Signer,
    path: Path,
    export: Export,
    reader: SourceReader,
    source: Source,
) -> Context:
    named = source.account
    file = [("file/name", _shown(path))]
    if path.is_file():
        with path.open("rb") as stream:
            digest = sha256()
            while piece := stream.read(CHUNK):
                digest.update(piece)
        file += [("file/sha256", digest.hexdigest()), ("file/size", str(path.stat().st_size))]
    with archive.write(signer) as writer:
        account = accounts.find_or_add(
            writer, source.platform, named.handle, name=named.name, url=named.url
        )
        run = new_id()
        data: dict[str, str | int] = {
            "account": account,
            "reader": reader.name,
            "reader_version": reader.version,
        }
        if source.made_at is not None:
            data["made"] = times.to_text(source.made_at)
        writer.append([Draft("ingest.started", run, data, Parts.of(file))])
    return Context(run, account, source, export)


def _shown(path: Path) -> str:
    """The file's name as text, whatever its bytes are."""
    return os.fsencode(path.name).decode(errors="replace")


def _take(
    writer: Writer, run: Context, items: list[Ready], seen: Seen | None, summary: Summary
) -> None:
    summary.remarks += [item.text for item in items if isinstance(item, Remark)]
    captures = [
        item.as_capture() if isinstance(item, Gone) else item
        for item in items
        if not isinstance(item, Rejected | Remark)
    ]
    rejected = [item for item in items if isinstance(item, Rejected)]
    summary.seen += len(captures) + len(rejected)
    while captures:
        lookups = lookups_of(writer, run, captures)
        if seen is not None:
            seen.add(lookups)
        outcome = compare(writer, run, captures, lookups)
        writer.capture(outcome.drafts, run.run, {})
        writer.append(outcome.decisions)
        summary.new += outcome.new
        summary.changed += outcome.changed
        summary.unchanged += outcome.unchanged
        summary.disposed += outcome.disposed
        summary.reappeared += outcome.reappeared
        summary.seen += len(outcome.problems)
        rejected += outcome.problems
        captures = outcome.deferred
    if rejected:
        _reject(writer, run, rejected)
        summary.rejected += len(rejected)
        for one in rejected:
            if one.reason in summary.reasons or len(summary.reasons) < _REASONS:
                summary.reasons[one.reason] += 1
    whole = summary.new + summary.changed + summary.unchanged + summary.disposed
    if summary.seen != whole + summary.rejected:
        raise AssertionError(f"items were lost: {summary}")


def _reject(writer: Writer, run: Context, rejected: list[Rejected]) -> None:
    """Keep the bytes and the reason of rejected items, once however often they are met."""
    lookups = [
        writer.lookup("rejected", run.account, one.reason, sha256(one.raw).hexdigest())
        for one in rejected
    ]
    known = rejected_before(writer, lookups)
    drafts = []
    for one, lookup in zip(rejected, lookups, strict=True):
        if lookup in known:
            continue
        known.add(lookup)
        parts = Parts.of(
            [("reason", one.reason), ("source_file", one.source_file), ("raw", one.raw)]
        )
        data = {"run": run.run, "lookup": lookup}
        drafts.append(Draft("capture.rejected", new_id(), data, parts))
    writer.capture(drafts, run.run, {})


def _compare_all(writer: Writer, run: Context, seen: Seen, summary: Summary) -> None:
    if summary.rejected:
        summary.remarks.append(
            "it was not looked for what has vanished: what could not be read may hold it"
        )
        return
    drafts = gone(writer, run, seen)
    while batch := list(islice(drafts, BATCH)):
        writer.capture(batch, run.run, {})
        summary.vanished += len(batch)
    summary.compared = True


def _finished(summary: Summary) -> dict[str, int | bool]:
    return {**summary.counts(), "complete": summary.compared}
