"""Policies as data."""

from datetime import date

import pytest

from archive import NotFound, Refused, UsageError
from ingest.moderation import (
    adopt_policy,
    adopted_policies,
    built_in,
    built_in_text,
    parse_policy,
    policy_code,
    policy_in_force,
)
from tests.ingest.conftest import Room

COOK = "cook-memorial"
MINE = """
code = "mine"
title = "Social Media Policy"
body = "Maple Grove"
[[version]]
adopted = 2020-01-01
[[clause]]
code = "1"
article = "I"
gist = "Spam"
"""


def test_the_policies_that_come_along_can_be_read() -> None:
    assert set(built_in()) == {"cook-memorial", "westmont"}
    cook = parse_policy(built_in_text("cook-memorial"))
    assert [one.version for one in cook] == ["2012-03-22", "2016-06-21", "2021-02-16"]
    assert [one.clauses_as_of for one in cook] == [date(2021, 2, 16), date(2021, 2, 16), None]
    assert (cook[0].appeal_days, cook[0].ban_violations, cook[0].answer_days) == (30, 2, 2)
    assert all(policy_code(text) == name for name, text in built_in().items())
    [westmont] = parse_policy(built_in_text("westmont"), date(2019, 1, 1))
    assert (westmont.appeal_days, westmont.ban_violations, len(westmont.clauses)) == (None, None, 7)


def test_a_policy_without_a_date_needs_one() -> None:
    with pytest.raises(UsageError, match="when it was adopted"):
        parse_policy(built_in_text("westmont"))
    with pytest.raises(NotFound, match="no policy"):
        built_in_text("nowhere")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("code =", "cod ="),
        ('"mine"', '"not a code"'),
        ("2020-01-01", '"soon"'),
        ("2020-01-01", "2020-01-01T00:00:00Z"),
        ("[[clause]]", "[clause]"),
        ('gist = "Spam"', 'gist = " "'),
        ('gist = "Spam"', 'gist = "Spam"\n[[clause]]\ncode = "1"\narticle = "I"\ngist = "x"'),
        ('gist = "Spam"', 'gist = "Spam"\n[appeal]\ndays = 0'),
        ('gist = "Spam"', 'gist = "Spam"\n[ban]\nviolations = true'),
        ('body = "Maple Grove"', 'body = "Maple Grove"\nban = 7'),
        ("[[version]]\nadopted = 2020-01-01", "version = []"),
        ("[[version]]\nadopted = 2020-01-01", "version = [7]"),
        ("title", "= title"),
    ],
)
def test_a_policy_that_is_wrong_says_so(old: str, new: str) -> None:
    assert old in MINE
    with pytest.raises(UsageError):
        parse_policy(MINE.replace(old, new))


def test_the_version_of_a_day_is_chosen(room: Room) -> None:
    with room.archive.write(room.signer) as writer:
        assert len(adopt_policy(writer, built_in_text("cook-memorial"))) == 3
    with room.archive.read() as reader:
        for day, version in (
            (date(2012, 3, 22), "2012-03-22"),
            (date(2021, 2, 15), "2016-06-21"),
            (date(2021, 2, 16), "2021-02-16"),
            (date(2030, 1, 1), "2021-02-16"),
        ):
            assert policy_in_force(reader, COOK, day).version == version
        with pytest.raises(NotFound, match="first adopted on 2012-03-22"):
            policy_in_force(reader, COOK, date(2012, 3, 21))


def test_which_policy_may_be_left_out_when_there_is_one(room: Room) -> None:
    with room.archive.write(room.signer) as writer:
        with pytest.raises(NotFound) as caught:
            policy_in_force(writer, "", date(2026, 1, 1))
        assert "muniment policy adopt" in caught.value.hint
        adopt_policy(writer, MINE)
        assert policy_in_force(writer, "", date(2026, 1, 1)).code == "mine"
        adopt_policy(writer, built_in_text("westmont"), date(2019, 1, 1))
        with pytest.raises(NotFound) as caught:
            policy_in_force(writer, "", date(2026, 1, 1))
        assert "mine, westmont" in caught.value.hint


def test_a_version_is_adopted_once_and_never_changed(room: Room) -> None:
    with room.archive.write(room.signer) as writer:
        adopt_policy(writer, MINE)
        assert adopt_policy(writer, "# a remark\n" + MINE) == []
        with pytest.raises(Refused, match="another text"):
            adopt_policy(writer, MINE.replace("Spam", "Spam and ham"))
        later = "[[version]]\nadopted = 2024-05-01\n[[version]]"
        [added] = adopt_policy(writer, MINE.replace("[[version]]", later))
        assert added.version == "2024-05-01"
        assert len(adopted_policies(writer)) == 2
