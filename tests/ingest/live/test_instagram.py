"""An Instagram account by the Graph API, against recorded answers."""

from typing import Any

import pytest

from tests.ingest.live.graph import EXPIRED, GONE
from tests.ingest.live.server import Recorded, Told
from tests.ingest.live.test_mastodon import once, poll
from tests.ingest.live.watching import TOKEN, Watching

ME = {"instagram_business_account": {"id": "17", "username": "library"}}


def item(number: str, second: int = 0, **fields: Any) -> dict[str, Any]:
    at = f"2026-02-20T12:00:{second:02}+0000"
    return {"id": number, "timestamp": at, "username": "library", **fields}


def medium(number: str, caption: str, comments: int, signed: str = "a") -> dict[str, Any]:
    link = {"permalink": f"https://www.instagram.com/p/{number}/", "media_type": "IMAGE"}
    url = f"http://127.0.0.1:1/p.jpg?oe={signed}"
    return item(
        number, int(number), caption=caption, comments_count=comments, media_url=url, **link
    )


def comment(number: str, words: str, *replies: dict[str, Any], **fields: Any) -> dict[str, Any]:
    below = {"replies": {"data": list(replies)}} if replies else {}
    return item(number, text=words, hidden=False, **fields) | below


class Account:
    """Media and the comments below the newest one."""

    def __init__(self, server: Recorded) -> None:
        self._server = server
        server.token = TOKEN
        server.answer("/me", ME)
        server.answer("/17", {"id": "17"})

    def shows(self, media: list[dict[str, Any]], comments: list[dict[str, Any]]) -> None:
        nexts = {"cursors": {"after": "2"}, "next": f"https://x.ex/?access_token={TOKEN}"}
        pages = [{"data": media[:1], "paging": nexts}, {"data": media[1:]}]
        self._server.pages("/17/media", pages, "after", lambda index: "2" if index else "")
        for one in media:
            self._server.answer(f"/{one['id']}/comments", {"data": []})
            self._server.answer(f"/{one['id']}", one)
        self._server.answer(f"/{media[0]['id']}/comments", {"data": comments})


@pytest.fixture
def account(recorded: Recorded, watching: Watching) -> Account:
    watching.add("instagram", "library", recorded.base)
    return Account(recorded)


def test_media_comments_and_replies_are_captured_once(account: Account, watching: Watching) -> None:
    first = comment("101", "When?", comment("102", "At ten"))
    for signed in ("a", "b"):
        media = [medium("12", "Story time", 2, signed), medium("11", "Older", 0, signed)]
        account.shows(media, [first])
        once(watching)
    texts = ("Story time", "Older", "When?", "At ten")
    assert watching.texts() == dict.fromkeys(texts, "live")
    assert watching.entries("record.edited", "capture.rejected") == []
    reply = watching.room.newest(watching.record("At ten"))
    assert (reply.get("parent"), reply.get("thread")) == ("101", "12")
    assert watching.room.newest(watching.record("When?")).get("parent") == "12"
    assert TOKEN.encode() not in (watching.room.archive.folder / "archive.db").read_bytes()


def test_hiding_and_deletion_are_seen(
    account: Account, recorded: Recorded, watching: Watching
) -> None:
    media = [medium("12", "Story time", 2)]
    account.shows(media, [comment("101", "rude"), comment("102", "gone")])
    recorded.answer("/101", comment("101", "rude"))
    once(watching)
    account.shows(media, [{**comment("101", "rude"), "hidden": True}])
    recorded.answer("/102", GONE, 400)
    once(watching)
    watching.clock.advance(seconds=301)
    once(watching)
    assert watching.texts() == {"Story time": "live", "rude": "removed", "gone": "vanished"}


def test_troubles_are_said(account: Account, recorded: Recorded, watching: Watching) -> None:
    account.shows([medium("12", "Story time", 0)], [])
    for answer, said in (
        (Told(EXPIRED, 400), "Session has expired"),
        (Told({"error": {"code": 4, "message": "limit"}}, 400), "error 4"),
        (Told(b"", 502), "502"),
    ):
        recorded.first("/17/media", answer)
        assert said in poll(watching).trouble
    recorded.answer("/me", {"id": "1"})
    outcome = poll(watching)
    assert "not that of the Page" in outcome.trouble
    assert "instagram_manage_comments" in outcome.hint
