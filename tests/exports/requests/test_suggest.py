"""Suggestions: what is found, what is left alone."""

import pytest

from archive import Parts
from exports.requests._suggest import luhn, suggestions


def found(text: str) -> list[tuple[str, str]]:
    return [(s.kind, s.text) for s in suggestions(Parts.of([("text", text)]).seal())]


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


@pytest.mark.parametrize(
    "address", ["jane.roe@example.org", "jane+lib@mail.example.org", "jane (at) example (dot) org"]
)
def test_e_mail_addresses(address: str) -> None:
    assert found(f"write to {address}!") == [("email", address)]


def test_other_numbers_that_are_private() -> None:
    assert found("SSN 219-09-9999") == [("ssn", "219-09-9999")]
    assert found("card 4111 1111 1111 1111") == [("card", "4111 1111 1111 1111")]
    assert found("my card 21234000000000") == [("library-card", "21234000000000")]


@pytest.mark.parametrize(
    "text",
    [
        "Open 9-5, closed 2026-11-26",
        "ISBN 978-0-306-40615-7",
        "@jane@example.social said so",
        "$1,250,000 over 10 years",
        "Room 101, 60048 Libertyville",
        "",
    ],
)
def test_what_is_not_private_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_suggestion_names_its_parts() -> None:
    sealed = Parts.of([("title", "Help"), ("text", "Call (630) 555-0142 now")]).seal()
    (suggestion,) = suggestions(sealed)
    assert [sealed.values[i] for i in sorted(suggestion.parts)] == [b"(630) ", b"555-0142 "]


@pytest.mark.parametrize(("digits", "holds"), [("79927398713", True), ("79927398710", False)])
def test_the_check_digit(digits: str, holds: bool) -> None:
    assert luhn(digits) is holds
