"""Letters: what they must say, what they may not claim, and that they are kept."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest

from archive import Refused, UsageError
from exports.letters import (
    OWN_FILE,
    Kind,
    Said,
    draft,
    letter_pdf,
    load_templates,
    values_of,
)
from exports.letters._templates import Wording
from exports.requests import Request, extend, find_request, mark_text, redact, release, withhold
from tests.exports.requests.conftest import TODAY, Office

CONTACT = "foia@library.example"
ADA = "Ada Byron, FOIA officer"


@pytest.fixture
def database() -> str:
    """What a letter says does not depend on the database."""
    return ""


def text_of(
    office: Office,
    request: Request,
    kind: Kind,
    *,
    note: str = "",
    responsible: Sequence[str] = (ADA,),
    folder: Path | None = None,
) -> str:
    templates = load_templates("US-IL", request.received, folder)
    with office.archive.read() as reader:
        request = find_request(reader, request.id)
        said = Said(note, responsible, CONTACT)
        values = values_of(reader, request, office.rules, templates.given, kind, said, TODAY)
    return draft(templates, kind, values)


def answered(office: Office, *outcomes: str) -> Request:
    """A request whose records are determined so, one after the other."""
    names = list(office.comments)[: len(outcomes)]
    request = office.request(*names)
    codes = office.rules.exemptions
    with office.archive.write(office.signer) as writer:
        for name, outcome in zip(names, outcomes, strict=True):
            record = office.comments[name]
            if outcome == "release":
                release(writer, request, record)
            elif outcome == "withhold":
                withhold(writer, request, record, codes, ["7(1)(c)"], reason="A family matter")
            else:
                marks = [mark_text(outcome, "7(1)(b)")]
                redact(writer, request, record, marks, codes, reason="A telephone number")
    return request


def test_a_denial_says_everything_that_section_9_asks_for(office: Office) -> None:
    said = text_of(office, answered(office, "withhold"), "denial")
    for asked in (
        "7(1)(c)",  # the exemption
        "5 ILCS 140/7(1)(c)",  # its authority
        "A family matter",  # the reason
        ADA,  # who is responsible
        "Public Access Counselor",
        "500 South 2nd Street",
        "1-877-299-3642",
        "within 60 calendar days",
        "judicial review",
        "5 ILCS 140/11",
    ):
        assert asked in said
    with pytest.raises(UsageError, match="everyone responsible"):
        text_of(office, answered(office, "withhold"), "denial", responsible=())


def test_each_exemption_has_the_reasons_that_it_was_cited_for(office: Office) -> None:
    request = answered(office, "lovely", "630-555-0142")
    with office.archive.write(office.signer) as writer:
        marks, codes = [mark_text("jane@example.org", "7(1)(c)")], office.rules.exemptions
        redact(writer, request, office.comments["phone"], marks, codes, reason="An address")
    said = text_of(office, request, "partial-denial")
    assert "(5 ILCS 140/7(1)(c)): 1 record. An address.\n" in said
    assert "(5 ILCS 140/7(1)(b)): 3 records. A telephone number.\n" in said


def test_a_letter_that_would_not_be_true_is_refused(office: Office) -> None:
    open_still = office.request(*list(office.comments)[:1])
    with pytest.raises(Refused, match="not determined"):
        text_of(office, open_still, "grant")
    granted, denied = answered(office, "release"), answered(office, "withhold")
    mixed, empty = answered(office, "release", "withhold"), office.request()
    for request, right in (
        (granted, "grant"),
        (denied, "denial"),
        (mixed, "partial-denial"),
        (empty, "no-records"),
    ):
        for kind in ("grant", "denial", "partial-denial", "no-records"):
            if kind == right:
                assert request.number in text_of(office, request, kind)
            else:
                with pytest.raises(Refused) as refused:
                    text_of(office, request, kind)
                assert refused.value.hint == f"a letter that fits is: {right}"
    with pytest.raises(Refused, match="was not extended"):
        text_of(office, empty, "extension")
    with pytest.raises(Refused, match="nothing was estimated"):
        text_of(office, empty, "fee-estimate")
    with pytest.raises(UsageError, match="what do you ask"):
        text_of(office, empty, "clarification")


def test_an_extension_gives_its_ground_and_both_dates(office: Office) -> None:
    request = office.request()
    with office.archive.write(office.signer) as writer:
        extend(writer, request, office.rules, days=5, ground="consultation", today=TODAY)
    said = text_of(office, request, "extension")
    assert "Another public body or component must be consulted" in said
    assert "December 1, 2026" in said
    assert "December 8, 2026" in said


def test_a_body_s_own_wording_comes_first(office: Office, tmp_path: Path) -> None:
    request = office.request()
    (tmp_path / OWN_FILE).write_text(
        '[given]\nact = "our rules"\n[acknowledgement]\nsubject = "Thanks, $requester"\n'
        'text = "Under $act.\\n\\nOnly with a note: $note"\n',
        encoding="utf-8",
    )
    said = text_of(office, request, "acknowledgement", folder=tmp_path)
    assert said == "Thanks, Pat Q. Public\n\nUnder our rules.\n"
    assert "no records" in text_of(office, request, "no-records", folder=tmp_path)
    (tmp_path / OWN_FILE).write_text('[grant]\nsubject = "$nobody"\ntext = "x"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"names \$nobody"):
        text_of(office, answered(office, "release"), "grant", folder=tmp_path)
    (tmp_path / OWN_FILE).write_text("[grant\n", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        load_templates("us-il", TODAY, tmp_path)


def test_values_are_never_read_as_wording() -> None:
    wording = Wording("$number", "Dear $requester,\n\n$note")
    filled = wording.filled({"number": "1", "requester": "$note ${number}", "note": "- $x"})
    assert filled == "1\n\nDear $note ${number},\n\n- $x\n"


def set_letter(text: str) -> bytes:
    zone = ZoneInfo("America/Chicago")
    return letter_pdf(
        text, body="Town Library", address=["Pat"], contact=CONTACT, day=date(2026, 3, 2), zone=zone
    )


def test_the_pdf_says_what_the_text_does_and_is_the_same_again(tmp_path: Path) -> None:
    text = "Request 1: denied\n\nDear Pat,\n\n- one #strong[thing]\n- two $x$ 🅿️ 日本 עברית\n\nBye"
    pdf = set_letter(text)
    assert pdf == set_letter(text)
    (tmp_path / "letter.pdf").write_bytes(pdf)
    document = pypdf.PdfReader(tmp_path / "letter.pdf")
    shown = " ".join(document.pages[0].extract_text().split())
    for said in ("Town Library", "Request 1: denied", "one #strong[thing]", "two $x$", "Bye"):
        assert said in shown
    assert document.metadata is not None
    assert document.metadata.title == "Request 1: denied"
    assert b"/Marked true" in pdf
