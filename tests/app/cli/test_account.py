"""`muniment account`, and what `muniment status` says of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Muniment

NOTICE = "Comments here are subject to\n Public  Disclosure."


@pytest.fixture
def library(sqlite_library: Muniment) -> Muniment:
    """It is Monday 2 March 2026; the policy asks for answers within two business days."""
    sqlite_library.ok("policy", "adopt", "cook-memorial")
    return sqlite_library


def take(library: Muniment, folder: Path, *rows: dict[str, str]) -> None:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    library.ok("ingest", path, "--account", "@lib", "--platform", "mastodon")


def comment(key: str, at: str, handle: str = "jane", **more: str) -> dict[str, str]:
    words = f"words {key}"
    return {"id": key, "kind": "comment", "handle": handle, "occurred_at": at, "text": words} | more


def status(library: Muniment, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(library.ok("status", "--json", *more))
    return found


def unanswered(library: Muniment, *more: str) -> list[str]:
    return [row["text"] for row in json.loads(library.ok("account", "unanswered", "--json", *more))]


def test_an_account_is_added_changed_and_shown(library: Muniment) -> None:
    words = ("--purpose", "Programs", "--poster", "Jane Roe", "--poster", "Li Wei")
    library.ok("account", "add", "mastodon", "@lib", "--name", "The Library", *words)
    shown = json.loads(library.ok("account", "show", "lib", "--json"))
    assert (shown["purpose"], shown["posters"]) == ("Programs", ["Jane Roe", "Li Wei"])
    assert "is changed" in library.ok(
        "account", "change", "@lib", "--poster", "Li Wei", "--url", ""
    )
    shown = json.loads(library.ok("account", "show", "mastodon:@lib", "--json"))
    assert (shown["purpose"], shown["posters"], shown["name"]) == (
        "Programs", ["Li Wei"], "The Library",
    )  # fmt: skip
    library.ok("account", "change", "@lib", "--purpose", "", "--name", "Library")
    [row] = json.loads(library.ok("account", "list", "--json"))
    assert (row["purpose"], row["name"], row["disclosure"]) == ("", "Library", "no profile")
    assert "Li Wei" in library.ok("account", "show", row["id"][-12:])
    assert "nothing was changed" in library.fails(
        6, "account", "change", "@lib", "--name", "Library"
    )
    said = library.ok("account", "add", "mastodon", "@lib", "--purpose", "Other")
    assert "muniment account change" in said
    assert "no account other" in library.fails(5, "account", "show", "other")
    library.ok("account", "add", "x", "lib")
    assert "PLATFORM:HANDLE" in library.fails(2, "account", "show", "lib")


def test_a_profile_has_to_show_the_notice(library: Muniment, tmp_path: Path) -> None:
    library.ok("account", "add", "mastodon", "@lib")
    assert status(library)["profile_not_captured"] == ["mastodon @lib"]
    profile = {"id": "profile", "kind": "profile", "text": "We lend books."}
    take(library, tmp_path, profile)
    assert status(library)["notice_missing"] == ["mastodon @lib"]
    assert "notice missing" in library.ok("status")
    assert "MISSING" in library.ok("account", "show", "@lib")
    take(library, tmp_path, profile | {"text": NOTICE})
    facts = status(library, "--quick")
    assert (facts["notice_missing"], facts["profile_not_captured"]) == ([], [])
    library.ok("account", "change", "@lib", "--notice", "All comments are public records")
    assert status(library)["notice_missing"] == ["mastodon @lib"]
    take(library, tmp_path, profile | {"text": "ALL comments are  public records!"})
    assert status(library)["notice_missing"] == []


def test_without_a_policy_nothing_is_demanded(sqlite_library: Muniment, tmp_path: Path) -> None:
    take(sqlite_library, tmp_path, comment("1", "2026-02-20T12:00:00Z"))
    facts = status(sqlite_library)
    assert (facts["unanswered"], facts["notice_missing"], facts["profile_not_captured"]) == (
        None,
        [],
        [],
    )
    assert "--days" in sqlite_library.fails(2, "account", "unanswered")
    assert unanswered(sqlite_library, "--days", "2") == ["words 1"]


def test_business_days_count(library: Muniment, tmp_path: Path) -> None:
    """Two business days after Wednesday end with Friday, after Thursday with this Monday."""
    take(
        library,
        tmp_path,
        comment("wednesday", "2026-02-26T05:59:59Z"),
        comment("thursday", "2026-02-26T06:00:00Z"),
        comment("long ago", "2025-06-01T12:00:00Z"),
    )
    assert unanswered(library) == ["words wednesday"]
    assert status(library)["unanswered"] == 1
    assert "unanswered" in library.ok("status")
    assert "unanswered" not in status(library, "--quick")
    assert unanswered(library, "--since", "2025-05-31") == ["words long ago", "words wednesday"]
    assert unanswered(library, "--days", "1") == ["words wednesday", "words thursday"]
    library.clock.advance(days=1)
    assert unanswered(library) == ["words wednesday", "words thursday"]


def test_what_counts_as_an_answer(library: Muniment, tmp_path: Path) -> None:
    take(
        library,
        tmp_path,
        {"id": "p", "kind": "post", "handle": "@lib", "text": "Ask us"},
        comment("1", "2026-02-20T12:00:00Z", parent="p"),
        comment("2", "2026-02-20T13:00:00Z", parent="p"),
        comment("reply", "2026-02-21T12:00:00Z", handle="LIB", parent="1"),
        comment("again", "2026-02-22T12:00:00Z", parent="1"),
        comment("once more", "2026-02-24T12:00:00Z", parent="1"),
        comment("below", "2026-02-23T12:00:00Z", handle="lib", parent="1"),
        comment("m1", "2026-02-20T12:00:00Z", kind="message", thread="a"),
        comment("m2", "2026-02-20T12:00:00Z", kind="message", thread="b"),
        comment("m3", "2026-02-21T12:00:00Z", kind="message", thread="a", handle="lib"),
    )
    assert unanswered(library) == ["words m2", "words 2", "words once more"]


def test_what_needs_no_answer(library: Muniment, tmp_path: Path) -> None:
    rows = [comment(key, "2026-02-20T12:00:00Z") for key in ("1", "2", "3", "4")]
    take(library, tmp_path, {"id": "p", "kind": "post", "handle": "@lib", "text": "Ask us"}, *rows)
    found = json.loads(library.ok("account", "unanswered", "--json"))
    ids = {row["text"]: row["record"] for row in found}
    reason = ("--reason", "By telephone")
    assert "needs no answer" in library.ok("account", "answered", ids["words 1"], *reason)
    library.ok("moderate", "remove", ids["words 2"], "--clause", "IV.5", "--reason", "Spam")
    library.ok("moderate", "restrict", ids["words 3"], "--to", "ada", "--reason", "A crime")
    assert unanswered(library) == ["words 4"]
    assert "answered elsewhere\tada\tBy telephone" in library.ok(
        "record", "history", ids["words 1"]
    )
    assert "already" in library.fails(6, "account", "answered", ids["words 1"], *reason)
    assert "--reason" in library.fails(2, "account", "answered", ids["words 4"])
    [post] = json.loads(library.ok("search", "--json", "kind:post"))["hits"]
    assert "a post is not" in library.fails(6, "account", "answered", post["id"], *reason)
    assert status(library)["restricted"] == 1
    library.ok("rebuild")
    assert unanswered(library) == ["words 4"]


def test_overdue_appeals_show(library: Muniment, tmp_path: Path) -> None:
    take(library, tmp_path, comment("1", "2026-02-20T12:00:00Z"))
    [row] = json.loads(library.ok("account", "unanswered", "--json"))
    library.ok("moderate", "remove", row["record"], "--clause", "IV.5", "--reason", "Spam")
    library.ok("appeal", "file", row["record"], "--appellant", "Jane", "--text", "It is none")
    library.clock.advance(days=30)
    assert status(library)["overdue_appeals"] == []
    library.clock.advance(days=1)
    [appeal] = json.loads(library.ok("appeal", "list", "--json"))
    assert status(library)["overdue_appeals"] == [appeal["appeal"]]
    assert "overdue appeals" in library.ok("status")


def test_an_account_is_closed_and_opened_again(library: Muniment) -> None:
    library.ok("account", "add", "mastodon", "@lib")
    said = library.ok("account", "close", "@lib", "--on", "2026-02-01", "--reason", "Left it")
    assert said == "mastodon @lib is closed since 2026-02-01\n"
    [row] = json.loads(library.ok("account", "list", "--json"))
    assert (row["closed"], row["disclosure"]) == ("2026-02-01", "not demanded")
    library.ok("account", "close", "lib", "--on", "2026-02-03")
    assert "on record" in library.fails(6, "account", "close", "lib", "--on", "2026-02-03")
    assert "not come yet" in library.fails(2, "account", "close", "lib", "--on", "2026-03-03")
    library.ok("account", "change", "lib", "--purpose", "none any more")
    assert "2026-02-03" in library.ok("account", "show", "lib")
    library.fails(2, "account", "reopen", "lib", "--reason", " ")
    assert library.ok("account", "reopen", "lib", "--reason", "A mistake") == (
        "mastodon @lib is in use\n"
    )
    assert "not closed" in library.fails(6, "account", "reopen", "lib", "--reason", "Again")
    [row] = json.loads(library.ok("account", "list", "--json"))
    assert (row["closed"], row["purpose"]) == (None, "none any more")
