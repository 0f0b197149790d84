"""What became of a hold, from the log: who placed it, what it covers, and every change since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from archive import Entry, Parts, Reader, accounts, actors
from archive.times import to_text
from schedules._criteria import Criteria
from schedules._holds import Hold, terms_of


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was decided about a hold: when (a time text), by whom, and in words.

    `records` counts what it caught anew.
    """

    at: str
    actor: str
    change: str
    records: int
    words: str


@dataclass(frozen=True, slots=True)
class HoldReport:
    """A hold with its history: `scope` says in words what any of which is held.

    `placed_with` counts the records that it held when it was placed.
    """

    hold: Hold
    scope: tuple[str, ...]
    placed_by: str
    placed_with: int
    changes: tuple[Change, ...]

    @property
    def release_reason(self) -> str:
        """Why it was released; empty while it is in place."""
        released = (one.words for one in self.changes if one.change == "released")
        return next(released, "")


_TYPES = {
    "hold.placed": "placed",
    "hold.widened": "widened",
    "hold.extended": "extended",
    "hold.acknowledged": "acknowledged",
    "hold.reminded": "reminder",
    "hold.reviewed": "reviewed",
    "hold.released": "released",
}


def report(reader: Reader, hold: Hold) -> HoldReport:
    """Everything that the log says about a hold."""
    events = list(reader.open(reader.history(hold.id, set(_TYPES))))
    named = {one.id: f"{one.platform}:{one.handle}" for one in accounts.every(reader)}
    names = {one.id: one.name for one in actors.every(reader)}
    changes = tuple(_changes(events, hold, named, names))
    scope = tuple(
        one
        for entry, sealed in events
        if entry.type in {"hold.placed", "hold.widened"}
        for one in _scope(entry, terms_of(entry, sealed).criteria, named)
    )
    return HoldReport(hold, scope, changes[0].actor, changes[0].records, changes)


def _changes(
    events: Sequence[tuple[Entry, Parts | None]],
    hold: Hold,
    named: dict[str, str],
    names: dict[str, str],
) -> Iterator[Change]:
    """The changes in order; what one transaction caught is one of them."""
    rest = 0
    for (kind, at), run in groupby(events, lambda event: (event[0].type, to_text(event[0].at))):
        if kind != "hold.extended":
            for entry, sealed in run:
                caught = entry.data.get("count", 0)
                rest = caught - len(entry.data.get("records", ()))
                words = _words(entry, sealed, hold, named)
                yield Change(at, names[entry.actor], _TYPES[kind], caught, words)
            continue
        entries = [entry for entry, _ in run]
        caught = sum(len(entry.data["records"]) for entry in entries) - rest
        rest = 0
        if caught:
            yield Change(at, names[entries[0].actor], _TYPES[kind], caught, "captured since")


def _words(entry: Entry, sealed: Parts | None, hold: Hold, named: dict[str, str]) -> str:
    parts, data = sealed or Parts(()), entry.data
    if entry.type in {"hold.placed", "hold.widened"}:
        terms = terms_of(entry, sealed)
        said = list(_scope(entry, terms.criteria, named))
        if terms.custodians:
            said.append(f"custodians: {'; '.join(terms.custodians)}")
        return "; ".join(said)
    if entry.type == "hold.acknowledged":
        name = hold.custodians[data["custodian"]].name
        signed = ["signed"] if data["own"] else []
        return ", ".join(filter(None, [name, *signed, parts.text("how")]))
    if entry.type == "hold.released":
        return parts.text("reason")
    next_one = f"next on {data['remind']}" if "remind" in data else "no further reminder"
    return "; ".join(filter(None, [parts.text("note"), next_one]))


def _scope(entry: Entry, criteria: Criteria, named: dict[str, str]) -> Iterator[str]:
    if count := entry.data["named"]:
        yield f"{count} named record{'' if count == 1 else 's'}"
    if count := entry.data.get("requests"):
        yield f"the file{'' if count == 1 else 's'} of {count} request{'' if count == 1 else 's'}"
    if criteria:
        yield in_words(criteria, named)


def in_words(criteria: Criteria, named: dict[str, str]) -> str:
    """Criteria for a reader; `named` are the accounts' names by id."""
    said = []
    if criteria.query:
        said.append(f"matches {criteria.query}")
    if criteria.account:
        said.append(f"of the account {named.get(criteria.account, criteria.account)}")
    if criteria.author_key:
        said.append(f"by {criteria.author or 'one author'}")
    if criteria.since and criteria.until:
        said.append(f"published from {criteria.since} to {criteria.until}")
    elif criteria.since or criteria.until:
        limit = f"from {criteria.since} on" if criteria.since else f"up to {criteria.until}"
        said.append(f"published {limit}")
    return ", ".join(said)
