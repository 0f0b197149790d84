"""Feeds: asked for by conditional requests, and what leaves them before its time looked at."""

import asyncio

from ingest.live import Outcome
from tests.ingest.live.server import Asked, Recorded, Told
from tests.ingest.live.watching import Watching

LATER = 301.0


def feed(*items: tuple[str, int], base: str = "") -> bytes:
    """An RSS feed with items of some days of March."""
    shown = "".join(
        f"<item><title>{name}</title><link>{base}/{name}</link><guid>{name}</guid>"
        f"<pubDate>{day:02} Mar 2026 10:00:00 GMT</pubDate><description>About {name}</description>"
        "</item>"
        for name, day in items
    )
    return (
        f"<rss version='2.0'><channel><title>News</title><link>{base}</link>{shown}</channel></rss>"
    ).encode()


def poll(watching: Watching) -> Outcome:
    [outcome] = asyncio.run(watching.capture().once())
    return outcome


def watch(watching: Watching, recorded: Recorded) -> None:
    watching.add("feed", "news", f"{recorded.base}/feed.xml", secret="")


def test_only_what_changed_is_asked_for_again(watching: Watching, recorded: Recorded) -> None:
    watch(watching, recorded)
    modified = "Mon, 02 Mar 2026 10:00:00 GMT"
    body = feed(("one", 1))

    def answer(asked: Asked) -> Told:
        if asked.headers.get("if-none-match") == '"a"':
            assert asked.headers["if-modified-since"] == modified
            return Told(b"", 304)
        return Told(body, headers={"ETag": '"a"', "Last-Modified": modified})

    recorded.answer_by("/feed.xml", answer)
    assert poll(watching).trouble == ""
    assert watching.texts() == {"About one": "live"}
    before = len(watching.entries())
    assert poll(watching).trouble == ""
    assert [one.headers.get("if-none-match") for one in recorded.asked] == [None, '"a"']
    assert len(watching.entries("record.captured", "record.edited")) == 1
    assert len(watching.entries()) <= before + 1


def test_an_edit_is_a_version_and_what_scrolls_out_is_not_missing(
    watching: Watching, recorded: Recorded
) -> None:
    watch(watching, recorded)
    recorded.answer("/feed.xml", feed(("one", 1), ("two", 2), base=recorded.base))
    poll(watching)
    changed = feed(("two", 2), ("three", 3), base=recorded.base).replace(b"About two", b"More")
    recorded.answer("/feed.xml", changed)
    watching.clock.advance(hours=2)
    recorded.answer("/one", b"there")
    recorded.answer("/two", b"there")
    poll(watching)
    assert watching.texts() == {"About one": "live", "More": "live", "About three": "live"}
    assert watching.versions(watching.record("More")) == ["About two", "More"]


def test_what_leaves_a_feed_before_older_items_is_looked_at_twice(
    watching: Watching, recorded: Recorded
) -> None:
    watch(watching, recorded)
    recorded.answer("/feed.xml", feed(("one", 1), ("two", 2), base=recorded.base))
    poll(watching)
    recorded.answer("/feed.xml", feed(("one", 1), ("three", 3), base=recorded.base))
    recorded.answer("/one", b"there")
    recorded.delete("/two", 410, b"Gone")
    poll(watching)
    assert watching.texts()["About two"] == "live"
    watching.clock.advance(seconds=LATER)
    poll(watching)
    assert watching.texts()["About two"] == "vanished"
    [vanished] = watching.entries("record.vanished")
    assert "410" in str(watching.sealed(vanished).singles)


def test_what_is_no_feed_is_said(watching: Watching, recorded: Recorded) -> None:
    watch(watching, recorded)
    recorded.answer("/feed.xml", b"<html>Down for maintenance</html>")
    assert "no feed" in poll(watching).trouble
    assert watching.entries("record.captured") == []
