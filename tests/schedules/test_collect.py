"""Facts from the tables: days in the town's time zone, replies at any depth, appeals."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from archive import new_id, records, times
from schedules import Facts
from schedules._adopt import in_force, load
from schedules._collect import collect
from schedules._days import day_of, end_of, start_of
from tests.schedules.alike import survey
from tests.schedules.town import Town

CHICAGO = ZoneInfo("America/Chicago")


def facts(town: Town, record: str) -> Facts:
    with town.archive.read() as reader:
        return collect(reader, [records.get(reader, record)], CHICAGO)[0]


def test_days_are_local() -> None:
    late = times.to_text(datetime(2026, 1, 2, 5, 59, tzinfo=UTC))
    assert day_of(late, CHICAGO) == date(2026, 1, 1)
    assert start_of(date(2026, 1, 1), CHICAGO) == "2026-01-01T06:00:00.000000Z"
    assert end_of(date(2026, 3, 8), CHICAGO) == "2026-03-09T04:59:59.999999Z"
    assert day_of("0001-01-01T00:00:00.000000Z", CHICAGO) == date(1, 1, 1)


def test_a_plain_comment(town: Town) -> None:
    found = facts(town, town.capture(occurred=date(2024, 1, 1)))
    assert (found.kind, found.platform, found.status) == ("comment", "mastodon", "live")
    assert found.published == date(2024, 1, 1)
    assert found.captured == date(2026, 3, 2)
    assert not found.replied
    assert not found.appealed


def test_the_last_reply_at_any_depth(town: Town) -> None:
    post = town.capture(kind="post", native="p", occurred=date(2024, 1, 1))
    town.capture(native="c", parent="p", occurred=date(2024, 1, 5))
    town.capture(native="d", parent="c", occurred=date(2024, 2, 9))
    town.capture(native="e", parent="x", occurred=date(2025, 2, 9))
    assert facts(town, post).last_reply == date(2024, 2, 9)


def test_records_that_claim_to_answer_each_other(town: Town) -> None:
    one = town.capture(native="a", parent="b", occurred=date(2024, 1, 1))
    town.capture(native="b", parent="a", occurred=date(2024, 1, 2))
    assert facts(town, one).last_reply == date(2024, 1, 2)


def test_appeals(town: Town) -> None:
    record, appeal = town.capture(), new_id()
    town.tell("appeal.filed", record, {"appeal": appeal, "removal": new_id(), "due": "2026-04-01"})
    assert facts(town, record).appealed
    assert facts(town, record).appeal_decided is None
    town.clock.advance(days=3)
    town.tell("appeal.decided", record, {"appeal": appeal, "outcome": "affirmed"}, reason="fine")
    assert facts(town, record).appeal_decided == date(2026, 3, 5)


def test_a_survey_says_of_each_record_why(town: Town) -> None:
    town.adopt()
    old, new = town.capture(), town.capture(occurred=date(2026, 1, 1))
    undated = town.capture(occurred=None)
    with town.archive.read() as reader:
        schedule = load(reader, in_force(reader, date(2026, 3, 2)))
        found = survey(reader, schedule, date(2026, 3, 2), CHICAGO)
        reasons = {record.id: decision.reason for record, decision in found}
    assert reasons[old].startswith("Due for destruction since 2025-01-02")
    assert reasons[new].startswith("Kept through 2027-01-01")
    assert "not known" in reasons[undated]
