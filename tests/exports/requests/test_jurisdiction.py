"""Rules as data, with their dates of effect."""

from datetime import date

import pytest

from archive.errors import UsageError
from exports.requests._calendar import packaged_calendar
from exports.requests._jurisdiction import load_jurisdiction

ILLINOIS = load_jurisdiction("us-il")
DAY = date(2026, 2, 9)


@pytest.mark.parametrize(
    ("track", "days"), [("ordinary", 5), ("commercial", 21), ("recurrent", 21), ("voluminous", 5)]
)
def test_illinois_terms(track: str, days: int) -> None:
    term = ILLINOIS.term(track, DAY)
    assert (term.days, term.verified) == (days, True)
    assert term.source.startswith("5 ILCS 140/3")


def test_illinois_extends_by_five_on_seven_grounds_but_not_a_commercial_request() -> None:
    (extension,) = ILLINOIS.extensions_of("ordinary", DAY)
    assert (extension.days, len(extension.grounds)) == (5, 7)
    assert ILLINOIS.extensions_of("commercial", DAY) == []


def test_illinois_silence_is_a_denial() -> None:
    assert ILLINOIS.silence is not None
    assert (ILLINOIS.silence.effect, ILLINOIS.silence.verified) == ("denial", True)


def test_federal_rules_are_data_of_the_same_form() -> None:
    federal = load_jurisdiction("us")
    (extension,) = federal.extensions_of("ordinary", DAY)
    assert federal.term("ordinary", DAY).days == 20
    assert extension.days == 10
    assert packaged_calendar(federal.calendar).code == "us-federal"


def test_before_a_rule_took_effect_it_is_none() -> None:
    with pytest.raises(UsageError, match="no term for an ordinary request received on 2009-12-31"):
        ILLINOIS.term("ordinary", date(2009, 12, 31))


def test_an_unknown_purpose_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        ILLINOIS.term("academic", DAY)
    assert caught.value.hint == "it has: commercial, ordinary, recurrent, voluminous"


def test_an_unknown_jurisdiction_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        load_jurisdiction("us-xx")
    assert caught.value.hint == "known: us, us-ca, us-fl, us-il, us-ny, us-tx, us-wa"
