"""A Facebook Page by the Graph API, against recorded answers."""

import asyncio
import json

import pytest

from tests.ingest.live.following import Following
from tests.ingest.live.graph import ASKED_TOO_MUCH, EXPIRED, Page, comment, post
from tests.ingest.live.server import Recorded, Told
from tests.ingest.live.test_mastodon import once, poll
from tests.ingest.live.watching import TOKEN, Watching

FEED = "/7/feed"


@pytest.fixture
def page(recorded: Recorded, watching: Watching) -> Page:
    watching.add("facebook-page", "7", recorded.base)
    return Page(recorded)


def test_posts_and_comments_of_every_page_are_captured_once(
    recorded: Recorded, watching: Watching
) -> None:
    watching.add("facebook-page", "7", recorded.base)
    page = Page(recorded, per_page=2)
    replies = [comment(15, 30 + number, f"comment {number}") for number in range(5)]
    replies[3]["parent"] = {"id": replies[0]["id"]}
    page.shows(*(post(number, f"post {number}") for number in range(15, 10, -1)), of_15=replies)
    once(watching)
    once(watching)
    said = {*(f"post {number}" for number in range(11, 16)), *(f"comment {n}" for n in range(5))}
    assert watching.texts() == dict.fromkeys(said, "live")
    assert len(watching.entries("record.captured")) == 10
    assert watching.entries("record.edited", "capture.rejected") == []
    parents = [watching.room.newest(watching.record(f"comment {n}")).get("parent") for n in (0, 3)]
    assert parents == ["7_15", "15_30"]
    assert TOKEN.encode() not in (watching.room.archive.folder / "archive.db").read_bytes()


def test_edits_and_hiding_that_are_seen_are_versions(page: Page, watching: Watching) -> None:
    page.shows(post(11, "Open today"), of_11=[comment(11, 2, "first"), comment(11, 3, "rude")])
    once(watching)
    page.shows(
        post(11, "Closed today"),
        of_11=[comment(11, 2, "second"), comment(11, 3, "rude", is_hidden=True)],
    )
    once(watching)
    assert watching.texts() == {"Closed today": "live", "second": "live", "rude": "removed"}
    page.shows(post(11, "Closed today"), of_11=[comment(11, 2, "second"), comment(11, 3, "rude")])
    once(watching)
    assert watching.texts()["rude"] == "live"
    assert watching.versions(watching.record("second")) == ["first", "second"]


@pytest.mark.parametrize("days", [0, 90])
def test_a_picture_whose_address_is_signed_anew_is_no_edit(
    page: Page, watching: Watching, days: int
) -> None:
    watching.clock.advance(days=days)
    for signed in ("oe=60F1D543", "oe=70000000"):
        source = f"http://127.0.0.1:1/p.jpg?{signed}"
        hanging = {"type": "photo", "media": {"image": {"src": source}}}
        page.shows(post(11, "Look"), of_11=[comment(11, 2, "like this", attachment=hanging)])
        once(watching)
    assert watching.entries("record.edited") == []


def test_a_comment_that_is_gone_vanishes_after_two_looks(page: Page, watching: Watching) -> None:
    replies = [comment(11, 2, "there"), comment(11, 3, "stays")]
    page.shows(post(11, "Open"), of_11=replies)
    once(watching)
    page.shows(post(11, "Open"), of_11=replies[1:])
    once(watching)
    watching.clock.advance(seconds=301)
    once(watching)
    assert watching.texts() == {"Open": "live", "there": "vanished", "stays": "live"}
    [vanished] = watching.entries("record.vanished")
    told = watching.sealed(vanished)
    assert told.get("look/1/status") == "400"
    said = told.bytes_of("look/1/raw") or b""
    assert json.loads(said)["error"]["error_subcode"] == 33


def test_an_expired_token_is_told_with_what_to_do(
    page: Page, recorded: Recorded, watching: Watching
) -> None:
    page.shows(post(11, "Open"))
    recorded.first(FEED, Told(EXPIRED, 400))
    outcome = poll(watching)
    assert "Session has expired" in outcome.trouble
    assert "new Page token" in outcome.hint
    assert TOKEN not in str(outcome) + "".join(watching.said)


USED = {"X-App-Usage": '{"call_count":95,"total_time":10,"total_cputime":10}'}
REGAINED = {"X-Business-Use-Case-Usage": '{"7":[{"estimated_time_to_regain_access":11}]}'}


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (Told(ASKED_TOO_MUCH, 400), 300.5),
        (Told(ASKED_TOO_MUCH, 400, REGAINED), 660.5),
        (Told({"data": [post(11, "Open")]}, 200, USED), 300.0),
        (Told({"error": {"code": 2, "message": "down"}}, 500), 1.0),
        (Told(b"<html>", 502), 1.0),
    ],
)
def test_limits_and_failures_are_waited_for(
    page: Page, recorded: Recorded, watching: Watching, answer: Told, wait: float
) -> None:
    page.shows(post(11, "Open"), of_11=[])
    recorded.first(FEED, answer, answer)

    async def follow() -> list[float]:
        async with Following(watching) as running:
            await running.time.asleep(2)
            return running.time.slept

    assert wait in asyncio.run(follow())
    assert watching.entries("record.vanished") == []
