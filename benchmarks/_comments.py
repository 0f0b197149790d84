"""Made-up comments that every benchmark works with."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

_VOCABULARY = """
the library was great today thanks to staff for helping my daughter find books about dinosaurs
when does story time start on saturday is there parking near main street please bring back sunday
hours loved quilting circle will this be recorded heat in teen loft off again where can i return
a lost card nobody answered phone friday morning agenda board
"""
_WORDS = _VOCABULARY.split()


def comments(count: int, first: int = 0) -> Iterator[dict[str, str]]:
    """Made-up short comments, the same for every run: 4 to 24 words, 500 authors.

    They are numbered from `first` on.
    """
    chance = random.Random(42 + first)
    for number in range(first, first + count):
        words = chance.choices(_WORDS, k=chance.randint(4, 24))
        author = chance.randrange(500)
        minute = number % 525_600
        day, hour = divmod(minute // 60, 24)
        date = f"2025-{1 + day // 31:02d}-{1 + day % 28:02d}"
        yield {
            "id": str(1_000_000 + number),
            "kind": "comment",
            "author": f"Patron {author}",
            "handle": f"patron{author}",
            "text": " ".join(words).capitalize() + ".",
            "occurred_at": f"{date}T{hour:02d}:{minute % 60:02d}:00Z",
            "parent": str(1_000_000 + number - number % 50),
            "url": f"https://social.example/c/{1_000_000 + number}",
        }


def write_comments(path: Path, count: int, first: int = 0) -> None:
    """Write comments as a JSON Lines export."""
    with path.open("w") as file:
        for comment in comments(count, first):
            file.write(json.dumps(comment) + "\n")
