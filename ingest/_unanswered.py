"""Comments and messages that the body has not answered, and those that need no answer any more."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    Table,
    Text,
    and_,
    delete,
    exists,
    or_,
    select,
)

from archive import (
    Draft,
    Event,
    Parts,
    Projection,
    Reader,
    Record,
    Refused,
    UsageError,
    Writer,
    accounts,
    chunked,
    insert_rows,
    records,
    times,
)
from archive.records import record_table

_metadata = MetaData()
answered_table = Table(
    "comment_answered",
    _metadata,
    Column("record", Text, primary_key=True),
    Column("answered_at", Text, nullable=False),
)
_c = record_table.c
_KINDS = ("comment", "message")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A comment or message without an answer; `written_at` is a text."""

    record: Record
    written_at: str
    author: str
    text: str


def unanswered(reader: Reader, since: str, until: str) -> Iterator[Unanswered]:
    """What others wrote from `since` up to `until` and no account of the body answered.

    Both are texts of `archive.times`. An answer replies to it; or it comes later under the same
    comment, or in the same thread of messages. Left out are what is not live, what is restricted,
    and what was said to need no answer. The oldest comes first. Where a source names no time, the
    time of its capture counts.
    """
    ours = _own(reader)
    asked = _asked(reader, ours, since, until)
    answers = _Answers(reader, ours, since)
    pending = [one for one in asked if not answers.to(one)]
    opened = reader.open(reader.entry(one.last_seq) for one in pending)
    for record, (_, parts) in zip(pending, opened, strict=True):
        if parts is None or (record.kind == "message" and answers.in_thread(record, parts)):
            continue
        author = parts.get("author/name") or parts.get("author/handle") or ""
        text = " ".join(filter(None, (parts.text("title"), parts.text("text"))))
        yield Unanswered(record, _written(record), author, text)


def set_answered(writer: Writer, record_id: str, *, reason: str) -> Record:
    """Put on the record that a comment needs no answer any more, and why.

    Raises UsageError without a reason, NotFound, and Refused for what is no comment and no message,
    or was said so before.
    """
    if not reason.strip():
        raise UsageError("a reason is needed", hint="give it by --reason")
    record = records.get(writer, record_id)
    if record.kind not in _KINDS:
        raise Refused(f"a {record.kind} is not answered", hint="name a comment or a message")
    query = select(answered_table.c.record).where(answered_table.c.record == record.id)
    if writer.conn.execute(query).scalar() is not None:
        raise Refused("that was said already", hint="see: muniment record history")
    parts = Parts.of([("reason", reason.strip())])
    writer.append([Draft("record.answered", record.id, {}, parts)])
    return record


def _own(reader: Reader) -> frozenset[str]:
    """The keyed hashes under which the body's own accounts write."""
    keys = set()
    for one in accounts.every(reader):
        for spelling in filter(None, {*accounts.spellings(one.handle), one.name}):
            keys.add(records.author_key_of(reader, one.platform, spelling))
    return frozenset(keys)


def _asked(reader: Reader, ours: frozenset[str], since: str, until: str) -> list[Record]:
    where = and_(
        _c.kind.in_(_KINDS),
        _c.status == "live",
        _between(since, until),
        or_(_c.author_key.is_(None), _c.author_key.not_in(ours)),
        ~exists().where(answered_table.c.record == _c.id),
    )
    return sorted(_found(reader, where), key=lambda one: (_written(one), one.id))


def _found(reader: Reader, where: ColumnElement[bool]) -> Iterable[Record]:
    ids = reader.conn.execute(select(_c.id).where(where)).scalars().all()
    return records.get_many(reader, ids).values()


def _between(since: str, until: str) -> ColumnElement[bool]:
    return or_(
        _c.occurred_at.between(since, until),
        and_(_c.occurred_at.is_(None), _c.captured_at.between(since, until)),
    )


def _written(record: Record) -> str:
    return record.occurred_at or record.captured_at


class _Answers:
    """What the body itself wrote since a moment."""

    def __init__(self, reader: Reader, ours: frozenset[str], since: str) -> None:
        self._reader = reader
        self._messages: list[Record] = []
        self._times: dict[str, str] = {}
        self._threads: dict[tuple[str, str], str] | None = None
        where = and_(_c.author_key.in_(ours), _between(since, "9"))
        for one in _found(reader, where):
            if one.kind == "message":
                self._messages.append(one)
            if one.parent_lookup is not None:
                _later(self._times, one.parent_lookup, _written(one))
        self._comments = _comments_among(reader, list(self._times))

    def to(self, asked: Record) -> bool:
        """Whether a record has a reply, or a later one that stands beside it below a comment."""
        if asked.lookup in self._times:
            return True
        above = asked.parent_lookup
        return above in self._comments and self._times[above] > _written(asked)

    def in_thread(self, asked: Record, parts: Parts) -> bool:
        """Whether a message has a later one in its thread."""
        if self._threads is None:
            self._threads = {}
            opened = self._reader.open(self._reader.entry(one.last_seq) for one in self._messages)
            for record, (_, content) in zip(self._messages, opened, strict=True):
                if content is not None:
                    _later(self._threads, _thread(record, content), _written(record))
        account, name = _thread(asked, parts)
        return bool(name) and self._threads.get((account, name), "") > _written(asked)


def _later(times_: dict[Any, str], key: object, moment: str) -> None:
    times_[key] = max(moment, times_.get(key, ""))


def _thread(record: Record, parts: Parts) -> tuple[str, str]:
    return record.account, parts.get("thread") or parts.get("parent") or ""


def _comments_among(reader: Reader, lookups: Sequence[str]) -> frozenset[str]:
    found = records.by_lookup(reader, lookups)
    return frozenset(lookup for lookup, one in found.items() if one.kind in _KINDS)


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    rows: dict[str, tuple[str, str]] = {}
    gone = []
    for entry, _ in events:
        if entry.type == "record.answered":
            rows[entry.subject] = (entry.subject, times.to_text(entry.at))
        else:
            rows.pop(entry.subject, None)
            gone.append(entry.subject)
    for chunk in chunked(gone):
        reader.conn.execute(delete(answered_table).where(answered_table.c.record.in_(chunk)))
    insert_rows(reader.conn, answered_table, list(rows.values()))


PROJECTION = Projection(
    "answered", 1, _metadata, frozenset({"record.answered", "record.disposed"}), _apply
)
