"""Entries of the log to documents of the index."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from archive import Entry, Parts, Reader, Record, records, times
from search._documents import Content, Document, microseconds, tokenize

_PAGE = 10_000
_TOGETHER = 200
_CONTENT = frozenset({"record.captured", "record.edited"})
_HISTORY = _CONTENT | {"record.removed", "record.deleted"}


@dataclass(frozen=True, slots=True)
class Change:
    """What the entries up to position `stop` change: records whose documents go, and new ones."""

    stop: int
    gone: Sequence[int]
    documents: Iterator[Document]
    empty: bool


def changes(reader: Reader, start: int, *, again: bool = False) -> Iterator[Change]:
    """What the entries from `start` to the head change in an index that covers those before.

    With `again` the index may hold some of it already, from a run that was interrupted. Each
    change has to be used up before the next one is asked for.
    """
    entries = reader.entries(start)
    while batch := list(islice(entries, _PAGE)):
        yield _change(reader, batch, again=again)


def beginnings(reader: Reader, start: int, stop: int) -> Iterator[Change]:
    """What fills an empty index with the records whose first entry is in that stretch of the log.

    Used like `changes`.
    """
    entries = reader.entries(start, min(stop, reader.head.size))
    while batch := list(islice(entries, _PAGE)):
        yield _begun(reader, batch)


def _begun(reader: Reader, batch: Sequence[Entry]) -> Change:
    """The records that begin in a batch, whatever comes after it."""
    begun = {entry.subject: entry for entry in batch if entry.type == "record.captured"}
    stop = batch[-1].seq + 1
    about = Counter(entry.subject for entry in batch)
    touched = records.with_entries_from(reader, stop, list(begun))
    touched.update(subject for subject in begun if about[subject] > 1)
    fresh = [entry for subject, entry in begun.items() if subject not in touched]
    known = records.get_many(reader, sorted(touched)).values()
    first = batch[0].seq
    documents = _documents(reader, fresh, [one for one in known if one.first_seq >= first])
    return Change(stop, (), documents, empty=not begun)


def _change(reader: Reader, batch: Sequence[Entry], *, again: bool) -> Change:
    subjects: dict[str, list[Entry]] = defaultdict(list)
    for entry in batch:
        if entry.type.startswith("record."):
            subjects[entry.subject].append(entry)
    fresh: list[Entry] = []
    touched: list[str] = []
    for subject, about in subjects.items():
        if len(about) == 1 and about[0].type == "record.captured":
            fresh.append(about[0])
        else:
            touched.append(subject)
    known = records.get_many(reader, touched)
    gone = [record.first_seq for record in known.values()]
    if again:
        gone += [entry.seq for entry in fresh]
    documents = _documents(reader, fresh, known.values())
    return Change(batch[-1].seq + 1, gone, documents, empty=not fresh and not known)


def _documents(
    reader: Reader, fresh: Sequence[Entry], touched: Iterable[Record]
) -> Iterator[Document]:
    for entry, parts in reader.open_whole(fresh):
        if parts is not None:
            yield _document(entry, parts, _captured(entry, parts))
    standing = iter(sorted(filter(_stands, touched), key=lambda record: record.first_seq))
    while together := list(islice(standing, _TOGETHER)):
        yield from versions(reader, together)


def documents_of(reader: Reader, positions: Sequence[int]) -> Iterator[Document]:
    """The documents of the records whose first entries stand there, as they are now."""
    begun = reader.entries_at(positions)
    found = records.get_many(reader, [entry.subject for entry in begun])
    return _documents(reader, (), found.values())


def _stands(record: Record) -> bool:
    return record.status != "disposed"


def versions(reader: Reader, found: Sequence[Record]) -> Iterator[Document]:
    """The documents of all versions of records as they stand now."""
    known = {record.id: record for record in found}
    history = (entry for record in found for entry in reader.history(record.id, _HISTORY))
    for subject, opened in groupby(reader.open_whole(history), key=lambda pair: pair[0].subject):
        yield from _versions_of(known[subject], list(opened))


def _versions_of(
    record: Record, opened: Sequence[tuple[Entry, Parts | None]]
) -> Iterator[Document]:
    removals = [(entry, parts) for entry, parts in opened if entry.type not in _CONTENT]
    reasons = [
        parts.text("reason") or parts.text("removal_reason")
        for _, parts in opened
        if parts is not None
    ]
    clauses = [str(entry.data["clause"]) for entry, _ in removals if entry.data.get("clause")]
    state = _State(
        record=record.first_seq,
        kind=record.kind,
        platform=record.platform,
        account=record.account,
        status=record.status,
        removed_at=record.removed_at,
        several=record.versions > 1,
        reasons=tuple(dict.fromkeys(filter(None, reasons))),
        clauses=tuple(dict.fromkeys(clauses)),
    )
    for entry, parts in opened:
        if entry.type in _CONTENT and parts is not None:
            yield _document(entry, parts, state)


@dataclass(frozen=True, slots=True)
class _State:
    """What all versions of a record share."""

    record: int
    kind: str
    platform: str
    account: str
    status: str
    removed_at: str | None
    several: bool = False
    reasons: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


def _captured(entry: Entry, parts: Parts) -> _State:
    """The state of a record of which the log says nothing but its first capture."""
    data = entry.data
    removed = data["state"] == "removed"
    return _State(
        record=entry.seq,
        kind=data["kind"],
        platform=data["platform"],
        account=data["account"],
        status=data["state"],
        removed_at=(parts.get("removed_at") or times.to_text(entry.at)) if removed else None,
        reasons=tuple(filter(None, [parts.text("removal_reason")])),
    )


def _document(entry: Entry, parts: Parts, state: _State) -> Document:
    single: dict[str, str] = {}
    attachments: list[str] = []
    further: list[str] = []
    attached = False
    text = title = ""
    for path, value in parts.whole:
        if path == "text":
            text = value.decode()
        elif path == "title":
            title = value.decode()
        elif path in _SINGLE:
            single[path] = value.decode()
        elif is_further(path):
            further.append(value.decode())
        elif path.startswith("attachment/"):
            attached = True
            if path.endswith(("/name", "/alt")):
                attachments.append(value.decode())
    captured = microseconds(entry.at)
    written = single.get("occurred_at")
    dates = {"date": _micros(written) if written else captured, "captured": captured}
    if state.removed_at:
        dates["removed"] = _micros(state.removed_at)
    content = Content(
        text=text,
        title=title,
        further=tuple(further),
        attached=attached,
        attachments=tuple(attachments),
        author=(single.get("author/name", ""), single.get("author/handle", "")),
        account=(state.account, single.get("account", "")),
        platform=state.platform,
        kind=state.kind,
        language=single.get("language", ""),
        status=_status(state, edited=state.several or "edited_at" in single),
        reasons=state.reasons,
        clauses=state.clauses,
        several=state.several,
    )
    return Document(
        id=entry.subject,
        record=state.record,
        seq=entry.seq,
        several=state.several,
        tokens=tokenize(content),
        dates=dates,
    )


_SINGLE = frozenset(
    {"author/name", "author/handle", "occurred_at", "edited_at", "language", "account"}
)


def is_further(path: str) -> bool:
    """Whether a part is found among the words of the text, besides the text itself."""
    return path in _FURTHER or path.startswith("poll/")


_FURTHER = frozenset({"shared/text", "shared/author/name", "shared/author/handle", "location"})


def _status(state: _State, *, edited: bool) -> tuple[str, ...]:
    """Its status; besides "edited" and, where only a part of it was removed, "removed"."""
    found = [state.status]
    if edited:
        found.append("edited")
    if state.removed_at and state.status != "removed":
        found.append("removed")
    return tuple(found)


def _micros(text: str) -> int:
    return microseconds(times.from_text(text))
