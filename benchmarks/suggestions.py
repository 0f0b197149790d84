"""Suggestions: of what is private in labelled texts, how much is found, and how much rightly.

Per kind, over the texts with which the finders were written (labelled), texts apart from them by
the same people (held-out), texts made to be hard with which the finders were mended (hard), and
texts that were written after that and mended nothing (later), which say most about other texts:
*recall* is the share of the marked places that a suggestion of the kind covers whole, *hidden* the
share that suggestions of any kind cover (a card taken for a barcode is hidden all the same), and
*precision* the share of the suggestions that meet a marked place of the kind. Of a patron who
writes, the author is hidden and the place is a word such as "my".

    python -m benchmarks.suggestions [--misses]
"""

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archive import Parts, Sealed
from exports.requests import KINDS, SuggestionRules, suggestions

_TEXTS = Path(__file__).parents[1] / "tests/data/suggestions"
SETS = ("labelled", "held-out", "hard", "later")
_MARK = re.compile(r"\{([a-z-]+):([^}]+)\}")
_RULES = SuggestionRules({"private": "private", "library": "library"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what is private in it: kind, first character, end."""

    text: str
    marks: tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class Score:
    """Counts of one kind: marked places, found ones, hidden ones; suggestions, right ones."""

    marked: int = 0
    found: int = 0
    hidden: int = 0
    suggested: int = 0
    right: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.marked if self.marked else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.suggested if self.suggested else 1.0


def labelled_texts(name: str) -> list[Labelled]:
    """One of `SETS`."""
    lines = (_TEXTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [_labelled(line) for line in lines if not line.startswith("# ") and line]


def scores(texts: Iterable[Labelled]) -> dict[str, Score]:
    """The score of each kind that is marked or suggested, and under "all" their sum."""
    counted: defaultdict[str, Score] = defaultdict(Score)
    for one in texts:
        _count(one, counted)
    every = Score()
    for score in counted.values():
        for name in ("marked", "found", "hidden", "suggested", "right"):
            setattr(every, name, getattr(every, name) + getattr(score, name))
    ordered = {kind: counted[kind] for kind in KINDS if kind in counted}
    return ordered | {"all": every}


def _count(one: Labelled, counted: defaultdict[str, Score]) -> None:
    spans = list(_suggested(one.text))
    for kind, start, end in one.marks:
        score = counted[kind]
        score.marked += 1
        if _covers([s for s in spans if s[0] == kind], start, end):
            score.found += 1
        else:
            score.misses.append(f"missed {one.text[start:end]!r} in {one.text!r}")
        score.hidden += _covers(spans, start, end)
    for kind, start, end in spans:
        score = counted[kind]
        score.suggested += 1
        if any(k == kind and a < end and start < b for k, a, b in one.marks):
            score.right += 1
        else:
            score.misses.append(f"wrong {one.text[start:end]!r} in {one.text!r}")


def _suggested(text: str) -> Iterator[tuple[str, int, int]]:
    for one in suggestions(_comment(text), _RULES):
        if one.field == "text":
            yield one.kind, one.start, one.end


def _covers(spans: Sequence[tuple[str, int, int]], start: int, end: int) -> bool:
    return any(a <= start and end <= b for _, a, b in spans)


def _comment(text: str) -> Sealed:
    return Parts.of([("text", text), ("author/name", "Robin Castellano")]).seal()


def _labelled(line: str) -> Labelled:
    marks, text, at = [], "", 0
    for match in _MARK.finditer(line):
        text += line[at : match.start()]
        marks.append((match[1], len(text), len(text) + len(match[2])))
        text += match[2]
        at = match.end()
    if unknown := {kind for kind, _, _ in marks} - KINDS.keys():
        raise ValueError(f"unknown kinds {unknown} in {line!r}")
    return Labelled(text + line[at:], tuple(marks))


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="show what was missed or wrong")
    options = parser.parse_args(arguments)
    for name in SETS:
        texts = labelled_texts(name)
        bare = Counter(not one.marks for one in texts)[True]
        print(f"suggestions, {name}: {len(texts)} texts, {bare} of them without anything private")
        print("  kind            marked  recall  hidden  suggested  precision")
        for kind, score in scores(texts).items():
            hidden = score.hidden / score.marked if score.marked else 1.0
            print(
                f"  {kind:<15}{score.marked:>7}{score.recall:>8.2f}{hidden:>8.2f}"
                f"{score.suggested:>11}{score.precision:>11.2f}"
            )
            if options.misses:
                print(*(f"      {miss}" for miss in score.misses), sep="\n")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
