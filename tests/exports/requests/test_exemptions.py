"""Exemption codes as data."""

import pytest

from archive.errors import UsageError
from exports.requests import KINDS, load_rules
from exports.requests._exemptions import load_exemptions

ILLINOIS = load_exemptions("us-il")


def test_every_code_is_found_by_itself_and_cites_its_section() -> None:
    assert len(ILLINOIS) == 76
    for exemption in ILLINOIS:
        assert exemption.section == f"5 ILCS 140/{exemption.code}"
        if exemption.title != "(Blank)":
            assert ILLINOIS.get(exemption.code) == exemption


def test_it_says_which_titles_were_checked() -> None:
    assert ILLINOIS.get("7(1)(c)").verified
    assert not ILLINOIS.get("7(1)(z)").verified


@pytest.mark.parametrize("written", ["7(1)(c)", "7(1)(C)", "7 (1) (c)", " 7(1)(c) "])
def test_spacing_and_capitals_do_not_matter(written: str) -> None:
    assert ILLINOIS.get(written).code == "7(1)(c)"


def test_neighbouring_codes_stay_apart() -> None:
    assert ILLINOIS.get("7(1)(b-5)").code == "7(1)(b-5)"
    assert ILLINOIS.get("7(1)(d)(i)").code == "7(1)(d)(i)"
    assert ILLINOIS.get("7(1)(ii)").code == "7(1)(ii)"


def test_an_unknown_code_lists_near_ones() -> None:
    with pytest.raises(UsageError, match=r"no exemption has the code 7\(c\)") as caught:
        ILLINOIS.get("7(c)")
    assert "7(1)(c) Personal information" in caught.value.hint


def test_a_word_finds_the_codes_whose_title_has_it() -> None:
    with pytest.raises(UsageError) as caught:
        ILLINOIS.get("privacy")
    assert "7(1)(c)" in caught.value.hint


def test_a_blank_letter_exempts_nothing() -> None:
    with pytest.raises(UsageError, match="is blank"):
        ILLINOIS.get("7(1)(w)")


def test_codes_are_each_kept_once() -> None:
    assert ILLINOIS.codes(["7(1)(C)", "7(1)(b)", "7(1)(c)"]) == ("7(1)(c)", "7(1)(b)")


@pytest.mark.parametrize("code", ["us-il", "us"])
def test_what_a_jurisdiction_suggests_it_has(code: str) -> None:
    rules = load_rules(code)
    for kind in KINDS:
        suggested = rules.suggestions.code(kind)
        assert rules.exemptions.get(suggested).code == suggested
