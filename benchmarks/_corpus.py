"""Made-up comments whose words are as unevenly used as those of a language, for searching.

The words are syllables put together, some of them with English endings. How often each is used
falls with its rank as Zipf's law says; the length of a text scatters around sixteen words.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, product
from pathlib import Path

_HEADS = ("b", "br", "c", "ch", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pl", "r", "s")
_HEARTS = ("a", "e", "i", "o", "u", "ea")
_TAILS = ("n", "r", "l", "t", "m", "nd", "st", "ck", "")
_ENDINGS = ("", "s", "ing", "ed", "er")
_VOCABULARY, _SHORT = 60_000, 400
_FIRST_DAY = datetime(2016, 1, 1, tzinfo=UTC)
_DAYS = 3650
_SHORTEST, _LONGEST, _MIDDLE, _SCATTER = 2, 90, 2.55, 0.65
_AUTHORS = 5_000
_PLATFORMS = ("facebook", "mastodon", "x", "wordpress")


@dataclass(frozen=True, slots=True)
class Comment:
    """One made-up comment."""

    number: int
    text: str
    author: str
    platform: str
    date: datetime


@cache
def vocabulary() -> list[str]:
    """All words, the most used one first."""
    chance = random.Random(7)
    syllables = ["".join(parts) for parts in product(_HEADS, _HEARTS, _TAILS)]
    stems: dict[str, None] = {}
    while len(stems) * 2 < _VOCABULARY:
        stems["".join(chance.choices(syllables, k=1 + (len(stems) > _SHORT)))] = None
    found: dict[str, None] = {}
    for stem in stems:
        found[stem] = None
        found[stem + chance.choice(_ENDINGS[1:])] = None
    return list(found)[:_VOCABULARY]


def comments(count: int, first: int = 0) -> Iterator[Comment]:
    """Comments, the same for every run, numbered from `first` on."""
    words = vocabulary()
    weights = list(accumulate(1 / (rank + 2.7) ** 1.05 for rank in range(len(words))))
    chance = random.Random(42 + first)
    for number in range(first, first + count):
        size = int(min(max(chance.lognormvariate(_MIDDLE, _SCATTER), _SHORTEST), _LONGEST))
        text = " ".join(chance.choices(words, cum_weights=weights, k=size))
        yield Comment(
            number,
            f"{text.capitalize()}.",
            f"Patron {chance.randrange(_AUTHORS)}",
            chance.choice(_PLATFORMS),
            _FIRST_DAY + timedelta(seconds=chance.randrange(_DAYS * 86_400)),
        )


def write(path: Path, count: int) -> None:
    """Write comments, one to a line, for `read`."""
    with path.open("w") as file:
        for one in comments(count):
            seconds = (one.date - _FIRST_DAY).total_seconds()
            file.write(f"{one.number}\t{one.text}\t{one.author}\t{one.platform}\t{seconds:.0f}\n")


def read(path: Path) -> Iterator[Comment]:
    """The comments of a file, streamed."""
    with path.open() as file:
        for line in file:
            number, text, author, platform, seconds = line.rstrip("\n").split("\t")
            date = _FIRST_DAY + timedelta(seconds=int(seconds))
            yield Comment(int(number), text, author, platform, date)
