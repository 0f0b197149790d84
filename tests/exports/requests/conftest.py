"""An archive with a few comments, one of them edited, and somebody who decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Archive, Draft, Parts, Signer, Writer, new_id
from archive.keys import ActorKey
from archive.records import lookup_of
from exports.requests import (
    PROJECTION,
    Intake,
    Request,
    Rules,
    add_records,
    load_rules,
    open_request,
)

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Office:
    """An archive, who signs, the rules, and the comments by name."""

    archive: Archive
    signer: Signer
    rules: Rules
    comments: dict[str, str]

    def request(self, *names: str) -> Request:
        """An open request to which the named comments are responsive."""
        with self.archive.write(self.signer) as writer:
            request, _ = open_request(writer, INTAKE, self.rules, body="Library", today=TODAY)
            if names:
                add_records(writer, request, [self.comments[name] for name in names])
        return request

    def capture(self, name: str, text: str, **more: str) -> str:
        """Capture a comment, or a new version of one that is there."""
        with self.archive.write(self.signer) as writer:
            version = name in self.comments
            record = self.comments.setdefault(name, new_id())
            writer.capture([draft(writer, record, name, text, version, more)], new_id(), {})
        return record


INTAKE = Intake(
    requester="Pat Q. Public",
    contact="pat@example.org",
    subject="Comments about the tulips",
    text="All comments about the tulips, please.",
    received=date(2026, 11, 20),
)


def draft(
    writer: Writer, record: str, native: str, text: str, edited: bool, more: dict[str, str]
) -> Draft:
    """A comment as the ingest pipeline appends it."""
    fields = {
        "author/name": "Jane Roe",
        "author/handle": "@janeroe@example.social",
        "url": f"https://example.social/@janeroe/{native}",
        "native_id": native,
        "occurred_at": "2026-11-01T10:00:00.000000Z",
        "account": "library",
        "visibility": "public",
        "raw": '{"content": "' + text + '"}',
    } | more
    data = {
        "account": "0197",
        "kind": "comment",
        "platform": "mastodon",
        "run": "0198",
        "state": "live",
        "lookup": lookup_of(writer, "mastodon", "0197", native),
        "version": 2 if edited else 1,
    }
    parts = Parts.of([("text", text), *fields.items()])
    return Draft("record.edited" if edited else "record.captured", record, data, parts)


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Office]:
    """An office with three comments: tulips (edited once), phone, direct (a direct message)."""
    key = Ed25519PrivateKey.generate()
    with Archive.create(
        tmp_path / "library",
        name="Library",
        actor_name="ada",
        actor_key=key,
        database=database,
        projections=[PROJECTION],
        clock=lambda: datetime(2026, 11, 23, 15, tzinfo=UTC),
    ) as archive:
        with archive.read() as reader:
            founder = reader.entry(0).actor
        office = Office(archive, ActorKey(founder, key), load_rules("US-IL"), {})
        office.capture("tulips", "The tulips are lovely, says Jane Roe")
        office.capture("tulips", "The tulips were lovely")
        office.capture("phone", "Tulips? Call me at 630-555-0142 or jane@example.org")
        office.capture("direct", "Please call Jane Roe", visibility="direct")
        yield office
