"""The one writer: what came from all accounts goes into the log together, a group at a time.

Each group is one transaction. It holds the items, compared as those of an export are, and how far
each account is captured then: a process that is killed goes on from a cursor that is never ahead of
what is archived, and what it is given twice is unchanged.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from archive import Archive, Draft, Parts, Reader, Refused, Signer, Writer, new_id, records, times
from ingest._capture import Rejected
from ingest._pipeline import take
from ingest._source import UNREADABLE, reason_of
from ingest._watch_tables import state_of
from ingest.live._platform import Cursor, Seen
from ingest.live._reading import Reading, together
from ingest.live._runs import LiveRun, cursor_parts, new_run

_FAULTS = (*UNREADABLE, AssertionError)


@dataclass(frozen=True, slots=True)
class Vanished:
    """An item that is gone, and the looks that found nothing, each with its evidence."""

    native_id: str
    looks: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What came of one account: to be archived together, with what of its cursor changes then.

    `address` is where it comes from. `vanished` items stand in the run of `nothing`, a reading
    without items. `notes` are entries about the account itself; the cursor is kept with them even
    where nothing was captured.
    """

    account: str
    address: str
    nothing: Reading
    readings: tuple[Reading, ...] = ()
    cursor: Cursor = field(default_factory=dict)
    vanished: tuple[Vanished, ...] = ()
    notes: tuple[Draft, ...] = ()

    @property
    def weight(self) -> int:
        """How many bytes were captured."""
        return sum(len(item.raw) for one in self.readings for item in one.items)


@dataclass(slots=True)
class Kept:
    """What became of the works of one account in a group."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    rejected: int = 0
    vanished: int = 0

    def add(self, other: "Kept") -> None:
        """Count what became of further works."""
        for name in Kept.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Keeper:
    """Commits groups of works for one process, `session`. Not for two threads at once."""

    def __init__(self, archive: Archive, signer: Signer) -> None:
        self._archive, self._signer = archive, signer
        self.session = new_id()
        self._runs: dict[tuple[str, str], LiveRun] = {}
        self._cursors: dict[str, dict[str, str]] = {}
        self._unsaved: set[str] = set()

    def cursor(self, account: str) -> Cursor:
        """How far an account is captured."""
        if account not in self._cursors:
            with self._archive.read() as reader:
                return self.load(reader, account)
        return dict(self._cursors[account])

    def load(self, reader: Reader, account: str) -> Cursor:
        """How far an account was captured by the log: where this process goes on from."""
        position = state_of(reader, account)["cursor"]
        told = None
        if position is not None:
            [(_, parts)] = reader.open([reader.entry(position)])
            told = None if parts is None else parts.get("cursor")
        self._cursors[account] = orjson.loads(told) if told else {}
        return dict(self._cursors[account])

    def commit(self, group: Sequence[Work]) -> dict[str, Kept]:
        """Archive a group; what became of it by account.

        What cannot be archived for what it is, and not for the database, is found out by trying
        each work alone, and kept as rejected: nothing that somebody posts can stop the capture of
        everything else. Refused when a newer process watches one of the accounts; nothing is
        archived then, or of the work that failed when anything else is raised.
        """
        try:
            return self._commit(group)
        except _FAULTS as error:
            if len(group) == 1:
                return self._commit([_set_aside(group[0], error)])
        kept: dict[str, Kept] = {}
        for work in group:
            for account, one in self.commit([work]).items():
                kept.setdefault(account, Kept()).add(one)
        return kept

    def _commit(self, group: Sequence[Work]) -> dict[str, Kept]:
        """Archive a group in one transaction, all of it or nothing."""
        by_account: dict[str, list[Work]] = defaultdict(list)
        for work in group:
            by_account[work.account].append(work)
        before = {key: run.copy() for key, run in self._runs.items()}
        cursors = {account: self._moved(account, by_account[account]) for account in by_account}
        kept: dict[str, Kept] = {}
        saved: set[str] = set()
        try:
            with self._archive.write(self._signer) as writer:
                for account, works in by_account.items():
                    self._check(writer, account)
                    dirty = account in self._unsaved or cursors[account] != self.cursor(account)
                    keeping = cursors[account] if dirty else None
                    kept[account], left = self._keep(writer, account, works, keeping)
                    if left is None:
                        saved.add(account)
        except BaseException:
            self._runs = before
            raise
        self._cursors |= cursors
        self._unsaved = (self._unsaved | by_account.keys()) - saved
        return kept

    def finish(self) -> None:
        """End the runs of this process, and keep the cursors that nothing was captured with."""
        with self._archive.write(self._signer) as writer:
            for account in sorted(self._unsaved):
                writer.append([Draft("capture.cursor", account, {}, self._parts(account))])
            for run in self._runs.values():
                if run.beginning is None:
                    run.finish(writer)
        self._runs.clear()
        self._unsaved.clear()

    def _parts(self, account: str) -> Parts:
        return cursor_parts(self._cursors[account])

    def _moved(self, account: str, works: Sequence[Work]) -> dict[str, str]:
        cursor = dict(self.cursor(account))
        for work in works:
            cursor |= work.cursor
        return {name: value for name, value in cursor.items() if value}

    def _check(self, writer: Writer, account: str) -> None:
        newest = state_of(writer, account)["session"]
        if newest is not None and newest > self.session:
            raise Refused(
                "another muniment capture run watches this archive's accounts by now",
                hint="let that one go on: one process serves all accounts",
            )

    def _keep(
        self, writer: Writer, account: str, works: Sequence[Work], cursor: Mapping[str, str] | None
    ) -> tuple[Kept, Mapping[str, str] | None]:
        """Append what came of one account; the cursor is given back if nothing carried it."""
        kept = Kept()
        for reading in together([one for work in works for one in work.readings]):
            run = self._run(works[0], reading)
            run.cursor = cursor
            before = replace(run.summary)
            take(writer, run, list(reading.items))
            if run.summary.reappeared > before.reappeared:
                run.begin(writer)
            _count(kept, before, run)
            cursor, run.cursor = run.cursor, None
        for work in works:
            if work.vanished:
                run = self._run(work, work.nothing)
                run.cursor = cursor
                drafts = _vanished(writer, run, work.vanished)
                run.summary.vanished += len(drafts)
                kept.vanished += len(drafts)
                run.capture(writer, drafts)
                cursor, run.cursor = run.cursor, None
        notes = [draft for work in works for draft in work.notes]
        if notes and cursor is not None:
            notes.append(Draft("capture.cursor", account, {}, cursor_parts(cursor)))
            cursor = None
        writer.append(notes)
        return kept, cursor

    def _run(self, work: Work, reading: Reading) -> LiveRun:
        key = (work.account, reading.reader.name)
        run = self._runs.get(key)
        if run is None:
            run = new_run(reading, work.account, self.session, work.address)
            self._runs[key] = run
        run.context = replace(run.context, source=reading.source, export=reading.export)
        run.met.clear()
        run.summary.remarks.clear()
        return run


def _set_aside(work: Work, error: Exception) -> Work:
    """A work whose items are rejected, every one, with their bytes."""
    reason = f"it could not be archived ({reason_of(error)})"
    readings = tuple(
        replace(one, items=[Rejected(reason, it.raw, it.source_file) for it in one.items if it.raw])
        for one in work.readings
    )
    return replace(work, readings=readings)


def _count(kept: Kept, before: object, run: LiveRun) -> None:
    for name in ("seen", "new", "changed", "rejected"):
        more = getattr(run.summary, name) - getattr(before, name)
        setattr(kept, name, getattr(kept, name) + more)


def _vanished(writer: Writer, run: LiveRun, gone: Sequence[Vanished]) -> list[Draft]:
    """A `record.vanished` with its evidence for each item that is still thought to be there."""
    platform, account = run.context.source.platform, run.context.account
    looks = {records.lookup_of(writer, platform, account, one.native_id): one.looks for one in gone}
    found = records.by_lookup(writer, list(looks))
    return [
        Draft("record.vanished", record.id, {"run": run.context.run}, _evidence(looks[lookup]))
        for lookup, record in found.items()
        if record.status in {"live", "pending"}
    ]


def _evidence(looks: Sequence[Seen]) -> Parts:
    fields: list[tuple[str, str | bytes]] = []
    for index, look in enumerate(looks):
        fields += [
            (f"look/{index}/at", times.to_text(look.at)),
            (f"look/{index}/status", str(look.status)),
            (f"look/{index}/address", look.address),
            (f"look/{index}/raw", look.said),
        ]
    return Parts.of(fields)
