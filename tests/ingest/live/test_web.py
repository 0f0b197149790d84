"""Pages of a site: a WARC record of each, and another when what it says has changed."""

import asyncio

from ingest.live import Outcome
from tests.ingest.live.server import Recorded
from tests.ingest.live.watching import Watching

HTML = b"<html><head><title>Policy</title></head><body>%s<!-- %s --></body></html>"
LATER = 301.0


def poll(watching: Watching) -> Outcome:
    [outcome] = asyncio.run(watching.capture().once())
    return outcome


def show(recorded: Recorded, said: bytes, token: bytes = b"1") -> None:
    recorded.answer("/policy", HTML % (said, token), content_type="text/html; charset=utf-8")


def watch(watching: Watching, recorded: Recorded) -> None:
    watching.add("web", "site", recorded.base, secret="", options={"pages": "/policy"})


def test_a_page_is_captured_again_when_what_it_says_changes(
    watching: Watching, recorded: Recorded
) -> None:
    watch(watching, recorded)
    show(recorded, b"Be kind.")
    assert poll(watching).trouble == ""
    show(recorded, b"Be kind.", token=b"2")
    poll(watching)
    watching.clock.advance(hours=1)
    show(recorded, b"Be kind, please.")
    poll(watching)
    [page] = watching.room.records()
    assert page.kind == "page"
    assert watching.versions(page) == ["Be kind.", "Be kind, please."]
    newest = watching.room.newest(page)
    assert newest.get("native_id") == f"{recorded.base}/policy"
    raw = newest.bytes_of("raw") or b""
    assert raw.startswith(b"WARC/1.1\r\n")
    assert HTML % (b"Be kind, please.", b"1") in raw
    assert newest.get("note/0") is None


def test_a_page_that_is_gone_twice_has_vanished(watching: Watching, recorded: Recorded) -> None:
    watch(watching, recorded)
    recorded.answer("/", b"home")
    show(recorded, b"Be kind.")
    poll(watching)
    recorded.delete("/policy")
    poll(watching)
    assert watching.texts() == {"Be kind.": "live"}
    watching.clock.advance(seconds=LATER)
    poll(watching)
    assert watching.texts() == {"Be kind.": "vanished"}


def test_an_outage_says_nothing_about_a_page(watching: Watching, recorded: Recorded) -> None:
    watch(watching, recorded)
    show(recorded, b"Be kind.")
    poll(watching)
    recorded.answer("/policy", b"oh no", 500)
    for _ in range(3):
        assert "500" in poll(watching).trouble
        watching.clock.advance(hours=1)
    assert watching.texts() == {"Be kind.": "live"}


def test_a_page_that_never_was_there_is_said(watching: Watching, recorded: Recorded) -> None:
    watch(watching, recorded)
    recorded.delete("/policy")
    assert "answered 404" in poll(watching).trouble


def test_pages_of_other_sites_are_refused(watching: Watching, recorded: Recorded) -> None:
    watching.add("web", "s", recorded.base, secret="", options={"pages": "https://else.example/"})
    assert "no page of" in poll(watching).trouble
