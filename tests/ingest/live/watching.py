"""An archive whose accounts are watched, under a clock that a test moves."""

from typing import Any

from archive import Entry, Parts, Record, records
from ingest.live import Capture, Tokens, Watch, watch
from tests.conftest import Clock
from tests.ingest.conftest import Room
from tests.ingest.live.times import Hours

TOKEN = "secret-of-the-library"
HANDLE = "library@mock.local"


class Watching:
    """A room whose accounts are watched, under a clock that the test moves."""

    def __init__(self, room: Room, clock: Clock) -> None:
        self.room, self.clock = room, clock
        self.tokens = {"library": TOKEN}
        self.said: list[str] = []

    def add(self, platform: str, handle: str, address: str, **more: Any) -> Watch:
        with self.room.archive.write(self.room.signer) as writer:
            return watch(
                writer,
                platform,
                handle,
                address=address,
                **{"promise": 60, "secret": "library", **more},
            )

    def capture(self, time: Hours | None = None, **more: Any) -> Capture:
        """A process that would watch the accounts."""
        return Capture(
            self.room.archive,
            self.room.signer,
            tokens=Tokens(self.tokens, {}, lambda _: None),
            say=self.said.append,
            time=time or Hours(self.clock),
            **more,
        )

    def entries(self, *types: str) -> list[Entry]:
        with self.room.archive.read() as reader:
            return [one for one in reader.entries() if not types or one.type in types]

    def texts(self) -> dict[str, str]:
        """What the newest version of each record says, with its status, by its text."""
        return {self.text(one): one.status for one in self.room.records()}

    def text(self, record: Record) -> str:
        return self.room.newest(record).text("text")

    def record(self, text: str) -> Record:
        """The record that says this."""
        return next(one for one in self.room.records() if self.text(one) == text)

    def versions(self, record: Record) -> list[str]:
        with self.room.archive.read() as reader:
            opened = reader.open(records.versions_of(reader, record))
            return [parts.text("text") for _, parts in opened if parts is not None]

    def sealed(self, entry: Entry) -> Parts:
        """The sealed half of an entry."""
        with self.room.archive.read() as reader:
            [(_, parts)] = reader.open([entry])
        assert parts is not None
        return parts
