import io
import json

from hypothesis import given
from hypothesis import strategies as st

from archive.errors import SourceError
from ingest._boxes import CHUNK
from ingest._lines import json_lines

LIMIT = 3 * CHUNK

values = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=9), max_size=3)


class Torn(io.BytesIO):
    """A stream that breaks off where its bytes end."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise SourceError("the archive is cut short")
        return data


@given(st.lists(values, max_size=8), st.sampled_from([b"\n", b"\r\n", b"\n\n \n"]))
def test_every_line_is_its_value_with_its_bytes(rows: list[dict[str, object]], end: bytes) -> None:
    lines = [json.dumps(row).encode() for row in rows]
    found = list(json_lines(io.BytesIO(end.join(lines)), LIMIT))
    assert [(one.raw, one.value, one.error) for one in found] == [
        (line, row, "") for line, row in zip(lines, rows, strict=True)
    ]


def test_a_line_that_is_no_json_is_rejected_alone() -> None:
    found = list(json_lines(io.BytesIO(b'\xef\xbb\xbf{"a":1}\n{"a":\n{"a":"\\ud800"}\n'), LIMIT))
    assert [bool(one.error) for one in found] == [False, True, False]
    assert found[1].raw == b'{"a":'
    assert found[2].value == {"a": "\ud800"}


def test_a_line_that_is_too_long_is_kept_in_parts_and_what_follows_is_read() -> None:
    for length in (LIMIT + 1, 5 * LIMIT, 9 << 20):
        endless = b'"' + b"x" * length + b'"'
        found = list(json_lines(io.BytesIO(b"1\n" + endless + b"\n2\n"), LIMIT))
        assert [found[0].value, found[-1].value] == [1, 2]
        parts = found[1:-1]
        assert b"".join(one.raw for one in parts) == endless
        assert [one.error.split(": ")[1] for one in parts] == [
            f"part {number} of it" for number in range(1, len(parts) + 1)
        ]
        last = list(json_lines(io.BytesIO(b"1\n" + endless), LIMIT))
        assert b"".join(one.raw for one in last[1:]) == endless
        assert all(one.error for one in last[1:])


def test_what_was_read_of_a_line_that_breaks_off_is_kept() -> None:
    *lines, rest = json_lines(Torn(b"1\n2\n[3"), LIMIT)
    assert [one.value for one in lines] == [1, 2]
    assert (rest.raw, rest.error) == (b"[3", "the archive is cut short")
