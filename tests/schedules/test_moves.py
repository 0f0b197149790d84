"""What a schedule would move, and that no version revives or disposes of anything again."""

from datetime import date
from zoneinfo import ZoneInfo

from archive import new_id
from schedules import Move, compare, propose, read_schedule
from schedules._run import run
from tests.schedules.sample import TOML
from tests.schedules.town import Town

CHICAGO = ZoneInfo("America/Chicago")
TODAY = date(2026, 3, 2)


def moves(town: Town, old: str | None, new: str, day: date = TODAY) -> dict[str, Move]:
    before = None if old is None else read_schedule(old)
    with town.archive.read() as reader:
        found = compare(reader, before, read_schedule(new), day, CHICAGO)
        return {record: move for record, move in found if move.moves}


def test_a_shorter_period_and_a_longer_one(town: Town) -> None:
    young, old = town.capture(occurred=date(2025, 9, 1)), town.capture()
    town.capture(kind="post")
    town.capture(occurred=None)
    shorter = moves(town, TOML, TOML.replace("P1Y", "P3M"))
    assert shorter.keys() == {young, old}
    assert all(move.earlier and not move.later for move in shorter.values())
    assert (shorter[young].now_due, shorter[old].now_due) == (True, False)
    longer = moves(town, TOML, TOML.replace("P1Y", "P3Y"))
    assert all(move.later and not move.earlier for move in longer.values())
    assert (longer[young].no_longer_due, longer[old].no_longer_due) == (False, True)


def test_a_series_of_another_name_with_the_same_days(town: Town) -> None:
    record = town.capture()
    (found,) = moves(town, TOML, TOML.replace('"COMMENT"', '"TALK"')).items()
    move = found[1]
    assert (found[0], move.before.series, move.after.series) == (record, "COMMENT", "TALK")
    assert not any((move.earlier, move.later, move.now_due, move.no_longer_due))


def test_the_first_schedule_of_all(town: Town) -> None:
    record = town.capture()
    town.capture(kind="share")
    (found,) = moves(town, None, TOML).items()
    move = found[1]
    assert (found[0], move.before.series) == (record, None)
    assert move.earlier
    assert move.now_due


def test_requests_move_as_well(town: Town) -> None:
    request = new_id()
    town.tell("request.opened", request, {"number": "2026-0001", "received": "x", "due": "y"})
    files = """
[[series]]
code = "FILES"
title = "Requests"
trigger = "request_closed"
period = "P2Y"
action = "destroy"
rule = { kind = "request" }
authority = { application = "20:001", item = "9", citation = "LRA", verified = true }
"""
    assert not moves(town, TOML, TOML + files)["2026-0001"].earlier
    town.tell("request.closed", request, {"outcome": "granted"})
    move = moves(town, TOML, TOML + files)["2026-0001"]
    assert (move.after.series, move.after.due) == ("FILES", date(2028, 3, 3))


def test_a_later_version_neither_revives_nor_disposes_again(town: Town) -> None:
    town.adopt()
    gone, held = town.capture("gone"), town.capture("held")
    town.hold("Doe", held)
    assert run(town.archive, town.ben, town.approved()).disposed == 1
    for version, period in ((2, "P9Y"), (3, "P1D")):
        text = TOML.replace("version = 1", f"version = {version}").replace("P1Y", period)
        assert moves(town, TOML, text).keys() == {held}
        town.adopt(text)
        assert town.status(gone) == "disposed"
        assert propose(town.archive, town.ada) is None
    assert town.types().count("record.disposed") == 1
