"""One answer with a record of every outcome, and the bundle of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Clock
from tests.exports.bundle.answer import Answer


def main_street(answer: Answer) -> Answer:
    """Five records: released, redacted by word, by author, withheld, and one with a file."""
    answer.decide(
        {
            "text": "Main Street closes on Friday 🚧 for the sewer works.\nDétour via 5th Avenue.",
            "title": "Road works",
            "author/name": "City of Springfield",
            "author/handle": "@city@example.social",
            "url": "https://example.social/@city/1001",
            "native_id": "1001",
            "occurred_at": "2026-02-20T16:30:00.000000Z",
        }
    )
    answer.decide(
        {
            "text": "My mother Wilhelmina lives at 1427 Larchmont and cannot drive. Call 555-0134!",
            "author/name": "Resident",
            "author/handle": "@resident@example.social",
            "url": "https://example.social/@resident/1002",
            "native_id": "1002",
            "occurred_at": "2026-02-20T17:00:00.000000Z",
        },
        "redact",
        {
            "Wilhelmina": "7(1)(c)",
            "1427": "7(1)(b)",
            "Larchmont": "7(1)(b)",
            "555-0134!": "7(1)(b)",
        },
        "Names a private person and gives a home address and telephone number.",
    )
    answer.decide(
        {
            "text": "When does it reopen?",
            "author/name": "Jaroslava Quintero",
            "author/handle": "@jquintero@example.social",
            "url": "https://example.social/@jquintero/1003",
            "occurred_at": "2026-02-20T18:10:00.000000Z",
        },
        "redact",
        {"author/name": "7(1)(c)", "author/handle": "7(1)(c)", "url": "7(1)(c)"},
        "The author asked for anonymity.",
    )
    answer.decide(
        {
            "text": "Did Osgood Petterssen ever return the book about divorce that he borrowed?",
            "author/name": "Neighbour Nosy",
            "author/handle": "@nosy@example.social",
            "visibility": "public",
        },
        "withhold",
        {"*": "7.5(b)"},
        "Tells which materials a patron borrowed.",
    )
    answer.decide(
        {
            "text": "Map of the detour: 地図 نقشه",
            "author/name": "City of Springfield",
            "occurred_at": "2026-02-21T09:00:00.000000Z",
            "attachment/0/name": "détour map.txt",
            "attachment/0/type": "text/plain",
            "file": b"from Main Street by 5th Avenue\n",
        }
    )
    return answer


@pytest.fixture
def answer(tmp_path: Path, clock: Clock, database: str) -> Iterator[Answer]:
    answer = Answer.found(tmp_path / "library", clock, database)
    with answer.archive:
        yield main_street(answer)


@pytest.fixture
def bundle(answer: Answer, tmp_path: Path) -> Path:
    out = tmp_path / "bundle.zip"
    answer.export(out)
    return out
