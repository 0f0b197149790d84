"""Suggestions: what is found, what is left alone, and how well, on texts that are labelled."""

from pathlib import Path

import pytest

from archive import Parts, Sealed
from archive.errors import UsageError
from benchmarks.suggestions import SETS, labelled_texts, scores
from exports.requests import KINDS, SuggestionRules, load_rules, suggestions
from exports.requests._suggest_numbers import luhn
from exports.requests._suggest_rules import SUGGESTIONS_FILE

RULES = load_rules("us-il").suggestions
HARDEST = "patron"


def found(text: str, rules: SuggestionRules = RULES) -> list[tuple[str, str]]:
    return [(s.kind, s.text) for s in suggestions(comment(text), rules)]


def comment(text: str, author: str = "Jane Roe") -> Sealed:
    return Parts.of(
        [("text", text), ("author/name", author), ("url", "https://x.example/1")]
    ).seal()


@pytest.mark.parametrize("name", SETS[:2])
def test_recall_and_precision_on_labelled_texts(name: str) -> None:
    texts = labelled_texts(name)
    assert sum(not one.marks for one in texts) >= 40
    scored = scores(texts)
    assert scored.keys() == {*KINDS, "all"}
    assert scored["all"].recall >= 0.9
    assert scored["all"].precision >= 0.9
    for kind, score in scored.items():
        floor = 0.65 if kind == HARDEST or score.marked < 5 else 0.9
        assert score.recall >= floor, (kind, score.misses)
        assert score.precision >= floor, (kind, score.misses)


@pytest.mark.parametrize(
    ("name", "recall", "precision"), [("hard", 0.9, 0.84), ("later", 0.48, 0.88)]
)
def test_harder_texts_are_not_found_worse_than_they_were(
    name: str, recall: float, precision: float
) -> None:
    every = scores(labelled_texts(name))["all"]
    assert every.recall >= recall
    assert every.precision >= precision


def test_there_are_enough_labelled_texts() -> None:
    assert sum(len(labelled_texts(name)) for name in SETS) >= 600


@pytest.mark.parametrize(
    "number",
    [
        "630-555-0142",
        "(630) 555-0142",
        "630.555.0142",
        "6305550142",
        "+1 630 555 0142",
        "1-630-555-0142",
        "630-555-0142 ext. 7",
        "630\u2013555\u20130142",
        "555-0142",
        "+44 20 7946 0958",
    ],
)
def test_telephone_numbers(number: str) -> None:
    assert found(f"Call me at {number}, please") == [("phone", number)]


def test_the_first_kind_that_finds_a_text_keeps_it() -> None:
    assert found("card number 4111 1111 1111 1111, PIN: 4821") == [
        ("card", "4111 1111 1111 1111"),
        ("password", "4821"),
    ]
    assert found("") == []


def test_a_suggestion_names_its_parts() -> None:
    sealed = Parts.of([("title", "Help"), ("text", "Call (630) 555-0142 now")]).seal()
    (suggestion,) = suggestions(sealed, RULES)
    assert [sealed.values[i] for i in sorted(suggestion.parts)] == [b"(630) ", b"555-0142 "]
    assert (suggestion.field, suggestion.start, suggestion.end) == ("text", 5, 19)


def test_a_patron_who_writes_is_hidden_as_the_author_and_once() -> None:
    sealed = comment("My hold on Dune is late. I checked out two books. Jane")
    (suggestion,) = suggestions(sealed, RULES)
    assert (suggestion.kind, suggestion.text) == ("patron", "Jane Roe")
    assert {sealed.paths[i] for i in suggestion.parts} == {"author/name", "url"}
    nameless = Parts.of([("text", "My hold on Dune is late.")]).seal()
    assert suggestions(nameless, RULES) == []


def test_a_patron_who_is_named_is_hidden_where_named() -> None:
    sealed = comment("Did Osgood Petterssen ever return the book about divorce?")
    (suggestion,) = suggestions(sealed, RULES)
    values = [sealed.values[i] for i in sorted(suggestion.parts)]
    assert values == [b"Osgood ", b"Petterssen "]


def own(folder: Path, content: str) -> SuggestionRules:
    (folder / SUGGESTIONS_FILE).write_text(content, encoding="utf-8")
    return load_rules("us-il", folder=folder).suggestions


def test_a_body_adds_shapes_of_its_own_and_what_it_publishes_itself(tmp_path: Path) -> None:
    rules = own(
        tmp_path,
        'public = ["(847) 555-0100", "info@library.example"]\n'
        '[[pattern]]\nkind = "library-card"\nshape = "MG @## ####"\n',
    )
    assert found("mga12-3456 and MG B12 3456, not MGA12345", rules) == [
        ("library-card", "mga12-3456"),
        ("library-card", "MG B12 3456"),
    ]
    assert found("Call 847.555.0100 or 847-555-0101, INFO@library.example", rules) == [
        ("phone", "847-555-0101")
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[[pattern]]\nkind = "cards"\nshape = "P#####"\n', "there is no kind cards"),
        ('[[pattern]]\nkind = "card"\nshape = "P##"\n', "would fit everything"),
        ('[[pattern]]\nkind = "card"\n', "shape is missing"),
        ("public = 7\n", "public is not a list"),
        ("public = [", "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_body_s_own_file_is_said(
    tmp_path: Path, content: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        own(tmp_path, content)


def test_every_kind_has_an_exemption_and_an_unknown_one_is_refused() -> None:
    assert {RULES.code(kind) for kind in KINDS} == {"7(1)(b)", "7(1)(c)", "7.5(b)"}
    with pytest.raises(UsageError, match="nothing of the kind fax is suggested"):
        RULES.code("fax")


@pytest.mark.parametrize(("digits", "holds"), [("79927398713", True), ("79927398710", False)])
def test_the_check_digit(digits: str, holds: bool) -> None:
    assert luhn(digits) is holds
