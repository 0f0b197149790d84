"""Rules as data, with their dates of effect."""

from datetime import date

import pytest

from archive.errors import UsageError
from exports.requests._calendar import packaged_calendar
from exports.requests._jurisdiction import load_jurisdiction

ILLINOIS = load_jurisdiction("us-il")
DAY = date(2026, 2, 9)


@pytest.mark.parametrize(("purpose", "days"), [("public", 5), ("commercial", 21)])
def test_illinois_terms(purpose: str, days: int) -> None:
    term = ILLINOIS.term(purpose, DAY)
    assert (term.days, term.verified) == (days, True)
    assert term.source.startswith("5 ILCS 140/3")


def test_illinois_extends_by_five_on_seven_grounds_but_not_a_commercial_request() -> None:
    extension = ILLINOIS.extension("public", DAY)
    assert extension is not None
    assert (extension.days, len(extension.grounds)) == (5, 7)
    assert ILLINOIS.extension("commercial", DAY) is None


def test_illinois_silence_is_a_denial() -> None:
    assert ILLINOIS.silence == "denial"


def test_federal_rules_are_data_of_the_same_form() -> None:
    federal = load_jurisdiction("us")
    extension = federal.extension("public", DAY)
    assert federal.term("public", DAY).days == 20
    assert extension is not None
    assert extension.days == 10
    assert packaged_calendar(federal.calendar).code == "us-federal"


def test_before_a_rule_took_effect_it_is_none() -> None:
    with pytest.raises(UsageError, match="no term for a public request received on 2009-12-31"):
        ILLINOIS.term("public", date(2009, 12, 31))


def test_an_unknown_purpose_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        ILLINOIS.term("academic", DAY)
    assert caught.value.hint == "purposes: commercial, public, recurrent"


def test_an_unknown_jurisdiction_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        load_jurisdiction("us-xx")
    assert caught.value.hint == "known: us, us-il"
