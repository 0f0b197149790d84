"""Every date that runs, as ../shared/law.md has it: jurisdiction by jurisdiction."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import UsageError
from exports.requests import Closures, Jurisdiction, Request, load_jurisdiction
from exports.requests._calendar import packaged_calendar
from exports.requests._clock import deadline
from exports.requests._data import packaged
from exports.requests._dates import Course, Dated, count, dates, first_due
from exports.requests._jurisdiction import read_jurisdiction

CODES = ("us", "us-ca", "us-fl", "us-il", "us-ny", "us-tx", "us-wa")
DAY = date(2026, 11, 20)
LATER = date(2027, 12, 31)


def calendar_of(act: Jurisdiction) -> Closures:
    return Closures([], packaged_calendar(act.calendar))


def request(code: str, received: date, track: str = "ordinary", **more: object) -> Request:
    """A request as it stands when it was opened."""
    act = load_jurisdiction(code)
    counted = first_due(act, calendar_of(act), Course(received, track))
    due = None if counted is None else counted.due
    facts: dict[str, object] = {
        "id": "id", "seq": 0, "number": "2026-0001", "received": received, "channel": "",
        "first_due": due, "due": due, "purpose": "ordinary", "track": track, "jurisdiction": code,
        "extended": None, "extension_days": None, "extension_from": None, "paused": None,
        "closed_at": None, "outcome": None,
    }  # fmt: skip
    return Request(**(facts | more))  # type: ignore[arg-type]  # the facts have the right types


def running(
    one: Request,
    steps: dict[str, date] | None = None,
    *,
    today: date = DAY,
    answered: date | None = None,
) -> dict[str, Dated]:
    """The dates of a request by their codes."""
    act = load_jurisdiction(one.jurisdiction)
    course = Course(one.received, one.track, steps or {})
    found = dates(act, calendar_of(act), one, course, today=today, answered=answered)
    return {dated.code: dated for dated in found}


def days(found: dict[str, Dated]) -> dict[str, date | None]:
    return {code: dated.day for code, dated in found.items()}


@pytest.mark.parametrize(
    ("received", "due", "extended", "commercial"),
    [
        (date(2026, 2, 9), date(2026, 2, 18), date(2026, 2, 25), date(2026, 3, 12)),
        (date(2026, 6, 26), date(2026, 7, 6), date(2026, 7, 13), date(2026, 7, 28)),
        (date(2026, 11, 20), date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 23)),
    ],
)
def test_illinois_vectors_by_the_act_s_own_rules(
    received: date, due: date, extended: date, commercial: date
) -> None:
    act = load_jurisdiction("us-il")
    calendar = calendar_of(act)
    ordinary = request("us-il", received)
    assert ordinary.due == due
    longer = request(
        "us-il", received, extended="consultation", extension_days=5, due=date(2000, 1, 1)
    )
    assert count(act, calendar, longer, Course(received, "ordinary")).due == extended
    assert act.track("commercial", received) == "commercial"
    assert request("us-il", received, "commercial").due == commercial
    assert request("us-il", received, "recurrent").due == commercial


@pytest.mark.parametrize(
    ("code", "number", "unit"),
    [
        ("us", 20, "working days"),
        ("us-ca", 10, "calendar days"),
        ("us-il", 5, "business days"),
        ("us-ny", 5, "business days"),
        ("us-tx", 10, "business days"),
        ("us-wa", 5, "business days"),
    ],
)
def test_terms(code: str, number: int, unit: str) -> None:
    act = load_jurisdiction(code)
    term = act.term("ordinary", DAY)
    assert (term.days, term.unit, term.verified) == (number, unit, True)
    assert request(code, DAY).due == deadline(calendar_of(act), DAY, number, unit).due


def test_florida_sets_no_day() -> None:
    found = running(request("us-fl", DAY))
    assert days(found) == {"answer": None}
    assert found["answer"].title == "Answer the request (Promptly and in good faith)"


@pytest.mark.parametrize(
    ("code", "ground", "number", "unit", "from_given"),
    [
        ("us", "consultation", 10, "working days", False),
        ("us-ca", "unusual-circumstances", 14, "calendar days", False),
        ("us-il", "undue-burden", 5, "business days", False),
        ("us-ny", "acknowledged", 20, "business days", True),
        ("us-ny", "date-certain", None, "calendar days", False),
        ("us-tx", "certified", None, "calendar days", False),
        ("us-wa", "estimate", None, "calendar days", False),
    ],
)
def test_extensions(
    code: str, ground: str, number: int | None, unit: str, from_given: bool
) -> None:
    known = load_jurisdiction(code).extensions_of("ordinary", DAY)
    (extension,) = (e for e in known if ground in e.grounds)
    assert (extension.days, extension.unit, extension.from_given) == (number, unit, from_given)
    assert extension.verified


def test_what_was_not_read_in_the_law_is_not_verified() -> None:
    unread = {
        code: {
            *(e.source for e in act.extensions if not e.verified),
            *(s.code for s in act.steps if not s.verified),
            *(p.ground for p in act.pauses if not p.verified),
        }
        for code in CODES
        for act in [load_jurisdiction(code)]
    }
    assert {code: found for code, found in unread.items() if found} == {
        "us": {"appealed", "information", "fees"},
        "us-il": {"5 ILCS 140/3.6", "review-opinion"},
    }
    assert not any(packaged_calendar(load_jurisdiction(c).calendar).verified for c in CODES)


def test_a_commercial_purpose_makes_a_difference_in_illinois_only() -> None:
    tracks = {code: load_jurisdiction(code).track("commercial", DAY) for code in CODES}
    assert {code for code, track in tracks.items() if track == "commercial"} == {"us-il"}


def test_silence_is_a_denial_on_the_day_after() -> None:
    due = date(2026, 12, 1)
    found = running(request("us-il", DAY), today=due)
    assert days(found) == {"answer": due, "silence": due + timedelta(days=1)}
    over = running(request("us-il", DAY), today=due + timedelta(days=1))
    assert over["review-asked"].day == date(2026, 12, 2) + timedelta(days=60)
    effects = {c: s.effect for c in CODES if (s := load_jurisdiction(c).silence)}
    assert effects == {"us": "exhaustion", "us-il": "denial", "us-ny": "denial"}


def test_a_review_by_the_public_access_counselor() -> None:
    denied = request("us-il", DAY, closed_at="x", outcome="denied")
    answered = date(2026, 12, 1)
    assert days(running(denied, answered=answered, today=LATER)) == {
        "answer": date(2026, 12, 1),
        "review-asked": date(2027, 1, 30),
    }
    steps = {"review-asked": date(2027, 1, 4)}
    found = days(running(denied, steps, answered=answered, today=LATER))
    assert found["review-forwarded"] == date(2027, 1, 13)
    assert found["review-opinion"] == date(2027, 3, 5)
    assert "review-answered" not in found
    steps["review-forwarded"] = date(2027, 1, 11)
    assert days(running(denied, steps, answered=answered))["review-answered"] == date(2027, 1, 21)
    steps["review-answered"] = date(2027, 1, 19)
    assert days(running(denied, steps, answered=answered))["review-replied"] == date(2027, 1, 28)
    granted = request("us-il", DAY, closed_at="x", outcome="granted")
    assert days(running(granted, answered=answered)) == {"answer": answered}


def test_a_recurrent_requester_has_a_notice_in_five_and_an_answer_in_twenty_one_days() -> None:
    found = days(running(request("us-il", DAY, "recurrent")))
    assert (found["noticed"], found["answer"]) == (date(2026, 12, 1), date(2026, 12, 23))


def test_a_voluminous_request_is_answered_five_days_after_the_requester_spoke_or_might_have() -> (
    None
):
    act = load_jurisdiction("us-il")
    calendar = calendar_of(act)
    one = request("us-il", DAY, "voluminous")
    noticed, amended = date(2026, 12, 1), date(2026, 12, 15)
    found = days(running(one))
    assert (found["noticed"], found["amended"]) == (noticed, amended)
    assert found["answer"] == date(2026, 12, 22)
    early = Course(DAY, "voluminous", {"noticed": date(2026, 11, 23)})
    assert count(act, calendar, one, early).due == date(2026, 12, 16)
    spoken = Course(DAY, "voluminous", {**early.steps, "amended": date(2026, 11, 24)})
    assert count(act, calendar, one, spoken).due == date(2026, 12, 3)


def test_texas_asks_for_a_ruling_by_the_tenth_and_argues_by_the_fifteenth_day() -> None:
    one = request("us-tx", date(2026, 11, 2))
    found = running(one, today=date(2026, 11, 3))
    assert days(found) == {"answer": date(2026, 11, 17), "ruling-asked": date(2026, 11, 17)}
    assert found["ruling-asked"].missed == "The information is presumed to be public"
    assert "ruling-asked" not in running(one, today=date(2026, 11, 18))
    asked = running(one, {"ruling-asked": date(2026, 11, 5)}, today=date(2026, 11, 18))
    assert asked["arguments-sent"].day == date(2026, 11, 24)
    assert asked["ruling-asked"].done == date(2026, 11, 5)


def test_appeals_in_new_york_and_to_a_federal_agency() -> None:
    answered = date(2026, 12, 1)
    york = request("us-ny", DAY, closed_at="x", outcome="granted-in-part")
    assert days(running(york, answered=answered))["appealed"] == date(2026, 12, 31)
    appealed = {"appealed": date(2026, 12, 7)}
    assert days(running(york, appealed, answered=answered))["appeal-decided"] == date(2026, 12, 21)
    agency = request("us", DAY, closed_at="x", outcome="denied")
    assert days(running(agency, answered=answered))["appealed"] == date(2027, 3, 1)
    decided = days(running(agency, appealed, answered=answered))["appeal-decided"]
    assert decided == date(2027, 1, 6)


def test_illinois_thresholds_of_a_recurrent_requester() -> None:
    found = load_jurisdiction("us-il").thresholds_on(DAY)
    assert [(one.requests, one.days) for one in found] == [(50, 365), (15, 30), (7, 7)]


def test_where_the_day_of_receipt_counts_the_term_ends_a_day_earlier() -> None:
    content = packaged("jurisdictions", "us-wa")
    counted = read_jurisdiction(content.replace(b"counted = false", b"counted = true"), "act")
    course = Course(date(2026, 11, 4), "ordinary")
    known = load_jurisdiction("us-wa")
    calendar = calendar_of(known)
    without, with_ = first_due(known, calendar, course), first_due(counted, calendar, course)
    assert without is not None
    assert with_ is not None
    assert (with_.due, without.due) == (date(2026, 11, 10), date(2026, 11, 12))


@pytest.mark.parametrize("received", [date(2026, 11, 21), date(2026, 11, 22)])
def test_what_comes_on_a_weekend_is_counted_from_the_next_business_day(received: date) -> None:
    assert request("us-il", received).due == request("us-il", date(2026, 11, 20)).due


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((b'after = "noticed"', b'after = "told"'), "after is 'told'"),
        ((b'unit = "working days"', b'unit = "weeks"'), "unit is 'weeks'"),
        ((b'by = "reviewer"', b'by = "judge"'), "by is 'judge'"),
        ((b'effect = "denial"', b'effect = "nothing"'), "effect is 'nothing'"),
        ((b'counted_from = "due"', b'counted_from = "noon"'), "counted_from is 'noon'"),
        ((b'after = "amended"\ndays = 5', b'after = "amended"'), "neither days nor a standard"),
    ],
)
def test_a_malformed_act_is_refused(change: tuple[bytes, bytes], said: str) -> None:
    content = packaged("jurisdictions", "us-il")
    assert change[0] in content
    with pytest.raises(UsageError, match=said):
        read_jurisdiction(content.replace(*change), "act")


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(CODES),
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_a_pause_never_brings_the_date_forward(
    code: str, received: date, since: int, waited: int
) -> None:
    act = load_jurisdiction(code)
    calendar = calendar_of(act)
    first = received + timedelta(days=since)
    pause = (first, first + timedelta(days=waited))
    plain = first_due(act, calendar, Course(received, "ordinary"))
    stopped = first_due(act, calendar, Course(received, "ordinary", {}, (pause,)))
    if plain is None or stopped is None:
        assert plain is stopped
        return
    assert plain.due <= stopped.due
    assert not pause[0] < stopped.due <= pause[1]
    assert (stopped.due == plain.due) == (
        plain.due <= pause[0]
        or waited == 0
        or not any(pause[0] < day <= pause[1] for day in counted_days(code, plain.start, plain.due))
    )


def counted_days(code: str, start: date, due: date) -> list[date]:
    """The days after `start` up to `due` that count in the act's unit."""
    act = load_jurisdiction(code)
    every = act.term("ordinary", start).unit == "calendar days"
    calendar = calendar_of(act)
    between = (start + timedelta(days=n) for n in range(1, (due - start).days + 1))
    return [day for day in between if every or calendar.closed(day) is None]
