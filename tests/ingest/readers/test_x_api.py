"""Saved answers of the X API v2."""

import json
from pathlib import Path
from typing import Any

import pytest

from archive import SourceError, UsageError
from ingest import Capture, Rejected, Told, open_export, reader_for, reader_named

POST = "1895000000000000001"


def post(number: str, words: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "text": words, "edit_history_tweet_ids": [number], **more}


ANSWER = {
    "data": [
        post(POST, "cut off…", note_tweet={"text": "Fish &amp; chips"}, author_id="7", lang="en"),
        post("3", "RT @ann: others", referenced_tweets=[{"type": "retweeted", "id": "90"}]),
        post("4", "@ann yes", referenced_tweets=[{"type": "replied_to", "id": "90"}]),
        post("5", "see this", referenced_tweets=[{"type": "quoted", "id": "91"}]),
        {
            **post("6", "second", created_at="2026-02-20T12:00:00.000Z", author_id="7"),
            "edit_history_tweet_ids": ["2", "6"],
            "attachments": {"media_keys": ["m1", "m2"], "poll_ids": ["p"]},
            "geo": {"place_id": "here"},
            "public_metrics": {"like_count": 3, "retweet_count": 1},
        },
        {"text": "no id"},
    ],
    "includes": {
        "users": [{"id": "7", "name": "Library", "username": "library"}],
        "tweets": [{"id": "90", "text": "others' words", "author_id": "7"}],
        "media": [
            {"media_key": "m1", "type": "photo", "url": "https://p.ex/a.jpg?x", "alt_text": "A"},
            {
                "media_key": "m2",
                "type": "video",
                "variants": [
                    {"content_type": "video/mp4", "bit_rate": 9, "url": "https://p.ex/big.mp4"},
                    {"content_type": "video/mp4", "bit_rate": 1, "url": "https://p.ex/small.mp4"},
                ],
            },
        ],
        "polls": [{"id": "p", "options": [{"label": "Yes", "votes": 4}]}],
        "places": [{"id": "here", "full_name": "Maple Grove"}],
    },
    "meta": {"result_count": 6},
}


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    path = tmp_path / "tweets.json"
    path.write_text(json.dumps(ANSWER, indent=1))
    return path


def items(path: Path) -> list[Any]:
    with open_export(path) as export:
        assert reader_for(export).name == "x-api"
        return list(reader_for(export).read(export, Told("library")).items)


def test_posts_are_read_with_what_they_refer_to(answer: Path) -> None:
    *found, rejected = items(answer)
    by_id = {one.native_id: one for one in found if isinstance(one, Capture)}
    assert (by_id[POST].text, by_id[POST].author_name) == ("Fish & chips", "Library")
    assert by_id[POST].url == f"https://x.com/library/status/{POST}"
    assert json.loads(by_id[POST].raw) == ANSWER["data"][0]  # type: ignore[index]
    repost, reply, quote = by_id["3"], by_id["4"], by_id["5"]
    assert (repost.kind, repost.text, repost.parent) == ("share", "", "90")
    assert repost.shared is not None
    assert (repost.shared.text, repost.shared.author_handle) == ("others' words", "library")
    assert (reply.kind, reply.parent, reply.shared) == ("comment", "90", None)
    assert (quote.kind, quote.parent) == ("post", "")
    assert quote.shared is not None
    assert quote.shared.native_id == "91"
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "it has no id"


def test_an_edited_post_names_the_first_of_its_versions(answer: Path) -> None:
    edited = next(one for one in items(answer) if one.native_id == "6")
    assert (edited.thread, edited.edited_at) == ("2", edited.occurred_at)
    assert [(one.name, one.type, one.alt) for one in edited.attachments] == [
        ("a.jpg", "photo", "A"),
        ("big.mp4", "video", ""),
    ]
    assert [(one.text, one.votes) for one in edited.poll] == [("Yes", 4)]
    assert edited.location == "Maple Grove"
    assert edited.reactions == (("favorite", 3), ("retweet", 1))


def test_what_is_no_answer_or_nobodys_is_said(tmp_path: Path, answer: Path) -> None:
    reader = reader_named("x-api")
    with open_export(answer) as export, pytest.raises(UsageError, match="whose account"):
        reader.read(export, Told())
    other = tmp_path / "other.json"
    other.write_text('{"data": []}')
    with open_export(other) as export, pytest.raises(SourceError, match="no answers of the X API"):
        reader.read(export, Told("library"))
    answer.write_text(json.dumps(ANSWER)[:-9])
    with open_export(answer) as export:
        [rejected] = reader.read(export, Told("library")).items
    assert isinstance(rejected, Rejected)
