"""Repeating disposals in an archive that was restored from a backup made before them.

Disposed stays disposed: what the log that was lost says was destroyed is destroyed again, through
the same guard. What the restored log holds is not, whatever came after the backup.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive import Archive, Draft, Entry, Parts, Reader, Signer, Writer
from archive.records import get_many
from schedules._collect import traces
from schedules._days import zone_of
from schedules._facts import Freeze
from schedules._guard import Coverage, destroy, frozen, unsearched_requests
from schedules._holds import holds
from schedules._judge import BATCH, Kept
from schedules._placing import cover
from schedules._readback import read_back
from search import SearchIndex


@dataclass(slots=True)
class Repeated:
    """What was disposed of again, what was not because it is held, and what there is none of.

    `already` were disposed of before the backup, `absent` captured after it.
    """

    disposed: list[str] = field(default_factory=list)
    held: list[Kept] = field(default_factory=list)
    already: int = 0
    absent: int = 0


def repeat(
    archive: Archive,
    signer: Signer,
    wanted: Mapping[str, Mapping[str, Any]],
    progress: Callable[[int], None] = lambda _: None,
) -> Repeated:
    """Dispose of records, given by id with the data of their `record.disposed` entries.

    Each batch is one transaction. Afterwards the files are scrubbed, the search index purged and
    both read back. VerificationError when anything of a disposed record can still be found.
    """
    done = Repeated()
    records = list(wanted)
    coverage = Coverage(-1)
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        with archive.write(signer) as writer:
            if coverage.position != writer.head.size:
                coverage, _ = cover(archive, writer)
            going = _judge(writer, batch, done)
            if going:
                left = traces(writer, list(get_many(writer, going).values()), zone_of(archive))
                destroy(writer, going, coverage)
                writer.append(
                    Draft("record.disposed", one, {**left.get(one, {}), **wanted[one]})
                    for one in going
                )
            coverage = Coverage(writer.head.size)
        done.disposed += going
        progress(len(batch))
    if done.disposed:
        archive.scrub()
        with SearchIndex.open(archive) as index:
            index.purge()
        with archive.read() as reader:
            read_back(archive, reader, done.disposed)
    return done


@dataclass(frozen=True, slots=True)
class LateHolds:
    """Holds of the log that was lost, by name: placed, widened and released since.

    One whose name no key at hand opens is given by its id. What was placed since is not listed as
    widened, and what was released since is not listed as either.
    """

    placed: tuple[str, ...]
    widened: tuple[str, ...]
    released: tuple[str, ...]


def late_holds(reader: Reader, lost: Sequence[tuple[Entry, Parts | None]]) -> LateHolds:
    """The holds among entries that a restored log, in `reader`, does not have."""
    names = {hold.id: hold.name for hold in holds(reader)}
    placed: dict[str, None] = {}
    widened: dict[str, None] = {}
    released: list[str] = []
    for entry, parts in lost:
        hold = entry.subject
        if entry.type == "hold.placed":
            names[hold] = (parts and parts.get("name")) or hold
            placed[hold] = None
        elif entry.type == "hold.widened":
            if hold not in placed:
                widened[hold] = None
        elif hold in placed:
            del placed[hold]
        else:
            widened.pop(hold, None)
            released.append(hold)
    return LateHolds(*(tuple(_named(names, one)) for one in (placed, widened, released)))


def _named(names: Mapping[str, str], ids: Iterable[str]) -> Iterator[str]:
    return (names.get(one, one) for one in ids)


def _judge(writer: Writer, batch: Sequence[str], done: Repeated) -> list[str]:
    """Which records of a batch go; the others are counted."""
    known = get_many(writer, batch)
    present = [one for one in batch if one in known and known[one].disposed_at is None]
    done.absent += sum(one not in known for one in batch)
    done.already += len(batch) - len(present) - sum(one not in known for one in batch)
    held = {one: _reason(freezes) for one, freezes in frozen(writer, present).items()}
    if numbers := unsearched_requests(writer):
        reason = f"Held: nobody has searched for the open request {', '.join(numbers)}."
        held = dict.fromkeys(present, reason) | held
    done.held += [Kept(one, reason) for one, reason in held.items()]
    return [one for one in present if one not in held]


def _reason(freezes: Sequence[Freeze]) -> str:
    return f"Held: {'; '.join(map(str, freezes))}."
