"""Where rules of a schedule meet: series that can never be reached, and order that keeps less long.

A rule is a box: for each fact the values that it allows. Taking every earlier box from a series'
own leaves what it covers; the result is exact, also where several earlier series cover it together.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from schedules._facts import FLAG_FACTS, REQUEST, TEXT_FACTS
from schedules._lines import Lines
from schedules._schedule import Action, Rule, Schedule, Series

Box = Mapping[str, frozenset[str]]

_OTHER = frozenset({""})
"""Stands for every word that no rule names, where any word may stand."""

_ANY_DAY = date(2000, 1, 1)


def warnings(text: str, schedule: Schedule) -> list[str]:
    """What may be meant otherwise in the schedule of a text, each with its line."""
    lines = Lines(text)
    boxes = _boxes([series.rule for series in schedule.series])
    found: list[tuple[int, str]] = []
    reached: list[int] = []
    for at, series in enumerate(schedule.series):
        left, above = [boxes[at]], []
        for earlier in range(at):
            pieces = [piece for box in left for piece in minus(box, boxes[earlier])]
            if pieces != left:
                above.append(earlier)
            left = pieces
        if not left:
            named = _named(schedule, lines, above)
            found.append((at, f"never reached: all that fits it is covered before, by {named}"))
            continue
        here = _named(schedule, lines, [at])
        found += [
            (earlier, f"what fits {here}, too, is covered here, and there it is kept longer")
            for earlier in reached
            if _cross(boxes[earlier], boxes[at]) and _keeps_longer(series, schedule.series[earlier])
        ]
        reached.append(at)
    return [
        f'line {lines.of(at, "rule")}: series "{schedule.series[at].code}": {said}'
        for at, said in sorted(found, key=lambda one: one[0])
    ]


def minus(box: Box, other: Box) -> Iterator[Box]:
    """What of a box lies outside of another, as boxes that do not meet."""
    if not _meet(box, other):
        yield box
        return
    rest = dict(box)
    for fact, allowed in other.items():
        if outside := rest[fact] - allowed:
            yield {**rest, fact: outside}
        rest[fact] = rest[fact] & allowed


def _boxes(rules: Sequence[Rule]) -> list[Box]:
    """The rules as boxes over the same facts."""
    words = {
        fact: known if known is not None else _OTHER.union(*(r.among.get(fact, ()) for r in rules))
        for fact, known in TEXT_FACTS.items()
    }
    return [_box(rule, words) for rule in rules]


def _box(rule: Rule, words: Mapping[str, frozenset[str]]) -> Box:
    silent = {**words, "kind": words["kind"] - {REQUEST}}
    box = {fact: rule.among.get(fact, silent[fact]) for fact in words}
    both = frozenset({"yes", "no"})
    for fact in sorted(FLAG_FACTS):
        wanted = rule.flags.get(fact)
        box[fact] = both if wanted is None else frozenset({"yes" if wanted else "no"})
    return box


def _cross(one: Box, other: Box) -> bool:
    """Whether two boxes meet and neither lies in the other."""
    return _meet(one, other) and any(minus(one, other)) and any(minus(other, one))


def _meet(one: Box, other: Box) -> bool:
    return all(one[fact] & other[fact] for fact in one)


def _keeps_longer(one: Series, other: Series) -> bool:
    """Whether what `other` destroys is kept longer, or not destroyed at all, under `one`."""
    if other.action is not Action.DESTROY or one.action is not Action.DESTROY:
        return other.action is Action.DESTROY
    if one.period is None or other.period is None:
        return False
    counted = (one.trigger, one.counts_from) == (other.trigger, other.counts_from)
    return counted and one.period.due(_ANY_DAY) > other.period.due(_ANY_DAY)


def _named(schedule: Schedule, lines: Lines, series: Sequence[int]) -> str:
    return " and ".join(f'"{schedule.series[at].code}" (line {lines.of(at, "")})' for at in series)
