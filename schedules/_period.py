"""Retention periods: ISO 8601 durations of whole years, months, weeks or days, on the calendar."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from dateutil.relativedelta import relativedelta

_FORM = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W|(?=\d)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?"
    r"(?:(?P<days>\d{1,5})D)?)",
    re.ASCII,
)
_LONGEST = timedelta(days=200 * 366)
_ANY_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """How long a record is kept after its trigger: ``P2Y``, ``P1Y6M``, ``P90D``, ``P6W``."""

    text: str
    years: int = 0
    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ISO 8601 duration without a time of day; ValueError says what is wrong with it.

        Fractions, signs, hours, an empty or zero duration, one of more than 200 years, and weeks
        beside other units are refused.
        """
        found = _FORM.fullmatch(text)
        if found is None and _FORM.fullmatch(text.replace("-", "")):
            raise ValueError(f'"{text}" is negative: a period runs forwards')
        if found is None:
            raise ValueError(f'"{text}" is not a period such as P2Y, P1Y6M, P90D or P6W')
        number = {unit: int(digits or 0) for unit, digits in found.groupdict().items()}
        period = cls(text, number["years"], number["months"], number["days"] + 7 * number["weeks"])
        if not (period.years or period.months or period.days):
            raise ValueError(f'"{text}" is no time at all')
        if period.last_day(_ANY_DAY) - _ANY_DAY > _LONGEST:
            raise ValueError(
                f'"{text}" is longer than 200 years; to keep for ever: action = "permanent"'
            )
        return period

    def last_day(self, trigger: date) -> date:
        """The last day of the period; the trigger's own day is not counted.

        A month without the trigger's day ends the period on its own last day: 31 January and
        P1M end on 28 or 29 February, 29 February and P1Y on 28 February. A period that runs
        past the calendar's end gives its last day.
        """
        try:
            return trigger + relativedelta(years=self.years, months=self.months, days=self.days)
        except (OverflowError, ValueError):
            return date.max

    def due(self, trigger: date) -> date:
        """The first day after the period: the day from which the record may be disposed of."""
        last = self.last_day(trigger)
        return last if last == date.max else last + timedelta(days=1)

    def __str__(self) -> str:
        return self.text
