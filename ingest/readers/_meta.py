"""What the downloads of Facebook, Instagram and Threads have in common.

Lists of items under a name of their own, or at the root; texts whose UTF-8 was taken for Latin-1;
media named by their path inside the download, which may have changed since or stand in another
part; newer lists whose items are `label_values`, named in the language of the account.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest._capture import Attachment
from ingest._export import Export
from ingest._json import Piece, array_items
from ingest._shapes import table, tables, text

SMALL = 16 << 20
"""The most bytes of a file that is read at once, such as a profile."""

_ACTIVITY = re.compile(r"^[^/]*activity[^/]*/")
_PAGE = re.compile(r"(?:^|/)(?:your|profile)_posts[^/]*\.html$")
_DIGITS = re.compile(r"(\d+)")
_BLANK = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in a file: under `key` ("" for the root) of the object that begins at `offset`."""

    file: str
    key: str = ""
    offset: int = 0


def listing(export: Export, file: str, keys: Iterable[str]) -> Listing | None:
    """The list in a file under one of `keys`, "" meaning the root; None when it holds none.

    Older downloads have one more object between: ``{"key": {"activity_log_data": […]}}``.
    """
    head = export.head(file)
    first = head.lstrip(_BLANK)[:1]
    for key in keys:
        if not key:
            if first == b"[":
                return Listing(file)
        elif first == b"{":
            found = re.search(rb'"%s"\s*:\s*([\[{])' % re.escape(key.encode()), head)
            if found and found.group(1) == b"[":
                return Listing(file, key)
            if found:
                return Listing(file, "activity_log_data", found.start(1))
    return None


def pieces(export: Export, of: Listing) -> Iterator[Piece]:
    """The items of a list."""
    with export.open(of.file) as stream:
        skipped = 0
        while skipped < of.offset and (data := stream.read(of.offset - skipped)):
            skipped += len(data)
        for piece in array_items(stream, of.key, limit=export.limits.item):
            if not (of.offset and piece.error and piece.raw.strip() == b"}"):
                yield piece


def is_html(export: Export, folder: str) -> bool:
    """Whether this is a download in HTML, its pages in `folder` or called after posts."""
    pages = (name for name in export.names if name.endswith(".html"))
    return any(folder in name or _PAGE.search(name) for name in pages)


def in_order(files: Iterable[str]) -> list[str]:
    """Files by name, ``…_10.json`` after ``…_9.json``."""
    return sorted(files, key=lambda name: [(part.zfill(9)) for part in _DIGITS.split(name)])


def repaired(words: str) -> str:
    """UTF-8 that was taken for Latin-1, put right; any other text as it is."""
    if words.isascii():
        return words
    try:
        return words.encode("latin-1").decode()
    except UnicodeError:
        return words


def said(of: Mapping[str, Any], key: str) -> str:
    """The text under `key`, put right; "" when there is none."""
    value = of.get(key)
    return repaired(value) if isinstance(value, str) else ""


def medium(of: Mapping[str, Any], kind: str, export: Export, file: str) -> Attachment:
    """A picture, film or sound that an item of `file` names by ``uri``."""
    uri = text(of, "uri")
    return Attachment(
        name=said(of, "title") or uri.rpartition("/")[2],
        type=kind,
        alt=said(of, "description"),
        url=uri,
        member=member(export, file, uri),
    )


def member(export: Export, file: str, uri: str) -> str:
    """Where the medium `uri` of an item of `file` stands in the export; "" when it does not.

    The path is looked for from every folder above the file, and without the folder
    ``your_…_activity`` that some downloads lack.
    """
    if not uri or "://" in uri:
        return ""
    bare = _ACTIVITY.sub("", uri)
    base = file
    while base:
        base = base.rstrip("/").rpartition("/")[0]
        base += "/" if base else ""
        for path in (uri, bare):
            if base + path in export:
                return base + path
    return ""


def place_of(of: Mapping[str, Any]) -> str:
    """``latitude, longitude`` of where a medium was made, where its metadata says so; else ""."""
    metadata = table(of, "media_metadata")
    for kind in ("photo_metadata", "video_metadata"):
        for exif in tables(table(metadata, kind), "exif_data"):
            place = coordinates(exif)
            if place:
                return place
    return ""


def coordinates(of: Mapping[str, Any]) -> str:
    """``latitude, longitude`` of an object that has both; else ""."""
    pair = of.get("latitude"), of.get("longitude")
    if not all(isinstance(one, int | float) for one in pair) or pair == (0, 0):
        return ""
    return f"{pair[0]}, {pair[1]}"


def labelled(item: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The `label_values` of an item by their labels, those inside others too."""
    for one in tables(item, "label_values"):
        yield said(one, "label") or said(one, "title"), one
        for inner in tables(one, "dict"):
            yield said(inner, "label") or said(inner, "title"), inner
