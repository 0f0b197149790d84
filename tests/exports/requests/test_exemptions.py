"""Exemption codes as data."""

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from archive.errors import UsageError
from exports.requests import KINDS, load_rules
from exports.requests._exemptions import EXEMPTIONS_FILE, exemptions_csv, load_exemptions

ILLINOIS = load_exemptions("us-il")
DAY = date(2026, 11, 20)
ACTS = sorted(
    Path(str(one)).stem for one in files("exports").joinpath("data/jurisdictions").iterdir()
)


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
    assert ILLINOIS.codes(["7(1)(C)", "7(1)(b)", "7(1)(c)"], DAY) == ("7(1)(c)", "7(1)(b)")


@pytest.mark.parametrize("code", ACTS)
def test_what_an_act_suggests_it_has_and_everything_says_where_it_stands(code: str) -> None:
    rules = load_rules(code)
    assert len(rules.exemptions) >= 12
    for one in rules.exemptions:
        assert one.code in one.section
        assert one.title
        assert code == "us-il" or "ILCS" not in one.section
    suggested = set(filter(None, map(rules.suggestions.code, KINDS)))
    assert suggested
    for kind in suggested:
        assert rules.exemptions.get(kind).code == kind


def test_a_patron_is_exempt_by_every_act_s_own_law() -> None:
    codes = {code: load_rules(code).suggestions.code("patron") for code in ACTS}
    assert len(set(codes.values())) == len(ACTS) == 7
    assert codes["us-il"] == "7.5(b)"
    assert codes["us-tx"] == "552.124"


def test_a_code_that_came_later_cannot_be_cited() -> None:
    california = load_exemptions("us-ca")
    assert california.codes(["7922.000"], date(2023, 1, 1)) == ("7922.000",)
    with pytest.raises(UsageError, match=r"7922.000 is in effect from 2023-01-01"):
        california.codes(["7922.000"], date(2022, 12, 31))


def own(folder: Path, content: str) -> None:
    (folder / EXEMPTIONS_FILE).write_text(content, encoding="utf-8")


def test_a_body_s_own_exemptions_count_before_the_shipped_ones(tmp_path: Path) -> None:
    own(tmp_path, "code,title,section\n552.101,Ours,Ours 1\nCharter-7,Privacy,City Charter 7\n")
    found = load_rules("us-tx", folder=tmp_path).exemptions
    assert found.get("552.101").title == "Ours"
    assert found.get("charter-7").section == "City Charter 7"
    assert len(found) == len(load_exemptions("us-tx")) + 1
    assert [one.code for one in found.with_word("PRIVACY")] == ["Charter-7"]
    own(tmp_path, exemptions_csv(found))
    assert list(load_exemptions("", tmp_path)) == list(found)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("code,section\na,b\n", "the column title is missing"),
        ("code,title,section\n,b,c\n", "line 2: an exemption has a code and a title"),
        ("code,title,section\na b,c,d\n", "the code 'a b' has a space"),
        ("code,title,section,effective_from\na,b,c,soon\n", "soon is no date"),
        ('code,title,section\na,"b', "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_body_s_own_file_is_said(
    tmp_path: Path, content: str, said: str
) -> None:
    own(tmp_path, content)
    with pytest.raises(UsageError, match=said):
        load_exemptions("us-tx", tmp_path)
