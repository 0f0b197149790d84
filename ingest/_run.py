"""One run: its beginning or its going on, what it counts, and its end."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from archive import Archive, Batch, Draft, Parts, Refused, Signer, Writer, accounts, new_id, times
from ingest._compare import Outcome
from ingest._context import Context
from ingest._digest import Digest
from ingest._export import Export
from ingest._projection import COUNTS, file_key, run_table
from ingest._source import Source, SourceReader

_REASONS = 100
_UNREAD_KEPT = 10_000


@dataclass(slots=True)
class Summary:
    """What became of the items of one export.

    Every item seen is new, changed, unchanged, disposed of earlier, or rejected. `vanished` and
    `reappeared` count records; `direct` those of the items seen that are direct messages;
    `attachments` and `missing` the attachments of these items that are held, and that are not.
    `reasons` are those for which items were rejected, the first hundred of them; `compared` says
    whether it was looked for what has vanished; `partial` that the source holds, or says that it
    holds, more than could be read; `resumed` how many of the items seen an interrupted run had
    taken in before; `unread` are the export's files that nothing was read of; `remarks` are what
    else should be known.
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
    direct: int = 0
    attachments: int = 0
    missing: int = 0
    resumed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    compared: bool = False
    partial: bool = False
    unread: Sequence[str] = ()
    remarks: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The counts by name, as the log keeps them."""
        return {name: getattr(self, name) for name in COUNTS}

    def add(self, outcome: Outcome) -> None:
        """Count what became of some items; AssertionError when one of them was lost."""
        for name in COUNTS:
            if name not in ("rejected", "vanished"):
                setattr(self, name, getattr(self, name) + getattr(outcome, name))
        self.rejected += len(outcome.problems)
        for one in outcome.problems:
            if one.reason in self.reasons or len(self.reasons) < _REASONS:
                self.reasons[one.reason] += 1
        self.check()

    def check(self) -> None:
        """AssertionError unless every item seen is accounted for."""
        whole = self.new + self.changed + self.unchanged + self.disposed + self.rejected
        if self.seen != whole:
            raise AssertionError(f"items were lost: {self}")


@dataclass(slots=True)
class Run:
    """A run that is under way.

    `items` is how many items of the source are done with, remarks among them; `position` that of
    the run's newest batch in the log; `met` marks the items that were rejected. No other process
    may have gone on with it meanwhile.
    """

    context: Context
    summary: Summary
    items: int = 0
    position: int | None = None
    met: set[bytes] = field(default_factory=set)

    def check(self, writer: Writer) -> None:
        """Refused when somebody else goes on with this run."""
        column = run_table.c
        query = select(column.position, column.finished_at).where(column.id == self.context.run)
        found = writer.conn.execute(query).one()
        if found.position != self.position or found.finished_at is not None:
            raise Refused(
                f"another command goes on with the ingest of {self.summary.file}",
                hint="nothing is lost: let it finish",
            )

    def beginning_now(self) -> list[Draft]:
        """What has to stand in the log before the captures that come now."""
        return []

    def batch(self, drafts: Sequence[Draft]) -> Batch:
        """Captures to append; how far the run is stands in the header of their batch."""
        return Batch(self.context.run, drafts, {"items": self.items, **self.summary.counts()})

    def capture(self, writer: Writer, drafts: Sequence[Draft]) -> None:
        """Append captures."""
        capture_all(writer, [(self, drafts)])

    def finish(self, writer: Writer) -> None:
        """Append what became of the whole export."""
        summary = self.summary
        summary.check()
        data = {
            **summary.counts(),
            "complete": summary.compared,
            "unread": len(summary.unread),
        }
        unread = "\n".join(summary.unread[:_UNREAD_KEPT])
        run = self.context.run
        writer.append([Draft("ingest.finished", run, data, Parts.of([("unread", unread)]))])


def capture_all(writer: Writer, captures: Iterable[tuple[Run, Sequence[Draft]]]) -> None:
    """Append the captures of several runs together."""
    some = [(run, drafts) for run, drafts in captures if drafts]
    writer.append([beginning for run, _ in some for beginning in run.beginning_now()])
    kept = writer.capture_all([run.batch(drafts) for run, drafts in some])
    for (run, _), entries in zip(some, kept, strict=True):
        run.position = entries[-1].seq + 1


def begin(
    archive: Archive,
    signer: Signer,
    *,
    name: str,
    digest: Digest,
    export: Export,
    reader: SourceReader,
    source: Source,
    retried: str = "",
) -> Run:
    """Start a run, or go on with one of the same bytes, reader and account that was interrupted.

    `retried` is the run whose rejected items are read again.
    """
    named = source.account
    with archive.write(signer) as writer:
        account = accounts.find_or_add(
            writer, source.platform, named.handle, name=named.name, url=named.url
        )
        summary = Summary("", name, reader.name, source.platform, named.handle)
        file = file_key(writer, digest.sha256)
        if not retried:
            stopped = _interrupted(writer, summary, reader, account, file)
            if stopped is not None:
                run, items, position = stopped
                context = Context(run, account, source, export, reader.name, file)
                return Run(context, summary, items, position)
        summary.run = new_id()
        data: dict[str, str | int] = {
            "account": account,
            "reader": reader.name,
            "reader_version": reader.version,
        }
        if source.made_at is not None:
            data["made"] = times.to_text(source.made_at)
        if retried:
            data["retried"] = retried
        parts = [
            ("file/name", name),
            ("file/sha256", digest.sha256),
            ("file/size", str(digest.size)),
        ]
        writer.append([Draft("ingest.started", summary.run, data, Parts.of(parts))])
    return Run(Context(summary.run, account, source, export, reader.name, file), summary)


def _interrupted(
    writer: Writer, summary: Summary, reader: SourceReader, account: str, file: str
) -> tuple[str, int, int] | None:
    """The newest run of the same that did not end, how far it is, and its newest batch."""
    column = run_table.c
    query = (
        select(run_table)
        .where(
            column.file == file,
            column.account == account,
            column.reader == reader.name,
            column.reader_version == reader.version,
            column.retried.is_(None),
        )
        .order_by(column.id.desc())
        .limit(1)
    )
    row = writer.conn.execute(query).mappings().one_or_none()
    if row is None or row["finished_at"] is not None or row["position"] is None:
        return None
    for count in COUNTS:
        setattr(summary, count, row[count])
    summary.run = row["id"]
    summary.resumed = row["seen"]
    return row["id"], row["items"], row["position"]
