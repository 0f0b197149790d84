"""Captures compared with what the archive holds: new, changed, unchanged, disposed, gone."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from archive import Draft, Entry, Parts, Reader, Record, Writer, new_id, records, times
from archive.records import record_table
from ingest._attach import Held, attach
from ingest._batches import Ready
from ingest._capture import Capture, Gone, Prepared, Rejected, Remark
from ingest._context import Context
from ingest._projection import made_at, reader_of
from ingest._removals import back, deletion, is_back, word_alone


@dataclass(slots=True)
class Outcome:
    """What became of some items.

    `drafts` are captures to append, `decisions` signed entries to append after them; `problems` are
    items and attachments that could not be read. `held` and `missing` count attachments.
    """

    drafts: list[Draft] = field(default_factory=list)
    decisions: list[Draft] = field(default_factory=list)
    problems: list[Rejected] = field(default_factory=list)
    seen: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    disposed: int = 0
    reappeared: int = 0
    direct: int = 0
    attachments: int = 0
    missing: int = 0


def lookups_of(reader: Reader, context: Context, items: Sequence[Ready]) -> list[str]:
    """The lookup of every item's record; "" where it is none."""
    platform, account = context.source.platform, context.account
    return [
        ""
        if isinstance(one, Rejected | Remark)
        else records.lookup_of(reader, platform, account, one.native_id)
        for one in items
    ]


def stretches(lookups: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Beginnings and ends of stretches in which no record comes twice."""
    start, met = 0, set[str]()
    for index, lookup in enumerate(lookups):
        if lookup in met:
            yield start, index
            start, met = index, set()
        if lookup:
            met.add(lookup)
    yield start, len(lookups)


def compare(
    writer: Writer,
    context: Context,
    items: Sequence[Ready],
    lookups: Sequence[str],
    known: Mapping[str, Record],
) -> Outcome:
    """Decide about items of which no two are one record; nothing is appended yet, but attachments
    are stored. `known` are the records that are there, by their lookups.
    """
    outcome = Outcome()
    for item, lookup in zip(items, lookups, strict=True):
        if isinstance(item, Remark):
            continue
        outcome.seen += 1
        if isinstance(item, Rejected):
            outcome.problems.append(item)
            continue
        record = known.get(lookup)
        if record is not None and record.status == "disposed":
            outcome.disposed += 1
        elif record is None:
            capture = item.as_capture() if isinstance(item, Gone) else item
            outcome.drafts.append(_captured(writer, context, capture, lookup, outcome))
            outcome.new += 1
        elif isinstance(item, Gone):
            _deleted(writer, context, item, record, outcome)
        else:
            _known(writer, context, item, record, outcome)
    return outcome


def _captured(
    writer: Writer,
    context: Context,
    capture: Capture | Prepared,
    lookup: str,
    outcome: Outcome,
) -> Draft:
    record_id = new_id()
    if isinstance(capture, Capture) and any(one.member for one in capture.attachments):
        capture = _attached(writer, context, record_id, capture, Held(), outcome)
    _count(capture, outcome)
    data = {
        "account": context.account,
        "kind": capture.kind,
        "lookup": lookup,
        "platform": context.source.platform,
        "run": context.run,
        "state": capture.state,
        "version": 1,
    }
    return Draft("record.captured", record_id, data, _parts(context, capture))


def _attached(
    writer: Writer,
    context: Context,
    record_id: str,
    capture: Capture,
    held: Held,
    outcome: Outcome,
) -> Capture:
    attached = attach(writer, context.export, record_id, capture, held)
    outcome.problems += attached.problems
    outcome.seen += len(attached.problems)
    return attached.capture


def _count(capture: Capture | Prepared, outcome: Outcome) -> None:
    outcome.direct += capture.visibility == "direct"
    for one in capture.attachments:
        outcome.attachments += bool(one.blob)
        outcome.missing += one.missing


def _deleted(
    writer: Writer, context: Context, word: Gone, record: Record, outcome: Outcome
) -> None:
    drafts = deletion(writer, context, word, record)
    outcome.drafts += drafts[:1]
    outcome.decisions += drafts[1:]
    outcome.changed += bool(drafts)
    outcome.unchanged += not drafts


def _known(
    writer: Writer,
    context: Context,
    capture: Capture | Prepared,
    record: Record,
    outcome: Outcome,
) -> None:
    """Decide about a capture of a record that is there."""
    parts = _parts(context, capture)
    fingerprint = records.fingerprint_of(writer, parts)
    if fingerprint != record.fingerprint and isinstance(capture, Capture) and capture.attachments:
        held = Held.of(writer, record)
        capture = _attached(writer, context, record.id, capture, held, outcome)
        parts = _parts(context, capture)
        fingerprint = records.fingerprint_of(writer, parts)
    _count(capture, outcome)
    published = record.status == "pending" and capture.state == "live"
    same = _says_the_same(writer, record, capture, parts, fingerprint)
    if same and not published:
        outcome.unchanged += 1
        vanished = record.status == "vanished"
        if (vanished and not _before_vanishing(writer, context, record)) or (
            not vanished and is_back(writer, context, capture, record)
        ):
            _back(context, record, capture, outcome)
        return
    entries = records.versions_of(writer, record)
    versions = [sealed for _, sealed in writer.open(entries, restricted=True) if sealed is not None]
    newest = entries[-1]
    kept = fingerprint in {records.fingerprint_of(writer, one) for one in versions[:-1]}
    older = _is_older(writer, context, capture, newest, versions[-1], kept=kept)
    if older and kept:
        outcome.unchanged += 1
        return
    outcome.changed += 1
    outcome.drafts.append(_edited(context, record, capture.kind, capture.state, 1, parts))
    if older and not word_alone(versions[-1]):
        again = Parts(versions[-1].fields)
        kind, state = newest.data["kind"], newest.data["state"]
        outcome.drafts.append(_edited(context, record, kind, state, 2, again))
    elif not older and is_back(writer, context, capture, record):
        _back(context, record, capture, outcome)


def _says_the_same(
    writer: Writer, record: Record, capture: Capture | Prepared, parts: Parts, fingerprint: str
) -> bool:
    """Whether a capture says what the newest version does, all of it or all but the time of a
    removal: of one platform's exports some give that time and others do not.
    """
    if fingerprint == record.fingerprint:
        return True
    if capture.state != "removed" or parts.get("removed_at"):
        return False
    [(_, newest)] = writer.open([writer.entry(record.last_seq)], restricted=True)
    fields = newest.fields if newest is not None else ()
    undated = Parts(tuple(one for one in fields if one[0] != "removed_at"))
    return records.fingerprint_of(writer, undated) == fingerprint


def _back(context: Context, record: Record, capture: Capture | Prepared, outcome: Outcome) -> None:
    outcome.decisions.append(back(context, record, capture.state))
    outcome.reappeared += 1


def _edited(
    context: Context, record: Record, kind: str, state: str, further: int, parts: Parts
) -> Draft:
    data = {
        "account": context.account,
        "kind": kind,
        "platform": context.source.platform,
        "run": context.run,
        "state": state,
        "version": record.versions + further,
    }
    return Draft("record.edited", record.id, data, parts)


def _parts(context: Context, capture: Capture | Prepared) -> Parts:
    return capture.parts(context.source.account.handle)


def _is_older(
    writer: Writer,
    context: Context,
    capture: Capture | Prepared,
    newest: Entry,
    content: Parts,
    *,
    kept: bool,
) -> bool:
    """Whether a capture shows an earlier state than the newest version that is kept.

    By the dates of the exports where both have one, else by the edit times that the source gives;
    without either, what comes later is later, unless both come from one export that lists an item
    twice. An older state that was not kept yet becomes a version, and the newest one is put on top
    of it again.
    """
    mine = times.to_text(context.source.made_at) if context.source.made_at else ""
    theirs = made_at(writer, str(newest.data["run"]))
    if mine and theirs and mine != theirs:
        return mine < theirs
    edited = times.to_text(capture.edited_at) if capture.edited_at else ""
    newest_edit = content.get("edited_at") or ""
    if edited != newest_edit:
        return edited < newest_edit
    return kept and bool(mine) and mine == theirs


def _before_vanishing(writer: Writer, context: Context, record: Record) -> bool:
    """Whether this export is no newer than the one that the record was missing from."""
    mine = context.source.made_at
    run = writer.history(record.id, {"record.vanished"})[-1].data["run"]
    return mine is not None and times.to_text(mine) <= made_at(writer, str(run))


class Seen:
    """The lookups that a run has met, in a temporary database of its own: memory stays flat."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("CREATE TABLE seen (lookup TEXT PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def add(self, lookups: Sequence[str]) -> None:
        rows = [(lookup,) for lookup in lookups if lookup]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", rows)
        self._db.execute("COMMIT")

    def __contains__(self, lookup: str) -> bool:
        found = self._db.execute("SELECT 1 FROM seen WHERE lookup = ?", (lookup,)).fetchone()
        return found is not None


def gone(writer: Writer, context: Context, seen: Seen) -> Iterator[Draft]:
    """A `record.vanished` for every record of the account that was there and is not any more.

    That is one which an export of the same kind, made no later, has held, and this one does not.
    """
    column = record_table.c
    where = (
        (column.account == context.account)
        & (column.platform == context.source.platform)
        & column.status.in_(("live", "pending"))
        & column.kind.in_(sorted(context.source.covers))
    )
    mine = times.to_text(context.source.made_at) if context.source.made_at else ""
    for record in records.stream(writer, where):
        if record.lookup in seen or (mine and (record.occurred_at or "") > mine):
            continue
        held = [str(entry.data["run"]) for entry in records.versions_of(writer, record)]
        if mine and made_at(writer, held[-1]) > mine:
            continue
        if any(reader_of(writer, run) == context.reader for run in held):
            yield Draft("record.vanished", record.id, {"run": context.run})
