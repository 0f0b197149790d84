"""Items inside items, and their places among equals."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import _places
from ingest._inner import inner_items
from ingest._places import Places

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(_values), st.dictionaries(st.text(), _values), st.sampled_from((None, 1)))
def test_inner_items_keep_their_bytes(
    items: list[object], others: dict[str, object], indent: int | None
) -> None:
    whole = {**others, "list": [0, {"data": items}], "z": 1}
    raw = json.dumps(whole, indent=indent).encode()
    pieces = list(inner_items(raw, "list", 1, "data"))
    assert [piece.value for piece in pieces] == items
    position = 0
    for piece in pieces:
        assert json.loads(piece.raw) == piece.value
        position = raw.index(piece.raw, position) + len(piece.raw)


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    raw = b'{"a": [1], "a" : [ {"b":"\\u00e9"} ]}'
    assert [piece.raw for piece in inner_items(raw, "a")] == [b'{"b":"\\u00e9"}']


def test_a_path_that_leads_nowhere_gives_nothing() -> None:
    for path in (("b",), ("a", 3), ("a", 0, "x"), ("n",)):
        assert list(inner_items(b'{"a": [1], "n": 5}', *path)) == []


def test_places_are_counted_beyond_what_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_places, "_HELD", 10)
    places, plain = Places(), Places()
    keys = [places.key("post", stamp) for stamp in [*range(25), *range(25), 3, 3]]
    assert len(set(keys)) == 52
    assert keys[-1] == "post:3:3"
    assert [plain.key("post", 3), plain.key("comment", 3)] == ["post:3:0", "comment:3:0"]
