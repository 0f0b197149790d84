"""A small town's archive that the tests of this room work with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Archive, Draft, Entry, Parts, Reader, actors, keys, new_id, records, times
from schedules import PROJECTIONS
from schedules._adopt import adopt
from schedules._approvals import approve, strike
from schedules._criteria import Criteria
from schedules._days import today
from schedules._disposal import Disposal, find_disposal
from schedules._holds import Hold, HoldKind, find_hold
from schedules._placing import place, release, widen
from schedules._propose import propose
from tests.conftest import Clock
from tests.schedules.sample import TOML


@dataclass
class Town:
    """An archive with three actors: ada and ben are officers, the agent captures."""

    archive: Archive
    clock: Clock
    ada: keys.ActorKey
    ben: keys.ActorKey
    agent: keys.ActorKey
    account: str = field(default_factory=new_id)
    run: str = field(default_factory=new_id)
    native: int = 0

    @classmethod
    def found(cls, folder: Path, clock: Clock, database: str = "") -> "Town":
        ada_key = Ed25519PrivateKey.generate()
        archive = Archive.create(
            folder,
            name="Town Library",
            actor_name="ada",
            actor_key=ada_key,
            database=database,
            projections=PROJECTIONS,
            clock=clock,
        )
        with archive.read() as reader:
            ada = keys.ActorKey(actors.by_name(reader, "ada").id, ada_key)
        town = cls(archive, clock, ada, ada, ada)
        town.ben = town.enrol("ben", "director")
        town.agent = town.enrol("agent", "agent")
        return town

    @classmethod
    def at(cls, archive: Archive, clock: Clock, keyring: Path) -> "Town":
        """The town in an archive that the command line made, with ada's key from its keyring."""
        with archive.read() as reader:
            name = actors.by_name(reader, "ada").id
        ada = keys.ActorKey(name, keys.load_actor_key(keyring / archive.config.id / "ada"))
        return cls(archive, clock, ada, ada, ada)

    def enrol(self, name: str, role: str) -> keys.ActorKey:
        key = Ed25519PrivateKey.generate()
        with self.archive.write(self.ada) as writer:
            actor = actors.add(writer, name, keys.public_bytes(key), [role])
        return keys.ActorKey(actor.id, key)

    def adopt(self, text: str = TOML) -> Entry:
        with self.archive.write(self.ada) as writer:
            return adopt(writer, text, "town.toml")

    def capture(
        self,
        text: str = "hello",
        occurred: date | None = date(2024, 1, 1),
        *,
        kind: str = "comment",
        author: str = "resident",
        parent: str = "",
        thread: str = "",
        native: str = "",
        account: str = "",
        attachment: bytes = b"",
        platform: str = "mastodon",
    ) -> str:
        """A live item, published at noon; returns its record's id."""
        self.native += 1
        native = native or str(self.native)
        account = account or self.account
        record = new_id()
        at = None if occurred is None else datetime.combine(occurred, time(18), UTC)
        with self.archive.write(self.agent) as writer:
            data = {
                "account": account,
                "kind": kind,
                "lookup": records.lookup_of(writer, platform, account, native),
                "platform": platform,
                "run": self.run,
                "state": "live",
                "version": 1,
            }
            ref = writer.put_blob(record, [attachment]) if attachment else None
            parts = Parts.of(
                [
                    ("text", text),
                    ("author/handle", author),
                    ("native_id", native),
                    ("parent", parent),
                    ("thread", thread),
                    ("occurred_at", None if at is None else times.to_text(at)),
                    ("attachment/0/sha256", ref.sha256 if ref else None),
                    ("attachment/0/blob", ref.name if ref else None),
                    ("raw", text.encode()),
                ]
            )
            writer.capture([Draft("record.captured", record, data, parts)], self.run, {})
        return record

    def edit(self, record: str, text: str) -> None:
        data = {
            "account": self.account,
            "platform": "mastodon",
            "run": self.run,
            "state": "live",
            "version": 2,
        }
        draft = Draft("record.edited", record, data, Parts.of([("text", text)]))
        with self.archive.write(self.agent) as writer:
            writer.capture([draft], self.run, {})

    def tell(self, kind: str, subject: str, data: Mapping[str, Any] = {}, **parts: str) -> Entry:
        """Append one decision of another room."""
        draft = Draft(kind, subject, data, Parts.of(parts.items()))
        with self.archive.write(self.ada) as writer:
            return writer.append([draft])[0]

    def hold(self, name: str = "Doe", *record_ids: str, **criteria: Any) -> Hold:
        with self.archive.write(self.ada) as writer:
            return place(
                self.archive,
                writer,
                name,
                HoldKind.LITIGATION,
                matter="Doe v. Town",
                custodians=["Clerk"],
                record_ids=record_ids,
                criteria=Criteria(**criteria),
            )

    def widen(self, hold: Hold, *record_ids: str, **asked: Any) -> Hold:
        custodians = asked.pop("custodians", [])
        with self.archive.write(self.ada) as writer:
            return widen(
                self.archive,
                writer,
                find_hold(writer, hold.id),
                custodians=custodians,
                record_ids=record_ids,
                criteria=Criteria(**asked),
            )

    def release(self, hold: Hold) -> None:
        with self.archive.write(self.ada) as writer:
            release(writer, hold, "settled")

    def author_key(self, author: str) -> str:
        with self.archive.read() as reader:
            return records.author_key_of(reader, "mastodon", author)

    def proposed(self) -> str:
        """The id of a new disposal of all that is due."""
        proposal = propose(self.archive, self.ada)
        assert proposal is not None
        return proposal.id

    def approved(self) -> str:
        """The id of a new disposal that both officers approved."""
        disposal = self.proposed()
        for officer in (self.ada, self.ben):
            self.approve(disposal, officer)
        return disposal

    def approve(self, disposal: str, officer: keys.ActorKey) -> None:
        with self.archive.write(officer) as writer:
            approve(writer, find_disposal(writer, disposal), today(self.archive))

    def strike(self, disposal: str, *wanted: str, reason: str = "Ask the board") -> list[str]:
        with self.archive.write(self.ben) as writer:
            found = find_disposal(writer, disposal)
            return strike(writer, found, wanted, reason, today(self.archive))

    def disposal(self, disposal: str) -> Disposal:
        with self.archive.read() as reader:
            return find_disposal(reader, disposal)

    def status(self, record: str) -> str:
        with self.archive.read() as reader:
            return records.get(reader, record).status

    def types(self) -> list[str]:
        with self.archive.read() as reader:
            return [entry.type for entry in reader.entries()]


def tables(reader: Reader) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of this room's tables."""
    return {
        table.name: sorted((tuple(row) for row in reader.conn.execute(table.select())), key=repr)
        for projection in PROJECTIONS
        for table in projection.metadata.sorted_tables
    }
