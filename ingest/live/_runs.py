"""A run without an end: all that one process captures of one account by one reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from archive import Batch, Draft, Parts, new_id
from ingest._context import Context
from ingest._run import Run, Summary
from ingest.live._reading import Reading


@dataclass(slots=True)
class LiveRun(Run):
    """A run that begins in the log with the first thing that it captures.

    Its next batch also says how far the account is captured: `cursor`, None if it shall not.
    """

    beginning: Draft | None = None
    cursor: Mapping[str, str] | None = None

    def beginning_now(self) -> list[Draft]:
        beginning, self.beginning = self.beginning, None
        return [] if beginning is None else [beginning]

    def batch(self, drafts: Sequence[Draft]) -> Batch:
        batch, cursor = Run.batch(self, drafts), self.cursor
        if cursor is None:
            return batch
        self.cursor = None
        told = {"account": self.context.account, "cursor": True}
        return replace(batch, data={**batch.data, **told}, parts=cursor_parts(cursor))

    def copy(self) -> "LiveRun":
        """As it is now, should what follows fail."""
        summary = replace(self.summary, reasons=self.summary.reasons.copy(), remarks=[])
        return replace(self, summary=summary, met=set())


def new_run(reading: Reading, account: str, session: str, address: str) -> LiveRun:
    """A run of a reading's reader; `address` is where it comes from."""
    reader, source = reading.reader, reading.source
    run = new_id()
    data = {
        "account": account,
        "reader": reader.name,
        "reader_version": reader.version,
        "session": session,
    }
    beginning = Draft("ingest.started", run, data, Parts.of([("file/name", address)]))
    context = Context(run, account, source, reading.export, reader.name, run)
    summary = Summary(run, address, reader.name, source.platform, source.account.handle)
    return LiveRun(context, summary, beginning=beginning)


def cursor_parts(cursor: Mapping[str, str]) -> Parts:
    """The sealed half that keeps a cursor: it names what the platform names."""
    return Parts.of([("cursor", orjson.dumps(cursor, option=orjson.OPT_SORT_KEYS).decode())])
