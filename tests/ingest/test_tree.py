"""Lists anywhere inside an object."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import SourceError
from ingest._json import Piece
from ingest._tree import tree_items

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
TREES = st.dictionaries(
    st.text(max_size=3),
    st.recursive(
        SCALARS | st.lists(SCALARS, max_size=3),
        lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def read(data: bytes, *whole: str) -> list[tuple[tuple[str, ...], Piece]]:
    return list(tree_items(io.BytesIO(data), whole=frozenset(whole), limit=1 << 20))


def elements(tree: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, value in tree.items():
        inner = (*path, name)
        if isinstance(value, dict):
            found += elements(value, inner)
        elif isinstance(value, list):
            found += [(inner, one) for one in value]
        else:
            found.append((inner, value))
    return found


@given(TREES, st.sampled_from([None, 1]))
def test_every_element_is_found_with_its_path(tree: dict[str, Any], indent: int | None) -> None:
    data = json.dumps(tree, indent=indent).encode()
    found = read(data)
    assert [(path, piece.value) for path, piece in found] == elements(tree)
    assert all(piece.raw in data and not piece.error for _, piece in found)


def test_a_named_object_comes_whole() -> None:
    found = read(b'{"a": {"b": {"c": [1]}}, "d": {"e": 2}}', "b")
    assert [(path, piece.raw) for path, piece in found] == [
        (("a", "b"), b'{"c": [1]}'),
        (("d", "e"), b'"e": 2'),
    ]


def test_what_is_too_deep_comes_whole() -> None:
    deep = b'{"a":' * 100_000 + b"[1]" + b"}" * 100_000
    [(path, piece), *_] = read(deep)
    assert (set(path), bool(piece.error)) == ({"a"}, True)


def test_what_is_cut_short_or_follows_is_told() -> None:
    assert [piece.error for _, piece in read(b'{"a": [1')][-1]
    assert read(b'{"a": [1]} x')[-1][1].raw == b"x"
    with pytest.raises(SourceError, match="no JSON"):
        read(b'{"a" [1]}')
