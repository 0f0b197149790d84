"""What is said of words of a query that no record has."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.cli._output import note

if TYPE_CHECKING:
    from search import Nowhere


def counted(records: int) -> str:
    """A number of records in words."""
    return "1 record" if records == 1 else f"{records} records"


def note_nowhere(words: "Sequence[Nowhere]") -> None:
    """Name each word, with words near it that records have."""
    for word in words:
        near = " or ".join(f"{asked} ({counted(count)})" for asked, count in word.near.items())
        note(f"no record has {word.word}" + (f"; did you mean {near}?" if near else ""))


def nowhere_json(words: "Sequence[Nowhere]") -> list[dict[str, Any]]:
    """The words as a list of objects."""
    return [
        {"word": one.word, "near": [{"word": w, "records": n} for w, n in one.near.items()]}
        for one in words
    ]
