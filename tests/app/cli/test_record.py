import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.cli._keyring import Keyring
from app.cli._rooms import projections
from archive import Archive, Draft, Parts, Writer, new_id
from tests.conftest import BOTH, Muniment, comment_header


@contextmanager
def writing(muniment: Muniment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    """The archive of the command line, opened for writing by ada."""
    monkeypatch.setenv("MUNIMENT_KEYS", str(muniment.keys))
    opened = Archive.open(muniment.folder, projections=projections(), clock=muniment.clock)
    with opened as archive:
        signer = Keyring.of(archive.config.id).signer(archive, "ada", lambda _: None)
        with archive.write(signer) as writer:
            yield writer


def capture(writer: Writer, record: str, text: str, version: int = 1) -> None:
    """One version of a comment with a title, an author and a picture."""
    data = comment_header(writer, record, version)
    fields: list[tuple[str, str | bytes | None]] = [
        ("text", text),
        ("title", "About the \x1b[31mboard"),
        ("author/name", "Eve Example"),
        ("occurred_at", "2026-02-01T12:00:00.000000Z"),
        ("visibility", "public"),
        ("attachment/0/name", "picture.png"),
        ("raw", b'{"content":"' + text.encode() + b'"}'),
    ]
    kind = "record.captured" if version == 1 else "record.edited"
    writer.capture([Draft(kind, record, data, Parts.of(fields))], new_id(), {})


@pytest.fixture
def record(library: Muniment, monkeypatch: pytest.MonkeyPatch) -> str:
    """A comment of two versions, removed for a reason; its id."""
    record = new_id()
    with writing(library, monkeypatch) as writer:
        capture(writer, record, "First words.\nSecond line.")
    library.clock.advance(hours=1)
    with writing(library, monkeypatch) as writer:
        capture(writer, record, "Other words.", version=2)
        removal = {
            "policy": new_id(),
            "policy_version": "2024",
            "clause": "4",
            "extent": "all",
            "removal": new_id(),
            "by": "staff",
        }
        reason = Parts.of([("reason", "It names a child.")])
        writer.append([Draft("record.removed", record, removal, reason)])
    return record


@BOTH
def test_show_tells_the_newest_version(library: Muniment, record: str) -> None:
    shown = library.ok("record", "show", record[-12:])
    assert re.search(r"^removed +2026-03-02 10:00$", shown, re.MULTILINE)
    assert "2 of 2" in shown
    assert "Eve Example" in shown
    assert "picture.png" in shown
    assert "2026-02-01 06:00" in shown
    assert shown.endswith("\n\nAbout the �[31mboard\n\nOther words.\n")


def test_show_tells_an_earlier_version(library: Muniment, record: str) -> None:
    facts = json.loads(library.ok("record", "show", record, "--version", "1", "--json"))
    assert facts["text"] == "About the \x1b[31mboard\n\nFirst words.\nSecond line."
    assert (facts["version"], facts["versions"]) == (1, 2)
    assert facts["status"] == "removed"
    assert facts["occurred"] == "2026-02-01T12:00:00.000000Z"


def test_the_raw_bytes(library: Muniment, record: str) -> None:
    assert library.ok("record", "show", record, "--raw") == '{"content":"Other words."}'


def test_history_tells_what_was_captured_and_decided(library: Muniment, record: str) -> None:
    rows = json.loads(library.ok("record", "history", record, "--json"))
    assert [(row["event"], row["who"]) for row in rows] == [
        ("captured", "ada"),
        ("captured, changed", "ada"),
        ("removed", "ada"),
    ]
    assert "It names a child." in rows[2]["detail"]
    assert "clause 4" in rows[2]["detail"]


def test_a_version_that_is_not_there(library: Muniment, record: str) -> None:
    line = library.fails(5, "record", "show", record, "--version", "3")
    assert "it has 2" in line


@pytest.mark.parametrize("command", ["show", "history"])
@pytest.mark.parametrize("name", ["00000000", "x", "01234567-89ab-7000-8000-000000000000", "%"])
def test_an_unknown_record(library: Muniment, command: str, name: str) -> None:
    assert "there is no record" in library.fails(5, "record", command, name)


def test_a_disposed_record_says_so(
    library: Muniment, record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(library, monkeypatch) as writer:
        writer.erase([record])
        data = {"disposal": new_id(), "series": "A1"}
        writer.append([Draft("record.disposed", record, data)])
    shown = library.ok("record", "show", record)
    assert "Its content was disposed of on 2026-03-02 10:00." in shown
    assert "words" not in shown
    assert library.fails(5, "record", "show", record, "--raw").endswith("they were disposed of")
    assert "(disposed of)" in library.ok("record", "history", record)
