"""Objects that know their bytes."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest._located import Inside, Located, LocatedList, located

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


@given(st.lists(_values), st.dictionaries(st.text(), _values), st.sampled_from((None, 1)))
def test_elements_keep_their_bytes(
    items: list[object], others: dict[str, object], indent: int | None
) -> None:
    whole = {**others, "list": [0, {"data": items}], "z": 1}
    raw = json.dumps(whole, indent=indent).encode()
    found = located(raw, Inside(frozenset(("list",)), frozenset(("data",))))
    assert found == whole
    data = found["list"][1]["data"]
    pieces = list(data.elements()) if isinstance(data, LocatedList) else []
    assert [value for _, value in pieces] == items
    position = 0
    for piece, value in pieces:
        assert json.loads(piece) == value
        position = raw.index(piece, position) + len(piece)


_tokens = st.sampled_from([*'{}[],:"', '"a"', '"b\\n":', "1", "-2e3", "tru", "null", " ", "\n"])


@given(st.lists(_tokens, max_size=12).map("".join))
def test_it_takes_what_the_library_takes(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            located(text.encode())
    else:
        assert located(text.encode()) == expected


def test_only_where_items_stand_is_looked() -> None:
    found = located(
        b'{"x": {"y": 1}, "in": {"list": [ {"z": {}}, 5 ], "list2": [[{}]]}}',
        Inside(frozenset(("in",)), frozenset(("list",))),
    )
    assert type(found["x"]) is dict
    assert found["in"]["list"][0].raw == b'{"z": {}}'
    assert type(found["in"]["list"][0]["z"]) is dict
    assert type(found["in"]["list2"]) is list


def test_the_bytes_of_inner_objects_are_left_out() -> None:
    found = located(b'{"a": [{"x": 1}, {"y": [{"z": 2}]}], "b": {"c": 3}}')
    first, second = found["a"]
    assert found.without([second, second["y"][0], first]) == b'{"a": [, ], "b": {"c": 3}}'
    assert found.without([]) == found.raw


def test_braces_in_strings_mislead_nobody() -> None:
    found = located(b'\xef\xbb\xbf{"a": {"x": "}\\"{"}, "b" : {"y":"\\u00e9\xff"} }')
    assert found["b"].raw == b'{"y":"\\u00e9\xff"}'


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": {"x": 1}, "a": {"y": 2}}',
        b'{"a": 1, "b": 2, "a": 3}',
        b'{"a": 1, "b": {}, "a": 3}',
        b'{"a": 1, "b": {}, "b": 3}',
        b'{"b": {"c": 1}, "a": [{"x": 1, "x": 2}]}',
    ],
)
def test_of_two_members_of_one_name_none_is_dropped(data: bytes) -> None:
    with pytest.raises(ValueError, match="twice"):
        located(data)


@pytest.mark.parametrize("data", [b"{", b"}", b'{"a": }', b"", b"[" * 100_000 + b"]" * 100_000])
def test_what_is_no_json_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        located(data)
