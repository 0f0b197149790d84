"""Known items: how high each engine puts the one comment that a query was made from.

Every query is three words of one comment that few others have. It is asked as it stands; with one
word in another form; with a slip in one word; and with a word that the comment does not have. All
engines are asked for any of the words, the best first. To a word with a slip ours and Whoosh add
their `~`; FTS5 and plain Tantivy's parser have nothing of the kind and get the slip as it is.

Figures are mean reciprocal ranks: 1 when the comment always comes first, 0 below the hundredth
place. The texts are those of the sample exports, and of ../shared/corpora where it stands beside
the checkout.

    python -m benchmarks.known_item [--queries 500]
"""

import argparse
import csv
import html
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import mean

from benchmarks import _ours
from benchmarks._corpus import Comment
from benchmarks._rivals import Fts5, Plain, Whoosh
from ingest import Capture, Told, open_export, reader_named
from search import parse

_ROOT = Path(__file__).parents[1]
_SAMPLES = (
    ("mastodon", "mastodon/archive-20260105-maplegrovepl.tar.gz"),
    ("bluesky-car", "bluesky/indigo/paul_staging.repo.car"),
    ("bluesky-car", "bluesky/indigo/fakermaker.repo.car"),
    ("facebook", "facebook/export"),
    ("wordpress", "wordpress/isso-wordpress.xml"),
    ("x", "x/archive"),
)
_LAST = 100
_COMMONEST = 50
_WORD = re.compile(r"[a-z]{4,}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DAY = datetime(2025, 1, 1, tzinfo=UTC)

Ask = Callable[[Sequence[str], int], list[int]]
"""From words to the numbers of the best comments; the second value is which word has a slip."""


@dataclass(frozen=True, slots=True)
class Known:
    """A query for one comment. `slip` is the place of the word with a slip, or -1."""

    number: int
    words: tuple[str, ...]
    slip: int = -1


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--queries", type=int, default=500)
    given = options.parse_args()
    found = list(dict.fromkeys((*sample_texts(), *corpus_texts())))
    kinds = queries(found, given.queries)
    print(f"{len(found):,} texts, {given.queries} queries of each kind: mean reciprocal ranks")
    print(f"{'':22}" + "".join(f"{kind:>12}" for kind in kinds))
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as folder:
        for name, ask in engines(Path(folder), found).items():
            figures = (mean_reciprocal_rank(ask, asked) for asked in kinds.values())
            print(f"{name:22}" + "".join(f"{figure:12.3f}" for figure in figures), flush=True)


def sample_texts() -> Iterator[str]:
    """The texts of the exports that come with the project."""
    for reader, name in _SAMPLES:
        with open_export(_ROOT / "tests" / "data" / "samples" / name) as export:
            for item in reader_named(reader).read(export, Told("bench.example")).items:
                if isinstance(item, Capture) and item.text:
                    yield item.text


def corpus_texts() -> Iterator[str]:
    """The texts of the tweets beside the checkout, if they are there."""
    for path in sorted((_ROOT.parent / "shared" / "corpora").glob("*/*.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file):
                yield html.unescape(row["text"])


def queries(texts: Sequence[str], count: int) -> dict[str, list[Known]]:
    """Queries by kind, the same for the same texts."""
    chance = random.Random(5)
    words = [sorted(set(_WORD.findall(text.lower()))) for text in texts]
    used = Counter(word for row in words for word in row)
    telling = [[word for word in row if 2 <= used[word] <= _COMMONEST] for row in words]
    fit = [number for number, row in enumerate(telling) if len(row) >= 3]
    others = sorted(word for word, times in used.items() if 2 <= times <= _COMMONEST)
    kinds: dict[str, list[Known]] = {"plain": [], "inflected": [], "slip": [], "missing": []}
    for number in chance.choices(fit, k=count):
        first, second, third = chance.sample(telling[number], 3)
        foreign = next(
            word for word in iter(lambda: chance.choice(others), "") if word not in words[number]
        )
        kinds["plain"].append(Known(number, (first, second, third)))
        kinds["inflected"].append(Known(number, (_inflected(first, chance), second, third)))
        kinds["slip"].append(Known(number, (_slipped(first, chance), second, third), slip=0))
        kinds["missing"].append(Known(number, (foreign, second, third)))
    return kinds


def engines(folder: Path, texts: Sequence[str]) -> dict[str, Ask]:
    """Every engine with all texts in it, by name."""
    comments = [Comment(n, text, "", "bench", _DAY) for n, text in enumerate(texts)]
    index = _ours.filled(folder / "muniment", comments)
    whoosh = Whoosh(folder / "whoosh")
    fts5 = Fts5(folder / "fts5")
    plain = Plain(folder / "tantivy")
    for one in (whoosh, fts5, plain):
        one.fill(comments)

    def ours(words: Sequence[str], slip: int) -> list[int]:
        node = parse(" OR ".join(_marked(words, slip)))
        return [match.record for match in islice(index.by_rank(node), _LAST)]

    return {
        "muniment": ours,
        "whoosh": lambda words, slip: whoosh.best(_marked(words, slip), _LAST),
        "sqlite fts5": lambda words, slip: fts5.best(words, _LAST),
        "tantivy": lambda words, slip: plain.best(words, _LAST),
    }


def mean_reciprocal_rank(ask: Ask, asked: Iterable[Known]) -> float:
    """1 / the place of the known comment, 0 where it is not among the best; their mean."""
    return mean(_reciprocal(one.number, ask(one.words, one.slip)) for one in asked)


def _reciprocal(number: int, found: Sequence[int]) -> float:
    return 1 / (found.index(number) + 1) if number in found else 0.0


def _marked(words: Sequence[str], slip: int) -> list[str]:
    return [f"{word}~" if place == slip else word for place, word in enumerate(words)]


def _inflected(word: str, chance: random.Random) -> str:
    for ending in ("ing", "ed", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    return word.removesuffix("e") + chance.choice(("s", "ed", "ing"))


def _slipped(word: str, chance: random.Random) -> str:
    """One letter of the word, not its first, left out, doubled or taken for another."""
    place = chance.randrange(1, len(word))
    changed = chance.choice(("", word[place] * 2, chance.choice(_LETTERS.replace(word[place], ""))))
    return word[:place] + changed + word[place + 1 :]


if __name__ == "__main__":
    main()
