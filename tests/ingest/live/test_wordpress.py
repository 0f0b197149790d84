"""WordPress, by recorded answers: pages, limits, passwords, outages, deletions."""

import asyncio
import json
from base64 import b64encode
from typing import Any

import pytest

from ingest.live import Outcome
from tests.ingest.conftest import SAMPLES
from tests.ingest.live.following import Following
from tests.ingest.live.server import Asked, Recorded, Told
from tests.ingest.live.watching import Watching

PASSWORD = "abcd efgh ijkl mnop"
LATER = 301.0
API = "/wp-json/wp/v2/"
EDITOR = {"edit_others_posts": True, "edit_others_pages": True, "moderate_comments": True}
NO_COMMENT = {"code": "rest_comment_invalid_id", "message": "Invalid comment ID."}
NO_CONTEXT = {"code": "rest_forbidden_context", "message": "Sorry, you are not allowed."}
LOCAL = SAMPLES / "wordpress/local-6.1.9"


def comment(number: int, text: str, second: int = 0, status: str = "approved") -> dict[str, Any]:
    at = f"2026-03-01T12:00:{second:02}"
    return {
        "id": number,
        "post": 4,
        "parent": 0,
        "author_name": "Ada",
        "date": at,
        "date_gmt": at,
        "content": {"rendered": f"<p>{text}</p>\n"},
        "link": f"https://city.example/road/#comment-{number}",
        "status": status,
    }


class Site:
    """A site whose comments a test sets; its posts and pages are none."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        self.comments: list[dict[str, Any]] = []
        self.size = 100
        recorded.answer("/wp-json/", {"namespaces": ["wp/v2"]})
        recorded.answer(f"{API}users/me", {"capabilities": EDITOR})
        recorded.answer(f"{API}posts", [])
        recorded.answer(f"{API}pages", [])
        recorded.answer_by(f"{API}comments", self.answer)

    def show(self, *comments: dict[str, Any]) -> None:
        self.comments = list(comments)
        for one in comments:
            self.recorded.answer(f"{API}comments/{one['id']}", one)

    def answer(self, asked: Asked) -> Told:
        wanted = asked.params.get("status", "approve")
        status = "approved" if wanted == "approve" else wanted
        found = [one for one in self.comments if status in ("any", one["status"])]
        found = [one for one in found if one["date"] > asked.params.get("after", "")]
        posts = asked.params.get("post", "").split(",")
        found = [one for one in found if posts == [""] or str(one["post"]) in posts]
        found.sort(
            key=lambda one: (one["date"], one["id"]), reverse=asked.params["order"] == "desc"
        )
        page, pages = int(asked.params["page"]), -(-len(found) // self.size)
        shown = found[(page - 1) * self.size : page * self.size]
        return Told(shown, headers={"X-WP-TotalPages": str(pages)})


@pytest.fixture
def site(recorded: Recorded) -> Site:
    return Site(recorded)


@pytest.fixture
def city(watching: Watching, site: Site) -> Watching:
    watching.tokens = {"library": f"archive:{PASSWORD}"}
    watching.add("wordpress", "city.example", site.recorded.base)
    return watching


def poll(watching: Watching) -> Outcome:
    [outcome] = asyncio.run(watching.capture().once())
    return outcome


def once(watching: Watching) -> None:
    outcome = poll(watching)
    assert outcome.trouble == "", outcome


def test_every_page_is_read_and_a_poll_goes_on_where_the_last_one_ended(
    city: Watching, site: Site
) -> None:
    site.size = 3
    site.show(*(comment(number, f"number {number}", number // 4) for number in range(1, 11)))
    once(city)
    assert set(city.texts()) == {f"number {number}" for number in range(1, 11)}
    before = len(city.entries("record.captured", "record.edited"))
    site.recorded.asked.clear()
    site.show(*site.comments, comment(11, "number 11", 30))
    once(city)
    assert len(city.entries("record.captured", "record.edited")) == before + 1
    upwards = [one.params for one in site.recorded.asked if one.params.get("status") == "any"]
    assert min(one["after"] for one in upwards).startswith("2026-01-30")


def test_saved_answers_and_live_ones_are_the_same_records_and_versions(
    city: Watching, site: Site
) -> None:
    files = {
        f"{API}posts": "posts.json",
        f"{API}posts/4/revisions": "revisions_post.json",
    }
    for path, name in files.items():
        site.recorded.answer(path, (LOCAL / name).read_bytes())
    site.recorded.answer(f"{API}posts/6/revisions", [])
    comments = [f"comments_{one}.json" for one in ("approve", "hold", "spam", "trash")]
    for name in comments:
        site.show(*site.comments, *json.loads((LOCAL / name).read_bytes()))
    for name in (*files.values(), *comments):
        city.room.take(LOCAL / name, account="city.example")
    before = [(one.id, one.versions) for one in city.room.records()]
    once(city)
    assert [(one.id, one.versions) for one in city.room.records()] == before
    assert set(files) < set(site.recorded.paths())
    assert city.entries("capture.rejected") == []


def test_the_token_is_a_user_and_a_password(city: Watching, site: Site) -> None:
    site.show(comment(7, "hello"))
    once(city)
    basic = "Basic " + b64encode(f"archive:{PASSWORD}".encode()).decode()
    assert {one.headers.get("authorization") for one in site.recorded.asked} == {basic}
    city.tokens = {"library": "no-colon"}
    assert "is not USER:PASSWORD" in poll(city).trouble


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"code": "rest_not_logged_in", "message": "You are not currently logged in."}),
        (200, {"capabilities": {**EDITOR, "moderate_comments": False}}),
    ],
)
def test_a_token_of_nobody_or_no_editor_is_refused(
    city: Watching, site: Site, status: int, body: object
) -> None:
    site.recorded.answer(f"{API}users/me", body, status)
    outcome = poll(city)
    assert "You are not currently" in outcome.trouble or "is no editor" in outcome.trouble
    assert "application password" in outcome.hint
    assert city.room.records() == []


def test_a_comment_that_is_gone_twice_has_vanished(city: Watching, site: Site) -> None:
    site.show(comment(7, "gone", 1), comment(8, "stays", 2))
    once(city)
    site.show(comment(8, "stays", 2))
    site.recorded.delete(f"{API}comments/7", body=NO_COMMENT)
    once(city)
    assert city.texts() == {"gone": "live", "stays": "live"}
    city.clock.advance(seconds=LATER)
    once(city)
    assert city.texts() == {"gone": "vanished", "stays": "live"}


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Told(b"<h1>Not found</h1>", 404), "answered 404"),
        (Told({"code": "rest_no_route", "message": "No route"}, 404), "No route"),
        (Told(b"oh no", 500), "answered 500"),
        (Told(NO_CONTEXT, 403), "you are not allowed"),
    ],
)
def test_what_is_not_said_of_the_comment_says_nothing_about_it(
    city: Watching, site: Site, trouble: Told, said: str
) -> None:
    site.show(comment(7, "there", 1), comment(8, "stays", 2))
    once(city)
    site.comments.pop(0)
    site.recorded.answer_by(f"{API}comments/7", lambda _: trouble)
    for _ in range(3):
        assert said in poll(city).trouble
        city.clock.advance(hours=1)
    assert city.texts() == {"there": "live", "stays": "live"}


def test_a_limit_is_kept_to(city: Watching, site: Site) -> None:
    site.recorded.first(f"{API}comments", Told(b"", 429, {"Retry-After": "120"}))
    site.show(comment(7, "hello"))
    assert "answered 429" in poll(city).trouble
    once(city)
    assert city.texts() == {"hello": "live"}


def test_what_is_no_wordpress_is_said(city: Watching, recorded: Recorded) -> None:
    recorded.answer("/wp-json/", b"<h1>Not found</h1>", 404)
    recorded.answer("/", b"<h1>Welcome</h1>")
    assert "no JSON" in poll(city).trouble
    recorded.answer("/", {"namespaces": []})
    assert "no interface of WordPress" in poll(city).trouble


def test_an_old_comment_of_a_thread_that_is_alive_is_read_again(city: Watching, site: Site) -> None:
    old = {**comment(7, "old"), "date": "2025-01-01T12:00:00", "date_gmt": "2025-01-01T12:00:00"}
    site.show(old, comment(8, "new", 2))
    once(city)
    site.show({**old, "content": {"rendered": "old, and edited"}}, comment(8, "new", 2))
    once(city)
    assert city.texts() == {"old, and edited": "live", "new": "live"}


def test_a_running_process_sees_edits_changes_of_status_and_deletions(
    city: Watching, site: Site
) -> None:
    site.show(comment(7, "first", 1), comment(8, "second", 2), comment(9, "third", 3))

    async def run() -> None:
        async with Following(city) as running:
            await running.until(lambda: len(city.texts()) == 3)
            site.show(comment(7, "first, edited", 1), comment(8, "second", 2, "trash"))
            site.recorded.delete(f"{API}comments/9", body=NO_COMMENT)
            for _ in range(3):
                await running.time.asleep(2)
                await running.time.advance(601)
            await running.until(lambda: "vanished" in city.texts().values())

    asyncio.run(run())
    assert city.texts() == {"first, edited": "live", "second": "removed", "third": "vanished"}
    assert [one.versions for one in city.room.records()] == [2, 2, 1]


def test_what_an_outage_cut_short_is_read_from_where_it_was(city: Watching, site: Site) -> None:
    site.size = 2
    site.show(*(comment(number, f"number {number}", number) for number in range(1, 7)))
    answered = site.recorded.answer_by
    answered(
        f"{API}comments",
        lambda asked: Told(b"", 500) if asked.params.get("after") else site.answer(asked),
    )
    assert "answered 500" in poll(city).trouble
    assert set(city.texts()) == {"number 1", "number 2"}
    answered(f"{API}comments", site.answer)
    once(city)
    assert len(city.texts()) == len(city.room.records()) == 6


def test_a_false_date_hides_nothing_that_comes_later(city: Watching, site: Site) -> None:
    future = {**comment(7, "from the future"), "date": "2099-01-01T00:00:00"}
    site.show(future)
    once(city)
    site.show(future, {**comment(8, "from now", 5), "post": 5})
    once(city)
    assert set(city.texts()) == {"from the future", "from now"}


def test_a_post_comes_with_its_picture_and_every_page_of_its_revisions(
    city: Watching, site: Site
) -> None:
    [first, *_] = json.loads((LOCAL / "posts.json").read_bytes())
    [revision] = json.loads((LOCAL / "revisions_post.json").read_bytes())
    picture = {"source_url": f"{site.recorded.base}/uploads/road.png", "mime_type": "image/png"}
    first |= {
        "_embedded": {"author": [{"name": "Clerk"}], "wp:featuredmedia": [picture]},
        "_links": {**first["_links"], "predecessor-version": [{"id": 902}]},
    }
    site.recorded.answer("/uploads/road.png", b"\x89PNG\r\n\x1a\n")
    site.recorded.answer(f"{API}posts", [first])
    site.recorded.answer_by(
        f"{API}posts/{first['id']}/revisions",
        lambda asked: Told(
            [{**revision, "id": 900 + int(asked.params["page"]), "parent": first["id"]}],
            headers={"X-WP-TotalPages": "2"},
        ),
    )
    once(city)
    told = {
        sealed.get("native_id"): sealed for sealed in map(city.room.newest, city.room.records())
    }
    assert set(told) == {"1", "1:revision-901", "1:revision-902"}
    assert told["1"].get("author/name") == "Clerk"
    assert told["1"].get("attachment/0/blob")
