"""Random archives and schedules: whatever decides about a record differs somewhere in them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from archive import Draft, Parts, Reader, Record, new_id, records, times
from schedules import (
    Action,
    Authority,
    CountsFrom,
    Decision,
    Period,
    Rule,
    Schedule,
    Series,
    Trigger,
    decide,
)
from schedules._years import YearStart
from tests.schedules.town import Town

KINDS = ["post", "comment", "message"]
PLATFORMS = ["mastodon", "facebook"]
_FIRST = datetime(2018, 1, 1, tzinfo=UTC)


def survey(
    reader: Reader, schedule: Schedule, today: date, zone: ZoneInfo
) -> Iterator[tuple[Record, Decision]]:
    """The evaluator's decision about every record that is not disposed of, one by one."""
    present = list(records.stream(reader, records.record_table.c.status != "disposed"))
    return decide(reader, present, schedule, today, zone)


def populate(town: Town, chance: random.Random, numbers: range, accounts: Sequence[str]) -> None:
    """Capture records at random moments, in threads; then things happen to some of them."""
    ids = {number: new_id() for number in numbers}
    for first in numbers[::20]:
        town.clock.advance(days=chance.randint(0, 90))
        with town.archive.write(town.agent) as writer:
            drafts = []
            for number in range(first, min(first + 20, numbers.stop)):
                platform, account = chance.choice(PLATFORMS), chance.choice(accounts)
                state = chance.choice(["live", "live", "live", "removed", "pending"])
                data = {
                    "account": account,
                    "kind": chance.choice(KINDS),
                    "lookup": records.lookup_of(writer, platform, account, str(number)),
                    "platform": platform,
                    "run": town.run,
                    "state": state,
                    "version": 1,
                }
                drafts.append(
                    Draft("record.captured", ids[number], data, _parts(chance, numbers.stop))
                )
            writer.capture(drafts, town.run, {})
    for record in ids.values():
        _happen(town, chance, record)


def _parts(chance: random.Random, count: int) -> Parts:
    def perhaps(often: float, value: str) -> str | None:
        return value if chance.random() < often else None

    return Parts.of(
        [
            ("text", "hello"),
            ("author/handle", chance.choice(["ann", "bob", "cy"])),
            ("parent", perhaps(0.5, str(chance.randrange(chance.choice([8, count + 5]))))),
            ("thread", perhaps(0.5, chance.choice("xyz"))),
            ("occurred_at", perhaps(0.8, _moment(chance))),
            ("edited_at", perhaps(0.2, _moment(chance))),
            ("removed_at", perhaps(0.5, _moment(chance))),
            ("visibility", perhaps(0.5, chance.choice(["public", "direct"]))),
            ("raw", b"hello"),
        ]
    )


def _happen(town: Town, chance: random.Random, record: str) -> None:
    match chance.randrange(14):
        case 0:
            town.tell("record.removed", record, {"removal": new_id(), "extent": "all"}, reason="ad")
        case 1:
            with town.archive.write(town.agent) as writer:
                writer.capture([Draft("record.vanished", record, {"run": town.run})], town.run, {})
        case 2 | 3 as which:
            for _ in range(chance.choice([1, 2])):
                appeal = new_id()
                town.tell("appeal.filed", record, {"appeal": appeal, "removal": new_id()})
                if which == 3:
                    town.clock.advance(hours=chance.randint(1, 2000))
                    outcome = {"appeal": appeal, "outcome": "affirmed"}
                    town.tell("appeal.decided", record, outcome, reason="fine")
        case 4:
            town.hold(f"Matter {record}", record)


def _moment(chance: random.Random) -> str:
    """Whole hours are frequent: days begin at them."""
    at = _FIRST + timedelta(hours=chance.randrange(8 * 8766))
    return times.to_text(at + chance.choice([0, 0, 1, -1]) * timedelta(microseconds=1))


_AUTHORITY = Authority("Statute", verified=True)


def schedules(accounts: Sequence[str]) -> st.SearchStrategy[Schedule]:
    """Schedules of one to four series of any rule, trigger, period and action."""
    among = st.fixed_dictionaries(
        {},
        optional={
            "kind": _some([*KINDS, "request"]),
            "platform": _some(PLATFORMS),
            "account": _some(accounts),
            "status": _some(["live", "pending", "removed", "vanished"]),
            "visibility": _some(["public", "direct", "unknown"]),
        },
    )
    flag = st.sampled_from(["replied", "edited", "appealed"])
    series = st.builds(
        Series,
        code=st.just(""),
        title=st.just("A series"),
        authority=st.sampled_from([_AUTHORITY] * 4 + [Authority("Statute", verified=False)]),
        trigger=st.sampled_from(sorted(set(Trigger) - {Trigger.REQUEST_CLOSED})),
        period=st.sampled_from(["P1D", "P6M", "P1Y", "P1Y1M1D", "P4Y", "P200Y"]).map(Period.parse),
        action=st.sampled_from(Action),
        rule=st.builds(Rule, among=among, flags=st.dictionaries(flag, st.booleans(), max_size=1)),
        counts_from=st.sampled_from(CountsFrom),
    )
    return st.lists(series, min_size=1, max_size=4).map(_schedule)


def counting_from(trigger: Trigger) -> Schedule:
    """One series that covers every record and counts from this."""
    day, all_of_it = Period.parse("P1D"), Rule({}, {})
    return _schedule([Series("", "All", _AUTHORITY, trigger, day, Action.DESTROY, all_of_it)])


def _some(words: Sequence[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(words), min_size=1)


def _schedule(series: list[Series]) -> Schedule:
    return Schedule(
        code="random",
        version=1,
        title="Random",
        jurisdiction="US",
        effective=_FIRST.date(),
        series=tuple(replace(one, code=f"S{number}") for number, one in enumerate(series)),
        fiscal_year_starts=YearStart(7, 1),
    )
