"""The data that LinkedIn lets a member download: tables of posts, comments and messages.

``Shares.csv`` (posts), ``InstantReposts.csv``, ``Comments.csv``, ``messages.csv`` and
``Profile.csv``, also with the member's number in their names. ``Comments.csv`` writes quotes behind
backslashes, the others twice. Times name no zone, except in messages; they are read as UTC and
marked. Some dates are blank.

The key of a post is the URN in its address. Comments have no ids: their key is the URN of what they
stand under, their time as it is written, and their place among equals; that of a message is its
conversation, time, sender and place among equals, that of a plain repost its address. An edit keeps
all of these. What was removed is absent. Of the values of Visibility, PUBLIC alone says what it
means. The download does not name the account.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Literal
from urllib.parse import unquote

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Kind, Shared, Told
from ingest._csv import header_of, names_of, rows, titled
from ingest._export import Export
from ingest._html import to_text
from ingest._places import Places
from ingest._source import Item, Source, whose
from ingest._times import from_gmt

What = Literal["share", "repost", "comment", "message", "profile"]

_URN = re.compile(r"urn:li:\w+:[\w-]+")
_KNOWN = frozenset(
    (
        *("date", "sharelink", "sharecommentary", "sharedurl", "mediaurl", "visibility"),
        *("link", "message", "conversation id", "conversation title", "from", "to", "subject"),
        *("sender profile url", "recipient profile urls", "content", "folder", "attachments"),
    )
)
_MOST = 200
_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """A table: what its rows are, and the columns that mark it, no others with `alone`."""

    what: What
    columns: frozenset[str]
    kind: Kind
    alone: bool = False


_FORMS = (
    Form("share", frozenset(("date", "sharelink", "sharecommentary")), "post"),
    Form("comment", frozenset(("date", "link", "message")), "comment"),
    Form("repost", frozenset(("date", "link")), "share", alone=True),
    Form("message", frozenset(("conversation id", "from", "date", "content")), "message"),
    Form("profile", frozenset(("first name", "last name", "headline", "summary")), "profile"),
)


class LinkedInDownload:
    """Reads a LinkedIn download: zip or folder, or one of its tables."""

    name = "linkedin"
    version = 1

    def sniff(self, export: Export) -> bool:
        return any(form.what != "repost" for form in _tables(export).values())

    def frame(self, source_file: str) -> None:
        return None

    def read(self, export: Export, told: Told) -> Source:
        forms = _tables(export)
        if not forms:
            raise SourceError(f"{export.path.name} holds neither Shares.csv nor Comments.csv")
        known = whose(told, None)
        name = known.name or _name(export, forms)
        known = AccountName(known.handle, name, known.url)
        kinds: set[Kind] = {form.kind for form in forms.values()} - {"profile"}
        if "post" in kinds:
            kinds.add("share")
        items = _items(export, forms, known)
        return Source("linkedin", known, frozenset(kinds), tuple(forms), items)


def _tables(export: Export) -> dict[str, Form]:
    found = {}
    for name in export.find(lambda name: name.lower().endswith(".csv"))[:_MOST]:
        names = frozenset(header_of(export.head(name)))
        for form in _FORMS:
            if form.columns == names or (form.columns < names and not form.alone):
                found[name] = form
                break
    return found


def _name(export: Export, forms: dict[str, Form]) -> str:
    """The member's name, as the profile says it."""
    for file, form in forms.items():
        if form.what == "profile":
            head, *found = rows(BytesIO(export.head(file, _HEAD)), limit=_HEAD)
            for row in found[:1]:
                cells = dict(zip(names_of(head.cells), row.cells, strict=False))
                return f"{cells.get('first name', '')} {cells.get('last name', '')}".strip()
    return ""


def _items(export: Export, forms: dict[str, Form], account: AccountName) -> Iterator[Item]:
    makers = {
        "share": _share,
        "repost": _repost,
        "comment": _comment,
        "message": _message,
        "profile": _profile,
    }
    places = Places()
    for file, form in forms.items():
        with export.open(file) as stream:
            escapes = form.what == "comment"
            found = rows(stream, limit=export.limits.item, escapes=escapes)
            make = partial(makers[form.what], account, file, places)
            known = _KNOWN if form.what != "profile" else frozenset()
            yield from titled(found, file, make, known)


def _share(
    account: AccountName, file: str, places: Places, row: dict[str, str], raw: bytes
) -> Capture:
    link, words = row["sharelink"], row["sharecommentary"]
    page, media = row.get("sharedurl", ""), row.get("mediaurl", "")
    native_id = _urn(link) or places.key("share", row["date"])
    return Capture(
        native_id=native_id,
        kind="post" if words else "share",
        raw=raw,
        text=words,
        author_name=account.name,
        author_handle=account.handle,
        url=link,
        occurred_at=from_gmt(row["date"]),
        naive=True,
        visibility="public" if row.get("visibility") == "PUBLIC" else "unknown",
        attachments=(
            *((Attachment(url=page, link=True),) if page else ()),
            *((Attachment(name=media.rpartition("/")[2], url=media),) if media else ()),
        ),
        source_file=file,
        shared=Shared(url=page) if page and not words else None,
    )


def _repost(
    account: AccountName, file: str, _places: Places, row: dict[str, str], raw: bytes
) -> Capture:
    urn = _urn(row["link"])
    if not urn:
        raise ValueError("it has no link")
    return Capture(
        native_id=f"repost:{urn}",
        kind="share",
        raw=raw,
        author_name=account.name,
        author_handle=account.handle,
        parent=urn,
        occurred_at=from_gmt(row["date"]),
        naive=True,
        source_file=file,
        shared=Shared(url=row["link"], native_id=urn),
    )


def _comment(
    account: AccountName, file: str, places: Places, row: dict[str, str], raw: bytes
) -> Capture:
    under = _urn(row["link"])
    return Capture(
        native_id=places.key(f"comment:{under}", row["date"]),
        kind="comment",
        raw=raw,
        text=row["message"],
        author_name=account.name,
        author_handle=account.handle,
        url=row["link"],
        parent=under,
        occurred_at=from_gmt(row["date"]),
        naive=True,
        source_file=file,
    )


def _message(
    _account: AccountName, file: str, places: Places, row: dict[str, str], raw: bytes
) -> Capture:
    thread, date, words = row["conversation id"], row["date"], row["content"]
    sender = row.get("sender profile url", "")
    return Capture(
        native_id=places.key(f"message:{thread}:{sender or row['from']}", date),
        kind="message",
        raw=raw,
        text=to_text(words) if words.startswith("<p") else words,
        title=row.get("subject", "") or row.get("conversation title", ""),
        author_name=row["from"],
        author_handle=sender.rpartition("/in/")[2].strip("/"),
        thread=thread,
        occurred_at=from_gmt(date.removesuffix(" UTC")),
        naive=not date.endswith("UTC"),
        visibility="direct",
        source_file=file,
    )


def _profile(
    account: AccountName, file: str, _places: Places, row: dict[str, str], raw: bytes
) -> Capture:
    return Capture(
        native_id="profile",
        kind="profile",
        raw=raw,
        text=row["summary"],
        title=row["headline"],
        author_name=account.name,
        author_handle=account.handle,
        location=row.get("geo location", ""),
        visibility="public",
        source_file=file,
    )


def _urn(link: str) -> str:
    """The URN in an address, else the address itself."""
    found = _URN.search(unquote(link))
    return found[0] if found else link
