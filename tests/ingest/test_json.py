"""Arrays read piecewise: whatever the chunks, the bytes and values are those of the file."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import SourceError
from ingest import _json
from ingest._json import Piece, array_items

scalars = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


class Dribble:
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = data, size

    def read(self, size: int = -1) -> bytes:
        taken, self._data = self._data[: self._size], self._data[self._size :]
        return taken


def pieces(data: bytes, key: str = "", size: int = 7, limit: int = 1 << 20) -> list[Piece]:
    return list(array_items(Dribble(data, size), key, limit=limit))


@given(
    st.lists(values, max_size=8),
    st.booleans(),
    st.sampled_from([None, 1, 2]),
    st.integers(1, 40),
)
def test_every_element_comes_with_its_value_and_its_bytes(
    items: list[Any], ascii_only: bool, indent: int | None, size: int
) -> None:
    data = json.dumps(items, ensure_ascii=ascii_only, indent=indent).encode()
    found = pieces(data, size=size)
    assert [piece.value for piece in found] == items
    assert [json.loads(piece.raw) for piece in found] == items
    position = 0
    for piece in found:
        position = data.index(piece.raw, position) + len(piece.raw)


@given(st.lists(st.dictionaries(st.text(max_size=3), scalars, max_size=3), max_size=5), values)
def test_an_array_under_a_key_is_found_behind_anything(items: list[Any], before: Any) -> None:
    data = json.dumps({"before": before, "list": items, "after": 1}).encode()
    assert [piece.value for piece in pieces(data, "list")] == items


def test_a_script_before_the_array_is_passed_over() -> None:
    assert [p.value for p in pieces(b'window.YTD.tweets.part0 = [ {"a": 1} ]')] == [{"a": 1}]


def test_an_element_that_is_not_json_is_lost_alone() -> None:
    found = pieces(b'[{"a": 1}, {"b": oops, "c": [1, "]"]}, {"d": 2}]')
    assert [piece.value for piece in found] == [{"a": 1}, None, {"d": 2}]
    assert found[1].raw == b'{"b": oops, "c": [1, "]"]}'
    assert found[1].error


def test_an_array_that_is_cut_short_ends_with_an_error() -> None:
    found = pieces(b'[{"a": 1}, {"b": [1, 2')
    assert found[0].value == {"a": 1}
    assert found[-1].error
    assert found[1].raw == b'{"b": [1, 2'
    assert pieces(b"[1, 2")[-1].error
    assert pieces(b"[")[-1].error


@pytest.mark.parametrize(
    ("data", "rest"),
    [
        (b"[1] , 2]", b", 2]"),
        (b"[1]; [2]", b"[2]"),
        (b'{"list": [1], "more": [2]}, 3', b', "more": [2]}, 3'),
        (b'{"list": [1] {"more": [2]}', b'{"more": [2]}'),
        (b'{"list": [1], "more" , [2]}', b', "more" , [2]}'),
        (b'{"list": [1], {"id": 2}]}', b', {"id": 2}]}'),
    ],
)
def test_what_stands_after_the_end_is_no_item_but_is_kept(data: bytes, rest: bytes) -> None:
    for size in (1, 2, 3, 50):
        found = pieces(data, "list" if data.startswith(b"{") else "", size=size)
        assert [piece.value for piece in found] == [1, None]
        assert found[1].raw.replace(b" ", b"") == rest.replace(b" ", b"")
        assert found[1].error == "it stands after the end of the list"


def test_behind_a_damaged_element_nothing_is_passed_over() -> None:
    found = pieces(b'{"list": [1, {"a": }]}], "b": 3}', "list")
    assert [piece.raw for piece in found[1:]] == [b'{"a": }', b'}], "b": 3}']
    assert all(piece.error for piece in found[1:])
    assert len(pieces(b'{"list": [1, {"a": }]}', "list")) == 2


def test_brackets_of_what_is_around_may_close_behind_the_end() -> None:
    assert len(pieces(b'{"list": [1]}}]}\n', "list")) == 1
    damaged = b'{"list": [{"a": 1}], "b": {"c": 2}}]}'
    assert pieces(damaged, "list")[1].raw == b', "b": {"c": 2}}]}'


def test_long_bytes_after_the_end_come_in_pieces_no_longer_than_an_item_may_be() -> None:
    found = pieces(b"[1]" + b"x" * 10_000, size=100, limit=1000)
    assert b"".join(piece.raw for piece in found[1:]) == b"x" * 10_000
    assert max(len(piece.raw) for piece in found) <= 1100


@pytest.mark.parametrize("data", [b'{"list": [1]', b'{"list": [1],', b'{"list": [1], "a": [{"b'])
def test_an_object_that_is_cut_short_after_the_array_says_so(data: bytes) -> None:
    found = pieces(data, "list", size=3)
    assert found[0].value == 1
    assert found[-1].error == "the file ends before its end"
    assert found[-1].raw.strip() == data.removeprefix(b'{"list": [1]').strip()


def test_an_array_that_stands_there_twice_is_read_twice() -> None:
    found = pieces(
        b'{"list": [1], "a": "]\\"", "b": {"list": [9]}, "c": -1.5, "list": [2]}', "list"
    )
    assert [piece.value for piece in found] == [1, 2]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"x": {"id": [2]}', ""),
        ("", '"x" : {"id": [2]}'),
        ("", '"x": "words", "known": [7], "y": [{"id": 2}, {"id": 3}]'),
        ('"x": ["list"]', '"list": [4], "x": [5]'),
        ("", '"known": {"a": 1}, "list": {"id": 2}'),
    ],
)
def test_members_that_nobody_knows_are_kept(before: str, after: str) -> None:
    data = "{" + ", ".join(filter(None, (before, '"list": [1]', after))) + "}"
    for size in (1, 3, 50):
        stream = Dribble(data.encode(), size)
        found = list(array_items(stream, "list", limit=1 << 20, beside=("known",)))
        kept = b" ".join(piece.raw for piece in found if piece.error).decode()
        words = [one for one in (before, *after.split(", ")) if one and "known" not in one]
        assert [one for one in words if one not in kept and '"list": [' not in one] == []
        assert "known" not in kept
        assert found[-1].error != "it stands after the end of the list"


def test_members_that_nobody_knows_but_say_nothing_are_passed_over() -> None:
    data = b'{"a": 1, "b": null, "c": "", "list": [1], "d": [], "e": {}, "f": true}'
    [piece] = array_items(Dribble(data, 4), "list", limit=100, beside=())
    assert piece.value == 1


def test_a_number_that_runs_into_words_is_cut_out_with_them() -> None:
    assert [one.raw for one in pieces(b'[1, 2026-11-22T15:20, "a"]')][1] == b"2026-11-22T15:20"


def test_other_members_are_passed_over_without_being_held() -> None:
    scanner = _json._Scanner(
        Dribble(b'{"a": [' + b'"xxxxxxxxx",' * 50_000 + b'0], "list": [1]}', 1000), 1 << 20
    )
    found = scanner.items("list")
    assert next(found).value == 1
    assert len(scanner._text) < 5000


def test_lone_surrogates_and_bytes_that_are_no_utf8_are_kept() -> None:
    raw = b'{"a": "\\ud83d", "b": "\xff\x00"}'
    [piece] = pieces(b"[" + raw + b"]")
    assert piece.raw == raw
    assert piece.error  # a NUL that is not escaped is no JSON
    [piece] = pieces(b'["\\ud83d \\u0000 \xff"]')
    assert piece.raw == b'"\\ud83d \\u0000 \xff"'
    assert piece.value == "\ud83d \x00 \udcff"


def test_deep_nesting_is_rejected_and_what_follows_is_read() -> None:
    found = pieces(b"[" + b"[" * 100_000 + b"]" * 100_000 + b", 2]", size=50_000)
    assert [piece.value for piece in found] == [None, 2]
    assert found[0].error == "nested too deeply"


def test_an_element_without_an_end_stops_at_the_limit() -> None:
    with pytest.raises(SourceError, match="longer than"):
        pieces(b'["' + b"x" * 10_000, limit=5000, size=1000)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"list": 1}', b"<html>", b'{"list'])
def test_what_holds_no_such_array_is_no_source(data: bytes) -> None:
    with pytest.raises(SourceError):
        pieces(data, "list")


@given(st.binary(max_size=200))
def test_hostile_bytes_give_pieces_or_a_source_error(data: bytes) -> None:
    try:
        for piece in pieces(b"[" + data):
            assert piece.error or piece.raw
    except SourceError:
        pass


def test_the_buffer_holds_one_element_and_one_chunk() -> None:
    class Endless:
        sent = 0

        def read(self, size: int = -1) -> bytes:
            self.sent += size
            return b"[" if self.sent == size else b'{"a": "' + b"x" * (size - 10) + b'"},'

    scanner = _json._Scanner(Endless(), 1 << 20)  # its buffer is what is tested
    found = scanner.items("")
    for _ in range(50):
        next(found)
    assert len(scanner._text) < 4 * 256 * 1024


def test_a_single_line_says_why_it_is_no_json() -> None:
    assert _json.loads(b'{"a": "\\ud800"}') == {"a": "\ud800"}
    with pytest.raises(ValueError, match="nested too deeply"):
        _json.loads(b"[" * 100_000)
    with pytest.raises(SourceError):
        _json.object_of(b"no")
