"""A hidden word is found however a text writes it."""

import base64
from html import escape
from urllib.parse import quote, quote_plus

import orjson
import pytest

from exports.bundle._escapes import readings
from exports.bundle._leaks import Fragment, Watch

SECRET = "Žofie Ångström"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        SECRET.upper(),
        "zofie angstrom",
        "Z\u030cofie\u00a0A\u030angstro\u0308m",
        "\u200b".join(SECRET),
        "Žo\u00adfie Ångström",
        "Ｚofie\nÅngström",
        quote(SECRET),
        quote_plus(SECRET),
        quote(quote(SECRET)),
        "".join(f"&#x{ord(c):x};" for c in SECRET),
        escape(SECRET).replace("Å", "&Aring;"),
        SECRET.encode("ascii", "backslashreplace").decode(),
        "".join(f"\\u{ord(c):04X}" for c in SECRET),
        orjson.dumps(orjson.dumps({"name": SECRET}).decode()).decode(),
        f"({base64.b64encode(SECRET.encode()).decode()})",
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        SECRET.encode().hex(),
        f"Žofie\t\r\n   {SECRET.split()[1]}",
    ],
)
def test_it_is_found(written: str) -> None:
    watch = Watch()
    watch.hide(7, [SECRET], "")
    [leak] = watch.leaks([Fragment("here", f"before {written} after")])
    assert (leak.number, leak.place) == (7, "here")


def test_a_pair_of_escapes_is_one_character() -> None:
    assert list(readings("\\ud83d\\udea7 \\uD83D")) == ["\\ud83d\\udea7 \\uD83D", "🚧 \ud83d"]


@pytest.mark.parametrize("text", ["plain words", "100 % & more", "a\\q", "caterpillar", "AAAAAAAA"])
def test_a_text_without_escapes_is_read_once(text: str) -> None:
    assert list(readings(text)) == [text]


def test_what_is_shown_in_one_writing_is_not_a_leak_in_another() -> None:
    watch = Watch()
    watch.hide(7, [SECRET], quote(SECRET))
    watch.allow_shown()
    assert not list(watch.leaks([Fragment("here", SECRET, 7)]))
