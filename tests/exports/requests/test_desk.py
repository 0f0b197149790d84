"""The desk of a review: where it begins, what each step leaves in the log, what undo takes back."""

import pytest

from archive import Refused, UsageError
from exports.requests import (
    Desk,
    Request,
    mark_parts,
    mark_suggested,
    mark_text,
    reasons_of,
    redact,
    refusals,
    review,
    still_shown,
    survey,
    tally,
)
from tests.exports.requests.conftest import Office

PRIVATE = "7(1)(b)"


def desk_of(office: Office, request: Request) -> Desk:
    return Desk(office.archive, office.signer, request.number, office.rules)


def outcomes(office: Office, request: Request) -> list[str | None]:
    with office.archive.read() as reader:
        return [item.outcome for item in review(reader, request)]


def test_it_begins_at_what_is_undetermined_and_stops_at_the_ends(office: Office) -> None:
    request = office.request("tulips", "phone")
    desk = desk_of(office, request)
    assert (len(desk.items), desk.at, desk.undetermined) == (3, 0, 3)
    desk.move(-1)
    assert desk.at == 0
    desk.release()
    assert desk_of(office, request).at == 1
    desk.move(9)
    assert desk.at == 2
    with pytest.raises(Refused, match="has no responsive record"):
        desk_of(office, office.request())


def test_each_version_is_determined_by_itself(office: Office) -> None:
    request = office.request("tulips")
    desk = desk_of(office, request)
    desk.withhold(["7(1)(c)"], "Names a person")
    assert outcomes(office, request) == ["withhold", None]
    desk.move(1)
    desk.release()
    assert outcomes(office, request) == ["withhold", "release"]
    with pytest.raises(UsageError, match="a reason is needed"):
        desk.withhold(["7(1)(c)"], " ")


def test_a_card_shows_what_is_suggested_hidden_and_answered(office: Office) -> None:
    office.capture("answer", "Call 630-555-0199", parent="phone")
    request = office.request("answer")
    desk = desk_of(office, request)
    desk.move(1)
    card = desk.card()
    assert [one.text for one in card.suggestions] == ["630-555-0199"]
    assert card.above is not None
    assert card.above.author == "Jane Roe"
    (one,) = card.suggestions
    code, reason = desk.proposed(one)
    assert (code, reason) == (PRIVATE, "A private telephone number")
    desk.redact(mark_parts(one.parts, code), reason)
    card = desk.card()
    assert (card.suggestions, set(card.hidden.values())) == ((), {PRIVATE})
    assert card.review.outcome == "redact"


def test_a_message_that_was_not_public_is_said_to_be(office: Office) -> None:
    desk = desk_of(office, office.request("direct"))
    assert not desk.card().public
    with pytest.raises(Refused, match="not public"):
        desk.release()
    desk.release(private=True)
    assert desk.undetermined == 0


def test_undo_takes_back_one_step_after_another(office: Office) -> None:
    request = office.request("phone", "tulips")
    desk = desk_of(office, request)
    first = desk.at
    desk.redact(mark_text("tulips", PRIVATE), "A flower")
    desk.redact(mark_text("Jane", PRIVATE), "A name")
    desk.move(1)
    desk.release()
    desk.move(1)
    assert desk.undo()
    assert desk.at == first + 1
    assert desk.undo()
    with office.archive.read() as reader:
        (item,) = (i for i in review(reader, request) if i.outcome)
        assert item.seq is not None
        ((entry, sealed),) = reader.open([reader.entry(item.seq)])
    assert sealed is not None
    assert (entry.type, sealed.text("reason")) == ("request.determined", "A flower")
    assert desk.undo()
    assert outcomes(office, request) == [None, None, None]
    assert not desk.undo()
    assert desk.undetermined == 3


def test_undo_brings_back_which_exemption_had_which_reason(office: Office) -> None:
    request = office.request("phone")
    desk = desk_of(office, request)
    desk.redact(mark_text("tulips", PRIVATE), "A flower")
    desk.redact(mark_text("jane@example.org", "7(1)(c)"), "An address")
    desk.redact(mark_text("call", PRIVATE), "A verb")
    desk.undo()
    with office.archive.read() as reader:
        (item,) = review(reader, request)
        assert item.seq is not None
        ((_, sealed),) = reader.open([reader.entry(item.seq)])
    assert reasons_of(sealed, item.exemptions) == {
        PRIVATE: ("A flower",),
        "7(1)(c)": ("An address",),
    }


def test_what_was_refused_is_not_suggested_again_until_that_is_taken_back(office: Office) -> None:
    request = office.request("phone")
    desk = desk_of(office, request)
    phone, email = desk.card().suggestions
    desk.refuse(phone)
    assert desk.card().suggestions == (email,)
    rules = office.rules.suggestions
    with office.archive.write(office.signer) as writer:
        refused = refusals(writer, request)
        shown = still_shown(survey(writer, request), rules, refused)
        assert [one.kind for _, one in shown] == ["email"]
        marks = [mark_suggested(rules, refused=refused)]
        (done,) = redact(writer, request, None, marks, office.rules.exemptions, reason="Private")
        assert done.texts == ("jane@example.org",)
    assert desk.undo()
    assert [one.kind for one in desk.card().suggestions] == ["phone"]


def test_what_is_determined_and_taken_back_is_in_the_log_and_rebuilt_from_it(
    office: Office,
) -> None:
    request = office.request("phone", "tulips")
    desk = desk_of(office, request)
    desk.release()
    desk.undo()
    desk.withhold(["7(1)(c)"], "Private")
    with office.archive.read() as reader:
        before = tally(reader, request)
        kinds = [entry.type for entry in reader.history(request.id)][-3:]
    assert kinds == ["request.determined", "request.reopened", "request.determined"]
    office.archive.rebuild()
    with office.archive.read() as reader:
        assert tally(reader, request) == before
