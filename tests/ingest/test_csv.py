"""CSV read row by row."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import SourceError
from ingest import Rejected, Remark
from ingest._csv import Row, header_of, rows, table, titled


def read(data: bytes, *, escapes: bool = False, limit: int = 1 << 20) -> list[Row]:
    return list(rows(io.BytesIO(data), limit=limit, escapes=escapes))


CELLS = st.text(st.sampled_from('ab,"\n\r é'), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=6))
def test_what_the_standard_library_writes_is_read_back(table_: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(table_)
    data = out.getvalue().encode()
    found = read(data)
    assert [list(row.cells) for row in found] == table_
    assert b"".join(row.raw + b"\r\n" for row in found) == data


@given(st.binary(max_size=60) | st.text(st.sampled_from('a,"\\\n\r')).map(str.encode))
def test_every_byte_is_in_a_row_or_ends_a_line(data: bytes) -> None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return
    for escapes in (False, True):
        kept = b"".join(row.raw for row in read(data, escapes=escapes))
        assert b"".join(kept.split()) == b"".join(data.split())


def test_quotes_inside_cells_and_after_them() -> None:
    [row] = read(b'5" nail,"say ""hi""",x"y,"a"b\n')
    assert row.cells == ('5" nail', 'say "hi"', 'x"y', "ab")
    [row] = read(b'a,"say \\"hi\\",\nthere",\n', escapes=True)
    assert row.cells == ("a", 'say "hi",\nthere', "")


def test_a_quote_that_is_never_closed_costs_one_line() -> None:
    found = read(b'a,"b\nc,d\n\ne,f')
    assert [(row.raw, bool(row.error)) for row in found] == [
        (b'a,"b', True),
        (b"c,d", False),
        (b"e,f", False),
    ]
    found = read(b'a,"b\n' + b"c,d\n" * 10, limit=20)
    assert [bool(row.error) for row in found] == [True] + [False] * 10


def test_rows_of_another_length_are_rejected_alone() -> None:
    def make(row: dict[str, str], raw: bytes) -> Remark:
        return Remark(f"{row} {raw!r}")

    found = list(table(iter(read(b"1,2\n1\n3,4")), ("a", "b"), "f.csv", make))
    assert found[0] == Remark("{'a': '1', 'b': '2'} b'1,2'")
    assert found[1] == Rejected("its cells are 1, those of the header 2", b"1", "f.csv")
    assert found[2] == Remark("{'a': '3', 'b': '4'} b'3,4'")


def test_the_header_is_found_behind_a_mark_and_a_blank_line() -> None:
    assert header_of(b'\xef\xbb\xbf\r\n" Date",Link\r\nrest') == ("date", "link")


def test_utf_16_and_endless_lines_are_refused() -> None:
    with pytest.raises(SourceError, match="UTF-16"):
        read("a,b".encode("utf-16"))
    with pytest.raises(SourceError, match="longer than"):
        read(b"x" * 1_000_000, limit=1000)


def test_a_header_that_holds_data_is_rejected_too() -> None:
    def make(row: dict[str, str], raw: bytes) -> Remark:
        return Remark(f"{sorted(row)} {raw!r}")

    assert list(titled(iter(read(b"a,b\n1,2")), "f", make)) == [Remark("['a', 'b'] b'1,2'")]
    reason = "it does not name the columns of the rows below it"
    for header in (b"a,b2026-01-01", b"a", b"a,b,c"):
        first, *others = titled(iter(read(header + b"\n1,2")), "f", make)
        assert first == Rejected(reason, header, "f")
        assert len(others) == 1
    assert list(titled(iter([]), "f", make)) == []
    assert list(titled(iter(read(b"a,b")), "f", make, frozenset("ab"))) == []
    assert list(titled(iter(read(b"a,X")), "f", make, frozenset("ab"))) == [
        Remark("f has columns that are not known: X")
    ]
