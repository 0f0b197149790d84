import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli._output import Row, emit, emit_facts, one_line, progress, say

ROWS: list[Row] = [{"id": "a", "count": 1, "gone": "x"}, {"id": "b\tc\x1b[31m", "count": None}]


def test_a_pipe_gets_one_tab_separated_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    emit(ROWS, ["id", "count"])
    assert capsys.readouterr().out == "a\t1\nb c�[31m\t\n"


def test_json_is_an_array_of_the_columns(capsys: pytest.CaptureFixture[str]) -> None:
    emit(iter(ROWS), ["id", "count"], as_json=True)
    assert json.loads(capsys.readouterr().out) == [
        {"id": "a", "count": 1},
        {"id": "b\tc\x1b[31m", "count": None},
    ]


def test_no_rows_are_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    emit([], ["id"], as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_a_terminal_gets_a_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    emit([{"due_on": date(2026, 3, 4), "name": "[bold]x[/bold]"}], ["due_on", "name"])
    shown = capsys.readouterr().out
    assert "due on" in shown
    assert "2026-03-04" in shown
    assert "[bold]x[/bold]" in shown


def test_facts_are_aligned_lines_or_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    facts = {
        "head_size": 3,
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "folder": Path("a"),
        "ok": True,
        "codes": ["7(1)(c)", "7(1)(b)"],
    }
    emit_facts(facts)
    assert capsys.readouterr().out.splitlines() == [
        "head size  3",
        "at         2026-01-02T00:00:00.000000Z",
        "folder     a",
        "ok         yes",
        "codes      7(1)(c), 7(1)(b)",
    ]
    emit_facts(facts, as_json=True)
    assert json.loads(capsys.readouterr().out)["at"] == "2026-01-02T00:00:00.000000Z"


@given(st.text())
def test_no_text_can_steer_the_terminal(text: str) -> None:
    shown = one_line(text)
    assert len(shown) == len(text)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.dictionaries(st.text(), st.text()))
def test_json_keeps_every_text_and_steers_nothing(facts: dict[str, str]) -> None:
    from app.cli._output import _json

    written = _json(facts)
    assert json.loads(written) == facts
    assert one_line(written) == written


def test_say_keeps_line_breaks_only(capsys: pytest.CaptureFixture[str]) -> None:
    say("one\ntwo\x1b")
    assert capsys.readouterr().out == "one\ntwo�\n"


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("reading", 2) as advance:
        advance(2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_is_told_that_there_is_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    emit([], ["id"])
    assert capsys.readouterr().out == "none\n"
