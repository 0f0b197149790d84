"""The archive that X lets an account download: ``data/tweets.js`` and what stands beside it.

Each file is JSON behind ``window.YTD.tweets.part0 =``; older archives call it ``tweet.js``, large
ones come in parts. Read are posts, deleted posts, posts to communities, the full text of long
posts (``note-tweet.js``), direct messages, and the account's profile.

Keys are X's own ids; the profile's is ``profile``. X gives every edit of a post an id and an
address of its own, so each is a record of its own; `thread` names the first of them. Deleted posts
are removed by their author, at ``deleted_at``; X keeps only those of the last weeks. A repost's
words are those of others, as far as X shows them; of a quoted post it gives the address alone.
A long post is cut off in ``tweets.js``: its text is taken from the note of the same moment that
begins as it does, and `raw` is then both stretches of bytes, a line break between them. A note
that belongs to no post is a post by itself.

Other people's replies are not in the archive. In messages X names people by number; the account's
own carry its handle. All times are UTC. ``manifest.js`` says how many items each file holds: when
fewer or more are found, the file counts as damaged.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Kind, Rejected, Told
from ingest._export import Export
from ingest._json import Piece, array_items, object_of
from ingest._located import Inside, LocatedList
from ingest._places import Places
from ingest._shapes import table, text
from ingest._source import Item, Source, each, whose
from ingest._times import from_iso
from ingest.readers._x_messages import event
from ingest.readers._x_notes import Note, Notes
from ingest.readers._x_posts import Archive, post

_POSTS = re.compile(r"(?:^|/)(?:deleted-|community-)?tweets?(?:-part\d+)?\.js$")
_NOTES = re.compile(r"(?:^|/)(?:deleted-)?note-tweets?(?:-part\d+)?\.js$")
_MESSAGES = re.compile(r"(?:^|/)direct-messages?(?:-group)?(?:-part\d+)?\.js$")
_READ = (_POSTS, _NOTES, _MESSAGES)
_IN_CONVERSATIONS = Inside(frozenset(("dmConversation",)), frozenset(("messages",)))
_PROFILE = "profile.js"
_SMALL = 16 << 20


class XArchive:
    """Reads an X archive: zip or folder, or one of its files of posts or messages."""

    name = "x"
    version = 2

    def sniff(self, export: Export) -> bool:
        found = export.find(_is_read)
        return bool(found) and export.head(found[0]).lstrip().startswith(b"window.YTD.")

    def frame(self, source_file: str) -> tuple[bytes, bytes] | None:
        if _POSTS.search(source_file):
            return b"window.YTD.tweets.part0 = [", b"]"
        return None

    def read(self, export: Export, told: Told) -> Source:
        files = export.find(_is_read)
        if not files:
            raise SourceError(f"{export.path.name} holds no tweets.js")
        base = files[0].rpartition("/")[0] + "/" if "/" in files[0] else ""
        number, found = _account(export, base)
        known = whose(told, found)
        manifest = _manifest(export, base)
        archive = Archive(export, base, known, number)
        items = _items(archive, files, _counts(manifest, base))
        kinds: set[Kind] = set()
        if any(map(_POSTS.search, files)):
            kinds |= {"post", "comment", "share"}
        if any(map(_MESSAGES.search, files)):
            kinds.add("message")
        profile = (base + _PROFILE,) if base + _PROFILE in export else ()
        members = (*files, *profile)
        return Source("x", known, frozenset(kinds), members, items, _made_at(manifest))


def _is_read(name: str) -> bool:
    return any(pattern.search(name) for pattern in _READ)


def _account(export: Export, base: str) -> tuple[str, AccountName | None]:
    """The account's number and names; "" and None where the export does not hold them."""
    if base + "account.js" not in export:
        return "", None
    found = object_of(export.head(base + "account.js", _SMALL))
    try:
        account = found[0]["account"]
        handle = str(account["username"])
    except (LookupError, TypeError) as error:
        raise SourceError("account.js does not say whose archive it is") from error
    name = AccountName(handle, text(account, "accountDisplayName"), f"https://x.com/{handle}")
    return text(account, "accountId"), name


def _manifest(export: Export, base: str) -> Mapping[str, Any]:
    """What manifest.js says; {} when there is none."""
    if base + "manifest.js" not in export:
        return {}
    found = object_of(export.head(base + "manifest.js", _SMALL))
    return found if isinstance(found, dict) else {}


def _made_at(manifest: Mapping[str, Any]) -> datetime | None:
    return from_iso(table(manifest, "archiveInfo").get("generationDate"))


def _counts(manifest: Mapping[str, Any], base: str) -> dict[str, int]:
    """How many items the manifest promises per file that is read."""
    counts = {}
    try:
        for kind in manifest.get("dataTypes", {}).values():
            for file in kind.get("files", ()):
                name = base + str(file["fileName"]).removeprefix("data/")
                if _is_read(name):
                    counts[name] = int(file["count"])
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise SourceError("manifest.js is not what it should be") from error
    return counts


def _items(archive: Archive, files: list[str], counts: Mapping[str, int]) -> Iterator[Item]:
    for name in sorted(name for name, count in counts.items() if count and name not in files):
        yield Rejected(
            f"the manifest promises {counts[name]} items, the file is missing", b"", name
        )
    if archive.base + _PROFILE in archive.export:
        yield from _profile(archive, archive.base + _PROFILE)
    with Notes() as notes:
        for file in filter(_NOTES.search, files):
            yield from _notes(archive, notes, file, counts)
        for file in filter(_POSTS.search, files):
            make = partial(post, archive, notes, file)
            yield from each(_pieces(archive.export, file, counts), file, make)
        for note in notes.left():
            yield _note_alone(archive, note)
    places = Places()
    for file in filter(_MESSAGES.search, files):
        yield from _messages(archive, file, counts, places)


def _pieces(
    export: Export, file: str, counts: Mapping[str, int], inside: Inside | None = None
) -> Iterator[Piece]:
    """The items of a file, and one with an error when the manifest promises another number."""
    found = 0
    with export.open(file) as stream:
        for piece in array_items(stream, limit=export.limits.item, inside=inside):
            found += 1
            yield piece
    if found != counts.get(file, found):
        yield Piece(
            b"", error=f"the manifest promises {counts[file]} items, the file holds {found}"
        )


def _notes(
    archive: Archive, notes: Notes, file: str, counts: Mapping[str, int]
) -> Iterator[Rejected]:
    for piece in _pieces(archive.export, file, counts):
        reason = piece.error or notes.keep(piece.value, piece.raw, file)
        if reason:
            yield Rejected(reason, piece.raw, file)


def _note_alone(archive: Archive, note: Note) -> Capture:
    return Capture(
        native_id=note.native_id,
        kind="post",
        raw=note.raw,
        text=note.text,
        author_name=archive.account.name,
        author_handle=archive.account.handle,
        occurred_at=note.occurred_at,
        visibility="public",
        state="removed" if "deleted-" in note.file.rpartition("/")[2] else "live",
        removed_by="author" if "deleted-" in note.file.rpartition("/")[2] else "",
        source_file=note.file,
    )


def _messages(
    archive: Archive, file: str, counts: Mapping[str, int], places: Places
) -> Iterator[Item]:
    for piece in _pieces(archive.export, file, counts, _IN_CONVERSATIONS):
        conversation = table(piece.value, "dmConversation") if isinstance(piece.value, dict) else {}
        name = text(conversation, "conversationId")
        messages = conversation.get("messages")
        if piece.error or not name or not isinstance(messages, list):
            yield Rejected(piece.error or "it is no conversation", piece.raw, file)
            continue
        elements = messages.elements() if isinstance(messages, LocatedList) else ()
        found = (Piece(raw, value) for raw, value in elements)
        yield from each(found, file, partial(event, archive, file, name, places))


def _profile(archive: Archive, file: str) -> Iterator[Item]:
    def make(value: Any, raw: bytes) -> Capture:
        profile = value["profile"]
        about = table(profile, "description")
        pictures = (text(profile, "avatarMediaUrl"), text(profile, "headerMediaUrl"))
        website = text(about, "website")
        return Capture(
            native_id="profile",
            kind="profile",
            raw=raw,
            text=text(about, "bio"),
            title=archive.account.name,
            author_name=archive.account.name,
            author_handle=archive.account.handle,
            url=archive.account.url,
            visibility="public",
            location=text(about, "location"),
            attachments=(
                *(archive.profile_picture(url) for url in pictures if url),
                *((Attachment(url=website, link=True),) if website else ()),
            ),
            source_file=file,
        )

    with archive.export.open(file) as stream:
        yield from each(array_items(stream, limit=archive.export.limits.item), file, make)
