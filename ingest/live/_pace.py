"""How often an account is asked, and how long to wait after what went wrong."""

from dataclasses import dataclass

from ingest.live._time import Time
from ingest.live._trouble import Denied, Throttled, Trouble

_LONGEST = 900.0
_DENIED = 900.0
_DOUBLINGS = 10
_FASTER, _SLOWER = 0.5, 1.5


@dataclass(slots=True)
class Pace:
    """The time between two polls, in seconds: shorter while there is something new."""

    floor: float
    ceiling: float
    interval: float = 0.0

    def after(self, *, found: bool) -> float:
        """How long to wait after a poll that found something new, or did not."""
        before = self.interval or self.floor
        wanted = before * (_FASTER if found else _SLOWER)
        self.interval = min(max(wanted, self.floor), self.ceiling)
        return self.interval


def wait_after(trouble: Trouble, failures: int, time: Time) -> float:
    """How long to wait after the last of some failures in a row, in seconds.

    What the other side asks for, where it does; a quarter of an hour when a token is not taken, for
    it takes a person; else anything up to a doubling time ("full jitter"), at most that, too.
    """
    if isinstance(trouble, Throttled):
        return trouble.wait + time.chance()
    if isinstance(trouble, Denied):
        return _DENIED
    return time.chance() * min(2.0 ** min(failures, _DOUBLINGS), _LONGEST)
