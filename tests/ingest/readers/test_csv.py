"""CSV of documented columns."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import SourceError
from ingest import Gone, Told, open_export, reader_for, reader_named
from tests.ingest.conftest import read

Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str) -> Path:
        path = tmp_path / "rows.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return write


def test_a_row_with_everything(written: Written) -> None:
    path = written(
        "\ufeffID,Kind,text,occurred_at,time_zone,shared.text,shared.author,reactions.like,poll,"
        "attachments,state,removed_by,removal_reason,inner code\r\n"
        '7,share,"two\r\nlines, ""quoted""",2026-07-01 12:00:00,none,theirs,Bob,3,"Yes\nNo",'
        '"a.png\nhttps://x.example/b.png",removed,platform,rules,x\r\n'
    )
    [one], rejected = read(path, "lib")
    assert rejected == []
    assert (one.native_id, one.kind, one.text) == ("7", "share", 'two\r\nlines, "quoted"')
    assert (one.occurred_at, one.naive) == (datetime(2026, 7, 1, 12, tzinfo=UTC), True)
    assert one.shared is not None
    assert (one.shared.text, one.shared.author_name) == ("theirs", "Bob")
    assert one.reactions == (("like", 3),)
    assert [option.text for option in one.poll] == ["Yes", "No"]
    assert [(a.name, a.url) for a in one.attachments] == [
        ("a.png", ""),
        ("b.png", "https://x.example/b.png"),
    ]
    assert (one.state, one.removed_by, one.removal_reason) == ("removed", "platform", "rules")
    assert one.raw == path.read_bytes().split(b"\r\n", 1)[1].removesuffix(b"\r\n")


def test_rows_that_cannot_be_read_are_rejected_alone(written: Written) -> None:
    path = written(
        "id,text,deleted,reactions.like,occurred_at\n"
        "1,a,,,\n,b,,,\n2,b,perhaps,,\n3,b,,many,\n4,b,,,noon\n5,b\n6,,yes,,\n"
    )
    with open_export(path) as export:
        items = list(reader_for(export).read(export, Told("lib")).items)
    assert [type(one).__name__ for one in items] == [
        *("Capture", *("Rejected",) * 5),
        "Gone",
    ]
    assert isinstance(items[-1], Gone)
    assert b"".join(getattr(one, "raw", b"") for one in items) == b"".join(
        path.read_bytes().split(b"\n")[1:]
    )


def test_what_a_spreadsheet_saved_in_an_older_encoding_is_rejected_row_by_row(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("id,text\n1,Café\n2,Tea\n".encode("cp1252"))
    [one], [rejected] = read(path, "lib")
    assert one.text == "Tea"
    assert (rejected.raw, rejected.reason[:15]) == (b"1,Caf\xe9", "it is not UTF-8")


def test_a_table_that_is_no_list_says_what_a_list_needs(written: Written) -> None:
    with open_export(written("id;text\n1;hello\n")) as export:
        with pytest.raises(SourceError) as raised:
            reader_for(export)
        assert "commas" in raised.value.hint


def test_a_table_without_ids_is_not_taken(written: Written) -> None:
    with open_export(written("a;b\n1;2\n")) as export:
        assert not reader_named("csv").sniff(export)
        with pytest.raises(SourceError, match="no column id"):
            reader_named("csv").read(export, Told("lib"))


def test_the_platform_may_be_named(written: Written) -> None:
    with open_export(written("id,text\n1,a\n")) as export:
        reader = reader_named("csv")
        assert reader.read(export, Told("lib")).platform == "csv"
        assert reader.read(export, Told("lib", "nextdoor")).platform == "nextdoor"
