"""The posts of X: one object of ``tweets.js`` and its like."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest._capture import AccountName, Attachment, Capture, Kind, PollOption, Shared
from ingest._export import Export
from ingest._ids import disagreement, x_time
from ingest._shapes import name_or_number, number, table, tables, text, texts
from ingest._times import from_tweet
from ingest.readers._x_notes import Notes

_FOLDERS = (
    "tweets_media",
    "tweet_media",
    "deleted_tweets_media",
    "community_tweet_media",
    "direct_messages_media",
    "direct_messages_group_media",
)
_REPOST = re.compile(r"RT @(\w+): ")
_STATUS = re.compile(r"https?://(?:mobile\.)?(?:twitter|x)\.com/(\w+)/status/(\d+)")
_COUNTS = (("favorite_count", "favorite"), ("retweet_count", "retweet"))
_CHOICES = 4


@dataclass(frozen=True, slots=True)
class Archive:
    """An opened archive: `base` is the folder of its files, `number` the account's own."""

    export: Export
    base: str
    account: AccountName
    number: str

    def member(self, *names: str) -> str:
        """Where a picture or film stands in the archive, known by one of these names."""
        for folder in _FOLDERS:
            for name in names:
                if f"{self.base}{folder}/{name}" in self.export:
                    return f"{self.base}{folder}/{name}"
        return ""

    def profile_picture(self, url: str) -> Attachment:
        """A picture of the profile; the archive names it after the account's number."""
        name = url.rpartition("/")[2]
        stem = f"{self.base}profile_media/{self.number}-{name}"
        found = (end for end in ("", ".jpg", ".png") if stem + end in self.export)
        end = next(found, None)
        return Attachment(name=name, url=url, member="" if end is None else stem + end)


def post(archive: Archive, notes: Notes, file: str, value: Any, raw: bytes) -> Capture:
    """The capture of a post, its long text in place of the one that was cut off."""
    tweet = value["tweet"]
    if not isinstance(tweet, dict):
        raise ValueError("it is no tweet")
    native_id = text(tweet, "id_str") or name_or_number(tweet, "id")
    if not native_id:
        raise ValueError("it has no id")
    posted = from_tweet(tweet.get("created_at"))
    words = html.unescape(text(tweet, "full_text") or text(tweet, "text"))
    note = notes.take(words, posted)
    if note is not None:
        words, raw = note.text, raw + b"\n" + note.raw
    reposted = _REPOST.match(words)
    entities = table(tweet, "entities")
    shared = (
        _reposted(tweet, entities, reposted[1], words[reposted.end() :])
        if reposted
        else _quoted(tweet, entities)
    )
    parent = text(tweet, "in_reply_to_status_id_str") or name_or_number(
        tweet, "in_reply_to_status_id"
    )
    kind: Kind = "comment" if parent else "share" if reposted else "post"
    first, edited = _first_version(tweet, native_id)
    deleted = from_tweet(tweet.get("deleted_at"))
    gone = deleted is not None or "deleted-" in file.rpartition("/")[2]
    handle = archive.account.handle
    return Capture(
        native_id=native_id,
        kind=kind,
        raw=raw,
        text="" if reposted else words,
        author_name=archive.account.name,
        author_handle=handle,
        url=f"https://x.com/{handle}/status/{native_id}",
        parent=parent or (shared.native_id if shared is not None and reposted else ""),
        thread=first,
        occurred_at=posted,
        edited_at=posted if edited else None,
        removed_at=deleted,
        language=text(tweet, "lang"),
        visibility="public",
        state="removed" if gone else "live",
        removed_by="author" if gone else "",
        attachments=_attachments(archive, tweet, native_id),
        source_file=file,
        shared=shared,
        poll=_poll(tweet) if "card" in tweet else (),
        location=text(table(tweet, "place"), "full_name") if "place" in tweet else "",
        reactions=_reactions(tweet),
        notes=disagreement(x_time(native_id), posted),
    )


def _first_version(tweet: Mapping[str, Any], native_id: str) -> tuple[str, bool]:
    """The first of a post's versions, "" where there is but one, and whether this is a later."""
    info = table(tweet, "edit_info")
    if not info:
        return "", False
    later = table(info, "edit")
    known = later.get("editControlInitial") if later else info.get("initial")
    ids = texts(known, "editTweetIds") if isinstance(known, dict) else []
    first = text(later, "initialTweetId") or (ids[0] if ids else "")
    if len(ids) < 2 and first in ("", native_id):
        return "", False
    return first, first != native_id


def _reposted(
    tweet: Mapping[str, Any], entities: Mapping[str, Any], handle: str, words: str
) -> Shared:
    original = table(tweet, "retweeted_status")
    user = table(original, "user")
    mentions = tables(entities, "user_mentions")
    named = (one for one in mentions if text(one, "screen_name").lower() == handle.lower())
    native_id = text(original, "id_str")
    full = html.unescape(text(original, "full_text") or text(original, "text"))
    return Shared(
        text=full or words,
        author_name=text(user, "name") or text(next(named, {}), "name"),
        author_handle=handle,
        url=f"https://x.com/{handle}/status/{native_id}" if native_id else "",
        native_id=native_id,
        occurred_at=from_tweet(original.get("created_at")),
    )


def _quoted(tweet: Mapping[str, Any], entities: Mapping[str, Any]) -> Shared | None:
    """The quoted post: by its own member, else by the last link, when that leads to a post."""
    original = table(tweet, "quoted_status")
    url = text(table(tweet, "quoted_status_permalink"), "expanded")
    links = entities.get("urls")
    if not url and isinstance(links, list) and links and isinstance(links[-1], dict):
        url = text(links[-1], "expanded_url")
    found = _STATUS.match(url) if url else None
    native_id = text(tweet, "quoted_status_id_str") or (found[2] if found else "")
    if not native_id:
        return None
    user = table(original, "user")
    return Shared(
        text=html.unescape(text(original, "full_text") or text(original, "text")),
        author_name=text(user, "name"),
        author_handle=text(user, "screen_name") or (found[1] if found else ""),
        url=url if found else "",
        native_id=native_id,
        occurred_at=from_tweet(original.get("created_at")),
    )


def _poll(tweet: Mapping[str, Any]) -> tuple[PollOption, ...]:
    """The choices of a poll's card; other cards repeat a link that the post holds."""
    card = table(tweet, "card")
    values = table(card, "binding_values")
    if not text(card, "name").startswith("poll"):
        return ()
    found = []
    for place in range(1, _CHOICES + 1):
        label = text(table(values, f"choice{place}_label"), "string_value")
        if label:
            votes = number(table(values, f"choice{place}_count"), "string_value")
            found.append(PollOption(label, votes))
    return tuple(found)


def _reactions(tweet: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (name, count) for key, name in _COUNTS if (count := number(tweet, key)) is not None
    )


def _attachments(
    archive: Archive, tweet: Mapping[str, Any], native_id: str
) -> tuple[Attachment, ...]:
    media = table(tweet, "extended_entities").get("media")
    if media is None:
        media = table(tweet, "entities").get("media")
    if not isinstance(media, list):
        return ()
    found = (_attachment(archive, one, native_id) for one in media if isinstance(one, dict))
    return tuple(found)


def _attachment(archive: Archive, one: Mapping[str, Any], native_id: str) -> Attachment:
    shown = text(one, "media_url_https") or text(one, "media_url")
    films = list(_films(one))
    urls = [*films, shown]
    names = [url.rpartition("/")[2].partition("?")[0] for url in urls]
    member = archive.member(*(f"{native_id}-{name}" for name in names))
    return Attachment(
        name=member.rpartition("-")[2] if member else names[0],
        type=text(one, "type"),
        alt=text(one, "ext_alt_text"),
        url=urls[0],
        member=member,
    )


def _films(one: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of a film, the best first; what is no film has none."""
    found = tables(table(one, "video_info"), "variants") if "video_info" in one else []
    films = [kind for kind in found if text(kind, "content_type") == "video/mp4"]
    films.sort(key=lambda kind: number(kind, "bitrate") or 0, reverse=True)
    yield from (text(kind, "url") for kind in films if text(kind, "url"))
