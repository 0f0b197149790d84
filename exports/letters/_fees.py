"""What may be charged for an answer, as the jurisdiction's data file gives it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from archive.errors import Refused, UsageError
from exports.requests import Table, packaged, parse_toml

PDF, DATA = "pdf", "data"


@dataclass(frozen=True, slots=True)
class Quantities:
    """What an answer takes: pages of paper, certified copies, hours of work, sizes in megabytes by
    form ("pdf", "data"), and what things cost in fact, in cents, by their names.
    """

    pages: int = 0
    certified: int = 0
    hours: Decimal = Decimal(0)
    megabytes: Mapping[str, Decimal] = field(default_factory=dict)
    actual: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line of an estimate or invoice: what for, how it was counted, the amount in cents, the
    rule, and whether that was read in its source.
    """

    what: str
    counted: str
    cents: int
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """What a volume of one form costs: steps of (up to so many megabytes, cents), and above."""

    form: str
    title: str
    steps: tuple[tuple[int, int], ...]
    above: int

    def cents(self, megabytes: Decimal) -> int:
        """The amount for so many megabytes."""
        return next((cents for most, cents in self.steps if megabytes <= most), self.above)


class Fees:
    """A jurisdiction's fees."""

    def __init__(self, table: Table) -> None:
        self.code, self.version = table.text("code"), table.number("version")
        self.title = table.text("title")
        self._paper, self._actual = table.table("paper"), table.table("actual")
        self._labour, self._electronic = table.table("labour"), table.table("electronic")
        self._scales = tuple(_scale(one) for one in self._electronic.tables("scales"))

    def lines(self, quantities: Quantities, *request: str) -> list[FeeLine]:
        """What an answer costs, line by line; `request` are the request's purpose and its track.

        Refused where the law lets nobody charge for it on such a request, UsageError for quantities
        that cannot be.
        """
        _refuse_negative(quantities)
        lines = [*self._on_paper(quantities), *self._in_fact(quantities)]
        if quantities.hours:
            lines.append(self._worked(quantities.hours, request))
        if quantities.megabytes:
            self._may(self._electronic, request, "a volume of electronic records")
            lines += self._by_volume(quantities.megabytes)
        return lines

    def _on_paper(self, quantities: Quantities) -> list[FeeLine]:
        paper, lines = self._paper, list[FeeLine]()
        if quantities.pages:
            free, page = paper.number("free_pages"), paper.number("page")
            charged = max(0, quantities.pages - free)
            counted = (
                f"{quantities.pages} pages, the first {free} free, {charged} at {_cents(page)}"
            )
            lines.append(_line(paper, paper.text("what"), counted, charged * page))
        if quantities.certified:
            each = paper.number("certification")
            counted = f"{quantities.certified} at {_cents(each)}"
            lines.append(_line(paper, "Certification", counted, quantities.certified * each))
        return lines

    def _in_fact(self, quantities: Quantities) -> list[FeeLine]:
        return [
            _line(self._actual, what, "actual cost", cents) for what, cents in quantities.actual
        ]

    def _worked(self, hours: Decimal, request: Sequence[str]) -> FeeLine:
        labour = self._labour
        self._may(labour, request, "hours of work")
        free, each = labour.number("free_hours"), labour.number("hour")
        charged = max(Decimal(0), hours - free)
        counted = f"{hours} hours, the first {free} free, {charged} at {_cents(each)}"
        return _line(labour, "Search and retrieval by personnel", counted, int(charged * each))

    def _by_volume(self, megabytes: Mapping[str, Decimal]) -> list[FeeLine]:
        known = {scale.form: scale for scale in self._scales}
        lines = []
        for form, size in megabytes.items():
            if form not in known:
                raise UsageError(f"there is no scale for {form!r}", hint=", ".join(known))
            scale = known[form]
            lines.append(_line(self._electronic, scale.title, f"{size} MB", scale.cents(size)))
        return lines

    def _may(self, rule: Table, request: Sequence[str], what: str) -> None:
        requests = rule.texts("requests")
        if not set(request) & set(requests):
            raise Refused(
                f"nobody may charge for {what} on such a request ({rule.text('source')})",
                hint=f"only on one that is {' or '.join(requests)}",
            )


def load_fees(jurisdiction: str) -> Fees:
    """The fees that ship for a jurisdiction ("US-IL", in any case); UsageError names the known."""
    code = jurisdiction.lower()
    where = f"fees {code}"
    return Fees(Table(parse_toml(packaged("fees", code), where), where))


def _refuse_negative(quantities: Quantities) -> None:
    numbers: list[int | Decimal] = [quantities.pages, quantities.certified, quantities.hours]
    numbers += [*quantities.megabytes.values(), *(cents for _, cents in quantities.actual)]
    if any(number < 0 for number in numbers):
        raise UsageError("a quantity cannot be negative")


def _line(rule: Table, what: str, counted: str, cents: int) -> FeeLine:
    return FeeLine(what, counted, cents, rule.text("source"), rule.flag("verified"))


def _scale(table: Table) -> Scale:
    steps = tuple((one.number("megabytes"), one.number("amount")) for one in table.tables("steps"))
    return Scale(table.text("form"), table.text("title"), steps, table.number("above"))


def _cents(amount: int) -> str:
    return f"${amount / 100:.2f}"
