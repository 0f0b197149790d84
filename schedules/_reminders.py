"""Reminders: on which day a hold is to be looked at again."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from archive.errors import UsageError
from schedules._period import Period


@dataclass(frozen=True, slots=True)
class Reminder:
    """The day of a reminder, and the ISO 8601 period from one to the next; None for neither."""

    day: date | None = None
    every: str | None = None

    @classmethod
    def parse(cls, text: str, today: date) -> Self:
        """Read a day (``2026-09-01``), or a period from today on that then recurs (``P90D``).

        UsageError for anything else, and for a day that has come.
        """
        try:
            day, every = (
                (Period.parse(text).last_day(today), text)
                if text.startswith("P")
                else (date.fromisoformat(text), None)
            )
        except ValueError as error:
            raise UsageError(
                f'"{text}" is neither a day nor a period',
                hint="write a day such as 2026-09-01, or a period such as P90D",
            ) from error
        if day <= today:
            raise UsageError(f"{day} is not to come", hint="name a later day, or a period")
        return cls(day, every)

    @property
    def data(self) -> dict[str, Any]:
        """What an entry's header says of it."""
        said = {"remind": self.day and self.day.isoformat(), "every": self.every}
        return {name: value for name, value in said.items() if value is not None}


NEVER = Reminder()
