from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from archive._canonical import dumps, loads

PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(st.characters(exclude_categories=["Cs"])),
)
KEYS = st.text(st.characters(max_codepoint=0x7F))
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_it_is_rfc_8785_and_is_read_back(value: dict[str, Any]) -> None:
    assert dumps(value) == rfc8785.dumps(value)
    assert loads(dumps(value)) == value


def test_every_character_that_json_escapes() -> None:
    value = {"a": "".join(map(chr, range(0x100))) + "\u2028\u2029\ufeff\U0001f600"}
    assert dumps(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0},
        {"a": 2**53},
        {"a": -(2**53)},
        {"a": b"x"},
        {"a": {1}},
        {"a": [1, [2, {"b": 0.5}]]},
        {"ä": 1},
        {1: "a"},
        {"a": {None: 1}},
        {"a": "\ud800"},
        {"a": object()},
    ],
)
def test_what_headers_do_not_allow_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        dumps(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b"null",
        b' {"a":1}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":9007199254740992}',
        b'{"a":NaN}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\u001F"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"ä":1}'.encode(),
        b'{"a":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_not_the_canonical_form_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        loads(data)
