"""Mastodon, against a server on loopback."""

import asyncio
import json
from functools import partial

import httpx
import pytest

from ingest import Capture
from ingest.live import Calls, Outcome, Place
from ingest.live.platforms import _mastodon
from tests.ingest.live.conftest import Mastodon
from tests.ingest.live.following import Following
from tests.ingest.live.times import Hours
from tests.ingest.live.watching import HANDLE, TOKEN, Watching

LATER = 301.0


def once(watching: Watching) -> None:
    outcome = poll(watching)
    assert outcome.trouble == "", outcome


def poll(watching: Watching) -> Outcome:
    [outcome] = asyncio.run(watching.capture().once())
    return outcome


def test_a_poll_captures_posts_replies_and_every_version(
    library: Watching, mastodon: Mastodon
) -> None:
    post = mastodon.post("Open on Sunday")
    mastodon.reply("until when?", post)
    mastodon.edit(post, "Open on Sunday until 5")
    once(library)
    assert library.texts() == {
        "": "live",
        "Open on Sunday until 5": "live",
        "@library until when?": "live",
    }
    known = library.record("Open on Sunday until 5")
    assert library.versions(known) == ["Open on Sunday", "Open on Sunday until 5"]
    reply = library.room.newest(library.record("@library until when?"))
    assert reply.get("parent") == library.room.newest(known).get("native_id") == post["uri"]
    assert library.entries("capture.rejected") == []


def test_a_second_poll_adds_what_is_new_and_nothing_else(
    library: Watching, mastodon: Mastodon
) -> None:
    mastodon.post("one")
    once(library)
    before = len(library.entries("record.captured", "record.edited"))
    once(library)
    assert len(library.entries("record.captured", "record.edited")) == before
    mastodon.post("two")
    once(library)
    assert len(library.entries("record.captured", "record.edited")) == before + 1


def test_the_stream_brings_posts_replies_edits_and_deletions(
    library: Watching, mastodon: Mastodon
) -> None:
    old = mastodon.post("there before")

    async def follow() -> None:
        async with Following(library) as running:
            await running.until(lambda: "there before" in library.texts())
            await running.streaming()
            post = await asyncio.to_thread(mastodon.post, "as it happens")
            await asyncio.to_thread(mastodon.reply, "nonsense", post)
            await asyncio.to_thread(mastodon.edit, post, "as it happened")
            await asyncio.to_thread(mastodon.delete, old, mastodon.library)
            await running.until(lambda: library.texts().get("there before") == "removed")

    asyncio.run(follow())
    assert library.texts() == {
        "": "live",
        "there before": "removed",
        "as it happened": "live",
        "@library nonsense": "live",
    }
    assert library.versions(library.record("as it happened")) == ["as it happens", "as it happened"]
    [deleted] = library.entries("record.deleted")
    assert (
        library.sealed(deleted).bytes_of("raw") == f"event: delete\ndata: {old['id']}\n\n".encode()
    )
    assert library.entries("capture.rejected") == []


def test_what_a_post_was_answered_with_and_is_not_any_more_has_vanished(
    library: Watching, mastodon: Mastodon
) -> None:
    post = mastodon.post("Any questions?")
    reply = mastodon.reply("Why?", post)
    once(library)
    mastodon.delete(reply, mastodon.patron)
    library.clock.advance(hours=2)
    once(library)
    assert library.entries("record.vanished") == []
    library.clock.advance(seconds=LATER)
    once(library)
    [vanished] = library.entries("record.vanished")
    assert library.texts()["@library Why?"] == "vanished"
    told = library.sealed(vanished)
    address = f"{mastodon.base}/api/v1/statuses/{reply['id']}"
    for number in (0, 1):
        assert told.get(f"look/{number}/status") == "404"
        assert told.get(f"look/{number}/address") == address
    assert told.get("look/0/at") != told.get("look/1/at")


def test_a_stream_that_brings_more_than_is_remembered_ends_no_poll(
    library: Watching, mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_mastodon, "_REMEMBERED", 2)
    posts = [mastodon.post("one"), mastodon.post("two")]
    asked: list[str] = []

    async def nothing(_: object) -> list[Capture]:
        return []

    async def look() -> None:
        async with httpx.AsyncClient() as client:
            time = Hours(library.clock)
            calls = partial(Calls, client, time, base=mastodon.base, secrets=[TOKEN])
            place = Place(HANDLE, mastodon.base, TOKEN, time, calls, nothing)
            account = _mastodon.MastodonAccount(place)
            async for step in account.poll({}):
                asked.extend(answer.name for answer in step.answers)
                for status in posts if "context.json" in asked else ():
                    newer = {"id": f"9{status['id']}", "uri": f"{status['uri']}/newer"}
                    event = f"event: update\ndata: {json.dumps(status | newer)}\n\n"
                    await account._event(event.encode())

    asyncio.run(look())
    assert asked.count("context.json") == 1


def test_a_token_is_in_no_entry_and_no_message(library: Watching, mastodon: Mastodon) -> None:
    library.tokens = {"library": "a-wrong-secret"}
    outcome = poll(library)
    assert "401" in outcome.trouble
    assert outcome.hint
    library.tokens = {"library": TOKEN}
    mastodon.post("something")
    once(library)
    written = (library.room.archive.folder / "archive.db").read_bytes()
    assert TOKEN.encode() not in written
    assert "a-wrong-secret" not in str(outcome) + "".join(library.said)


def test_somebody_elses_token_is_refused(library: Watching) -> None:
    library.tokens = {"library": "secret-of-pat"}
    assert "answers for pat@mock.local" in poll(library).trouble
