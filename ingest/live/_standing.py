"""How the watched accounts stand, by the log alone: whether or not a process watches them now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from archive import Reader, times
from ingest._watch_tables import reason_of, state_of
from ingest.live._watches import Watch, watches

State = Literal["well", "failing", "late", "never"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which an account was not heard for longer than promised; texts of `archive.times`.

    `why` is what was known of the reason.
    """

    account: str
    since: str
    until: str
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A watched account: `late` when it was not heard for longer than its promise, `failing` when
    the newest heartbeat says so. `gap` is the newest one, `gaps` how many there were.
    """

    watch: Watch
    state: State
    heard: datetime | None
    why: str
    gaps: int
    gap: Gap | None


def standings(reader: Reader, now: datetime) -> list[Standing]:
    """How each watched account stands at a moment."""
    return [_standing(reader, one, now) for one in watches(reader)]


def gaps(reader: Reader, account: str = "") -> Iterator[Gap]:
    """All gaps, or those of one account by its id, oldest first."""
    entries = reader.entries(types={"capture.gap"})
    for entry, parts in reader.open(one for one in entries if account in ("", one.subject)):
        why = "" if parts is None else parts.text("reason")
        yield Gap(entry.subject, entry.data["from"], entry.data["until"], why)


def _standing(reader: Reader, watch: Watch, now: datetime) -> Standing:
    row = state_of(reader, watch.account.id)
    heard = times.from_text(row["heard"]) if row["heard"] else None
    gap = None
    if row["gap"] is not None:
        entry = reader.entry(row["gap"])
        reason = reason_of(reader, row["gap"])
        gap = Gap(entry.subject, entry.data["from"], entry.data["until"], reason)
    why = reason_of(reader, row["heartbeat"])
    return Standing(watch, _state(row, watch, heard, now), heard, why, row["gaps"], gap)


def _state(row: dict[str, Any], watch: Watch, heard: datetime | None, now: datetime) -> State:
    since = heard or times.from_text(row["since"])
    if now - since > timedelta(minutes=watch.promise):
        return "late"
    if row["well"] is None:
        return "never"
    return "well" if row["well"] else "failing"
