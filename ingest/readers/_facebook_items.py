"""The items of a Facebook download: posts, comments, photos, and lists of labelled values."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from ingest._capture import AccountName, Attachment, Capture, PollOption, Shared
from ingest._export import Export
from ingest._json import Piece
from ingest._located import Located, located
from ingest._places import Places
from ingest._shapes import number, table, tables, text
from ingest._source import Item, each
from ingest._times import from_seconds
from ingest.readers._facebook_lists import Found, ListOf
from ingest.readers._meta import coordinates, labelled, medium, place_of, said

_NOT_POSTS = ("album-photo", "photo", "video")


class Maker:
    """Makes the captures of one list."""

    def __init__(self, export: Export, found: Found, account: AccountName, places: Places) -> None:
        self._export = export
        self._of: ListOf = found.of
        self._file = found.at.file
        self._account = account
        self._places = places

    def make(self, item: Any, raw: bytes) -> Capture:
        if "label_values" in item:
            capture = self._labelled(item, raw)
        elif self._of.what in _NOT_POSTS:
            capture = self._photo(item, raw)
        elif self._of.kind == "comment":
            capture = self._comment(item, raw)
        else:
            capture = self._post(item, raw)
        return capture

    def with_comments(self, piece: Piece) -> Iterator[Item]:
        """An item, and the comments under the pictures and films inside it, once each."""
        root = located(piece.raw)
        found = list(_commented(root))
        raw = root.without(one for _, comments in found for one in comments)
        above = ""
        for item in each((Piece(raw, piece.value),), self._file, self.make):
            above = item.native_id if isinstance(item, Capture) else ""
            yield item
        for name, comments in found:
            met: Counter[object] = Counter()
            for one in comments:
                stamp = one.get("timestamp")
                key = f"photo-comment:{name}:{stamp}:{met[stamp]}"
                met[stamp] += 1
                if not self._places.take(key):
                    made = partial(self._under, key, above)
                    yield from each((Piece(one.raw, one),), self._file, made)

    def _under(self, key: str, above: str, item: Mapping[str, Any], raw: bytes) -> Capture:
        _, posted = _when(item.get("timestamp"))
        return replace(
            self._said_by(item),
            native_id=key,
            raw=raw,
            parent=above,
            thread=above,
            occurred_at=posted,
        )

    def _post(self, item: Mapping[str, Any], raw: bytes) -> Capture:
        stamp, posted = _when(item.get("timestamp"))
        rows = tables(item, "data")
        hanging = [one for group in tables(item, "attachments") for one in tables(group, "data")]
        words = [said(row, "post") for row in rows if "post" in row]
        mine = not self._of.others
        return Capture(
            native_id=self._places.key(self._of.what, stamp),
            kind="post",
            raw=raw,
            text="\n\n".join(filter(None, words)),
            title=said(item, "title"),
            author_name=(self._account.name or self._account.handle) if mine else "",
            author_handle=self._account.handle if mine else "",
            occurred_at=posted,
            edited_at=_edited(rows, posted),
            state="pending" if self._of.pending else "live",
            status=self._of.status,
            source_file=self._file,
            notes=_backdated(rows),
            **self._hanging(hanging),
        )

    def _comment(self, item: Mapping[str, Any], raw: bytes) -> Capture:
        stamp, posted = _when(item.get("timestamp"))
        rows = tables(item, "data")
        said_in = (table(row, "comment") for row in rows)
        comment: Mapping[str, Any] = next(filter(None, said_in), {})
        hanging = [one for group in tables(item, "attachments") for one in tables(group, "data")]
        return replace(
            self._said_by(comment),
            native_id=self._places.key(self._of.what, stamp),
            raw=raw,
            title=said(item, "title"),
            occurred_at=posted,
            edited_at=_edited(rows, posted),
            **self._hanging(hanging),
        )

    def _said_by(self, comment: Mapping[str, Any]) -> Capture:
        """A comment's words and author; the rest of the capture is still to be filled in."""
        author = said(comment, "author")
        mine = bool(author) and author == self._account.name
        return Capture(
            native_id="",
            kind="comment",
            raw=b"",
            text=said(comment, "comment"),
            author_name=author,
            author_handle=self._account.handle if mine else "",
            url=text(comment, "url"),
            source_file=self._file,
        )

    def _photo(self, item: Mapping[str, Any], raw: bytes) -> Capture:
        stamp, posted = _when(item.get("creation_timestamp"))
        words = said(item, "description")
        picture = replace(medium(item, "media", self._export, self._file), alt="")
        return Capture(
            native_id=self._places.key(self._of.what, stamp),
            kind="post",
            raw=raw,
            text=words,
            title=said(item, "title"),
            author_name=self._account.name or self._account.handle,
            author_handle=self._account.handle,
            occurred_at=posted,
            location=place_of(item),
            attachments=(picture,),
            source_file=self._file,
        )

    def _labelled(self, item: Mapping[str, Any], raw: bytes) -> Capture:
        stamp, posted = _when(item.get("timestamp"))
        labels = dict(labelled(item))
        words = next((said(labels[one], "value") for one in _WORDS if one in labels), None)
        if words is None:
            found = ((label, said(one, "value")) for label, one in labelled(item))
            words = "\n".join(f"{label}: {value}" for label, value in found if value)
        edited = from_seconds(number(labels.get("Last modified", {}), "timestamp_value"))
        native_id, own = text(item, "fbid"), self._of.what != "edit"
        media = [
            *tables(item, "media"),
            *(m for one in labels.values() for m in tables(one, "media")),
        ]
        where = (said(labels[one], "value") for one in _WHERE if one in labels)
        links = (text(one, "href") for one in labels.values())
        return Capture(
            native_id=native_id if native_id and own else self._places.key(self._of.what, stamp),
            kind=self._of.kind,
            raw=raw,
            text=words,
            title=said(item, "title"),
            author_name=self._account.name or self._account.handle,
            author_handle=self._account.handle,
            thread="" if own else native_id,
            occurred_at=posted,
            edited_at=edited if edited is not None and edited > posted else None,
            location=", ".join(filter(None, where)),
            status="" if own else "a text that an edit replaced or made",
            attachments=(
                *(medium(one, "media", self._export, self._file) for one in media),
                *(Attachment(type="link", url=url, link=True) for url in links if url),
            ),
            source_file=self._file,
        )

    def _hanging(self, hanging: list[Mapping[str, Any]]) -> dict[str, Any]:
        """What hangs on a post or comment, as fields of its capture."""
        attachments: list[Attachment] = []
        shared: Shared | None = None
        where: list[str] = []
        poll: tuple[PollOption, ...] = ()
        for one in hanging:
            for kind, value in one.items():
                if isinstance(value, str):
                    attachments.append(Attachment(name=said(one, kind), type=kind, link=True))
                elif not isinstance(value, dict):
                    continue
                elif kind == "place":
                    where.append(_place(value))
                elif kind == "poll":
                    attachments.append(
                        Attachment(name=said(value, "question"), type=kind, link=True)
                    )
                    poll = tuple(PollOption(said(o, "option")) for o in tables(value, "options"))
                elif text(value, "uri"):
                    attachments.append(medium(value, kind, self._export, self._file))
                else:
                    found = _elsewhere(kind, value)
                    attachments.append(found)
                    where.append(_place(table(value, "place")))
                    if kind == "external_context" and shared is None:
                        shared = Shared(text=found.name, url=found.url)
        places = dict.fromkeys(filter(None, where))
        return {
            "attachments": tuple(attachments),
            "shared": shared,
            "location": "; ".join(places),
            "poll": poll,
        }


def _commented(root: Any) -> Iterator[tuple[str, list[Located]]]:
    """The media inside an item that have comments: a medium's file name, and its comments."""
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            below = [said for said in tables(one, "comments") if isinstance(said, Located)]
            name = text(one, "uri").rpartition("/")[2]
            if below and name:
                yield name, below
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)


_WORDS = ("Message", "Text", "Comment")
_WHERE = ("Place name", "Name", "Address", "Coordinates")


def _when(stamp: object) -> tuple[int, datetime]:
    moment = from_seconds(stamp)
    if not isinstance(stamp, int) or moment is None:
        raise ValueError("it has no timestamp")
    return stamp, moment


def _edited(rows: list[Mapping[str, Any]], posted: datetime) -> datetime | None:
    changed = [from_seconds(row["update_timestamp"]) for row in rows if "update_timestamp" in row]
    edited = max((moment for moment in changed if moment is not None), default=None)
    return edited if edited is not None and edited > posted else None


def _backdated(rows: list[Mapping[str, Any]]) -> tuple[str, ...]:
    stamps = (from_seconds(row.get("backdated_timestamp")) for row in rows)
    return tuple(f"its author dated it back to {one:%Y-%m-%dT%H:%M:%SZ}" for one in stamps if one)


def _elsewhere(kind: str, value: Mapping[str, Any]) -> Attachment:
    """A link, an event, a thing for sale: what has no bytes in the export."""
    return Attachment(
        name=said(value, "title") or said(value, "name"),
        type=kind,
        alt=said(value, "description") or said(value, "text"),
        url=text(value, "url"),
        link=True,
    )


def _place(value: Mapping[str, Any]) -> str:
    """A place by its name and address, else by where it is."""
    named = ", ".join(filter(None, (said(value, "name"), said(value, "address"))))
    return named or coordinates(table(value, "coordinate"))
