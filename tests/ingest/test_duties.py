"""What a policy asks of the body itself."""

from datetime import date

import pytest

from archive import UsageError, accounts
from ingest.duties import answer_days, notices, policies_on
from ingest.moderation import adopt_policy, built_in_text, parse_policy
from tests.ingest.conftest import Room

POLICY = """
code = "other"
title = "Other"
body = "Library"
[answers]
business_days = 1
[[version]]
adopted = 2020-01-01
[[clause]]
code = "1"
article = "I"
gist = "Spam"
"""


def test_the_strictest_policy_of_the_day_counts(room: Room) -> None:
    with room.archive.write(room.signer) as writer:
        assert answer_days(writer, date(2026, 3, 2)) is None
        adopt_policy(writer, built_in_text("cook-memorial"))
        adopt_policy(writer, POLICY)
        assert answer_days(writer, date(2026, 3, 2)) == 1
        assert answer_days(writer, date(2019, 12, 31)) == 2
        assert policies_on(writer, date(2012, 3, 21)) == []


def test_an_account_without_a_captured_profile(room: Room) -> None:
    with room.archive.write(room.signer) as writer:
        adopt_policy(writer, POLICY)
        accounts.find_or_add(writer, "x", "lib")
        assert [one.standing for one in notices(writer, date(2026, 3, 2))] == ["not demanded"]
        adopt_policy(writer, built_in_text("cook-memorial"))
        assert [one.standing for one in notices(writer, date(2026, 3, 2))] == ["no profile"]


def test_what_a_policy_may_not_say() -> None:
    [policy] = parse_policy(POLICY)
    assert (policy.answer_days, policy.notice) == (1, ())
    with pytest.raises(UsageError, match="business_days"):
        parse_policy(POLICY.replace("= 1\n", '= "soon"\n', 1))
    for wrong in ('"public"', "[1]", '[" "]'):
        with pytest.raises(UsageError, match="phrases"):
            parse_policy(POLICY.replace("[[version]]", f"[notice]\nphrases = {wrong}\n[[version]]"))
