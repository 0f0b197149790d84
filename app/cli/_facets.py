"""What `muniment search --facets` prints: how many records there are of each value."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from app.cli._output import emit, emit_csv, note, on_terminal

if TYPE_CHECKING:
    from search import Facet, FacetName

_COLUMNS = ("facet", "value", "records")
_SHOWN = 20
_BAR = 40
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = " ▁▂▃▄▅▆▇█"
_MOST_MONTHS = 60


def facet_names(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> "tuple[FacetName, ...]":
    """The facets that an option names as ``platform,author``; for its `callback`."""
    if value is None:
        return ()
    from search import FACETS

    known: dict[str, FacetName] = {name: name for name in FACETS}
    wanted = dict.fromkeys(part.strip().lower() for part in value.split(","))
    for name in wanted:
        if name not in known:
            raise click.BadParameter(f"{name!r} is none of: {', '.join(FACETS)}", ctx, param)
    return tuple(known[name] for name in wanted)


def facets_json(facets: "Sequence[Facet]") -> dict[str, Any]:
    """Facets by name: the values with their counts, and how many records have none."""
    return {
        facet.name: {
            "values": [{"value": v, "records": n} for v, n in facet.counts.items()],
            "without": facet.without,
        }
        for facet in facets
    }


def emit_facets(facets: "Sequence[Facet]", *, as_csv: bool, everything: bool) -> None:
    """Print facets: tables with bars on a terminal, else a line for each value, or CSV.

    A line without a value counts the records that have none. On a terminal only the first values
    are shown, and how many there are besides, unless `everything` is asked for.
    """
    if as_csv:
        emit_csv(_rows(facets), _COLUMNS)
    elif on_terminal():
        for facet in facets:
            _emit_table(facet, everything=everything)
    else:
        emit(_rows(facets), _COLUMNS)


def timeline(months: "Facet") -> str:
    """How records lie in time, in one line: a block for each month, or for each year of many.

    "" where all are of one month.
    """
    counts = dict(_every_month(months.counts))
    if len(counts) > _MOST_MONTHS:
        years = Counter[str]()
        for month, count in counts.items():
            years[month[:4]] += count
        counts = dict(years)
    if len(counts) < 2:
        return ""
    first, *_, last = counts
    top = max(counts, key=lambda period: counts[period])
    blocks = "".join(_HEIGHTS[-(-count * 8 // counts[top])] for count in counts.values())
    return f"{first} {blocks} {last}, most in {top}: {counts[top]}"


def _rows(facets: "Sequence[Facet]") -> Iterator[dict[str, Any]]:
    for facet in facets:
        for value, count in facet.counts.items():
            yield {"facet": facet.name, "value": value, "records": count}
        if facet.without:
            yield {"facet": facet.name, "value": "", "records": facet.without}


def _emit_table(facet: "Facet", *, everything: bool) -> None:
    counts = dict(_every_month(facet.counts)) if facet.name == "month" else facet.counts
    shown = list(counts.items())
    if not everything and facet.name != "month":
        shown = shown[:_SHOWN]
    if facet.without:
        shown.append(("(none)", facet.without))
    most = max((count for _, count in shown), default=0)
    rows = [{facet.name: v, "records": n, " ": _bar(n, most)} for v, n in shown]
    emit(rows, (facet.name, "records", " "))
    left = len(counts) - len(shown) + bool(facet.without)
    if left:
        note(f"and {left} more; --all shows every one")


def _bar(count: int, most: int) -> str:
    """A bar of block characters, `_BAR` of them for the most; something for any count at all."""
    whole, eighth = divmod(max(count * _BAR * 8 // most, 1) if count else 0, 8)
    return "█" * whole + _EIGHTHS[eighth].strip()


def _every_month(counts: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The months from the first to the last, also those without a record."""
    months = list(counts)
    if months:
        first, last = (int(m[:4]) * 12 + int(m[5:]) - 1 for m in (months[0], months[-1]))
        for month in range(first, last + 1):
            name = f"{month // 12:04}-{month % 12 + 1:02}"
            yield name, counts.get(name, 0)
