"""The hits of `muniment search` as rows: for people, for programs, for spreadsheets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from app.cli._output import emit, emit_csv, emit_texts, local_time, on_terminal, shown_id

if TYPE_CHECKING:
    from search import Above, Hit, SearchIndex

_COLUMNS = ("id", "platform", "author", "date", "status")
_PLAIN = (
    *("id", "seq", "version", "versions", "score", "date"),
    *("platform", "kind", "status", "author"),
)
_ABOVE = ("standing", "id", "kind", "status", "author", "date")
_IN_CSV = ("standing", "id", "author", "snippet")
_PAGE = 200
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit, the ids of others that say the same, and what it answers, where that was looked up."""

    hit: "Hit"
    alike: tuple[str, ...] = ()
    above: "Above | None" = None


@dataclass(frozen=True, slots=True)
class Form:
    """What is shown of hits: the columns that were asked for; times in `timezone` for people.

    `everything`: without leaving any id out.
    """

    context: bool
    group: bool
    everything: bool
    timezone: str


def with_context(index: "SearchIndex", hits: Iterable[Shown]) -> Iterator[Shown]:
    """The hits with what they answer, streamed."""
    coming = iter(hits)
    while page := list(islice(coming, _PAGE)):
        known = index.above([one.hit.id for one in page])
        for one in page:
            yield Shown(one.hit, one.alike, known.get(one.hit.id))


def emit_hits(hits: Iterable[Shown], form: Form) -> None:
    """Print hits for people: on a terminal with their text below, in a pipe a line each."""
    texts = ["snippet"]
    if form.context:
        texts.append("answers")
    if form.group:
        texts.append("alike")
    emit_texts((_row(one, form) for one in hits), _COLUMNS, *texts)


def emit_hits_json(hits: Iterable[Shown], form: Form) -> None:
    """Print hits as an array of objects, streamed."""
    columns = [*_PLAIN, "snippet", "marks", "found_in"]
    columns += ["answers"] * form.context + ["alike"] * form.group
    emit((_json_row(one) for one in hits), columns, as_json=True)


def emit_hits_csv(hits: Iterable[Shown], form: Form) -> None:
    """Print hits as CSV, streamed; of what a hit answers what is next above it, and the top."""
    columns = [*_PLAIN, "snippet", "found_in"]
    if form.context:
        columns += [f"{place}_{name}" for place in ("answers", "top") for name in _IN_CSV]
    columns += ["alike"] * form.group
    emit_csv((_csv_row(one) for one in hits), columns)


def _row(one: Shown, form: Form) -> dict[str, Any]:
    hit = one.hit
    earlier = f"(version {hit.version} of {hit.versions}) " if hit.earlier else ""
    source = "" if hit.snippet.source == "text" else f"{hit.snippet.source}: "
    return {
        "id": hit.id,
        "platform": hit.platform,
        "author": hit.author,
        "date": local_time(hit.date, form.timezone),
        "status": hit.status,
        "snippet": earlier + source + hit.snippet.marked(),
        "answers": list(_above_lines(one, form.timezone)),
        "alike": _alike_lines(one.alike, form),
    }


def _above_lines(one: Shown, timezone: str) -> Iterator[str]:
    above, verb = one.above, "shares" if one.hit.kind == "share" else "answers"
    while above is not None:
        yield f"{verb} {_described(above, timezone)}"
        verb = "which shares" if above.kind == "share" else "which answers"
        above = above.above


def _described(above: "Above", timezone: str) -> str:
    if above.standing == "absent":
        return "what is not in the archive"
    if above.standing != "here":
        gone = "was disposed of" if above.standing == "disposed" else "is restricted"
        return f"{shown_id(above.id)}, which {gone}"
    facts = (above.author, local_time(above.date, timezone), above.status)
    return f"{shown_id(above.id)}  {'  '.join(filter(None, facts))}: {above.snippet.text}"


def _alike_lines(alike: tuple[str, ...], form: Form) -> list[str]:
    if not alike or not on_terminal():
        return list(alike)
    listed = alike if form.everything else alike[:_LISTED]
    ids = ", ".join(map(shown_id, listed)) + (", …" if len(listed) < len(alike) else "")
    return [f"and {len(alike)} more like it: {ids}"]


def _json_row(one: Shown) -> dict[str, Any]:
    hit = one.hit
    return {name: getattr(hit, name) for name in _PLAIN} | {
        "snippet": hit.snippet.text,
        "marks": [list(mark) for mark in hit.snippet.marks],
        "found_in": hit.snippet.source,
        "answers": _nested(one.above),
        "alike": list(one.alike),
    }


def _nested(above: "Above | None") -> dict[str, Any] | None:
    """What is above a hit, each with what it answers within it."""
    chain: list[Above] = []
    while above is not None:
        chain.append(above)
        above = above.above
    found: dict[str, Any] | None = None
    for one in reversed(chain):
        found = _above_row(one) | {"answers": found}
    return found


def _above_row(above: "Above") -> dict[str, Any]:
    return {name: getattr(above, name) for name in _ABOVE} | {"snippet": above.snippet.text}


def _csv_row(one: Shown) -> dict[str, Any]:
    row = _json_row(one)
    top = one.above
    while top is not None and top.above is not None:
        top = top.above
    for place, above in (("answers", one.above), ("top", top)):
        known = {} if above is None else _above_row(above)
        row |= {f"{place}_{name}": known.get(name) for name in _IN_CSV}
    return row
