"""Tokens are found where they are kept, and cut out of everything that is said."""

import os
from pathlib import Path

import pytest

from archive import UsageError
from ingest.live import Tokens, read_tokens, redacted


@pytest.mark.parametrize(
    "text",
    [
        "https://graph.example/me?access_token=SECRET&limit=5",
        "https://x.example/?limit=5&key=SECRET",
        "Authorization: Bearer SECRET",
        "authorization: basic U0VDUkVUOlNFQ1JFVA== SECRET".replace(" SECRET", ""),
        "https://user:SECRET@town.example/feed",
        "it said SECRET",
        "https://x.example/?client_secret=SECRET",
    ],
)
def test_a_token_is_cut_out(text: str) -> None:
    shown = redacted(text, ["SECRET"])
    assert "SECRET" not in shown
    assert "U0VDUk" not in shown
    assert redacted(shown, ["SECRET"]) == shown


def test_what_is_no_token_stays() -> None:
    text = "https://town.example/api/v1/statuses/11?limit=40 answered 502"
    assert redacted(text, ["SECRET"]) == text


def test_a_token_is_looked_for_in_three_places_in_order() -> None:
    places = {"given": "1", "environment": "2", "keyring": "3"}
    for found in ("1", "2", "3"):
        tokens = Tokens(
            {"library": places["given"]} if "given" in places else {},
            {"MUNIMENT_TOKEN_LIBRARY": places["environment"]} if "environment" in places else {},
            lambda _name: places.get("keyring"),
        )
        assert tokens.find("library") == found
        del places[next(iter(places))]
    assert Tokens({}, {}, lambda _: None).find("library") is None


def test_tokens_come_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("library=abc=\n\nboard = def \n")
    with path.open() as file:
        assert read_tokens(file.fileno()) == {"library": "abc=", "board": "def"}
    path.write_text("abc\n")
    with path.open() as file, pytest.raises(UsageError) as raised:
        read_tokens(file.fileno())
    assert "abc" not in str(raised.value) + (raised.value.hint or "")


def test_a_descriptor_that_is_none_is_said() -> None:
    closed = os.open(os.devnull, os.O_RDONLY)
    os.close(closed)
    with pytest.raises(UsageError, match="cannot be read"):
        read_tokens(closed)
