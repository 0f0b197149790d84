"""What a schedule would move before it is adopted: counted by series, or record by record."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from app.cli._output import emit, progress, say
from app.cli._session import Session

if TYPE_CHECKING:
    from archive import Reader
    from schedules import Move, Schedule

_COUNTS = ["earlier", "later", "now_due", "no_longer_due"]
_MOVES = ["from_series", "to_series", "records", *_COUNTS]
_LISTED = ["record", "from_series", "to_series", "due_before", "due", "now_due", "reason"]


def show_moves(
    session: Session, reader: "Reader", new: "Schedule", *, listed: bool, as_json: bool
) -> None:
    """Print which records a schedule would move, against the one in force on its first day."""
    from schedules import compare, count_moves, today, zone_of

    archive = session.archive()
    day = max(today(archive), new.effective)
    old = _in_force(reader, day)
    if listed:
        emit(_rows(compare(reader, old, new, day, zone_of(archive))), _LISTED, as_json)
        return
    rows = _counted(count_moves(reader, old, new, day, zone_of(archive)))
    if rows or as_json:
        emit(rows, _MOVES, as_json)
    else:
        say("no record's series or due date moves")


def _in_force(reader: "Reader", day: date) -> "Schedule | None":
    from archive.errors import NotFound
    from schedules import in_force, load

    try:
        return load(reader, in_force(reader, day))
    except NotFound:
        return None


def _counted(moves: "Iterable[tuple[Move, int]]") -> list[dict[str, Any]]:
    """How many move from which series to which; "-" is none."""
    totals = Counter[tuple[str, str]]()
    counts = Counter[tuple[str, str, str]]()
    with progress("Records") as advance:
        for move, count in moves:
            advance(count)
            if move.moves:
                between = move.before.series or "-", move.after.series or "-"
                totals[between] += count
                for name in _COUNTS:
                    counts[*between, name] += count if getattr(move, name) else 0
    return [
        {"from_series": old, "to_series": new, "records": total}
        | {name: counts[old, new, name] for name in _COUNTS}
        for (old, new), total in sorted(totals.items())
    ]


def _rows(moves: "Iterable[tuple[str, Move]]") -> Iterator[dict[str, Any]]:
    with progress("Records") as advance:
        for record, move in moves:
            advance(1)
            if move.moves:
                yield {
                    "record": record,
                    "from_series": move.before.series,
                    "to_series": move.after.series,
                    "due_before": move.before.due,
                    "due": move.after.due,
                    "now_due": move.now_due,
                    "reason": move.after.reason,
                }
