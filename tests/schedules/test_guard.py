"""The guard: what is frozen is not destroyed, whoever asks. What calls it: test_removing.py."""

import pytest

from archive import new_id
from archive.errors import Refused
from schedules._guard import Coverage, destroy, frozen, unsearched_requests
from schedules._holds import HoldKind
from schedules._placing import place
from tests.schedules.town import Town


def erase(town: Town, *records: str) -> None:
    with town.archive.write(town.ada) as writer:
        destroy(writer, records, Coverage(writer.head.size))


def readable(town: Town, record: str) -> bool:
    with town.archive.read() as reader:
        return any(sealed for _, sealed in reader.open(reader.history(record)))


def test_held(town: Town) -> None:
    free, held = town.capture(), town.capture()
    hold = town.hold("Doe", held)
    with pytest.raises(Refused, match='under the hold "Doe"'):
        erase(town, free, held)
    assert readable(town, free)
    assert readable(town, held)
    town.release(hold)
    erase(town, free, held)
    assert not readable(town, free)


def test_asked_for(town: Town) -> None:
    record, request = town.capture(), new_id()
    opened = {"number": "2026-7", "received": "2026-03-01", "due": "2026-03-08"}
    town.tell("request.opened", request, opened, text="all of it")
    with town.archive.read() as reader:
        assert unsearched_requests(reader) == ["2026-7"]
    town.tell("request.searched", request, {"search": new_id(), "count": 1})
    town.tell("request.responsive", request, {"records": [record]})
    with town.archive.read() as reader:
        assert unsearched_requests(reader) == []
    with pytest.raises(Refused, match="responsive to the open request 2026-7"):
        erase(town, record)
    town.tell("request.closed", request, {"outcome": "released"})
    erase(town, record)
    assert not readable(town, record)


def test_under_appeal(town: Town) -> None:
    record, appeal = town.capture(), new_id()
    town.tell("appeal.filed", record, {"appeal": appeal, "removal": new_id(), "due": "2026-04-01"})
    with pytest.raises(Refused, match="its removal is under appeal since 2026-03-02"):
        erase(town, record)
    town.tell("appeal.decided", record, {"appeal": appeal, "outcome": "reversed"})
    erase(town, record)
    assert not readable(town, record)


def test_the_ban_of_its_author_is_under_appeal(town: Town) -> None:
    """What the author wrote is the evidence, whether it was captured before or after."""
    ban, appeal = new_id(), new_id()
    before, other = town.capture(author="@Jo"), town.capture(author="ann")
    town.tell("author.banned", ban, {"author_key": town.author_key("jo")})
    town.tell("appeal.filed", ban, {"appeal": appeal, "ban": ban})
    after = town.capture(author="jo")
    with town.archive.read() as reader:
        assert set(frozen(reader, [before, other, after])) == {before, after}
    for record in (before, after):
        with pytest.raises(Refused, match="the ban of its author is under appeal since 2026-03-02"):
            erase(town, record)
    erase(town, other)
    town.archive.rebuild()
    with pytest.raises(Refused, match="under appeal"):
        erase(town, after)
    town.tell("appeal.decided", ban, {"appeal": appeal, "outcome": "affirmed"})
    erase(town, before, after)
    assert not readable(town, before)


def test_nothing_goes_while_nobody_has_searched_for_a_request(town: Town) -> None:
    record, request = town.capture(), new_id()
    opened = {"number": "2026-7", "received": "2026-03-01", "due": "2026-03-08"}
    town.tell("request.opened", request, opened, text="all of it")
    with pytest.raises(Refused, match="nobody has searched for the open request 2026-7"):
        erase(town, record)
    town.tell("request.searched", request, {"search": new_id(), "count": 0})
    erase(town, record)
    assert not readable(town, record)


def test_holds_must_cover_the_whole_log(town: Town) -> None:
    record = town.capture()
    with town.archive.read() as reader:
        coverage = Coverage(reader.head.size)
    town.capture()
    with pytest.raises(Refused, match="newest records"), town.archive.write(town.ada) as writer:
        destroy(writer, [record], coverage)
    assert readable(town, record)


def test_a_hold_in_the_same_transaction_counts(town: Town) -> None:
    record = town.capture()

    def hold_and_destroy() -> None:
        with town.archive.write(town.ada) as writer:
            place(town.archive, writer, "Doe", HoldKind.AUDIT, record_ids=[record])
            destroy(writer, [record], Coverage(writer.head.size))

    with pytest.raises(Refused, match="under the hold"):
        hold_and_destroy()
    assert readable(town, record)
    with town.archive.read() as reader:
        assert frozen(reader, [record]) == {}
