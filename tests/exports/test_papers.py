"""Every paper that is handed out, checked by veraPDF: PDF/A-2a to last, PDF/UA-1 to be heard."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exports.letters import letter_pdf
from schedules import as_pdf, certificate, find_disposal, run, sheet_of, sheet_pdf
from tests import verapdf
from tests.exports.bundle.answer import Answer, member
from tests.exports.bundle.conftest import answer
from tests.schedules.conftest import town
from tests.schedules.town import Town

__all__ = ["answer", "town"]

SCRIPTS = "漢字 👩‍👩‍👧‍👦👍🏽 עברית today العربية 123 हिन्दी ไทย a\u0301\u20dd \ue000 \x00 \u202e"


@pytest.fixture
def database() -> str:
    """What a paper is made of does not depend on the database."""
    return ""


def test_every_paper_is_what_it_claims_to_be(answer: Answer, town: Town, tmp_path: Path) -> None:
    jar = verapdf.program()
    town.adopt()
    town.capture()
    disposal = town.approved()
    run(town.archive, town.ben, disposal)
    answer.decide({"text": SCRIPTS * 40, "title": "المكتبة", "author/name": "רחל"})
    answer.export(tmp_path / "bundle.zip")
    with town.archive.read() as reader:
        found = find_disposal(reader, disposal)
        papers = {
            "answer.pdf": member(tmp_path / "bundle.zip", "data/response.pdf"),
            "certificate.pdf": as_pdf(certificate(town.archive, reader, found)),
            "list.pdf": sheet_pdf(sheet_of(town.archive, reader, found)),
            "letter.pdf": letter_pdf(
                f"Your request\n\nDear {SCRIPTS},\n\n- one\n- two",
                body="Library",
                address=["Pat Q. Public", SCRIPTS],
                contact="foia@library.example",
                day=date(2026, 3, 2),
                zone=ZoneInfo("America/Chicago"),
            ),
        }
    for name, content in papers.items():
        (tmp_path / name).write_bytes(content)
    expected = {f"PASS {tmp_path / name} {kind}" for name in papers for kind in ("2a", "ua1")}
    assert verapdf.judged(jar, map(tmp_path.joinpath, papers), tmp_path) == expected
