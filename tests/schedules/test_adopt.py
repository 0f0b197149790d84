"""Adoption: an entry with the file sealed, versions in order, and what is in force when."""

from datetime import date
from hashlib import sha256

import pytest

from archive.errors import NotFound, Refused
from schedules._adopt import adopt, adopted, file_of, find_adopted, in_force, load
from tests.schedules.sample import TOML
from tests.schedules.town import Town

SECOND = TOML.replace("version = 1", "version = 2").replace("2020-01-01", "2026-07-01")


def test_the_header_tells_the_file_apart_and_the_vault_keeps_it(town: Town) -> None:
    entry = town.adopt()
    assert entry.type == "schedule.adopted"
    assert entry.data == {
        "code": "town",
        "version": 1,
        "effective": "2020-01-01",
        "jurisdiction": "US-IL",
        "digest": sha256(TOML.encode()).hexdigest(),
    }
    with town.archive.read() as reader:
        (one,) = adopted(reader)
        assert file_of(reader, one) == TOML.encode()
        assert load(reader, one).label == "town version 1"


def test_a_later_version_is_in_force_from_its_day(town: Town) -> None:
    town.adopt()
    town.adopt(SECOND)
    with town.archive.read() as reader:
        assert in_force(reader, date(2026, 6, 30)).version == 1
        assert in_force(reader, date(2026, 7, 1)).version == 2
        assert find_adopted(reader, "town").version == 2
        assert find_adopted(reader, "town", 1).version == 1
        with pytest.raises(NotFound, match="town version 3"):
            find_adopted(reader, "town", 3)


def test_another_schedule_supersedes(town: Town) -> None:
    town.adopt()
    town.adopt(TOML.replace('"town"', '"city"'))
    with town.archive.read() as reader:
        assert in_force(reader, date(2026, 1, 1)).code == "city"


@pytest.mark.parametrize("text", [TOML, TOML + "\n# a note\n"])
def test_a_version_is_adopted_once(town: Town, text: str) -> None:
    town.adopt()
    with pytest.raises(Refused, match="version 1 of town") as caught:
        town.adopt(text)
    assert "version = 2" in caught.value.hint


def test_nothing_in_force(town: Town) -> None:
    with town.archive.read() as reader, pytest.raises(NotFound, match="no retention schedule"):
        in_force(reader, date(2026, 1, 1))


def test_a_broken_file_adopts_nothing(town: Town) -> None:
    before = town.types()
    with pytest.raises(Exception, match="line 2"), town.archive.write(town.ada) as writer:
        adopt(writer, TOML.replace("version = 1", "version = 0"), "town.toml")
    assert town.types() == before
