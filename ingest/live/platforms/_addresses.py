"""Looks at items whose place is an address: it answers, or there is nothing."""

from ingest.live._calls import Calls
from ingest.live._platform import Known, Look, Seen
from ingest.live._time import Time
from ingest.live._trouble import Missing


async def look_at(calls: Calls, time: Time, known: Known) -> Look:
    """Look at an item's address; `Trouble` where that says nothing about the item."""
    try:
        reply = await calls.get(known.place)
    except Missing as error:
        return Look.at_nothing(error, time.now())
    return Look(False, Seen(time.now(), reply.status, reply.address))


async def answers(calls: Calls, address: str) -> bool:
    """Whether there is something at an address."""
    try:
        await calls.get(address)
    except Missing:
        return False
    return True
