"""Page numbers never repeat."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from archive import Refused, UsageError
from exports.bundle import Numbering, next_numbering, record_issue
from exports.bundle._numbering import initials
from tests.exports.bundle.answer import Answer, member


@pytest.fixture
def database() -> str:
    """SQLite alone: numbers come from the log, which is tested on both."""
    return ""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Maple Grove Public Library", "MGPL"),
        ("Village of Oak Park", "VOP"),
        ("The Board of Trustees for Éire's Library", "BTEL"),
        ("図書館", "P"),
    ],
)
def test_a_body_s_initials(body: str, expected: str) -> None:
    assert initials(body) == expected


def test_the_next_bundle_goes_on_where_the_last_ended(answer: Answer, tmp_path: Path) -> None:
    issued = answer.export(tmp_path / "first.zip")
    assert (issued.numbering, issued.pages) == (Numbering("CML", 7), 4)
    with answer.archive.write(answer.agent) as writer, pytest.raises(Refused, match="meanwhile"):
        record_issue(writer, answer.request.id, issued)
    answer.numbering = Numbering("CML", 1)
    issued = answer.export(tmp_path / "second.zip")
    with answer.archive.write(answer.agent) as writer:
        entry = record_issue(writer, answer.request.id, issued)
        assert entry.data["pages"] == {"prefix": "CML", "first": 1, "last": 4}
        assert next_numbering(writer, "Cook Memorial Library") == Numbering("CML", 5)
        assert next_numbering(writer, "", "OTHER-2") == Numbering("OTHER-2", 5)
        with pytest.raises(UsageError, match="before page numbers"):
            next_numbering(writer, "", "lower")


def test_every_page_bears_its_number_through_all_volumes(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exports.bundle._letter.VOLUME", 3)
    answer.export(out := tmp_path / "bundle.zip")
    texts = [
        page.extract_text()
        for name in ("data/response.pdf", "data/response-2.pdf")
        for page in PdfReader(io.BytesIO(member(out, name))).pages
    ]
    assert len(texts) > 3
    for number, text in enumerate(texts, 7):
        assert text.rstrip().endswith(f"CML{number:06d}")
    assert "Contents" in texts[1]
    assert "Record 1 · Mastodon comment · Released" in texts[1]
    assert "CML000009" in texts[1]
