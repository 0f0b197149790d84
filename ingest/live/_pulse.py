"""The heartbeat of an account: that it is watched, since when it is not, and gaps in between."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from archive import Draft, Parts, times
from ingest.live._platform import Skipped

NOT_RUNNING = "muniment capture run was not running"


@dataclass(slots=True)
class Pulse:
    """What became of one account's calls, as entries for the log.

    `until` is when it was last heard, `beaten` when its last heartbeat was, and `well` what that
    one said, all None if there was none; `promise` is the longest gap that is none. A heartbeat
    comes when an account fails or works again, and besides every half promise. A gap is an entry
    when it is over: an open one shows by the age of what was heard last.
    """

    account: str
    session: str
    promise: timedelta
    until: datetime | None
    started: datetime
    well: bool | None = None
    beaten: datetime | None = None
    why: str = NOT_RUNNING
    looks: int = 0
    failures: int = 0
    passed: int = 0
    noticed: bool = False
    """Whether people were told that it is late."""

    def heard(self, now: datetime, *, polled: bool = True) -> list[Draft]:
        """The account was heard: by a poll that succeeded, or by its stream."""
        drafts = []
        if self.until is not None and now - self.until > self.promise:
            drafts.append(self._gap(self.until, now, self.why or NOT_RUNNING))
        self.until = now
        self.looks += polled
        if not polled:
            self.why = ""
        if not self.well:
            self.well, self.why = True, ""
            drafts.append(self._beat(now))
        return drafts

    def failed(self, now: datetime, said: str) -> list[Draft]:
        """A call failed."""
        self.failures += 1
        self.why = said
        if self.well is False:
            return []
        self.well = False
        return [self._beat(now)]

    def stumbled(self, said: str) -> None:
        """The stream broke: that is no gap while polls succeed, but the next heartbeats say it."""
        self.failures += 1
        self.why = said

    def skipped(self, now: datetime, what: Skipped) -> list[Draft]:
        """A stream left something out, and goes on now."""
        return [self._gap(min(what.since or self.until or self.started, now), now, what.why)]

    def due(self, now: datetime) -> list[Draft]:
        """The heartbeat of every half promise, when it is time for one."""
        if self.well is None or now - (self.beaten or self.started) < self.promise / 2:
            return []
        return [self._beat(now)]

    def last(self, now: datetime) -> list[Draft]:
        """The heartbeat of a clean stop, where there is something to say."""
        return [self._beat(now)] if self.looks or self.failures or self.passed else []

    def late(self, now: datetime) -> bool:
        """Whether the account was not heard for longer than promised."""
        return now - (self.until or self.started) > self.promise

    def _gap(self, since: datetime, until: datetime, why: str) -> Draft:
        data = {"from": times.to_text(since), "until": times.to_text(until)}
        parts = Parts.of([("reason", why)])
        return Draft("capture.gap", self.account, data, parts)

    def _beat(self, now: datetime) -> Draft:
        data: dict[str, str | int | bool] = {
            "session": self.session,
            "since": times.to_text(self.beaten or self.started),
            "looks": self.looks,
            "failures": self.failures,
            "passed": self.passed,
            "well": bool(self.well),
        }
        if self.until is not None:
            data["until"] = times.to_text(self.until)
        self.looks = self.failures = self.passed = 0
        self.beaten = now
        parts = Parts.of([("reason", self.why)]) if self.why else None
        return Draft("capture.heartbeat", self.account, data, parts)
