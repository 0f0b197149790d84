"""What moves a request's clock, against a real archive."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from archive import Refused, UsageError
from exports.requests import (
    Request,
    Rules,
    agenda,
    agree,
    close,
    extend,
    find_request,
    load_rules,
    open_request,
    pause,
    resume,
    take_step,
    treat,
)
from exports.requests._course import course_of
from schedules import zone_of
from tests.exports.requests.conftest import INTAKE, TODAY, Office
from tests.exports.requests.test_intake import contents


def opened(office: Office, code: str = "us-il", **more: object) -> tuple[Request, Rules]:
    """A request under another act, received on 20 November 2026."""
    rules = load_rules(code)
    intake = replace(INTAKE, **more)  # type: ignore[arg-type]  # the facts have the right types
    with office.archive.write(office.signer) as writer:
        request, _ = open_request(writer, intake, rules, body="Library", today=TODAY)
    return request, rules


def test_an_extension_counts_from_when_the_requester_was_told_in_time(office: Office) -> None:
    request, rules = opened(office)
    late, on = date(2026, 12, 3), date(2026, 12, 1)
    with office.archive.write(office.signer) as writer:
        with pytest.raises(Refused, match="too late to extend"):
            extend(writer, request, rules, ground="consultation", today=late)
        for wrong, said in (
            (date(2026, 12, 4), "in the future"),
            (date(2026, 11, 1), "was received on"),
        ):
            with pytest.raises(UsageError, match=said):
                extend(writer, request, rules, ground="consultation", today=late, on=wrong)
        with pytest.raises(Refused, match="at most 5 business days: until 2026-12-08"):
            extend(
                writer, request, rules, ground="consultation", today=late, on=on,
                until=date(2026, 12, 9),
            )  # fmt: skip
        done = extend(
            writer, request, rules, ground="consultation", today=late, on=on, reason="Two towns"
        )
        (entry,) = writer.history(request.id, {"request.extended"})
        ((_, sealed),) = writer.open([entry])
    assert (done.due, done.verified) == (date(2026, 12, 8), True)
    assert (entry.data["days"], entry.data["on"]) == (5, "2026-12-01")
    assert sealed is not None
    assert sealed.text("reason") == "Two towns"


def test_new_york_acknowledges_and_then_names_a_day(office: Office) -> None:
    request, rules = opened(office, "us-ny")
    with office.archive.write(office.signer) as writer:
        counted = extend(writer, request, rules, ground="acknowledged", today=TODAY)
        assert counted.due == date(2026, 12, 22)
        once = find_request(writer, request.id)
        assert (once.extension_days, once.extension_from) == (20, TODAY)
        with pytest.raises(UsageError, match="leaves the day to the body"):
            extend(writer, once, rules, ground="date-certain", today=TODAY)
        with pytest.raises(UsageError, match="is due on 2026-12-22"):
            extend(writer, once, rules, ground="date-certain", today=TODAY, until=TODAY)
        named = date(2027, 2, 1)
        assert (
            extend(writer, once, rules, ground="date-certain", today=TODAY, until=named).counted
            is None
        )
        assert find_request(writer, request.id).extension_days is None
        with pytest.raises(Refused, match="extended already"):
            extend(
                writer, find_request(writer, request.id), rules,
                ground="date-certain", today=TODAY, until=date(2027, 3, 1),
            )  # fmt: skip


def test_a_request_without_a_due_day_can_have_one_agreed(office: Office) -> None:
    request, rules = opened(office, "us-fl")
    assert request.due is None
    with office.archive.write(office.signer) as writer:
        with pytest.raises(Refused, match="us-fl gives no extension"):
            extend(writer, request, rules, ground="estimate", today=TODAY)
        agree(writer, request, date(2027, 1, 15), reason="By e-mail")
        assert find_request(writer, request.id).due == date(2027, 1, 15)


def test_a_voluminous_request_moves_with_its_steps(office: Office) -> None:
    request, rules = opened(office)
    with office.archive.write(office.signer) as writer:
        with pytest.raises(Refused, match="too late for another track"):
            treat(writer, request, rules, "voluminous", today=date(2026, 12, 2))
        with pytest.raises(UsageError, match="no term for an academic request"):
            treat(writer, request, rules, "academic", today=TODAY)
        treat(writer, request, rules, "voluminous", today=TODAY)
        slow = find_request(writer, request.id)
        assert (slow.track, slow.due) == ("voluminous", date(2026, 12, 22))
        with pytest.raises(Refused, match="is voluminous already"):
            treat(writer, slow, rules, "voluminous", today=TODAY)
        with pytest.raises(UsageError, match="appealed is no step of a voluminous request"):
            take_step(writer, slow, rules, "appealed", on=TODAY, today=TODAY)
        told = take_step(writer, slow, rules, "noticed", on=TODAY, today=TODAY, note="By post")
        assert told.due == date(2026, 12, 16)
        with pytest.raises(UsageError, match="in the future"):
            take_step(writer, told, rules, "amended", on=TODAY + timedelta(days=1), today=TODAY)
        extend(writer, told, rules, ground="voluminous", today=TODAY)
        with pytest.raises(Refused, match="extended already"):
            treat(writer, find_request(writer, request.id), rules, "ordinary", today=TODAY)
    before = contents(office)
    office.archive.rebuild()
    assert contents(office) == before


def test_the_clock_stops_while_an_agency_waits_for_the_requester(office: Office) -> None:
    request, rules = opened(office, "us")
    assert request.due == date(2026, 12, 21)
    with office.archive.write(office.signer) as writer:
        with pytest.raises(UsageError) as caught:
            pause(writer, request, rules, "lunch", on=TODAY, today=TODAY)
        assert caught.value.hint == "grounds: information, fees"
        with pytest.raises(Refused, match="does not stand still"):
            resume(writer, request, rules, on=TODAY, today=TODAY)
        pause(writer, request, rules, "information", on=TODAY, today=TODAY)
        stopped = find_request(writer, request.id)
        assert stopped.paused == TODAY
        (item,) = agenda(writer, date(2027, 3, 1), zone_of(office.archive))
        assert (item.standing, item.due, item.left) == ("paused", None, None)
        with pytest.raises(Refused, match="stands since 2026-11-23"):
            pause(writer, stopped, rules, "fees", on=TODAY, today=TODAY)
        with pytest.raises(UsageError, match="after 2026-11-20"):
            resume(writer, stopped, rules, on=INTAKE.received, today=TODAY)
        again = resume(writer, stopped, rules, on=date(2026, 11, 25), today=date(2026, 11, 30))
        assert (again.due, again.paused) == (date(2026, 12, 23), None)
        assert course_of(writer, again).pauses == ((TODAY, date(2026, 11, 25)),)
        with pytest.raises(Refused, match="no more often"):
            pause(writer, again, rules, "information", on=TODAY, today=TODAY)
        with pytest.raises(Refused, match="too late to stop it"):
            pause(writer, again, rules, "fees", on=date(2026, 12, 24), today=date(2026, 12, 24))
    before = contents(office)
    office.archive.rebuild()
    assert contents(office) == before


def test_illinois_stops_no_clock(office: Office) -> None:
    request, rules = opened(office)
    with office.archive.write(office.signer) as writer, pytest.raises(UsageError) as caught:
        pause(writer, request, rules, "fees", on=TODAY, today=TODAY)
    assert caught.value.hint == "nothing stops it"


def test_what_is_due_first_stands_first(office: Office) -> None:
    rules = load_rules("us-il")
    ordinary, _ = opened(office)
    commercial, _ = opened(office, purpose="commercial")
    open_ended, _ = opened(office, "us-fl")
    late, _ = opened(office, received=date(2026, 11, 2))
    answered, _ = opened(office)
    with office.archive.write(office.signer) as writer:
        close(writer, answered)
        found = agenda(writer, TODAY, zone_of(office.archive))
        waiting = agenda(writer, TODAY, zone_of(office.archive), closed=False)
    numbers = [one.request.number for one in found]
    order = [late, ordinary, commercial, open_ended, answered]
    assert numbers == [one.number for one in order]
    assert [one.left for one in found] == [-8, 4, 20, None, None]
    assert [one.standing for one in found] == [
        "overdue", "running", "running", "no day set", "closed",
    ]  # fmt: skip
    assert [one.request.number for one in waiting] == numbers[:-1]
    assert rules.calendar.closed(TODAY) is None


def test_a_review_that_is_asked_of_an_answered_request_is_waited_for(office: Office) -> None:
    request, rules = opened(office)
    with office.archive.write(office.signer) as writer:
        close(writer, request)
        closed = find_request(writer, request.id)
        take_step(writer, closed, rules, "review-asked", on=TODAY, today=TODAY)
        take_step(writer, closed, rules, "review-forwarded", on=TODAY, today=TODAY)
        (item,) = agenda(writer, TODAY, zone_of(office.archive), closed=False)
    assert item.next is not None
    assert (item.next.code, item.due) == ("review-answered", date(2026, 12, 4))
