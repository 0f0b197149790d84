"""The items of an account that are looked at again: recent ones, and not too many."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import or_

from archive import Parts, Reader, Record, records, times
from archive.records import record_table
from ingest._capture import Attachment, Capture
from ingest.live._platform import Known

WINDOW = timedelta(days=30)
MOST = 500


class Recent:
    """Items by their native ids, and when each was seen last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: dict[str, Known] = {}
        self._seen: dict[str, datetime] = {}

    def __len__(self) -> int:
        return len(self._known)

    def add(self, known: Known, now: datetime | None) -> None:
        """Take note of an item, seen now or at an unknown time; the oldest one gives way."""
        self._known[known.native_id] = known
        if now is not None:
            self._seen[known.native_id] = now
        if len(self._known) > self._most:
            oldest = min(self._known.values(), key=lambda one: (one.at is not None, one.at))
            self.forget(oldest.native_id)

    def get(self, native_id: str) -> Known | None:
        """The item of an id, when it is one of these."""
        return self._known.get(native_id)

    def forget(self, native_id: str) -> None:
        """Forget an item."""
        self._known.pop(native_id, None)
        self._seen.pop(native_id, None)

    def looked(self, native_id: str, now: datetime) -> None:
        """Take note of a look at an item."""
        self._seen[native_id] = now

    def unseen(self, since: datetime) -> list[str]:
        """Those not seen since a moment, the longest ago first. What is too old is forgotten."""
        for known in list(self._known.values()):
            if known.at is not None and since - known.at > WINDOW:
                self.forget(known.native_id)
        never = [one for one in self._known if one not in self._seen]
        before = [one for one, seen in self._seen.items() if seen <= since]
        return never + sorted(before, key=self._seen.__getitem__)


def recent(reader: Reader, account: str, now: datetime, most: int = MOST) -> Iterator[Capture]:
    """The newest items of an account that are there by the archive, oldest first, as their
    archived parts tell.
    """
    column = record_table.c
    since = times.to_text(now - WINDOW)
    where = (
        (column.account == account)
        & column.status.in_(("live", "pending"))
        & (column.captured_at >= since)
        & or_(column.occurred_at.is_(None), column.occurred_at >= since)
        & column.disposed_at.is_(None)
    )
    order = [column.captured_at.desc(), column.id.desc()]
    found = []
    for record in records.matching(reader, where, order):
        found.append(record)
        if len(found) == most:
            break
    yield from _items(reader, reversed(found))


def archived(reader: Reader, account: str, wanted: Callable[[Capture], bool]) -> Iterator[Capture]:
    """The items of an account that are there by the archive and that a test accepts."""
    column = record_table.c
    where = (column.account == account) & column.status.in_(("live", "pending"))
    for item in _items(reader, records.stream(reader, where)):
        if wanted(item):
            yield item


def _items(reader: Reader, found: Iterable[Record]) -> Iterator[Capture]:
    entries = (reader.entry(record.last_seq) for record in found)
    for entry, parts in reader.open(entries, restricted=True):
        if parts is not None:
            yield _item(str(entry.data["kind"]), parts)


def _item(kind: str, parts: Parts) -> Capture:
    return Capture(
        native_id=parts.get("native_id") or "",
        kind=kind,  # type: ignore[arg-type]  # it was one when it was captured
        raw=parts.bytes_of("raw") or b"",
        text=parts.text("text"),
        title=parts.text("title"),
        author_name=parts.get("author/name") or "",
        author_handle=parts.get("author/handle") or "",
        url=parts.get("url") or "",
        parent=parts.get("parent") or "",
        thread=parts.get("thread") or "",
        occurred_at=_moment(parts, "occurred_at"),
        edited_at=_moment(parts, "edited_at"),
        visibility=parts.get("visibility") or "unknown",  # type: ignore[arg-type]  # as kind
        revision=parts.get("revision") or "",
        source_file=parts.get("source_file") or "",
        attachments=tuple(_attachments(parts)),
    )


def _moment(parts: Parts, name: str) -> datetime | None:
    told = parts.get(name)
    return times.from_text(told) if told else None


def _attachments(parts: Parts) -> Iterator[Attachment]:
    index = 0
    while any(name.startswith(f"attachment/{index}/") for name in parts.singles):
        place = f"attachment/{index}/"
        yield Attachment(
            name=parts.get(place + "name") or "",
            url=parts.get(place + "url") or "",
            blob=parts.get(place + "blob") or "",
        )
        index += 1
