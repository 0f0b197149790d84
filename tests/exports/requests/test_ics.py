"""The calendar file: read back by the library's parser, and by the rules of RFC 5545 themselves."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from icalendar import Calendar

from exports.requests import (
    Agenda,
    agenda,
    close,
    extend,
    find_request,
    icalendar_of,
    load_rules,
    open_request,
)
from schedules import zone_of
from tests.exports.requests.conftest import INTAKE, TODAY, Office

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)


def written(items: list[Agenda], edition: int = 1) -> bytes:
    content, count = icalendar_of(items, name="Library", origin="origin", at=AT, edition=edition)
    assert count == content.count(b"BEGIN:VEVENT\r\n")
    return content


def parsed(content: bytes) -> dict[str, dict[str, Any]]:
    """The events by their UIDs, each by its properties."""
    names = ("uid", "dtstart", "dtend", "dtstamp", "summary", "sequence")
    events = Calendar.from_ical(content).walk("VEVENT")
    read = [{name: event.decoded(name) for name in names} for event in events]
    text = [{k: v.decode() if isinstance(v, bytes) else v for k, v in one.items()} for one in read]
    return {str(one["uid"]): one for one in text}


def test_what_is_due_stands_in_it_and_nobody_s_name(office: Office) -> None:
    ordinary, answered = office.request(), office.request()
    with office.archive.write(office.signer) as writer:
        extend(writer, ordinary, office.rules, ground="consultation", today=TODAY)
        close(writer, answered)
        open_request(writer, INTAKE, load_rules("us-fl"), body="", today=TODAY)
        items = agenda(writer, TODAY, zone_of(office.archive))
        again = agenda(writer, date(2026, 12, 9), zone_of(office.archive))
        due = find_request(writer, ordinary.id).due
    content = written(items)
    events = parsed(content)
    assert set(events) == {f"{ordinary.id}.answer@origin", f"{ordinary.id}.silence@origin"}
    answer, silence = (events[f"{ordinary.id}.{code}@origin"] for code in ("answer", "silence"))
    assert (answer["dtstart"], answer["dtend"]) == (due, date(2026, 12, 9))
    assert answer["summary"] == "Request 2026-0001: Answer the request (extended: consultation)"
    assert silence["dtstart"] == date(2026, 12, 9)
    assert silence["summary"] == "Request 2026-0001: Without an answer it counts as denied"
    assert answer["dtstamp"] == AT
    later = parsed(written(again, 7))
    assert events.keys() < later.keys()
    assert all(e["sequence"] == 7 for e in later.values())
    for personal in ("Pat", "Public", "example.org", "tulips"):
        assert personal.encode() not in content


def test_its_lines_are_those_of_the_standard(office: Office) -> None:
    office.request()
    with office.archive.read() as reader:
        content = written(agenda(reader, date(2027, 1, 4), zone_of(office.archive)))
    lines = content.decode().split("\r\n")
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    assert "VERSION:2.0" in lines
    assert any(line.startswith("PRODID:") for line in lines)
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "\n" not in content.decode().replace("\r\n", "")
    unfolded = content.decode().replace("\r\n ", "").split("\r\n")
    begun = [line for line in unfolded if line.startswith(("BEGIN:VEVENT", "END:VEVENT"))]
    assert all(a != b for a, b in pairwise(begun))
    for name in ("UID", "DTSTAMP", "DTSTART", "SUMMARY"):
        assert sum(line.startswith(name) for line in unfolded) == begun.count("BEGIN:VEVENT")
