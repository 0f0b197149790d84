"""Whatever happens before a run: what is frozen when it runs is never erased."""

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import VerificationError, new_id, verify
from archive.errors import Refused
from schedules._disposal import listing_of
from schedules._guard import frozen
from schedules._run import rehearse, run
from tests.conftest import Clock
from tests.schedules.town import Town

RECORDS = 4
index = st.integers(0, RECORDS - 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["hold", "request", "appeal", "edit"]), index),
        st.tuples(st.sampled_from(["flood hold", "thaw"]), st.just(0)),
    ),
    max_size=6,
)


class Story:
    """Steps that other people take around a disposal."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.records = [
            town.capture("flood" if number == 0 else "dry", date(2024, 1, 1))
            for number in range(RECORDS)
        ]
        self.thawing: list[tuple[str, str, dict[str, str]]] = []

    def step(self, kind: str, which: int) -> None:
        town, record, new = self.town, self.records[which], new_id()
        if kind == "hold":
            hold = town.hold(new, record)
            self.thawing.append(("hold.released", hold.id, {}))
        elif kind == "flood hold":
            hold = town.hold(new, query="flood")
            self.thawing.append(("hold.released", hold.id, {}))
        elif kind == "request":
            opened = {"number": new, "received": "2026-03-01", "due": "2026-03-08"}
            town.tell("request.opened", new, opened)
            town.tell("request.searched", new, {"search": new_id(), "count": 1})
            town.tell("request.responsive", new, {"records": [record]})
            self.thawing.append(("request.closed", new, {"outcome": "released"}))
        elif kind == "appeal":
            filed = {"appeal": new, "removal": new_id(), "due": "2026-04-01"}
            town.tell("appeal.filed", record, filed)
            decided = {"appeal": new, "outcome": "affirmed"}
            self.thawing.append(("appeal.decided", record, decided))
        elif kind == "edit":
            town.edit(record, "a flood")
        elif self.thawing:
            town.tell(*self.thawing.pop(0))


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=steps, after=steps, off=st.sets(index, max_size=2))
def test_the_frozen_survive(
    another_database: Callable[[], str],
    before: list[tuple[str, int]],
    after: list[tuple[str, int]],
    off: set[int],
) -> None:
    """Every example has an archive of its own, and a database."""
    with tempfile.TemporaryDirectory() as folder:
        now = Clock(datetime(2026, 3, 2, 15, tzinfo=UTC))
        town = Town.found(Path(folder) / "archive", now, another_database())
        with town.archive:
            town.adopt()
            story = Story(town)
            story.step("flood hold", 0)
            for step in before:
                story.step(*step)
            town.capture("never held", date(2024, 1, 1))
            disposal = town.proposed()
            with town.archive.read() as reader:
                listed = {item.record for item in listing_of(reader, town.disposal(disposal)).items}
            struck = [story.records[which] for which in off if story.records[which] in listed]
            if struck:
                town.strike(disposal, *struck)
            for officer in (town.ada, town.ben):
                town.approve(disposal, officer)
            for step in after:
                story.step(*step)
            rehearsed = rehearse(town.archive, disposal)
            done = run(town.archive, town.ben, disposal)
            assert (rehearsed.disposed, rehearsed.size, rehearsed.struck, rehearsed.kept) == (
                done.disposed, done.size, len(struck), done.kept,
            )  # fmt: skip
            with town.archive.read() as reader:
                held = frozen(reader, story.records)
            statuses = {record: town.status(record) for record in story.records}
            assert all(statuses[record] == "live" for record in (*held, *struck))
            assert done.disposed >= 1
            assert not verify(town.archive).findings


def test_a_run_that_left_something_is_not_finished(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archive import Writer

    town.adopt()
    town.capture(attachment=b"attached" * 9)
    disposal = town.approved()
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "erase", lambda *_: None)
        with pytest.raises(VerificationError, match="1 data keys, 1 attachments, 1 sealed halves"):
            run(town.archive, town.ben, disposal)
    assert "disposal.finished" not in town.types()


def test_a_guard_that_finds_a_hold_late_takes_the_batch_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.adopt()
    record = town.capture()
    disposal = town.approved()
    town.hold("Doe", record)
    with monkeypatch.context() as patch:
        patch.setattr("schedules._collect.frozen", lambda *_: {})
        with pytest.raises(Refused, match='under the hold "Doe"'):
            run(town.archive, town.ben, disposal)
    assert town.status(record) == "live"
