"""What a bundle is about, in figures: what letter, page and the bag's own description say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.notes import NoteKey
from exports._production import INTERNAL, Outcome, ProducedRequest
from exports.bundle import _labels
from exports.bundle._disclosed import Item, Obscured
from exports.bundle._issues import Issue
from exports.bundle._numbering import Numbering
from exports.bundle._stamp import Evidence


@dataclass(slots=True)
class Summary:
    """The request, the log position that the bundle is made at, and counts of its records.

    `titles` gives the title of an exemption code. `at` is the time of the newest entry of that
    position: the only date the bundle is given, so that it can be made again. `numbering` numbers
    the pages, `supersedes` is the bundle that this one corrects, `stamp` the log's time stamp,
    `load_file` and `warc` whether these go along.
    `outcomes` and `exemptions` are known beforehand, `redactions` and `written` grow.
    """

    request: ProducedRequest
    checkpoint: str
    position: int
    at: datetime
    key: NoteKey
    titles: Mapping[str, str]
    numbering: Numbering
    outcomes: Mapping[Outcome, int]
    exemptions: Mapping[str, int]
    supersedes: Issue | None = None
    stamp: Evidence | None = None
    load_file: bool = False
    warc: bool = False
    redactions: int = 0
    written: int = 0

    def count(self, item: Item) -> None:
        """Add a record to the counts that grow."""
        self.written += 1
        self.redactions += sum(
            isinstance(part, Obscured) and part.exemption != INTERNAL for part in item.parts
        )

    @property
    def records(self) -> int:
        return sum(self.outcomes.values())

    @property
    def title(self) -> str:
        return f"Response to public records request {self.request.number}"

    @property
    def description(self) -> dict[str, str]:
        """What the bag says of itself."""
        request, day = self.request, self.at.date().isoformat()
        earlier = str(self.supersedes or "")
        return description(request.body_name, request.number, self.title, day, earlier)

    def outcome_rows(self) -> list[tuple[str, str]]:
        """Each outcome's name and how many records have it."""
        return [
            (label, str(self.outcomes.get(code, 0))) for code, label in _labels.OUTCOMES.items()
        ]

    def exemption_rows(self) -> list[tuple[str, str, str]]:
        """Code, title and number of records of each exemption relied upon."""
        return [
            (code, self.titles.get(code, ""), str(number))
            for code, number in sorted(self.exemptions.items())
        ]


def description(body: str, number: str, title: str, day: str, supersedes: str) -> dict[str, str]:
    """The lines of `bag-info.txt` before the sum; `supersedes` is "" but in a corrected bundle."""
    return {
        "Source-Organization": body,
        "External-Identifier": number,
        "External-Description": title,
        "Bagging-Date": day,
        **({"Supersedes": supersedes} if supersedes else {}),
        "Bag-Software-Agent": "Muniment",
    }
