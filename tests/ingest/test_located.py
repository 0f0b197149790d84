"""Objects that know their bytes."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest._located import Located, located

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def objects(value: object) -> Iterator[Located]:
    """All objects in a value."""
    if isinstance(value, dict):
        assert isinstance(value, Located)
        yield value
        for one in value.values():
            yield from objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from objects(one)


@given(_values, st.sampled_from((None, 1)))
def test_every_object_knows_its_bytes(value: object, indent: int | None) -> None:
    raw = json.dumps(value, indent=indent).encode()
    found = located(raw)
    assert found == value
    for one in objects(found):
        assert one.raw in raw
        assert json.loads(one.raw) == one


def test_the_bytes_of_inner_objects_are_left_out() -> None:
    found = located(b'{"a": [{"x": 1}, {"y": [{"z": 2}]}], "b": {"c": 3}}')
    first, second = found["a"]
    assert found.without([second, second["y"][0], first]) == b'{"a": [, ], "b": {"c": 3}}'
    assert found.without([]) == found.raw


def test_braces_in_strings_and_keys_that_stand_twice_mislead_nobody() -> None:
    found = located(b'\xef\xbb\xbf{"a": {"x": "}\\"{"}, "a" : {"y":"\\u00e9\xff"} }')
    assert found["a"].raw == b'{"y":"\\u00e9\xff"}'


@pytest.mark.parametrize("data", [b"{", b"}", b'{"a": }', b"", b"[" * 100_000 + b"]" * 100_000])
def test_what_is_no_json_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        located(data)
