"""The archive that X lets an account download: ``data/tweets.js``, ``data/deleted-tweets.js``.

Each file is JSON behind ``window.YTD.tweets.part0 =``; older archives call it ``tweet.js``, large
ones come in parts. X gives every edit of a post an id and an address of its own, so each is a
record of its own; `thread` names the first of them. Deleted posts are removed by their author,
at ``deleted_at``; X keeps only those of the last weeks. ``manifest.js`` says how many items each
file holds: when fewer or more are found, the file counts as damaged.
"""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Kind, Rejected, Told
from ingest._export import Export
from ingest._json import array_items, object_of
from ingest._source import Item, Source, each, whose
from ingest._times import from_iso, from_tweet

_TWEETS = re.compile(r"(?:^|/)(?:deleted-)?tweets?(?:-part\d+)?\.js$")
_SMALL = 16 << 20


class XArchive:
    """Reads an X archive: zip or folder, or one of its tweet files."""

    name = "x"
    version = 1

    def sniff(self, export: Export) -> bool:
        found = export.find(_is_tweets)
        return bool(found) and export.head(found[0]).lstrip().startswith(b"window.YTD.")

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b"window.YTD.tweets.part0 = [", b"]"

    def read(self, export: Export, told: Told) -> Source:
        files = export.find(_is_tweets)
        if not files:
            raise SourceError(f"{export.path.name} holds no tweets.js")
        base = files[0].rpartition("/")[0] + "/" if "/" in files[0] else ""
        known = whose(told, _account(export, base))
        manifest = _manifest(export, base)
        counts = _counts(manifest, base)
        missing = sorted(name for name, count in counts.items() if count and name not in files)
        items = _items(export, files, counts, missing, base, known)
        kinds: frozenset[Kind] = frozenset(("post", "comment", "share"))
        return Source("x", known, kinds, tuple(files), items, _made_at(manifest))


def _is_tweets(name: str) -> bool:
    return _TWEETS.search(name) is not None


def _account(export: Export, base: str) -> AccountName | None:
    if base + "account.js" not in export:
        return None
    found = object_of(export.head(base + "account.js", _SMALL))
    try:
        account = found[0]["account"]
        handle = str(account["username"])
        return AccountName(
            handle, str(account.get("accountDisplayName", "")), f"https://x.com/{handle}"
        )
    except (LookupError, TypeError) as error:
        raise SourceError("account.js does not say whose archive it is") from error


def _manifest(export: Export, base: str) -> Mapping[str, Any]:
    """What manifest.js says; {} when there is none."""
    if base + "manifest.js" not in export:
        return {}
    found = object_of(export.head(base + "manifest.js", _SMALL))
    return found if isinstance(found, dict) else {}


def _made_at(manifest: Mapping[str, Any]) -> datetime | None:
    info = manifest.get("archiveInfo")
    return from_iso(info.get("generationDate")) if isinstance(info, dict) else None


def _counts(manifest: Mapping[str, Any], base: str) -> dict[str, int]:
    """How many items the manifest promises per tweet file."""
    counts = {}
    try:
        for kind in manifest.get("dataTypes", {}).values():
            for file in kind.get("files", ()):
                name = base + str(file["fileName"]).removeprefix("data/")
                if _is_tweets(name):
                    counts[name] = int(file["count"])
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise SourceError("manifest.js is not what it should be") from error
    return counts


def _items(
    export: Export,
    files: list[str],
    counts: Mapping[str, int],
    missing: list[str],
    base: str,
    account: AccountName,
) -> Iterator[Item]:
    for name in missing:
        yield Rejected(
            f"the manifest promises {counts[name]} items, the file is missing", b"", name
        )
    for file in files:
        found = 0
        make = partial(_tweet, export, file, base, account)
        with export.open(file) as stream:
            for item in each(array_items(stream, limit=export.limits.item), file, make):
                found += 1
                yield item
        if found != counts.get(file, found):
            reason = f"the manifest promises {counts[file]} items, the file holds {found}"
            yield Rejected(reason, b"", file)


def _tweet(
    export: Export, file: str, base: str, account: AccountName, item: Any, raw: bytes
) -> Capture:
    tweet = item.get("tweet")
    if not isinstance(tweet, dict):
        raise ValueError("it is no tweet")
    native_id = _text(tweet, "id_str") or _text(tweet, "id")
    if not native_id:
        raise ValueError("it has no id")
    parent = _text(tweet, "in_reply_to_status_id_str")
    text = html.unescape(_text(tweet, "full_text") or _text(tweet, "text"))
    kind: Kind = "comment" if parent else "share" if text.startswith("RT @") else "post"
    first = _first_version(tweet)
    edited = first not in ("", native_id)
    posted = from_tweet(tweet.get("created_at"))
    deleted = from_tweet(tweet.get("deleted_at"))
    gone = deleted is not None or "deleted-" in file.rpartition("/")[2]
    return Capture(
        native_id=native_id,
        kind=kind,
        raw=raw,
        text=text,
        author_name=account.name,
        author_handle=account.handle,
        url=f"https://x.com/{account.handle}/status/{native_id}",
        parent=parent,
        thread=first if edited else "",
        occurred_at=posted,
        edited_at=posted if edited else None,
        removed_at=deleted,
        language=_text(tweet, "lang"),
        visibility="public",
        state="removed" if gone else "live",
        attachments=tuple(_attachments(tweet, native_id, export, base)),
        source_file=file,
    )


def _first_version(tweet: Mapping[str, Any]) -> str:
    info = tweet.get("edit_info")
    edit = info.get("edit") if isinstance(info, dict) else None
    return _text(edit, "initialTweetId") if isinstance(edit, dict) else ""


def _attachments(
    tweet: Mapping[str, Any], native_id: str, export: Export, base: str
) -> Iterator[Attachment]:
    entities = tweet.get("extended_entities") or tweet.get("entities")
    media = entities.get("media") if isinstance(entities, dict) else None
    for one in media if isinstance(media, list) else ():
        if not isinstance(one, dict):
            continue
        url = _text(one, "media_url_https") or _text(one, "media_url")
        name = f"{native_id}-{url.rpartition('/')[2]}"
        folders = (f"{base}tweets_media/", f"{base}tweet_media/", f"{base}deleted_tweets_media/")
        member = next((folder + name for folder in folders if folder + name in export), "")
        yield Attachment(
            name=url.rpartition("/")[2], type=_text(one, "type"), url=url, member=member
        )


def _text(of: Mapping[str, Any], key: str) -> str:
    value = of.get(key)
    return value if isinstance(value, str) else ""
