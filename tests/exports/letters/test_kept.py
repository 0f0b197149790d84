"""Estimates and letters are kept in the log, and denials are indexed."""

from exports.letters import (
    Quantities,
    bills,
    denials,
    keep_letter,
    letters,
    load_fees,
    record_bill,
)
from tests.exports.letters.test_letters import answered, text_of
from tests.exports.requests.conftest import Office


def test_an_estimate_is_kept_and_stands_in_its_letter(office: Office) -> None:
    request = office.request()
    with office.archive.write(office.signer) as writer:
        lines = load_fees("us-il", request.received).lines(
            Quantities(pages=120, certified=1), "public"
        )
        made = record_bill(writer, request, "estimate", lines)
    with office.archive.read() as reader:
        assert bills(reader, request) == [made]
    assert made.cents == 1150
    said = text_of(office, request, "fee-estimate")
    assert "would cost $11.50" in said
    assert "120 pages, the first 50 free, 70 at $0.15: $10.50" in said


def test_letters_are_kept_and_denials_are_indexed(office: Office) -> None:
    request = answered(office, "release", "withhold")
    with office.archive.write(office.signer) as writer:
        thanks = keep_letter(writer, request, "acknowledgement", "Thanks", b"%PDF thanks")
        denial = keep_letter(writer, request, "partial-denial", "No", b"%PDF no")
    with office.archive.read() as reader:
        assert letters(reader, request) == [thanks, denial]
        kept = b"".join(reader.open_blob(request.id, denial.blob))
        assert kept == b"%PDF no"
        [listed] = denials(reader)
    assert (listed.exemption, listed.number, listed.kind) == (
        "7(1)(c)",
        request.number,
        "partial-denial",
    )
