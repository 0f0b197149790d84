"""The LinkedIn download."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import UsageError
from tests.ingest.conftest import SAMPLES, read

FOLDER = SAMPLES / "linkedin/constructed"
COMMENTS, SHARES = FOLDER / "Comments_17529409.csv", FOLDER / "Shares.csv"
POST = "urn:li:ugcPost:7458194261025673216"


def test_comments_with_their_quirks() -> None:
    captures, rejected = read(COMMENTS, "lib")
    assert rejected == []
    first, second, blank, quoted = captures
    assert (first.parent, second.parent) == (POST, POST)
    assert blank.occurred_at is None
    assert quoted.text == 'Back when the "detour" opened,\n\nit was hot.'
    assert quoted.occurred_at == datetime(2026, 6, 10, 18, 53, 49, tzinfo=UTC)
    assert all(one.naive for one in captures)
    assert len({one.native_id for one in captures}) == 4
    data = COMMENTS.read_bytes()
    assert all(one.raw in data for one in captures)


def test_shares_with_their_quirks() -> None:
    captures, rejected = read(SHARES, "lib")
    assert rejected == []
    post, notice, repost = captures
    assert (post.native_id, post.visibility) == (POST, "unknown")
    assert notice.text == 'See "this" notice\n\nsecond paragraph'
    assert [(one.url, one.link) for one in notice.attachments] == [("https://example.com/n", True)]
    assert (repost.kind, repost.text, repost.visibility) == ("share", "", "public")
    assert repost.shared is not None
    assert repost.shared.url == "https://reshared.example"


def test_an_edited_comment_keeps_its_key(tmp_path: Path) -> None:
    path = tmp_path / "Comments.csv"
    path.write_bytes(COMMENTS.read_bytes().replace(b"Replying to", b"Answering"))
    before, after = read(COMMENTS, "lib")[0], read(path, "lib")[0]
    assert [one.native_id for one in before] == [one.native_id for one in after]
    assert before[0].text != after[0].text


def test_equal_comments_are_told_apart_by_place(tmp_path: Path) -> None:
    path = tmp_path / "Comments.csv"
    path.write_text("Date,Link,Message\n" + "2026-01-01 00:00:00,https://l.example/x,Yes\n" * 2)
    captures, _ = read(path, "lib")
    assert [one.native_id[-2:] for one in captures] == [":0", ":1"]


def test_messages_reposts_and_the_profile(tmp_path: Path) -> None:
    (tmp_path / "messages.csv").write_text(
        "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,DATE,SUBJECT,CONTENT\n"
        "c1,,Ann,https://www.linkedin.com/in/ann,Lib,2026-01-01 10:00:00 UTC,Hi,<p>Hello</p>\n"
        "c1,,Ann\n"
    )
    (tmp_path / "InstantReposts.csv").write_text(
        f"Date,Link\n2026-01-01 10:00:00,https://www.linkedin.com/feed/update/{POST}\n"
    )
    (tmp_path / "Profile.csv").write_text(
        "First Name,Last Name,Headline,Summary,Geo Location\nMaple,Grove,Library,Books,Here\n"
    )
    (tmp_path / "Reactions.csv").write_text("Date,Type,Link\n2026-09-05 09:50:45,LIKE,x\n")
    captures, rejected = read(tmp_path, "lib")
    found = {one.kind: one for one in captures}
    assert (len(captures), len(rejected)) == (3, 1)
    message, repost, profile = found["message"], found["share"], found["profile"]
    assert (message.text, message.author_handle, message.naive) == ("Hello", "ann", False)
    assert message.visibility == "direct"
    assert (repost.parent, repost.author_name) == (POST, "Maple Grove")
    assert (profile.text, profile.location) == ("Books", "Here")


def test_the_account_has_to_be_named() -> None:
    with pytest.raises(UsageError, match="whose account"):
        read(SHARES)


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_packed_downloads_hold_the_same(tmp_path: Path, kind: str) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), kind, FOLDER))
    assert len(read(packed, "lib")[0]) == 7
