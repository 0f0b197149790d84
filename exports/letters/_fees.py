"""What may be charged for an answer, as the act's data file and a body's own give it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from archive.errors import Refused, StorageError, UsageError
from exports.requests import Table, packaged, parse_toml

PDF, DATA = "pdf", "data"

FEES_FILE = "fees.toml"
"""A body's own fees, in the folder of its archive: its tables take the place of the act's."""

_HINT = f"put it into {FEES_FILE} in the archive's folder: muniment fee scales shows how"


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
    """What may be charged on a request: under which act, and the rules that are in effect."""

    def __init__(self, title: str, rules: Mapping[str, Table]) -> None:
        self.title, self._rules = title, rules

    def lines(self, quantities: Quantities, *request: str) -> list[FeeLine]:
        """What an answer costs, line by line; `request` are the request's purpose and its track.

        Refused where the law lets nobody charge for it on such a request, UsageError for quantities
        that cannot be, and where nothing is known of what they cost.
        """
        _refuse_negative(quantities)
        return [
            *self._on_paper(quantities, request),
            *self._in_fact(quantities),
            *self._worked(quantities, request),
            *self._by_volume(quantities.megabytes, request),
        ]

    def _on_paper(self, quantities: Quantities, request: Sequence[str]) -> Iterator[FeeLine]:
        if quantities.pages:
            paper = self._rule("paper", "page", "a page")
            counted, charged = _shared(paper, "pages", Decimal(quantities.pages), request)
            each = paper.number("page")
            yield _line(paper, paper.text("what"), f"{counted} at {_cents(each)}", charged * each)
        if quantities.certified:
            paper = self._rule("paper", "certification", "certification")
            each = paper.number("certification")
            counted = f"{quantities.certified} at {_cents(each)}"
            yield _line(paper, "Certification", counted, quantities.certified * each)

    def _in_fact(self, quantities: Quantities) -> Iterator[FeeLine]:
        for what, cents in quantities.actual:
            yield _line(self._rule("actual", "what", "actual cost"), what, "actual cost", cents)

    def _worked(self, quantities: Quantities, request: Sequence[str]) -> Iterator[FeeLine]:
        if not quantities.hours:
            return
        labour = self._rule("labour", "hour", "hours of work")
        _may(labour, request, "hours of work")
        if labour.has("over_pages") and quantities.pages <= labour.number("over_pages"):
            raise Refused(
                f"nobody may charge for hours of work on so few pages ({labour.text('source')})",
                hint=f"only on more than {labour.number('over_pages')}: say in --pages how many",
            )
        counted, charged = _shared(labour, "hours", quantities.hours, request)
        each = labour.number("hour")
        what = "Search and retrieval by personnel"
        yield _line(labour, what, f"{counted} at {_cents(each)}", charged * each)

    def _by_volume(
        self, megabytes: Mapping[str, Decimal], request: Sequence[str]
    ) -> Iterator[FeeLine]:
        if not megabytes:
            return
        rule = self._rule("electronic", "scales", "a volume of electronic records")
        _may(rule, request, "a volume of electronic records")
        known = {scale.form: scale for scale in map(_scale, rule.tables("scales"))}
        for form, size in megabytes.items():
            if form not in known:
                raise UsageError(f"there is no scale for {form!r}", hint=", ".join(known))
            scale = known[form]
            yield _line(rule, scale.title, f"{size} MB", scale.cents(size))

    def _rule(self, name: str, key: str, what: str) -> Table:
        rule = self._rules.get(name)
        if rule is None or not rule.has(key):
            raise UsageError(f"{self.title}: what {what} costs is not known", hint=_HINT)
        return rule


def load_fees(jurisdiction: str, received: date, folder: Path | None = None) -> Fees:
    """The fees of an act ("US-IL", in any case) on a request, with those of `folder` before them.

    UsageError names the known acts, or the key that is malformed.
    """
    code = jurisdiction.lower()
    shipped = Table(parse_toml(packaged("fees", code), f"fees {code}"), f"fees {code}")
    own = _own(folder / FEES_FILE) if folder else None
    rules = {}
    for name in ("paper", "actual", "labour", "electronic"):
        table = own if own is not None and own.has(name) else shipped
        if found := [one for one in table.tables(name) if _in_effect(one, received)]:
            rules[name] = max(found, key=lambda one: one.day("effective_from"))
    return Fees(shipped.text("title"), rules)


def shipped_fees(jurisdiction: str) -> bytes:
    """The file of fees that ships for an act, to be changed."""
    return packaged("fees", jurisdiction.lower())


def _own(path: Path) -> Table | None:
    if not path.exists():
        return None
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror})") from error
    return Table(parse_toml(content, str(path)), str(path))


def _in_effect(rule: Table, received: date) -> bool:
    last = rule.day_or_none("effective_to")
    return rule.day("effective_from") <= received and (last is None or received <= last)


def _may(rule: Table, request: Sequence[str], what: str) -> None:
    requests = rule.texts("requests")
    if requests and not set(request) & set(requests):
        raise Refused(
            f"nobody may charge for {what} on such a request ({rule.text('source')})",
            hint=f"only on one that is {' or '.join(requests)}",
        )


def _shared(rule: Table, unit: str, number: Decimal, request: Sequence[str]) -> tuple[str, Decimal]:
    """How a number is counted, and how much of it is charged for."""
    free_for = rule.texts("free_for")
    is_free = not free_for or bool(set(request) & set(free_for))
    free = rule.number(f"free_{unit}") if is_free and rule.has(f"free_{unit}") else 0
    if not free:
        return f"{number} {unit}", number
    charged = max(Decimal(0), number - free)
    return f"{number} {unit}, the first {free} free, {charged}", charged


def _refuse_negative(quantities: Quantities) -> None:
    numbers: list[int | Decimal] = [quantities.pages, quantities.certified, quantities.hours]
    numbers += [*quantities.megabytes.values(), *(cents for _, cents in quantities.actual)]
    if any(number < 0 for number in numbers):
        raise UsageError("a quantity cannot be negative")


def _line(rule: Table, what: str, counted: str, cents: Decimal | int) -> FeeLine:
    return FeeLine(what, counted, int(cents), rule.text("source"), rule.flag("verified"))


def _scale(table: Table) -> Scale:
    steps = tuple((one.number("megabytes"), one.number("amount")) for one in table.tables("steps"))
    return Scale(table.text("form"), table.text("title"), steps, table.number("above"))


def _cents(amount: int) -> str:
    return f"${amount / 100:.2f}"
