"""What a bundle is about, in figures: what letter, page and the bag's own description say."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive.notes import NoteKey
from exports._production import INTERNAL, ProducedRequest
from exports.bundle import _labels
from exports.bundle._disclosed import Item, Obscured


@dataclass(slots=True)
class Summary:
    """The request, the log position that the bundle is made at, and counts of its records.

    `titles` gives the title of an exemption code. `at` is the time of the newest entry of that
    position: the only date the bundle is given, so that it can be made again.
    """

    request: ProducedRequest
    checkpoint: str
    position: int
    at: datetime
    key: NoteKey
    titles: Mapping[str, str]
    outcomes: Counter[str] = field(default_factory=Counter)
    exemptions: Counter[str] = field(default_factory=Counter)
    redactions: int = 0

    def count(self, item: Item) -> None:
        """Add a record to the counts."""
        self.outcomes[item.outcome] += 1
        self.exemptions.update(set(item.exemptions))
        self.redactions += sum(
            isinstance(part, Obscured) and part.exemption != INTERNAL for part in item.parts
        )

    @property
    def records(self) -> int:
        return sum(self.outcomes.values())

    @property
    def title(self) -> str:
        return f"Response to public records request {self.request.number}"

    def outcome_rows(self) -> list[tuple[str, str]]:
        """Each outcome's name and how many records have it."""
        return [(label, str(self.outcomes[code])) for code, label in _labels.OUTCOMES.items()]

    def exemption_rows(self) -> list[tuple[str, str, str]]:
        """Code, title and number of records of each exemption relied upon."""
        return [
            (code, self.titles.get(code, ""), str(number))
            for code, number in sorted(self.exemptions.items())
        ]
