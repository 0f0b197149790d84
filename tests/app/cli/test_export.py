"""A request from receipt to a bundle that anyone can verify, on the command line."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from archive import new_id
from tests.app.cli.test_record import capture, writing
from tests.conftest import BOTH, Muniment


@pytest.fixture
def asked(library: Muniment, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Request 2026-0001 with three responsive comments; their ids."""
    records = [new_id() for _ in range(3)]
    texts = (
        "Parking is free on Sunday.",
        "Ask Wilhelmina at 630-555-0142.",
        "A quarrel about Osgood.",
    )
    for record, text in zip(records, texts, strict=True):
        with writing(library, monkeypatch) as writer:
            capture(writer, record, text)
    library.ok("request", "open", "--requester", "Pat Q. Public", "--subject", "Parking")
    library.ok("request", "add", "2026-0001", *records)
    return records


@pytest.fixture
def determined(library: Muniment, asked: list[str]) -> Muniment:
    """The same, determined: one released, one redacted, one withheld."""
    released, redacted, withheld = asked
    library.ok("request", "determine", "2026-0001", released, "release")
    library.ok(
        "request", "redact", "2026-0001", redacted, "--text", "Wilhelmina", "--text",
        "630-555-0142", "--exemption", "7(1)(b)", "--reason", "Private information",
    )  # fmt: skip
    library.ok(
        "request", "determine", "2026-0001", withheld, "withhold", "--exemption", "7(1)(c)",
        "--reason", "A private matter",
    )  # fmt: skip
    return library


@BOTH
def test_a_request_is_answered(determined: Muniment, tmp_path: Path) -> None:
    out = tmp_path / "answer.zip"
    said = determined.ok("export", "2026-0001", "-o", out)
    assert f"{out}: 3 records." in said
    assert f"muniment verify {out}" in said
    issued = hashlib.sha256(out.read_bytes()).hexdigest()
    assert f": SHA-256 {issued}" in determined.ok("request", "show", "2026-0001")
    determined.ok("verify", out)
    determined.ok("verify", out, "--key", determined.folder / "keys" / "log.pub")
    with zipfile.ZipFile(out) as opened:
        page = opened.read("data/index.html").decode()
    for hidden in ("Wilhelmina", "555-0142", "quarrel", "Osgood"):
        assert hidden not in page


def test_that_it_was_issued_is_in_the_log(determined: Muniment, tmp_path: Path) -> None:
    out = tmp_path / "answer.zip"
    facts = json.loads(determined.ok("export", "2026-0001", "-o", out, "--json"))
    assert facts["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert facts["bytes"] == out.stat().st_size
    assert (facts["released"], facts["released_in_part"], facts["withheld"]) == (1, 1, 1)
    from archive import Archive

    with Archive.open(determined.folder) as archive, archive.read() as reader:
        [issued] = reader.entries(types={"bundle.issued"})
    assert issued.data["sha256"] == facts["sha256"]
    assert issued.data["size_bytes"] == facts["bytes"]
    assert issued.data["position"] == facts["position"] == issued.seq
    assert issued.data["records"] == 3


def test_a_rehearsal_issues_nothing(determined: Muniment, tmp_path: Path) -> None:
    before = determined.ok("checkpoint")
    said = determined.ok("export", "2026-0001", "-o", tmp_path / "answer.zip", "--dry-run")
    assert "Nothing was issued" in said
    assert not (tmp_path / "answer.zip").exists()
    assert determined.ok("checkpoint") == before


def test_nothing_leaves_before_everything_is_determined(
    library: Muniment, asked: list[str], tmp_path: Path
) -> None:
    library.fails(6, "export", "2026-0001", "-o", tmp_path / "answer.zip")
    assert not (tmp_path / "answer.zip").exists()


def test_a_file_is_replaced_only_when_told_to(determined: Muniment, tmp_path: Path) -> None:
    out = tmp_path / "answer.zip"
    out.write_text("before")
    assert "--force" in determined.fails(2, "export", "2026-0001", "-o", out)
    assert out.read_text() == "before"
    determined.ok("export", "2026-0001", "-o", out, "--force")
    assert zipfile.is_zipfile(out)


def test_the_letter_may_be_given(determined: Muniment, tmp_path: Path) -> None:
    cover = tmp_path / "cover.txt"
    cover.write_text("Dear Pat,\n\nhere is what\nyou asked for.\n", encoding="utf-8")
    determined.ok("export", "2026-0001", "-o", tmp_path / "a.zip", "--letter", cover)
    missing = tmp_path / "nowhere.txt"
    determined.fails(2, "export", "2026-0001", "-o", tmp_path / "b.zip", "--letter", missing)


def test_unknown_requests_are_not_found(library: Muniment, tmp_path: Path) -> None:
    library.fails(5, "export", "2026-0009", "-o", tmp_path / "answer.zip")


def test_an_altered_bundle_fails_and_its_place_is_named(
    determined: Muniment, tmp_path: Path
) -> None:
    out = tmp_path / "answer.zip"
    determined.ok("export", "2026-0001", "-o", out)
    content = bytearray(out.read_bytes())
    at = content.index(b"Parking")
    content[at] ^= 1
    out.write_bytes(content)
    result = determined.run("verify", out)
    assert result.exit_code == 8
    assert "data/" in result.stderr


def test_a_corrected_bundle_names_the_earlier_one(determined: Muniment, tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{name}.zip" for name in ("first", "second", "third"))
    determined.fails(5, "export", "2026-0001", "--supersede", "-o", second)
    before = json.loads(determined.ok("export", "2026-0001", "-o", first, "--json"))
    after = json.loads(determined.ok("export", "2026-0001", "--supersede", "-o", second, "--json"))
    assert after["supersedes"] == before["sha256"]
    assert after["pages"].split(" to ")[0] > before["pages"].split(" to ")[1]
    said = determined.ok("export", "diff", first, second)
    assert "the same records, shown alike" in said
    assert f"supersedes {first}" in said
    assert "superseded already" in determined.fails(6, "export", first, "--supersede", "-o", third)
    determined.ok("export", second, "--supersede", "-o", third)
    determined.fails(5, "export", "--supersede", "-o", third, "--force", _other(tmp_path))


def _other(folder: Path) -> Path:
    path = folder / "other.zip"
    path.write_bytes(b"")
    return path


def test_bundles_are_compared(determined: Muniment, asked: list[str], tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    determined.ok("export", "2026-0001", "-o", first)
    determined.ok("request", "determine", "2026-0001", asked[2], "release", "--replace")
    determined.ok("export", "2026-0001", "--supersede", "--load-file", "--warc", "-o", second)
    found = json.loads(determined.ok("export", "diff", first, second, "--json"))
    [change] = found["changes"]
    assert found["supersedes"] is True
    assert (change["change"], change["record"]) == ("changed", asked[2])
    assert (change["before"]["outcome"], change["after"]["outcome"]) == ("withhold", "release")
    assert "text/0" in change["shown"]
    assert change["hidden"] == []
    [line] = determined.ok("export", "diff", first, second).splitlines()[1:]
    assert line.startswith(f"changed\t{asked[2]}\tno. 3, withhold 7(1)(c)\tno. 3, release\t")
    second.write_bytes(second.read_bytes()[:-1])
    determined.fails(8, "export", "diff", first, second)
