"""Answers of Discourse's interface, as saved: topics, lists of posts, single posts, as JSON.

A topic is ``/t/NUMBER.json``; ``/posts.json`` lists the latest posts and ``/posts/NUMBER.json`` is
one. The forum is not named in them: --account is its host, and addresses are put together from it.
A post's key is ``topic/number``, as in its address, so that what it answers has a key as well where
only a number is given; the first post of a topic is a post, the others are comments, those of
private messages are messages. ``revision`` is the post's version; behind the first one
``updated_at`` is its edit. Text is that of ``raw`` where the answer has it, else of ``cooked``.

``deleted_at`` and ``deleted_by`` (shown to staff) are a removal, by the author or a moderator;
``user_deleted`` is the author's own. A hidden post is removed, with the reason that Discourse gives
it a number for; who flagged it is not said. Whispers and small actions keep that in ``status``.
Visibility is unknown except for private messages and unlisted topics: restricted categories are
not told apart. A topic that lists more posts than the file holds is reported.
"""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from archive import SourceError
from ingest._capture import (
    AccountName,
    Attachment,
    Capture,
    Kind,
    PollOption,
    Rejected,
    Remark,
    Remover,
    Told,
    Visibility,
)
from ingest._export import Export
from ingest._html import to_text
from ingest._json import array_items
from ingest._located import Inside, Located, located
from ingest._shapes import number, table, tables, text
from ingest._source import UNREADABLE, Item, Source, each, reason_of, whose
from ingest._times import from_iso

_HEAD = 64 * 1024
_SIGNS = (b'"cooked"', b'"post_number"', b'"topic_id"')
_LISTS = (b'"posts"', b'"latest_posts"')
_IN_ANSWER = Inside(frozenset(("post_stream",)), frozenset(("posts", "latest_posts")))
_LIKE = 2
_WHISPER = 4
_HIDDEN = {
    1: "flag threshold reached",
    2: "flag threshold reached again",
    3: "new user spam threshold reached",
    4: "flagged by a user of trust level 3",
    5: "spam header in its mail",
    6: "flagged by a user of trust level 4",
    7: "authentication result header in its mail",
    8: "imported as unlisted",
}
_TAG = re.compile(r"<(img|a)\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(src|href|alt|class)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_DECORATION = ("emoji", "avatar", "site-icon")


class DiscourseAnswers:
    """Reads topics and posts: one JSON file, or all those in a zip, tar or folder."""

    name = "discourse"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b'{"post_stream":{"posts":[', b"]}}"

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(f"{export.path.name} holds no topics or posts of Discourse")
        known = whose(told, None)
        return Source(
            "discourse",
            known,
            frozenset(("post", "comment", "message")),
            tuple(files),
            (item for file in files for item in _items(export, file, known)),
        )


def _files(export: Export) -> list[str]:
    found = export.find(lambda name: name.lower().endswith(".json"))
    return [name for name in found if _is_answer(export.head(name, _HEAD))]


def _is_answer(head: bytes) -> bool:
    return head.lstrip()[:1] in (b"{", b"[") and all(sign in head for sign in _SIGNS)


def _items(export: Export, file: str, account: AccountName) -> Iterator[Item]:
    limit = export.limits.item
    if export.size(file) > limit:
        yield Rejected(f"it is one answer of more than {limit} bytes", b"", file)
        return
    data = export.head(file, limit)
    try:
        value = located(data, _IN_ANSWER)
    except ValueError as error:
        yield from _pieces(data, file, account, str(error))
        return
    topic, posts = _posts(value)
    for post in posts:
        try:
            yield _capture(post, post.raw, topic, account, file)
        except UNREADABLE as error:
            yield Rejected(reason_of(error), post.raw, file)
    stream = table(topic, "post_stream").get("stream")
    listed = len(stream) if isinstance(stream, list) else len(posts)
    if listed > len(posts) or not topic:
        said = f"{listed} posts" if topic else "the latest posts of many topics"
        yield Remark(f"{file} is an answer about {said} and holds {len(posts)}", partial=True)


def _posts(value: Any) -> tuple[Mapping[str, Any], list[Located]]:
    """The topic, and its posts; no topic where posts come by themselves."""
    if isinstance(value, list):
        return {}, [one for one in value if isinstance(one, Located)]
    if "post_stream" in value:
        return value, _located(table(value, "post_stream"), "posts")
    if "latest_posts" in value:
        return {}, _located(value, "latest_posts")
    return {}, [value]


def _located(of: Mapping[str, Any], key: str) -> list[Located]:
    return [one for one in tables(of, key) if isinstance(one, Located)]


def _pieces(data: bytes, file: str, account: AccountName, reason: str) -> Iterator[Item]:
    """What can be made out of an answer that is damaged or cut short."""
    start = next((at for name in _LISTS if (at := data.find(name)) >= 0), -1)
    start = data.find(b"[", start) if start >= 0 else -1
    if start < 0:
        yield Rejected(reason, data, file)
        return

    def make(post: Any, raw: bytes) -> Capture:
        return _capture(post, raw, {}, account, file)

    yield from each(array_items(BytesIO(data[start:]), limit=len(data) + 1), file, make)


def _capture(
    post: Mapping[str, Any], raw: bytes, topic: Mapping[str, Any], account: AccountName, file: str
) -> Capture:
    place, about = number(post, "post_number"), number(post, "topic_id")
    if not place or not about:
        raise ValueError("it has no topic and number")
    version = number(post, "version") or 1
    removed, by, reason = _removal(post)
    visibility = _visibility(topic)
    answered = number(post, "reply_to_post_number") or 1
    slug = text(post, "topic_slug") or text(topic, "slug") or "-"
    cooked = text(post, "cooked")
    title = text(topic, "title") or text(post, "topic_title")
    edit = text(post, "edit_reason")
    return Capture(
        native_id=f"{about}/{place}",
        kind=_kind(place, visibility),
        raw=raw,
        text=text(post, "raw") or to_text(cooked),
        title=title if place == 1 else "",
        author_name=text(post, "name"),
        author_handle=text(post, "username"),
        url=f"https://{account.handle}/t/{slug}/{about}/{place}",
        parent="" if place == 1 else f"{about}/{answered}",
        thread=f"{about}/1",
        occurred_at=from_iso(post.get("created_at")),
        edited_at=from_iso(post.get("updated_at")) if version > 1 else None,
        removed_at=from_iso(post.get("deleted_at")),
        visibility=visibility,
        state="removed" if removed else "live",
        status=removed or _status(post),
        attachments=tuple(_attachments(cooked)),
        source_file=file,
        poll=tuple(
            PollOption(to_text(text(option, "html")), number(option, "votes"))
            for poll in tables(post, "polls")
            for option in tables(poll, "options")
        ),
        removed_by=by,
        removal_reason=reason,
        reactions=tuple(
            ("like", count)
            for one in tables(post, "actions_summary")
            if number(one, "id") == _LIKE and (count := number(one, "count"))
        ),
        revision=str(version),
        notes=(f"the reason given for the edit: {edit}",) if edit else (),
    )


def _kind(place: int, visibility: Visibility) -> Kind:
    if visibility == "direct":
        return "message"
    return "post" if place == 1 else "comment"


def _visibility(topic: Mapping[str, Any]) -> Visibility:
    if topic.get("archetype") == "private_message":
        return "direct"
    return "unlisted" if topic.get("visible") is False else "unknown"


def _removal(post: Mapping[str, Any]) -> tuple[str, Remover, str]:
    """How a post was removed ("" when it was not), by whom and why."""
    if post.get("user_deleted") is True:
        return "deleted", "author", ""
    if post.get("deleted_at"):
        by = table(post, "deleted_by")
        if not by:
            return "deleted", "", ""
        own = text(by, "username") == text(post, "username")
        return "deleted", "author" if own else "moderator", ""
    if post.get("hidden") is True:
        return "hidden", "", _HIDDEN.get(number(post, "hidden_reason_id") or 0, "")
    return "", "", ""


def _status(post: Mapping[str, Any]) -> str:
    return "whisper" if number(post, "post_type") == _WHISPER else text(post, "action_code")


def _attachments(cooked: str) -> Iterator[Attachment]:
    """The pictures and files of a post; not its emoji and avatars."""
    for tag in _TAG.finditer(cooked):
        picture = tag.group(1).lower() == "img"
        if not (picture or "attachment" in tag.group(2) or "&" in tag.group(2)):
            continue
        given = {
            name.lower(): to_text(double or single)
            for name, double, single in _ATTRIBUTE.findall(tag.group(2))
        }
        classes = given.get("class", "").split()
        wanted = (
            not any(one in _DECORATION for one in classes) if picture else "attachment" in classes
        )
        url = given.get("src" if picture else "href", "")
        if wanted and url:
            yield Attachment(name=url.rpartition("/")[2], alt=given.get("alt", ""), url=url)
