"""A request from receipt to closing, against a real archive."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from archive import NotFound, Refused, UsageError
from exports.requests import (
    PROJECTION,
    Searched,
    add_records,
    agree,
    close,
    extend,
    find_request,
    list_requests,
    names_of,
    open_request,
    record_search,
    release,
    set_aside,
    tally,
    undetermined,
)
from tests.exports.requests.conftest import INTAKE, TODAY, Office


def test_a_request_gets_a_number_and_its_due_date(office: Office) -> None:
    request = office.request()
    assert (request.number, request.due) == ("2026-0001", date(2026, 12, 1))
    assert office.request().number == "2026-0002"
    with office.archive.write(office.signer) as writer:
        older = replace(INTAKE, received=date(2025, 3, 3))
        assert open_request(writer, older, office.rules, body="", today=TODAY)[0].number == (
            "2025-0001"
        )
        commercial = replace(INTAKE, purpose="commercial")
        opened, counted = open_request(writer, commercial, office.rules, body="", today=TODAY)
    assert counted is not None
    assert opened.due == counted.due == date(2026, 12, 23)


def test_the_header_says_by_which_rules_it_was_counted(office: Office) -> None:
    request = office.request()
    with office.archive.read() as reader:
        data = reader.entry(request.seq).data
    (calendar,) = data["calendars"]
    assert calendar["code"] == "il-cms"
    assert len(calendar["digest"]) == 64
    assert (data["days"], data["unit"], data["rules"]) == (5, "business days", 2)
    assert (data["jurisdiction"], data["track"]) == ("us-il", "ordinary")


def test_nobody_s_name_stands_in_a_header_or_a_table(office: Office) -> None:
    request = office.request("phone")
    searched = Searched('author:"Jane Roe"', "parsed Jane Roe", 9, "tantivy", [])
    with office.archive.write(office.signer) as writer:
        record_search(writer, request, searched)
        release(writer, request, office.comments["phone"], reason="Jane Roe agreed")
        headers = b"".join(entry.header for entry in writer.entries())
        tables = repr(
            [writer.conn.execute(select(t)).fetchall() for t in PROJECTION.metadata.sorted_tables]
        )
        names = names_of(writer, request)
    assert names.requester == INTAKE.requester
    for personal in ("Pat", "Public", "pat@example.org", "tulips", "Jane", "Roe"):
        assert personal.encode() not in headers
        assert personal not in tables


def test_a_request_is_found_by_number_or_id(office: Office) -> None:
    request = office.request()
    with office.archive.read() as reader:
        for key in (request.number, request.id, request.id[-8:]):
            assert find_request(reader, key) == request
        for key in ("2026-0009", "", request.id[:2]):
            with pytest.raises(NotFound):
                find_request(reader, key)


def test_what_cannot_be_a_request_is_refused(office: Office) -> None:
    with office.archive.write(office.signer) as writer:
        for wrong, said in (
            (replace(INTAKE, requester=" "), "needs a requester"),
            (replace(INTAKE, received=TODAY + timedelta(days=1)), "is in the future"),
            (replace(INTAKE, purpose="curious"), "there is no purpose curious"),
            (replace(INTAKE, channel="pigeon"), "there is no channel pigeon"),
            (replace(INTAKE, track="academic"), "no term for an academic request"),
        ):
            with pytest.raises(UsageError, match=said):
                open_request(writer, wrong, office.rules, body="", today=TODAY)


def test_a_search_adds_what_it_finds_once(office: Office) -> None:
    request = office.request()
    found = [office.comments["tulips"], office.comments["phone"]]
    with office.archive.write(office.signer) as writer:
        first = Searched("tulips", "Term(text, tulips)", 8, "tantivy", found)
        assert record_search(writer, request, first) == (2, 0)
        assert record_search(writer, request, first) == (0, 0)
        evidence = writer.history(request.id, {"request.searched"})
        ((_, sealed), _) = writer.open(evidence)
    assert [e.data["count"] for e in evidence] == [2, 2]
    assert evidence[0].data["position"] == 8
    assert sealed is not None
    assert (sealed.get("query"), sealed.get("parsed")) == ("tulips", "Term(text, tulips)")


def test_every_version_captured_before_the_search_is_responsive(office: Office) -> None:
    request = office.request("tulips")
    with office.archive.read() as reader:
        assert len(undetermined(reader, request)) == 2
    office.capture("tulips", "The tulips are gone")
    with office.archive.write(office.signer) as writer:
        assert len(undetermined(writer, request)) == 2
        assert add_records(writer, request, [office.comments["tulips"]]) == (1, 0)
        assert len(undetermined(writer, request)) == 3
        assert tally(writer, request).records == 1


def test_what_was_set_aside_comes_back_only_by_hand(office: Office) -> None:
    request = office.request("tulips", "phone")
    phone = office.comments["phone"]
    with office.archive.write(office.signer) as writer:
        release(writer, request, phone)
        assert set_aside(writer, request, [phone, phone], reason="About something else") == 1
        assert (tally(writer, request).records, tally(writer, request).set_aside) == (1, 1)
        assert record_search(writer, request, Searched("q", "q", 1, "tantivy", [phone])) == (0, 0)
        with pytest.raises(Refused, match="not among the responsive ones"):
            set_aside(writer, request, [phone], reason="Twice")
        with pytest.raises(UsageError, match="a reason is needed"):
            set_aside(writer, request, [office.comments["tulips"]], reason=" ")
        assert add_records(writer, request, [phone]) == (1, 0)
        assert [r.record_id for r in undetermined(writer, request)].count(phone) == 1


def test_large_sets_are_added_in_pieces(office: Office) -> None:
    request = office.request()
    many = [office.comments["phone"]] + [f"unknown-{n}" for n in range(2500)]
    with office.archive.write(office.signer) as writer:
        assert record_search(writer, request, Searched("q", "q", 1, "tantivy", many)) == (1, 0)


def test_an_extension_is_counted_from_the_first_due_date(office: Office) -> None:
    request = office.request()
    with office.archive.write(office.signer) as writer:
        counted = extend(
            writer, request, office.rules, ground="consultation", days=None, today=TODAY
        )
        extended = find_request(writer, request.id)
    assert counted.due == extended.due == date(2026, 12, 8)
    assert (extended.first_due, extended.extended) == (date(2026, 12, 1), "consultation")


def test_extensions_that_the_act_does_not_give(office: Office) -> None:
    request = office.request()
    with office.archive.write(office.signer) as writer:
        with pytest.raises(UsageError, match="is no ground"):
            extend(writer, request, office.rules, ground="holiday", days=None, today=TODAY)
        with pytest.raises(Refused, match="at most 5 business days"):
            extend(writer, request, office.rules, ground="consultation", days=6, today=TODAY)
        late = date(2026, 12, 2)
        with pytest.raises(Refused, match="too late to extend"):
            extend(writer, request, office.rules, ground="consultation", days=1, today=late)
        extend(writer, request, office.rules, ground="consultation", days=2, today=TODAY)
        once = find_request(writer, request.id)
        with pytest.raises(Refused, match="was extended already"):
            extend(writer, once, office.rules, ground="consultation", days=1, today=TODAY)
        commercial, _ = open_request(
            writer, replace(INTAKE, purpose="commercial"), office.rules, body="", today=TODAY
        )
        with pytest.raises(Refused, match="no extension for a commercial request"):
            extend(writer, commercial, office.rules, ground="consultation", days=1, today=TODAY)


def test_a_later_date_can_be_agreed_at_any_time(office: Office) -> None:
    request = office.request()
    with office.archive.write(office.signer) as writer:
        agree(writer, request, date(2027, 1, 15))
        agreed = find_request(writer, request.id)
        assert (agreed.due, agreed.extended) == (date(2027, 1, 15), "agreement")
        with pytest.raises(UsageError, match="is due on 2027-01-15"):
            agree(writer, agreed, date(2027, 1, 15))


def test_closing_waits_for_every_determination(office: Office) -> None:
    request = office.request("phone")
    with office.archive.write(office.signer) as writer:
        with pytest.raises(Refused, match="1 responsive items are not determined yet"):
            close(writer, request)
        release(writer, request, None)
        assert close(writer, request) == "granted"
        closed = find_request(writer, request.id)
        assert (closed.closed, closed.outcome) == (True, "granted")
        assert list(list_requests(writer, closed=False)) == []
        for decide in (
            lambda: close(writer, closed),
            lambda: add_records(writer, closed, []),
            lambda: release(writer, closed, None),
            lambda: agree(writer, closed, date(2027, 1, 1)),
        ):
            with pytest.raises(Refused, match=r"2026-0001 was closed \(granted\)"):
                decide()


def test_a_request_without_records_and_one_that_is_withdrawn(office: Office) -> None:
    empty, withdrawn = office.request(), office.request("phone")
    with office.archive.write(office.signer) as writer:
        assert close(writer, empty) == "no-records"
        assert close(writer, withdrawn, withdrawn=True) == "withdrawn"


def test_the_tables_are_the_same_after_a_rebuild(office: Office) -> None:
    request = office.request("tulips", "phone")
    office.capture("phone", "edited later")
    with office.archive.write(office.signer) as writer:
        release(writer, request, office.comments["phone"])
        record_search(writer, request, Searched("q", "p", 3, "tantivy", []))
        add_records(writer, request, [office.comments["direct"]])
        set_aside(writer, request, [office.comments["direct"]], reason="Not about tulips")
        extend(writer, request, office.rules, ground="consultation", days=2, today=TODAY)
    before = contents(office)
    office.archive.rebuild()
    assert contents(office) == before
    assert len(before["determination"]) == 3


def contents(office: Office) -> dict[str, list[str]]:
    with office.archive.read() as reader:
        return {
            table.name: sorted(map(repr, reader.conn.execute(select(table))))
            for table in PROJECTION.metadata.sorted_tables
        }
