"""Second looks: what is gone is looked at twice before it has vanished.

The first look that finds nothing is kept with the cursor, so that a process which starts anew, or
polls once and ends, goes on from there.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from archive import times
from ingest.live._keeper import Vanished
from ingest.live._platform import Adapter, Answer, Seen
from ingest.live._recent import Recent
from ingest.live._time import Time
from ingest.live._trouble import Outage

CONFIRM = timedelta(minutes=5)
"""How long after the first look the second one is taken, at the least."""
EVERY = timedelta(hours=1)
"""How often an item is looked at by itself, at the most."""
AT_ONCE = 20
"""How many are looked at after one poll."""
FIRST_LOOKS = "~gone"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one look: how the item is now, or that it has vanished."""

    answers: tuple[Answer, ...] = ()
    vanished: tuple[Vanished, ...] = ()


class Looks:
    """The items of one account that are looked at, and those that were found gone once."""

    def __init__(self, recent: Recent, time: Time, kept: str) -> None:
        self._recent, self._time = recent, time
        self._suspects: dict[str, None] = {}
        self._first: dict[str, Seen] = {
            native_id: Seen(times.from_text(at), status, address)
            for native_id, (at, status, address) in orjson.loads(kept or "{}").items()
        }

    @property
    def first_looks(self) -> str:
        """The looks that found nothing once, as text; "" where there are none."""
        found = {
            native_id: (times.to_text(seen.at), seen.status, seen.address)
            for native_id, seen in self._first.items()
        }
        return orjson.dumps(found).decode() if found else ""

    def suspect(self, native_ids: Iterable[str]) -> None:
        """These were missing where they should have been."""
        self._suspects |= dict.fromkeys(native_ids)

    def forget(self, native_id: str) -> None:
        """It was seen, or is known to be removed."""
        self._first.pop(native_id, None)
        self._suspects.pop(native_id, None)

    async def after_a_poll(self, adapter: Adapter) -> AsyncIterator[Outcome]:
        """Look at what is suspected, due for its second look, or was not seen for long.

        Raises `Trouble` where a look says nothing about the item, or the account cannot be seen.
        """
        well = False
        for native_id in self._wanted(self._time.now()):
            known = self._recent.get(native_id)
            if known is None:
                self.forget(native_id)
                continue
            look = await adapter.look(known)
            self._recent.looked(native_id, self._time.now())
            self._suspects.pop(native_id, None)
            if not look.gone:
                self._first.pop(native_id, None)
                yield Outcome(look.answers)
                continue
            first = self._first.setdefault(native_id, look.seen)
            if look.seen.at - first.at < CONFIRM:
                yield Outcome()
                continue
            if not well and not await adapter.well():
                raise Outage("the account cannot be seen: nothing is taken for vanished")
            well = True
            self._recent.forget(native_id)
            self.forget(native_id)
            vanished = () if look.answers else (Vanished(native_id, (first, look.seen)),)
            yield Outcome(look.answers, vanished)

    def _wanted(self, now: datetime) -> list[str]:
        due = [one for one, seen in self._first.items() if now - seen.at >= CONFIRM]
        suspects = [one for one in self._suspects if one not in self._first]
        swept = [one for one in self._recent.unseen(now - EVERY) if one not in self._first]
        return list(dict.fromkeys([*due, *suspects, *swept]))[:AT_ONCE]
