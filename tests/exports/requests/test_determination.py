"""Determinations, and what they let out."""

import pytest

from archive import Refused, UsageError
from exports import INTERNAL, ProducedRecord
from exports.requests import (
    Determined,
    Request,
    author_traces,
    mark_author,
    mark_suggested,
    mark_text,
    mentions,
    production,
    redact,
    release,
    review,
    still_shown,
    survey,
    tally,
    undetermined,
    withhold,
)
from tests.exports.requests.conftest import Office

PRIVATE = "7(1)(b)"


def redact_text(
    office: Office, request: Request, name: str | None, literal: str
) -> list[Determined]:
    with office.archive.write(office.signer) as writer:
        return redact(
            writer,
            request,
            office.comments[name] if name else None,
            [mark_text(literal, PRIVATE)],
            office.rules.exemptions,
            reason="A private telephone number",
        )


def produced(office: Office, request: Request) -> list[ProducedRecord]:
    with office.archive.read() as reader:
        made = production(reader, request)
        items = list(made.records)
        assert made.count == len(items)
        assert [item.entry.seq for item in made.records] == [item.entry.seq for item in items]
    return items


def shown_paths(item: ProducedRecord) -> set[str]:
    return {item.sealed.paths[i].split("/")[0] for i in item.shown}


def test_nothing_undetermined_is_produced(office: Office) -> None:
    request = office.request("tulips", "phone")
    with office.archive.write(office.signer) as writer:
        release(writer, request, office.comments["phone"])
        with pytest.raises(Refused, match="2 responsive items are not determined yet"):
            production(writer, request)
        assert {r.record_id for r in undetermined(writer, request)} == {office.comments["tulips"]}


def test_a_release_shows_all_but_the_archive_s_own_parts(office: Office) -> None:
    request = office.request("phone")
    with office.archive.write(office.signer) as writer:
        release(writer, request, None)
    (item,) = produced(office, request)
    assert (item.number, item.outcome, item.exemptions, item.reason) == (1, "release", (), "")
    assert shown_paths(item) == {"text", "author", "url", "occurred_at", "visibility"}
    assert {item.sealed.paths[i] for i in item.hidden} == {"native_id", "account", "raw"}
    assert set(item.hidden.values()) == {INTERNAL}


def test_raw_leaves_when_asked_for_and_never_with_a_redaction(office: Office) -> None:
    request = office.request("phone")
    with office.archive.write(office.signer) as writer:
        release(writer, request, None, raw=True)
    assert "raw" in shown_paths(produced(office, request)[0])
    redact_text(office, request, "phone", "630-555-0142")
    assert "raw" not in shown_paths(produced(office, request)[0])


def test_every_version_is_produced_with_its_own_redaction(office: Office) -> None:
    request = office.request("tulips")
    done = redact_text(office, request, "tulips", "Jane Roe")
    assert [d.texts for d in done] == [("Jane", "Roe", "Jane Roe"), ("Jane Roe",)]
    items = produced(office, request)
    assert [item.number for item in items] == [1, 2]
    assert len({item.record.id for item in items}) == 1
    assert all(
        item.sealed.disclose(item.shown).commitment == item.entry.commitment for item in items
    )
    assert all(item.reason == "A private telephone number" for item in items)


def test_redactions_add_up_and_keep_their_codes(office: Office) -> None:
    request = office.request("phone")
    redact_text(office, request, "phone", "630-555-0142")
    with office.archive.write(office.signer) as writer:
        redact(
            writer,
            request,
            office.comments["phone"],
            [mark_text("630-555-0142", PRIVATE), mark_author("7(1)(c)")],
            office.rules.exemptions,
            reason="Privacy",
        )
    (item,) = produced(office, request)
    codes = {item.sealed.values[i].strip(): code for i, code in item.hidden.items()}
    assert codes[b"630-555-0142"] == PRIVATE
    assert codes[b"Jane Roe"] == "7(1)(c)"
    assert set(item.exemptions) == {PRIVATE, "7(1)(c)"}
    assert "url" not in shown_paths(item)


def test_reasons_add_up_and_hiding_again_what_is_hidden_changes_nothing(office: Office) -> None:
    request = office.request("phone")
    redact_text(office, request, "phone", "630-555-0142")
    with office.archive.write(office.signer) as writer:
        author = [mark_author("7(1)(c)")]
        record = office.comments["phone"]
        redact(writer, request, record, author, office.rules.exemptions, reason="A patron's name")
    redact_text(office, request, "phone", "630-555-0142")
    (item,) = produced(office, request)
    assert item.reason == "A private telephone number; A patron's name"
    assert set(item.exemptions) == {"7(1)(b)", "7(1)(c)"}


def test_a_redaction_of_every_record_leaves_the_others_alone(office: Office) -> None:
    request = office.request("tulips", "phone")
    (done,) = redact_text(office, request, None, "630-555-0142")
    assert done.record_id == office.comments["phone"]
    with office.archive.read() as reader:
        assert tally(reader, request).undetermined == 2


def test_nothing_found_is_an_error_not_a_silent_release(office: Office) -> None:
    request = office.request("phone")
    with pytest.raises(UsageError, match="nothing of the kind"):
        redact_text(office, request, "phone", "847-555-0199")
    with office.archive.read() as reader:
        assert tally(reader, request).undetermined == 1


def test_withholding_needs_a_known_exemption_and_a_reason(office: Office) -> None:
    request = office.request("phone")
    codes = office.rules.exemptions
    with office.archive.write(office.signer) as writer:
        for given, reason, said in (
            ([], "private", "an exemption is needed"),
            ([PRIVATE], " ", "a reason is needed"),
            (["7(9)"], "private", r"no exemption has the code 7\(9\)"),
        ):
            with pytest.raises(UsageError, match=said):
                withhold(writer, request, None, codes, given, reason=reason)
        withhold(writer, request, None, codes, ["7(1)(C)"], reason="Highly personal")
    (item,) = produced(office, request)
    assert (item.outcome, item.exemptions, item.shown) == ("withhold", ("7(1)(c)",), frozenset())
    with pytest.raises(Refused, match="withheld as a whole"):
        redact_text(office, request, "phone", "630")


def test_a_determination_is_replaced_only_on_purpose(office: Office) -> None:
    request = office.request("phone")
    redact_text(office, request, "phone", "630-555-0142")
    with office.archive.write(office.signer) as writer:
        with pytest.raises(Refused, match=r"is determined already \(redact\)"):
            release(writer, request, office.comments["phone"])
        with pytest.raises(Refused, match="no record left to determine"):
            release(writer, request, None)
        release(writer, request, office.comments["phone"], replace=True)
        assert review(writer, request)[0].outcome == "release"


def test_a_direct_message_does_not_leave_unnoticed(office: Office) -> None:
    request = office.request("direct", "phone")
    with office.archive.write(office.signer) as writer:
        with pytest.raises(Refused, match=r"1 of these were not public, as comment .* \(direct\)"):
            release(writer, request, None)
        assert tally(writer, request).undetermined == 2
        with pytest.raises(Refused, match="not public"):
            redact(
                writer,
                request,
                None,
                [mark_author("7(1)(c)")],
                office.rules.exemptions,
                reason="Privacy",
            )
        release(writer, request, None, private=True)
        assert tally(writer, request).release == 2


def test_only_responsive_records_are_determined(office: Office) -> None:
    request = office.request("phone")
    with (
        office.archive.write(office.signer) as writer,
        pytest.raises(Refused, match="is not among the responsive ones"),
    ):
        release(writer, request, office.comments["tulips"])


def test_the_same_words_in_other_records_are_pointed_out(office: Office) -> None:
    request = office.request("tulips", "phone")
    redact_text(office, request, "phone", "Jane Roe")
    with office.archive.read() as reader:
        found = mentions(survey(reader, request), ["Jane Roe"])
        assert [r.record_id for r in found] == [office.comments["tulips"]] * 2
    redact_text(office, request, "tulips", "Jane Roe")
    with office.archive.read() as reader:
        assert not list(mentions(survey(reader, request), ["Jane Roe"]))


def test_single_words_of_a_hidden_author_s_name_are_pointed_out(office: Office) -> None:
    record = office.capture("roe", "Ask Mrs Roe")
    request = office.request("roe", "phone")
    with office.archive.write(office.signer) as writer:
        redact(
            writer,
            request,
            record,
            [mark_author("7(1)(c)")],
            office.rules.exemptions,
            reason="Privacy",
        )
        traces = {s.review.record_id: author_traces(s) for s in survey(writer, request)}
    assert traces == {record: ("Roe",), office.comments["phone"]: ()}


def test_suggestions_become_redactions_with_their_codes(office: Office) -> None:
    request = office.request("phone", "tulips")
    marks = [mark_suggested(office.rules.suggestions)]
    with office.archive.write(office.signer) as writer:
        found = [s.kind for _, s in still_shown(survey(writer, request), office.rules.suggestions)]
        (done,) = redact(writer, request, None, marks, office.rules.exemptions, reason="Private")
        left = list(still_shown(survey(writer, request), office.rules.suggestions))
    assert (found, left) == (["phone", "email"], [])
    assert done.texts == ("630-555-0142", "jane@example.org")


def test_a_disposed_record_cannot_be_produced(office: Office) -> None:
    request = office.request("phone")
    with office.archive.write(office.signer) as writer:
        release(writer, request, None)
        writer.erase([office.comments["phone"]])
    with pytest.raises(Refused, match="was disposed of"):
        produced(office, request)
