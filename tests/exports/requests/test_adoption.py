"""A body's own list of closures: drafted, corrected, adopted, and what it moves."""

from datetime import date

import pytest

from archive import Refused, UsageError
from exports.requests import (
    BusinessCalendar,
    Moved,
    adopt_calendar,
    adopted_calendars,
    agree,
    close,
    draft_calendar,
    extend,
    find_request,
    load_rules,
    moved_by,
    open_request,
)
from tests.exports.requests.conftest import INTAKE, TODAY, Office
from tests.exports.requests.test_intake import contents

REPAIRS = '[[closure]]\nfrom = 2026-12-03\nto = 2026-12-04\nname = "Repairs"\n'


def calendar(text: str) -> BusinessCalendar:
    return BusinessCalendar(text.encode(), name="closures.toml")


def drafted(more: str = "", year: int = 2026) -> str:
    return draft_calendar(load_rules("us-il").calendar, year, 'The "Library"') + more


def adopted(office: Office, text: str) -> list[Moved]:
    with office.archive.write(office.signer) as writer:
        return adopt_calendar(writer, calendar(text), load_rules("us-il", writer).calendar)


def test_a_draft_closes_what_is_closed_as_things_stand_and_nothing_else() -> None:
    before, after = load_rules("us-il").calendar, calendar(drafted(year=2027))
    assert after.code == "closures-2027"
    assert after.title == "The 'Library': closures in 2027"
    assert not after.verified
    for number in range(365):
        day = date.fromordinal(date(2027, 1, 1).toordinal() + number)
        assert after.closed(day) == before.closed(day), day
        assert after.covers(day)
    assert not after.covers(date(2026, 12, 31))
    assert not after.covers(date(2028, 1, 1))
    assert "date = 2027-12-31  # Friday" in drafted(year=2027)


def test_adopting_a_list_moves_what_is_counted_and_leaves_what_was_named(office: Office) -> None:
    counted, extended, agreed, answered = (office.request() for _ in range(4))
    with office.archive.write(office.signer) as writer:
        extend(writer, extended, office.rules, ground="consultation", today=TODAY)
        agree(writer, agreed, date(2026, 12, 3))
        close(writer, answered)
        florida, _ = open_request(writer, INTAKE, load_rules("us-fl"), body="", today=TODAY)
    text = drafted(REPAIRS.replace("2026-12-03", "2026-12-01"))
    with office.archive.read() as reader:
        planned = moved_by(reader, load_rules("us-il", reader).calendar.with_(calendar(text)))
    moved = adopted(office, text)
    assert moved == planned
    with office.archive.read() as reader:
        now = {one.number: find_request(reader, one.id) for one in (counted, extended, agreed)}
        entries = [list(reader.history(one.id, {"request.recounted"})) for one in now.values()]
        (kept,) = adopted_calendars(reader)
        assert load_rules("us-il", reader).calendar.closed(date(2026, 12, 2)) == "Repairs"
        assert find_request(reader, answered.id).due == answered.due
    assert [one.due for one in now.values()] == [
        date(2026, 12, 7),
        date(2026, 12, 14),
        date(2026, 12, 3),
    ]
    assert [one.first_due for one in now.values()] == [date(2026, 12, 7)] * 3
    assert [len(found) for found in entries] == [1, 1, 1]
    assert florida.number not in {one.request.number for one in moved}
    assert (kept.label, kept.effective_to) == ("closures-2026 version 1", date(2026, 12, 31))
    before = contents(office)
    office.archive.rebuild()
    assert contents(office) == before


def test_the_list_adopted_last_decides_about_the_days_it_speaks_of(office: Office) -> None:
    adopted(office, drafted(REPAIRS))
    second = (
        drafted().replace("version = 1", "version = 2").replace("2026-01-01\n", "2026-12-04\n", 1)
    )
    assert adopted(office, second) == []
    with office.archive.read() as reader:
        closures = load_rules("us-il", reader).calendar
    assert closures.of(date(2026, 12, 3)).version == 1
    assert closures.of(date(2026, 12, 4)).version == 2
    assert closures.of(date(2027, 1, 4)).code == "il-cms"
    assert (closures.closed(date(2026, 12, 3)), closures.closed(date(2026, 12, 4))) == (
        "Repairs",
        None,
    )


def test_a_request_says_by_which_lists_it_was_counted(office: Office) -> None:
    adopted(office, drafted())
    with office.archive.write(office.signer) as writer:
        rules = load_rules("us-il", writer)
        commercial = INTAKE.__class__(
            "Corp", "", "Lists", "", date(2026, 11, 20), purpose="commercial"
        )
        request, counted = open_request(writer, commercial, rules, body="", today=TODAY)
        late = INTAKE.__class__("Pat", "", "", "", TODAY, purpose="commercial", channel="post")
        other, _ = open_request(writer, late, rules, body="", today=TODAY)
        data = [writer.entry(one.seq).data for one in (request, other)]
    assert counted is not None
    assert [one["code"] for one in data[0]["calendars"]] == ["closures-2026"]
    assert data[1]["channel"] == "post"


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (("effective_from = 2026-01-01", ""), UsageError, "does not say from when"),
        (("effective_to = 2026-12-31", "effective_to = 2025-12-31"), UsageError, "is before"),
        (("version = 1", "version = 0"), Refused, "version 1 of closures-2026 was already"),
    ],
)
def test_what_cannot_be_adopted_is_refused(
    office: Office, change: tuple[str, str], error: type[Exception], said: str
) -> None:
    adopted(office, drafted())
    with pytest.raises(error, match=said):
        adopted(office, drafted().replace(*change))
