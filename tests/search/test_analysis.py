"""Text and query meet in the same tokens, whatever the notation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search._analysis import LONGEST, analyze, fold, phone_marks, pieces, stem, tags, words

TOKENS = {
    "The LIBRARIES' hours": "the librari hour",
    "running runs run": "run run run",
    "Jane's O’Brien don't": "jane s o brien don t",
    "Café naïve ﬁne Straße Ünïcödé": "cafe naiv fine strass unicod",
    "Łódź Ærøskøbing İstanbul": "lodz aeroskob istanbul",
    "ＡＢＣ１２３": "abc123",
    "in\u00advisible zero\u200bwidth": "invis zerowidth",
    "e\u0301te\u0301": "ete",
    "jane.doe@example.org": "jane doe exampl org",
    "https://example.org/a_b?c=1": "https exampl org a b c 1",
    "+1 (555) 123-4567": "1 555 123 4567",
    "1,000.50 $5 50%": "1 000 50 5 50",
    "図書館テスト": "図 書 館 テ ス ト",
    "도서관": "도 서 관",
    "ガ" + "ｶﾞ": "ガ ガ",
    "हिन्दी में": "हिन्दी में",
    "Привет МИР": "привет мир",
    "🚧 closed👍🏽": "🚧 close 👍",
    "👩‍👩‍👧 🇺🇸🇨🇦 ❤️ 1️⃣": "👩 👩 👧 🇺🇸 🇨🇦 ❤ 1",
    "_under_score_": "under score",
    "─── *** ---": "",
    "\x00\x1f\ud800": "",
}


@pytest.mark.parametrize("text", TOKENS)
def test_tokens(text: str) -> None:
    assert " ".join(analyze(text)[1]) == TOKENS[text]


def test_words_are_not_stemmed_and_marks_stand_beside_them() -> None:
    row, _, marks = analyze("Libraries: #Public_Library, @Jane.Doe. call (555) 123-4567!")
    assert row == ["libraries", "public", "library", "jane", "doe", "call", "555", "123", "4567"]
    assert marks == {"#public_library", "@jane.doe", "5551234567"}


def test_no_mark_within_an_address_or_a_word() -> None:
    assert tags("jane@example.org c#sharp a@b") == []
    assert tags("#one,#two @three.") == ["#one", "#two", "@three"]


@pytest.mark.parametrize(
    ("number", "marks"),
    [
        ("555-1234", ["5551234"]),
        ("+1 (847) 991-2345", ["18479912345", "8479912345"]),
        ("847.991.2345", ["8479912345"]),
        ("+44 20 7946 0958", ["442079460958"]),
        ("2025-01-31", []),
        ("12345", []),
        ("1234567890123456", []),
    ],
)
def test_phone_numbers(number: str, marks: list[str]) -> None:
    assert phone_marks(number) == marks


@given(st.text(max_size=60))
def test_a_text_is_found_by_itself(text: str) -> None:
    """Folding again changes nothing, and no token could be taken for two."""
    row, stemmed, marks = analyze(text)
    assert words(fold(text)) == row == words(text)
    for token in (*row, *stemmed, *marks):
        assert token == "".join(token.split())
        assert 0 < len(token) <= LONGEST
        assert token.encode()
    assert [stem(word) for word in row] == stemmed


@given(st.text(alphabet="aé図🚧 -#@'\u00ad\u0301١½ﬁ🇺🇸", max_size=30))
def test_the_pieces_of_a_text_are_its_words(text: str) -> None:
    found = [word for _, _, some in pieces(text) for word in some]
    assert "".join(found) == "".join(words(text))


def test_words_of_any_length() -> None:
    assert words("y" * 600) == ["y" * LONGEST, "y" * LONGEST, "y" * 100]
    assert all(len(mark) <= LONGEST for mark in analyze("#" + "y" * 600)[2])
