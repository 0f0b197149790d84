"""What an authority outside has to approve before a disposal runs, and what is recorded of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from schedules._period import Period


@dataclass(frozen=True, slots=True)
class Authorization:
    """An approval that a schedule asks for: which document, by whom, and what is noted of it.

    `by` is written to follow "the". `number` and `filed` say whether the document has a number and
    a day of filing; `wait` is how long after that day no disposal runs.
    """

    code: str
    document: str
    by: str
    citation: str
    verified: bool
    number: bool = False
    filed: bool = False
    wait: Period | None = None

    def __str__(self) -> str:
        """``resolution of the legislative body``; what is filed with somebody is approved there."""
        return f"{self.document} {'approved by' if self.filed else 'of'} the {self.by}"


@dataclass(frozen=True, slots=True)
class Authorized:
    """The newest document recorded under a code: "" and None for what the form does not ask for."""

    code: str
    number: str
    filed: date | None
    approved: date


COMMISSION = Authorization(
    code="certificate",
    document="certificate",
    by="Local Records Commission",
    citation="50 ILCS 205/7; 44 Ill. Adm. Code 4000.40(c), 4500.40(c)",
    verified=True,
    number=True,
    filed=True,
    wait=Period.parse("P30D"),
)
"""Illinois: the Commission's certificate, filed 30 days before the disposal."""


def missing(
    asked: Sequence[Authorization], recorded: Mapping[str, Authorized], now: date
) -> Iterator[str]:
    """What is not there yet, or whose time after the filing is not over."""
    for form in asked:
        if (known := recorded.get(form.code)) is None:
            yield f"no {form} is recorded"
        elif form.wait and known.filed and now < (free := form.wait.last_day(known.filed)):
            yield f"the {form.document} was filed on {known.filed}; it may run from {free}"
