"""A daily run looks at what may be due, found by indexes; never at every record."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select, text

from archive import Reader
from archive.records import record_table
from schedules import Period, Rule, Schedule, Trigger, propose
from schedules._candidates import ways
from tests.schedules.sample import TOML, schedule
from tests.schedules.town import Town

TODAY = date(2026, 3, 2)
TRIGGERS = sorted(set(Trigger) - {Trigger.REQUEST_CLOSED})


def counting_from(trigger: Trigger) -> Schedule:
    """Every record, for a year after the trigger."""
    series = replace(
        schedule().series[2], trigger=trigger, period=Period.parse("P1Y"), rule=Rule({}, {})
    )
    return schedule(series=(series,))


def scans(reader: Reader, query: Any) -> list[str]:
    """The steps of the database's plan that read the whole table of records."""
    compiled = query.compile(reader.conn, compile_kwargs={"render_postcompile": True})
    values = compiled.construct_params()
    if reader.conn.dialect.name == "sqlite":
        plan = f"EXPLAIN QUERY PLAN {compiled}"
        ordered = tuple(values[name] for name in compiled.positiontup or ())
        steps = [row[-1] for row in reader.conn.exec_driver_sql(plan, ordered)]
        return [step for step in steps if step.startswith("SCAN record")]
    reader.conn.execute(text("SET LOCAL enable_seqscan = off"))
    rows = reader.conn.exec_driver_sql(f"EXPLAIN {compiled}", values)
    return [step for (step,) in rows if "Seq Scan on record" in step]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_what_may_be_due_is_found_by_an_index(town: Town, trigger: Trigger) -> None:
    town.capture()
    one = counting_from(trigger)
    with town.archive.read() as reader:
        found = list(ways(reader, one, one.series[0], TODAY))
        assert found
        for where, order in found:
            assert scans(reader, select(record_table).where(where).order_by(*order)) == []
        assert scans(reader, select(record_table).where(record_table.c.size > 0)) != []


@contextmanager
def watched() -> Iterator[list[tuple[str, Any]]]:
    """Every statement with its values, as the driver gets it."""
    seen: list[tuple[str, Any]] = []

    def note(
        _conn: Connection, _cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> None:
        seen.append((statement, values[0] if many else values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_no_statement_of_a_proposal_reads_every_record(sqlite_town: Town) -> None:
    """By SQLite's plans, which do not depend on how many rows there are."""
    town = sqlite_town
    town.adopt()
    due, held = town.capture(), town.capture()
    town.capture(occurred=TODAY - timedelta(days=3))
    town.hold("Doe", held)
    with watched() as statements:
        proposal = propose(town.archive, town.ada)
    assert proposal is not None
    assert [item.record for item in proposal.listing.items] == [due]
    with town.archive.read() as reader:
        for statement, values in statements:
            if statement.startswith(("SELECT", "WITH")):
                rows = reader.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                steps = [row[-1] for row in rows if row[-1].startswith("SCAN record")]
                assert steps == [], statement
    assert sum("FROM record" in statement for statement, _ in statements) > 1


def test_of_a_great_many_those_of_the_first_series_and_day_go_first(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schedules._propose.MOST", 1)
    town.adopt(TOML)
    town.capture(occurred=date(2021, 1, 1))
    oldest = town.capture(occurred=date(2020, 1, 1))
    proposal = propose(town.archive, town.ada)
    assert proposal is not None
    assert proposal.more
    assert [item.record for item in proposal.listing.items] == [oldest]
