"""docs/schedules.md says what the program says."""

import re
import tomllib
from pathlib import Path

import pytest

from schedules import Action, CountsFrom, ScheduleError, Trigger, read_schedule, warnings
from schedules._facts import FLAG_FACTS, TEXT_FACTS
from schedules._reading import AUTHORITY_KEYS, AUTHORIZATION_KEYS, SCHEDULE_KEYS, SERIES_KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text(encoding="utf-8")
WHOLE, *PARTS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def rows(heading: str) -> dict[str, str]:
    """The table whose first column has that heading: its second column by its first, unquoted."""
    (table,) = re.findall(
        rf"^\| {re.escape(heading)} \| [^|]+ \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE
    )
    return {
        first.strip("`"): second
        for first, second in re.findall(r"^\| (.+?) \| (.+) \|$", table, re.MULTILINE)
    }


def sections(name: str) -> str:
    return PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]


def test_the_whole_schedule_is_one_and_warns_of_nothing() -> None:
    schedule = read_schedule(WHOLE)
    assert warnings(WHOLE, schedule) == []
    assert all(schedule.obstacle(series) == "" for series in schedule.series)


@pytest.mark.parametrize("part", PARTS)
def test_every_other_example_is_a_part_of_one(part: str) -> None:
    tables = tomllib.loads(part)
    at = WHOLE.index("[[series]]")
    text = WHOLE[:at] + part + ("" if "series" in tables else WHOLE[at:])
    schedule = read_schedule(text)
    assert warnings(text, schedule) == []
    if "series" in tables:
        assert len(schedule.series) == len(tables["series"])
    else:
        assert len(schedule.authorizations) == 1 + len(tables["authorization"])


def test_every_key_is_documented_and_no_other() -> None:
    forms = re.findall(r"^\| `(\w+)` \|", sections("Approvals from outside"), re.MULTILINE)
    assert set(forms) == AUTHORIZATION_KEYS
    both = re.findall(r"^\| `(\w+)` \|", sections("The schedule itself"), re.MULTILINE)
    assert set(both) == SCHEDULE_KEYS
    of_series, of_authority = sections("A series").split("| key of `authority` |")
    assert set(re.findall(r"^\| `(\w+)` \|", of_series, re.MULTILINE)) == SERIES_KEYS
    assert set(re.findall(r"^\| `(\w+)` \|", of_authority, re.MULTILINE)) == AUTHORITY_KEYS


def test_every_word_is_documented_and_no_other() -> None:
    assert list(rows("trigger")) == list(Trigger)
    assert list(rows("`counts_from`")) == list(CountsFrom)
    assert set(rows("action")) == set(Action)
    conditions = rows("condition")
    assert set(conditions) == TEXT_FACTS.keys() | FLAG_FACTS
    for fact, words in TEXT_FACTS.items():
        if words is not None:
            assert set(re.findall(r"`([\w-]+)`", conditions[fact])) == words


def test_what_is_documented_as_wrong_is_refused_in_these_words() -> None:
    documented = rows("changed into")
    assert len(documented) == 5
    for changed, said in documented.items():
        at = int(said.split(":")[0].removeprefix("line "))
        lines = WHOLE.splitlines()
        lines[at - 1] = changed
        with pytest.raises(ScheduleError) as refused:
            read_schedule("\n".join(lines))
        assert said in refused.value.problems
