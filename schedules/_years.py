"""Years of a public body: the calendar's, or its fiscal ones."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

_FORM = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_ANY_YEAR = 2001


@dataclass(frozen=True, slots=True)
class YearStart:
    """The day of the calendar on which a year begins."""

    month: int
    day: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``07-01``; ValueError when it is no day that every year has."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f'"{text}" is not a month and a day such as 07-01')
        start = cls(int(found[1]), int(found[2]))
        try:
            date(_ANY_YEAR, start.month, start.day)
        except ValueError as error:
            raise ValueError(f'"{text}" is not a day that every year has') from error
        return start

    def end_of(self, day: date) -> date:
        """The last day of the year in which `day` lies; the calendar's last where that ends."""
        begins = date(day.year, self.month, self.day)
        if begins <= day:
            if day.year == date.max.year:
                return date.max
            begins = begins.replace(year=day.year + 1)
        return begins - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


CALENDAR = YearStart(1, 1)
