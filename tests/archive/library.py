"""A small library's archive that the tests of this room work with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text

from archive import (
    Archive,
    Draft,
    Entry,
    Parts,
    Projection,
    Report,
    Writer,
    actors,
    keys,
    new_id,
    records,
    verify,
)
from archive._store import writing
from tests.conftest import Clock


@dataclass
class Library:
    """An archive with one actor, ada, who decides and captures."""

    archive: Archive
    clock: Clock
    ada: keys.ActorKey
    account: str = field(default_factory=new_id)
    run: str = field(default_factory=new_id)
    native: int = 0

    @classmethod
    def found(cls, folder: Path, clock: Clock, database: str = "") -> "Library":
        key = Ed25519PrivateKey.generate()
        archive = Archive.create(
            folder,
            name="Town Library",
            actor_name="ada",
            actor_key=key,
            database=database,
            clock=clock,
        )
        with archive.read() as reader:
            ada = keys.ActorKey(actors.by_name(reader, "ada").id, key)
        return cls(archive, clock, ada)

    @property
    def folder(self) -> Path:
        return self.archive.folder

    def again(self, projections: Sequence[Projection] = ()) -> Archive:
        """The same archive, opened once more."""
        return Archive.open(self.folder, clock=self.clock, projections=projections)

    def size(self) -> int:
        with self.archive.read() as reader:
            return reader.head.size

    def draft(self, writer: Writer, words: str = "hello", *, attachment: bytes = b"") -> Draft:
        """A comment of the account, with an attachment when there are bytes for one."""
        self.native += 1
        native, record = str(self.native), new_id()
        data = {
            "account": self.account,
            "kind": "comment",
            "lookup": records.lookup_of(writer, "mastodon", self.account, native),
            "platform": "mastodon",
            "run": self.run,
            "state": "live",
            "version": 1,
        }
        blob = writer.put_blob(record, [attachment]).name if attachment else ""
        return Draft("record.captured", record, data, content(words, native, blob))

    def capture(self, *texts: str, attachment: bytes = b"") -> list[Entry]:
        """One batch with a comment of each text."""
        with self.archive.write(self.ada) as writer:
            drafts = [self.draft(writer, words, attachment=attachment) for words in texts]
            return writer.capture(drafts, self.run, {"run": self.run})

    def edit(self, first: Entry, words: str) -> Entry:
        data = {**first.data, "version": first.data["version"] + 1}
        draft = Draft("record.edited", first.subject, data, content(words, "1"))
        with self.archive.write(self.ada) as writer:
            return writer.capture([draft], self.run, {})[0]

    def vanish(self, record: str) -> Entry:
        with self.archive.write(self.ada) as writer:
            draft = Draft("record.vanished", record, {"run": self.run})
            return writer.capture([draft], self.run, {})[0]

    def decide(self, type_: str, subject: str, data: dict[str, Any], reason: str = "") -> Entry:
        parts = Parts.of([("reason", reason)]) if reason else None
        with self.archive.write(self.ada) as writer:
            return writer.append([Draft(type_, subject, data, parts)])[0]

    def remove(self, record: str, extent: str = "all") -> Entry:
        data = {"removal": new_id(), "policy": new_id(), "clause": "3", "extent": extent}
        return self.decide("record.removed", record, data, "an insult")

    def restore(self, removed: Entry) -> Entry:
        data = {"removal": removed.data["removal"]}
        return self.decide("record.restored", removed.subject, data, "no insult")

    def dispose(self, *records_: str) -> None:
        with self.archive.write(self.ada) as writer:
            data = {"disposal": new_id(), "series": "S1"}
            writer.append([Draft("record.disposed", record, data) for record in records_])
            writer.erase(records_)

    def verify(self) -> Report:
        return verify(self.archive)

    def tamper(self, statement: str, **values: object) -> None:
        """Change the database behind the archive's back, its guards switched off."""
        with writing(self.archive.engine) as connection, disarmed(connection):
            assert connection.execute(text(statement), values).rowcount > 0


def content(words: str, native: str, blob: str = "") -> Parts:
    """A capture's parts."""
    return Parts.of(
        [
            ("text", words),
            ("author/handle", "Resident"),
            ("native_id", native),
            ("occurred_at", "2026-01-05T12:00:00.000000Z"),
            ("attachment/0/blob", blob),
            ("raw", f"<p>{words}</p>".encode()),
        ]
    )


@contextmanager
def disarmed(connection: Connection) -> Iterator[None]:
    """Switches the append-only guards off for a while, as somebody with the database can."""
    if connection.dialect.name == "sqlite":
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = connection.execute(query).fetchall()
        for name, _ in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield
        for _, statement in guards:
            connection.exec_driver_sql(statement)
        return
    tables = ("entry", "checkpoint", "tile", "head")
    for table in tables:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    yield
    for table in tables:
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def places(report: Report) -> list[str]:
    """Where a verification found something, except that it then left the projections alone."""
    return [finding.place for finding in report.findings if finding.place != "projections"]
