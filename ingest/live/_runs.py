"""A run without an end: all that one process captures of one account by one reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from archive import Draft, Parts, Writer, new_id
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

    def begin(self, writer: Writer) -> None:
        """Append the run's beginning, if that was not done yet."""
        if self.beginning is not None:
            writer.append([self.beginning])
            self.beginning = None

    def capture(self, writer: Writer, drafts: Sequence[Draft]) -> None:
        if not drafts:
            return
        self.begin(writer)
        data: dict[str, str | int] = {"items": self.items, **self.summary.counts()}
        parts = None
        if self.cursor is not None:
            data |= {"account": self.context.account, "cursor": True}
            parts = cursor_parts(self.cursor)
            self.cursor = None
        entries = writer.capture(drafts, self.context.run, data, parts)
        self.position = entries[-1].seq + 1

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
