"""An archive and its model: who is there, what day it is, what the program is expected to do."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Self, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.cli._rooms import projections
from archive import Archive, Writer, accounts, actors, keys
from archive.errors import MunimentError
from exports import requests
from ingest import moderation
from tests.conftest import Clock
from tests.schedules.model import Model, Thing

T = TypeVar("T")

PLATFORM = "nextdoor"
ZONE, BEHIND = "America/Phoenix", timedelta(hours=7)
"""A time zone that is always as many hours behind: the model needs no table of time zones."""
ACCOUNTS = ("library", "parks")
AUTHORS = ("ann", "bob", "cem", "dot", "eve")
WORDS = ("flood", "snow", "budget", "piano", "tulip")
LETTERS = "bcdfgjkmpqvwxz"


@dataclass
class Person:
    """An actor with the key that is theirs, or was."""

    key: keys.ActorKey
    role: str
    signs: bool = True

    @property
    def decides(self) -> bool:
        return self.signs and self.role != "agent"


@dataclass
class Story:
    """An archive, the model of it, and what is drawn at random."""

    archive: Archive
    clock: Clock
    random: Random
    scratch: Path
    people: dict[str, Person]
    model: Model = field(default_factory=Model)
    steps: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    bans: dict[str, str] = field(default_factory=dict)
    ban_appeals: dict[str, str] = field(default_factory=dict)
    appealed_removals: set[str] = field(default_factory=set)
    half_done: set[str] = field(default_factory=set)
    """What was destroyed by runs that were interrupted, and none has finished since."""
    numbers: int = 0
    newest: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    rules: requests.Rules = field(default_factory=lambda: requests.load_rules("US-IL"))

    @classmethod
    def begun(cls, folder: Path, seed: str, database: str) -> Self:
        random, clock = Random(seed), Clock(datetime(2024, 3, 2, 15, tzinfo=UTC))
        key = Ed25519PrivateKey.generate()
        archive = Archive.create(
            folder / "archive",
            name="Town Library",
            actor_name="ada",
            actor_key=key,
            database=database,
            jurisdiction="US-IL",
            timezone=ZONE,
            projections=projections(),
            clock=clock,
        )
        with archive.read() as reader:
            ada = Person(keys.ActorKey(actors.by_name(reader, "ada").id, key), "officer")
        story = cls(archive, clock, random, folder / "export", {"ada": ada})
        for name, role in (("ben", "director"), ("cleo", "officer"), ("agent", "agent")):
            story.enrol(name, role)
        with archive.write(ada.key) as writer:
            moderation.adopt_policy(writer, moderation.built_in_text("cook-memorial"))
            for handle in ACCOUNTS:
                accounts.find_or_add(writer, PLATFORM, handle)
        return story

    @property
    def today(self) -> date:
        return (self.clock.now - BEHIND).date()

    @property
    def day(self) -> date:
        """The day of what is recorded now: the log's time never goes back."""
        return (max(self.clock.now, self.newest) - BEHIND).date()

    def note(self, what: str, number: int = 1) -> None:
        """Count what came of the steps."""
        self.outcomes[what] += number

    def step(self, kind: str, *about: object) -> None:
        self.steps[kind] += 1
        self.told.append(" ".join(map(str, (self.today, kind, *about))))

    def expect(self, allowed: bool, call: Callable[[], T]) -> T | None:
        """What the call gives, which is to be refused unless it is allowed."""
        try:
            result = call()
        except MunimentError as error:
            if allowed:
                raise AssertionError(f"refused: {error}") from error
            self.note("refused as they should be")
            return None
        assert allowed, "it was not refused"
        return result

    def writing(self, who: str, call: Callable[[Writer], T]) -> Callable[[], T]:
        def write() -> T:
            with self.archive.write(self.people[who].key) as writer:
                return call(writer)

        return write

    def officer(self) -> str:
        return self.random.choice([name for name, one in self.people.items() if one.decides])

    def some(self, among: Iterable[T], most: int) -> list[T]:
        every = list(among)
        return self.random.sample(every, min(len(every), self.random.randint(1, most)))

    def living(self) -> list[Thing]:
        return [thing for thing in self.model.things.values() if not thing.gone]

    def enrol(self, name: str, role: str) -> None:
        key = Ed25519PrivateKey.generate()
        with self.archive.write(self.people["ada"].key) as writer:
            actor = actors.add(writer, name, keys.public_bytes(key), [role])
        self.people[name] = Person(keys.ActorKey(actor.id, key), role)

    def text(self) -> str:
        """Some ordinary words, and one that no other text has."""
        words = [self.random.choice(WORDS) for _ in range(self.random.randint(0, 2))]
        secret = "".join(self.random.choice(LETTERS) for _ in range(12))
        return " ".join(["note", *words, secret])
