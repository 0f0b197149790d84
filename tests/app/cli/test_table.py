"""Tables that fit the terminal, with words that can be copied from it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from app.cli._table import column_widths, laid_out

NAMES = ("record", "removed at", "clause", "reason")
REMOVED = ("c53e4b201ce2", "2026-11-28 14:14", "IV.7", "Sells household goods at the front desk")
WORDS = st.text(st.sampled_from("abé語- "), max_size=30)


def shown(width: int, *rows: tuple[str, ...]) -> list[str]:
    screen = Console(width=width, color_system=None)
    numbers, styles = [False] * len(NAMES), [None] * len(rows)
    with screen.capture() as captured:
        for piece in laid_out(NAMES, rows, numbers, styles, width):
            screen.print(piece)
    return [line.rstrip() for line in captured.get().splitlines()]


def test_a_wide_terminal_shows_a_line_for_each_row() -> None:
    record, moment, clause, reason = REMOVED
    assert shown(100, REMOVED)[2] == f"{record}   {moment}   {clause}     {reason}"


def test_a_narrower_one_wraps_the_longest_text_and_breaks_no_id_and_no_time() -> None:
    heading, _, first, *more = shown(70, REMOVED)
    assert heading.split() == ["record", "removed", "at", "clause", "reason"]
    assert first.startswith("c53e4b201ce2   2026-11-28 14:14   IV.7     Sells")
    assert " ".join([first, *more]).split()[4:] == REMOVED[3].split()


def test_where_the_words_do_not_fit_each_row_is_a_block_without_what_is_empty() -> None:
    assert shown(44, REMOVED, ("d6", "", "", "x")) == [
        "record      c53e4b201ce2",
        "removed at  2026-11-28 14:14",
        "clause      IV.7",
        "reason      Sells household goods at the",
        "            front desk",
        "",
        "record      d6",
        "reason      x",
    ]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), max_size=3), st.integers(20, 140))
def test_columns_never_take_more_room_than_there_is(rows: list[tuple[str, ...]], room: int) -> None:
    widths = column_widths(NAMES, rows, room)
    assert widths is None or sum(widths) <= room
    assert column_widths(NAMES, rows, 4 * 60) is not None
