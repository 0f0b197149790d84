"""The download that Facebook lets an account make, as JSON: posts and comments.

Facebook writes the bytes of UTF-8 as if they were Latin-1 characters; a text is repaired when the
whole of it turns back into UTF-8, and stays as it is when it does not.

There are no ids. An item's key is ``kind:timestamp:place``: what it is, when it was made (seconds
since 1970), and its place, counted from 0, among the items of that kind made in the same second, in
the order of the file. It stays the same under an edit; when one of several items of the same second
goes, those after it move up. What hangs on a post is in its attachments. Nothing is said about
removals, and of a comment's post only the localised title.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Kind, Told
from ingest._export import Export
from ingest._json import array_items, object_of
from ingest._source import Item, Source, each, whose
from ingest._times import from_seconds

_POSTS = re.compile(r"(?:^|/)your_posts(?:__check_ins__photos_and_videos)?(?:_\d+)?\.json$")
_COMMENTS = re.compile(r"(?:^|/)comments\.json$")
_PROFILE = "profile_information/profile_information.json"
_PREFIXES = ("", "your_facebook_activity/")
_SMALL = 16 << 20


class FacebookDownload:
    """Reads a Facebook download in JSON: zip or folder, or one of its files."""

    name = "facebook"
    version = 1

    def sniff(self, export: Export) -> bool:
        return any(_key(export, name) is not None for name in export.find(_is_known))

    def frame(self, source_file: str) -> None:
        """None: the keys are places."""

    def read(self, export: Export, told: Told) -> Source:
        files = [name for name in export.find(_is_known) if _key(export, name) is not None]
        if not files:
            raise SourceError(
                f"{export.path.name} holds neither posts nor comments in JSON",
                hint="ask Facebook for the download in JSON, not in HTML",
            )
        known = whose(told, _profile(export))
        kinds: frozenset[Kind] = frozenset(map(_kind, files))
        items = _items(export, files, known)
        return Source("facebook", known, kinds, tuple(files), items)


def repaired(text: str) -> str:
    """UTF-8 that was taken for Latin-1, put right; any other text as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _is_known(name: str) -> bool:
    return bool(_POSTS.search(name) or _COMMENTS.search(name))


def _kind(name: str) -> Kind:
    return "post" if _POSTS.search(name) else "comment"


def _key(export: Export, name: str) -> str | None:
    """The key of the list in a file, "" for a list at the root; None when it is none of ours."""
    head = export.head(name).lstrip(b"\xef\xbb\xbf \t\r\n")
    if _kind(name) == "comment":
        return "comments_v2" if b'"comments_v2"' in head else None
    return "" if head.startswith(b"[") else None


def _profile(export: Export) -> AccountName | None:
    name = export.find_file(_PROFILE)
    if name is None:
        return None
    found = object_of(export.head(name, _SMALL))
    profile = found.get("profile_v2") if isinstance(found, dict) else None
    if not isinstance(profile, dict):
        return None
    shown = profile.get("name")
    full = _text(shown, "full_name") if isinstance(shown, dict) else ""
    url = _text(profile, "profile_uri")
    handle = _text(profile, "username") or url.rstrip("/").rpartition("/")[2] or full
    return AccountName(handle, full, url) if handle else None


def _items(export: Export, files: list[str], account: AccountName) -> Iterator[Item]:
    places: Counter[tuple[Kind, int]] = Counter()
    for file in files:
        make = partial(_item, _kind(file), places, export, file, account)
        with export.open(file) as stream:
            key = _key(export, file) or ""
            yield from each(array_items(stream, key, limit=export.limits.item), file, make)


def _item(
    kind: Kind,
    places: Counter[tuple[Kind, int]],
    export: Export,
    file: str,
    account: AccountName,
    item: Any,
    raw: bytes,
) -> Capture:
    stamp = item.get("timestamp")
    occurred = from_seconds(stamp)
    if not isinstance(stamp, int) or occurred is None:
        raise ValueError("it has no timestamp")
    place = places[kind, stamp]
    places[kind, stamp] += 1
    rows = [row for row in _list(item.get("data")) if isinstance(row, dict)]
    comments = (row["comment"] for row in rows if isinstance(row.get("comment"), dict))
    said: Mapping[str, Any] = next(comments, {})
    mine = kind == "post"
    changed = [from_seconds(row["update_timestamp"]) for row in rows if "update_timestamp" in row]
    edited = max((moment for moment in changed if moment is not None), default=None)
    return Capture(
        native_id=f"{kind}:{stamp}:{place}",
        kind=kind,
        raw=raw,
        text="\n\n".join(filter(None, (_text(row, "post") for row in rows)))
        if mine
        else _text(said, "comment"),
        title=_text(item, "title"),
        author_name=(account.name or account.handle) if mine else _text(said, "author"),
        author_handle=account.handle if mine else "",
        occurred_at=occurred,
        edited_at=edited if edited is not None and edited > occurred else None,
        attachments=tuple(_attachments(item, export)),
        source_file=file,
    )


def _attachments(item: Mapping[str, Any], export: Export) -> Iterator[Attachment]:
    for group in _list(item.get("attachments")):
        for one in _list(group.get("data")) if isinstance(group, dict) else ():
            if isinstance(one, dict):
                yield from _hanging(one, export)


def _hanging(one: Mapping[str, Any], export: Export) -> Iterator[Attachment]:
    for kind, value in one.items():
        if isinstance(value, str):
            yield Attachment(name=repaired(value), type=kind)
        elif isinstance(value, dict):
            uri = _text(value, "uri")
            members = (prefix + uri for prefix in _PREFIXES)
            yield Attachment(
                name=_text(value, "title") or _text(value, "name"),
                type=kind,
                alt=_text(value, "description") or _text(value, "address"),
                url=uri or _text(value, "url"),
                member=next((name for name in members if uri and name in export), ""),
            )


def _text(of: Mapping[str, Any], key: str) -> str:
    value = of.get(key)
    return repaired(value) if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
