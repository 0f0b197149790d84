"""Captures compared with what the archive holds: new, changed, unchanged, disposed, gone."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Self

from archive import Draft, Entry, Parts, Record, SourceError, Writer, new_id, records, times
from archive.records import record_table
from ingest._boxes import CHUNK
from ingest._capture import Attachment, Capture, Prepared, Rejected
from ingest._export import Export
from ingest._projection import made_at
from ingest._source import Source


@dataclass(frozen=True, slots=True)
class Context:
    """What the comparisons of one run share. `account` is the account's id."""

    run: str
    account: str
    source: Source
    export: Export


@dataclass(slots=True)
class Outcome:
    """What became of one round of captures.

    `drafts` are captures to append, `decisions` signed entries to append after them; `deferred`
    are further captures of records that this round writes to; `problems` are attachments that
    could not be read.
    """

    drafts: list[Draft]
    decisions: list[Draft]
    deferred: list[Capture | Prepared]
    problems: list[Rejected]
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    disposed: int = 0
    reappeared: int = 0


def compare(
    writer: Writer, context: Context, captures: Sequence[Capture | Prepared], lookups: Sequence[str]
) -> Outcome:
    """Decide about every capture; nothing is appended yet, but attachments are stored."""
    known = records.by_lookup(writer, lookups)
    outcome = Outcome([], [], [], [])
    touched: set[str] = set()
    for capture, lookup in zip(captures, lookups, strict=True):
        if lookup in touched:
            outcome.deferred.append(capture)
        elif (record := known.get(lookup)) is None:
            outcome.drafts.append(_captured(writer, context, capture, lookup, outcome))
            outcome.new += 1
            touched.add(lookup)
        elif record.status == "disposed":
            outcome.disposed += 1
        elif _known(writer, context, capture, record, outcome):
            touched.add(lookup)
    return outcome


def lookups_of(
    writer: Writer, context: Context, captures: Iterable[Capture | Prepared]
) -> list[str]:
    """The lookup of every capture's record."""
    platform, account = context.source.platform, context.account
    return [records.lookup_of(writer, platform, account, one.native_id) for one in captures]


def _captured(
    writer: Writer,
    context: Context,
    capture: Capture | Prepared,
    lookup: str,
    outcome: Outcome,
) -> Draft:
    record_id = new_id()
    if isinstance(capture, Capture) and any(one.member for one in capture.attachments):
        capture = _attach(writer, context, record_id, capture, {}, outcome)
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


def _known(
    writer: Writer,
    context: Context,
    capture: Capture | Prepared,
    record: Record,
    outcome: Outcome,
) -> bool:
    """Decide about a capture of a record that is there; whether the record is written to."""
    parts = _parts(context, capture)
    fingerprint = records.fingerprint_of(writer, parts)
    if fingerprint != record.fingerprint and isinstance(capture, Capture):
        held = _attachments_of(writer, record)
        capture = _attach(writer, context, record.id, capture, held, outcome)
        parts = _parts(context, capture)
        fingerprint = records.fingerprint_of(writer, parts)
    if fingerprint == record.fingerprint:
        outcome.unchanged += 1
        if record.status == "vanished" and not _before_vanishing(writer, context, record):
            outcome.decisions.append(_reappeared(context, record))
            outcome.reappeared += 1
            return True
        return False
    entries = records.versions_of(writer, record)
    opened = writer.open(entries, restricted=True)
    versions = [sealed for _, sealed in opened if sealed is not None]
    newest = entries[-1]
    kept = fingerprint in {records.fingerprint_of(writer, one) for one in versions[:-1]}
    older = _is_older(writer, context, capture, newest, versions[-1], kept=kept)
    if older and kept:
        outcome.unchanged += 1
        return False
    outcome.changed += 1
    outcome.drafts.append(_edited(context, record, capture.kind, capture.state, 1, parts))
    if older:
        again = Parts(versions[-1].fields)
        kind, state = newest.data["kind"], newest.data["state"]
        outcome.drafts.append(_edited(context, record, kind, state, 2, again))
        return True
    if _put_back(writer, record, capture):
        outcome.decisions.append(_reappeared(context, record))
        outcome.reappeared += 1
    return True


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


def _reappeared(context: Context, record: Record) -> Draft:
    return Draft("record.reappeared", record.id, {"run": context.run})


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


def _put_back(writer: Writer, record: Record, capture: Capture | Prepared) -> bool:
    """Whether the source shows again what it, and no decision of ours, had removed."""
    if record.status != "removed" or capture.state == "removed":
        return False
    types = {"record.captured", "record.edited", "record.removed", "record.restored"}
    last = writer.history(record.id, types)[-1]
    return last.data.get("state") == "removed"


_Held = dict[tuple[str, str], Attachment]
"""Stored attachments of a record's newest version, by ("sha256", …) and by (url, name)."""


def _attachments_of(writer: Writer, record: Record) -> _Held:
    held: _Held = {}
    for _, parts in writer.open([writer.entry(record.last_seq)], restricted=True):
        index = 0
        while parts is not None and any(
            parts.get(f"attachment/{index}/{name}") for name in ("name", "type", "url", "alt")
        ):
            found = (
                parts.get(f"attachment/{index}/{name}") or ""
                for name in ("name", "url", "sha256", "blob")
            )
            name, url, digest, blob = found
            one = Attachment(name=name, url=url, sha256=digest, blob=blob)
            if one.sha256:
                held["sha256", one.sha256] = held[one.url, one.name] = one
            index += 1
    return held


def _attach(
    writer: Writer,
    context: Context,
    record_id: str,
    capture: Capture,
    held: _Held,
    outcome: Outcome,
) -> Capture:
    """The capture with its attachments stored; those that are stored already are kept."""
    attachments = []
    for one in capture.attachments:
        try:
            attachments.append(_stored(writer, context.export, record_id, one, held))
        except SourceError as error:
            outcome.problems.append(
                Rejected(f"an attachment could not be read: {error}", b"", one.member)
            )
            attachments.append(one)
    return replace(capture, attachments=tuple(attachments))


def _stored(
    writer: Writer, export: Export, record_id: str, one: Attachment, held: _Held
) -> Attachment:
    if not one.member:
        same = None if one.sha256 else held.get((one.url, one.name))
        return replace(one, sha256=same.sha256, blob=same.blob) if same else one
    if held:
        digest = sha256()
        for piece in _content(export, one.member):
            digest.update(piece)
        same = held.get(("sha256", digest.hexdigest()))
        if same is not None:
            return replace(one, sha256=same.sha256, blob=same.blob)
    ref = writer.put_blob(record_id, _content(export, one.member))
    return replace(one, sha256=ref.sha256, blob=ref.name)


def _content(export: Export, member: str) -> Iterator[bytes]:
    with export.open(member) as stream:
        while piece := stream.read(CHUNK):
            yield piece


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
        rows = [(lookup,) for lookup in lookups]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", rows)
        self._db.execute("COMMIT")

    def __contains__(self, lookup: str) -> bool:
        found = self._db.execute("SELECT 1 FROM seen WHERE lookup = ?", (lookup,)).fetchone()
        return found is not None


def gone(writer: Writer, context: Context, seen: Seen) -> Iterator[Draft]:
    """A `record.vanished` for every live record of the account that this export no longer holds."""
    column = record_table.c
    where = (
        (column.account == context.account)
        & (column.platform == context.source.platform)
        & (column.status == "live")
        & column.kind.in_(sorted(context.source.covers))
    )
    for record in records.stream(writer, where):
        if record.lookup not in seen:
            yield Draft("record.vanished", record.id, {"run": context.run})
