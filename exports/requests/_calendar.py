"""Business days: weekends, the holidays a body keeps and its own closures, from one file."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Protocol

from archive.errors import UsageError
from exports.requests._data import Table, packaged, parse_toml

_SATURDAY = 5
_OBSERVED = " (observed)"
_LANGUAGE = "en_US"
_SOME_YEARS = range(2024, 2028)


class Calendar(Protocol):
    """Which days a body is closed."""

    def closed(self, day: date) -> str | None:
        """Why `day` is no business day ("Saturday", "Memorial Day"), or None when it is one."""


class BusinessCalendar:
    """A body's calendar, as its file describes it.

    `code`, `version` and `digest` (SHA-256 of the file, hex) say in the log which calendar a
    date was counted by. It speaks of the days from `effective_from` to `effective_to`, that day
    included; None: without a limit. A file without holidays lists every closure itself.
    """

    def __init__(self, content: bytes, *, name: str) -> None:
        """Raises UsageError when the file is malformed or names a holiday that is none."""
        table = Table(parse_toml(content, name), name)
        self.content = content
        self.code = table.text("code")
        self.version = table.number("version")
        self.title = table.text("title")
        self.source = table.text("source")
        self.verified = table.flag("verified")
        self.digest = sha256(content).hexdigest()
        self.effective_from = table.day_or_none("effective_from")
        self.effective_to = table.day_or_none("effective_to")
        self._check_span(name)
        source = table.table("holidays")
        self._country = source.text("country", "")
        self._subdivision = source.text("subdivision", "")
        self._names = frozenset(source.texts("names"))
        self._following = [
            (t.text("name"), t.text("holiday"), t.number("days")) for t in table.tables("following")
        ]
        self._closures = {day: t.text("name") for t in table.tables("closure") for day in _span(t)}
        self._openings = frozenset(day for t in table.tables("opening") for day in _span(t))
        self._years: dict[int, dict[date, str]] = {}
        self._check_names(name)

    @property
    def label(self) -> str:
        return f"{self.code} version {self.version}"

    def covers(self, day: date) -> bool:
        """Whether the calendar speaks of that day."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day <= self.effective_to)

    def closed(self, day: date) -> str | None:
        if day in self._openings:
            return None
        if day in self._closures:
            return self._closures[day]
        if day.weekday() >= _SATURDAY:
            return f"{day:%A}"
        if day.year not in self._years:
            self._years[day.year] = self._year(day.year)
        return self._years[day.year].get(day)

    def _year(self, year: int) -> dict[date, str]:
        days = {
            day: name
            for day, name in self._named(year)
            if not self._names or _plain(name) in self._names
        }
        for name, holiday, distance in self._following:
            for day, found in list(days.items()):
                if found == holiday:
                    days[day + timedelta(days=distance)] = name
        return days

    def _named(self, year: int) -> list[tuple[date, str]]:
        if not self._country:
            return []
        import holidays  # slow to load, and only some commands count days

        try:
            found = holidays.country_holidays(
                self._country,
                subdiv=self._subdivision or None,
                years=year,
                language=_LANGUAGE,
            )
        except NotImplementedError as error:  # of the library, for a place that it does not know
            where = f"{self._country} {self._subdivision}".strip()
            raise UsageError(f"calendar {self.code}: no holidays are known for {where}") from error
        return [(day, name) for day in found for name in found.get_list(day)]

    def _check_span(self, file: str) -> None:
        first, last = self.effective_from, self.effective_to
        if first is not None and last is not None and last < first:
            raise UsageError(f"{file}: effective_to is before effective_from")

    def _check_names(self, file: str) -> None:
        known = {_plain(name) for year in _SOME_YEARS for _, name in self._named(year)}
        wanted = self._names | {holiday for _, holiday, _ in self._following}
        if missing := sorted(wanted - known):
            raise UsageError(
                f"{file}: no holiday is called {', '.join(missing)}",
                hint=f"known: {', '.join(sorted(known))}",
            )


def packaged_calendar(code: str) -> BusinessCalendar:
    """A calendar that ships with the program."""
    return BusinessCalendar(packaged("calendars", code), name=f"calendar {code}")


def _plain(name: str) -> str:
    return name.removesuffix(_OBSERVED)


def _span(table: Table) -> list[date]:
    if table.has("date"):
        return [table.day("date")]
    first, last = table.day("from"), table.day("to")
    if last < first:
        raise UsageError(f"closure “{table.text('name')}”: it ends before it begins")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
