"""The one writer: what came from all accounts goes into the log together, a group at a time.

Each group is one transaction. It holds the items, compared as those of an export are, and how far
each account is captured then: a process that is killed goes on from a cursor that is never ahead of
what is archived, and what it is given twice is unchanged.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

import orjson

from archive import Archive, Draft, Parts, Reader, Refused, Signer, Writer, new_id, records, times
from ingest._capture import Rejected
from ingest._pipeline import take_all
from ingest._source import UNREADABLE, reason_of
from ingest._watch_tables import sessions_of, state_of
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
    without items, None where none has vanished. `notes` are entries about the account itself; the
    cursor is kept with them even where nothing was captured.
    """

    account: str
    address: str
    nothing: Reading | None = None
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
        if account in self._cursors:
            return dict(self._cursors[account])
        with self._archive.read() as reader:
            return self.load(reader, account)

    def load(self, reader: Reader, account: str) -> Cursor:
        """How far an account is captured: by the log, where this process has not come to it yet."""
        if account in self._cursors:
            return dict(self._cursors[account])
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
        before = {key: run.copy() for key, run in self._runs.items() if key[0] in by_account}
        cursors = {account: self._moved(account, by_account[account]) for account in by_account}
        keeping = [
            _Keeping(
                account,
                works,
                list(together([one for work in works for one in work.readings])),
                cursors[account] if self._is_dirty(account, cursors[account]) else None,
            )
            for account, works in by_account.items()
        ]
        try:
            with self._archive.write(self._signer) as writer:
                self._check(writer, list(by_account))
                self._keep(writer, keeping)
        except BaseException:
            others = {key: run for key, run in self._runs.items() if key[0] not in by_account}
            self._runs = others | before
            raise
        self._cursors |= cursors
        saved = {one.account for one in keeping if one.cursor is None}
        self._unsaved = (self._unsaved | by_account.keys()) - saved
        return {one.account: one.kept for one in keeping}

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

    def _is_dirty(self, account: str, cursor: Cursor) -> bool:
        """Whether a cursor is another one than the log holds."""
        return account in self._unsaved or cursor != self.cursor(account)

    def _check(self, writer: Writer, accounts: Sequence[str]) -> None:
        if any(newest > self.session for newest in sessions_of(writer, accounts).values()):
            raise Refused(
                "another muniment capture run watches this archive's accounts by now",
                hint="let that one go on: one process serves all accounts",
            )

    def _keep(self, writer: Writer, keeping: Sequence["_Keeping"]) -> None:
        """Append what came of each account; a cursor that nothing carried stays where it is."""
        for round_ in zip_longest(*(one.readings for one in keeping)):
            takings = [
                _Taking(one, self._run(one.works[0], reading), reading)
                for one, reading in zip(keeping, round_, strict=True)
                if reading is not None
            ]
            take_all(writer, [(one.run, list(one.reading.items)) for one in takings])
            writer.append([draft for one in takings for draft in one.done()])
        notes: list[Draft] = []
        for one in keeping:
            for work in one.works:
                if work.nothing is not None:
                    self._vanish(writer, one, self._run(work, work.nothing), work.vanished)
            about = [draft for work in one.works for draft in work.notes]
            if about and one.cursor is not None:
                parts, one.cursor = cursor_parts(one.cursor), None
                about.append(Draft("capture.cursor", one.account, {}, parts))
            notes += about
        writer.append(notes)

    def _vanish(
        self, writer: Writer, keeping: "_Keeping", run: LiveRun, vanished: Sequence[Vanished]
    ) -> None:
        run.cursor = keeping.cursor
        drafts = _vanished(writer, run, vanished)
        run.summary.vanished += len(drafts)
        keeping.kept.vanished += len(drafts)
        run.capture(writer, drafts)
        keeping.cursor, run.cursor = run.cursor, None

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


@dataclass(slots=True)
class _Keeping:
    """What is to be kept of one account, what of its cursor is still to be, and what became of it.

    `cursor` is None where the log holds it.
    """

    account: str
    works: Sequence[Work]
    readings: Sequence[Reading]
    cursor: Mapping[str, str] | None
    kept: Kept = field(default_factory=Kept)


class _Taking:
    """A reading that is being taken in by its run."""

    def __init__(self, keeping: _Keeping, run: LiveRun, reading: Reading) -> None:
        self.run, self.reading = run, reading
        self._keeping, self._before = keeping, replace(run.summary)
        run.cursor = keeping.cursor

    def done(self) -> list[Draft]:
        """Count what was taken in; the beginning of a run that only decisions came of."""
        run, before = self.run, self._before
        _count(self._keeping.kept, before, run)
        self._keeping.cursor, run.cursor = run.cursor, None
        return run.beginning_now() if run.summary.reappeared > before.reappeared else []


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
