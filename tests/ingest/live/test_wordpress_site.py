"""WordPress, against a real one on loopback."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.live import Outcome
from tests import wordpress
from tests.ingest.live.watching import Watching
from tests.wordpress import Site

LATER = 301.0


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with wordpress.running() as address:
        yield address


@pytest.fixture
def site(served: str) -> Site:
    return Site.new(served)


@pytest.fixture
def city(watching: Watching, site: Site) -> Watching:
    """The site, watched by a token, under a clock that starts with its own."""
    watching.clock.now = datetime.now(UTC)
    watching.tokens = {"library": site.token}
    watching.add("wordpress", site.address.removeprefix("http://"), site.address)
    return watching


def poll(watching: Watching) -> Outcome:
    [outcome] = asyncio.run(watching.capture().once())
    return outcome


def once(watching: Watching) -> None:
    outcome = poll(watching)
    assert outcome.trouble == "", outcome


def post(title: str, content: str, **more: Any) -> tuple[str, dict[str, Any]]:
    about = {"post_title": title, "post_content": content, "post_status": "publish", **more}
    return "wp_insert_post", about


def comment(on: int, content: str, approved: int | str = 1, **more: Any) -> tuple[str, Any]:
    about = {"comment_post_ID": on, "comment_author": "Ada", "comment_content": content}
    return "wp_insert_comment", {**about, "comment_approved": approved, **more}


def test_posts_and_comments_of_every_status_are_captured(city: Watching, site: Site) -> None:
    [road] = site.call(post("Road closure — Main St 🚧", "<p>Détour</p>"))
    [asked, *_] = site.call(
        comment(road, "When does it reopen?"),
        comment(road, "awaiting moderation", 0),
        comment(road, "buy pills", "spam"),
        comment(road, "abusive words", "trash"),
        comment(road, "[…] seen elsewhere […]", comment_type="pingback"),
        post("Contact", "by post", post_type="page"),
        post("Next week", "not yet", post_status="draft"),
    )
    site.call(comment(road, "Friday", comment_parent=asked))
    once(city)
    assert city.texts() == {
        "Détour": "live",
        "When does it reopen?": "live",
        "awaiting moderation": "pending",
        "buy pills": "removed",
        "abusive words": "removed",
        "[…] seen elsewhere […]": "live",
        "by post": "live",
        "not yet": "pending",
        "Friday": "live",
    }
    reply = city.room.newest(city.record("Friday"))
    assert reply.get("parent") == f"{road}#comment-{asked}"
    assert city.room.newest(city.record("Détour")).get("author/name") == "clerk"
    assert city.entries("capture.rejected") == []
    before = len(city.entries("record.captured", "record.edited"))
    once(city)
    assert len(city.entries("record.captured", "record.edited")) == before


def test_edits_and_changes_of_status_become_versions(city: Watching, site: Site) -> None:
    [road] = site.call(post("Road", "closed"))
    first, second, third = site.call(
        comment(road, "when?"), comment(road, "nonsense"), comment(road, "please approve", 0)
    )
    once(city)
    site.call(
        ("wp_update_post", {"ID": road, "post_content": "open"}),
        ("wp_update_comment", {"comment_ID": first, "comment_content": "when, please?"}),
        ("wp_trash_comment", second),
        ("wp_set_comment_status", third, "approve"),
    )
    city.clock.advance(minutes=10)
    once(city)
    texts = {
        (city.text(one), city.room.newest(one).get("status")): one for one in city.room.records()
    }
    assert {key: one.status for key, one in texts.items()} == {
        ("open", "publish"): "live",
        ("open", "revision"): "live",
        ("when, please?", "approved"): "live",
        ("nonsense", "trash"): "removed",
        ("please approve", "approved"): "live",
    }
    assert city.versions(texts["open", "publish"]) == ["closed", "open"]
    assert city.versions(texts["when, please?", "approved"]) == ["when?", "when, please?"]
    site.call(("wp_untrash_comment", second))
    city.clock.advance(minutes=10)
    once(city)
    assert city.texts()["nonsense"] == "live"
    assert city.entries("record.vanished") == []


def test_a_post_takes_its_comments_to_the_trash(city: Watching, site: Site) -> None:
    [road] = site.call(post("Road", "closed"))
    site.call(comment(road, "when?"))
    once(city)
    site.call(("wp_trash_post", road))
    city.clock.advance(minutes=10)
    once(city)
    found = {city.room.newest(one).get("status"): one.status for one in city.room.records()}
    assert found == {"trash": "removed", "post-trashed": "removed", "revision": "live"}


def test_what_is_deleted_for_good_has_vanished(city: Watching, site: Site) -> None:
    road, other = site.call(post("Road", "closed"), post("Other", "typed by mistake"))
    [gone, *_] = site.call(comment(road, "deleted for good"), comment(road, "stays"))
    once(city)
    site.call(("wp_delete_comment", gone, True), ("wp_delete_post", other, True))
    city.clock.advance(hours=2)
    once(city)
    assert city.entries("record.vanished") == []
    city.clock.advance(seconds=LATER)
    once(city)
    assert city.texts() == {
        "closed": "live",
        "typed by mistake": "vanished",
        "deleted for good": "vanished",
        "stays": "live",
    }
    evidence = [city.sealed(one) for one in city.entries("record.vanished")]
    assert {one.bytes_of("look/1/raw") for one in evidence} == {
        b'{"code":"rest_post_invalid_id","message":"Invalid post ID.","data":{"status":404}}',
        b'{"code":"rest_comment_invalid_id","message":"Invalid comment ID.","data":{"status":404}}',
    }


def test_without_a_token_what_is_hidden_has_not_vanished(watching: Watching, site: Site) -> None:
    watching.clock.now = datetime.now(UTC)
    watching.add("wordpress", "city", site.address, secret="")
    [road] = site.call(post("Road", "closed"))
    held, gone, _ = site.call(
        comment(road, "to be held"), comment(road, "to be deleted"), comment(road, "unseen", 0)
    )
    once(watching)
    site.call(("wp_set_comment_status", held, "hold"), ("wp_delete_comment", gone, True))
    for _ in range(2):
        watching.clock.advance(seconds=LATER)
        once(watching)
    assert watching.texts() == {"closed": "live", "to be held": "live", "to be deleted": "vanished"}


def test_a_wrong_password_is_said_with_what_to_do(city: Watching, site: Site) -> None:
    city.tokens = {"library": "clerk:a-wrong-secret"}
    outcome = poll(city)
    assert "401" in outcome.trouble
    assert "application password" in outcome.hint
    assert "wrong-secret" not in str(outcome)
    city.tokens = {"library": site.token}
    once(city)
    password = site.token.partition(":")[2]
    assert password.encode() not in (city.room.archive.folder / "archive.db").read_bytes()


def test_plain_addresses_do_as_well(city: Watching, site: Site) -> None:
    site.call(("update_option", "permalink_structure", ""), post("Road", "closed"))
    once(city)
    assert city.texts() == {"closed": "live"}
