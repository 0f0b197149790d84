"""A disposal's list as a paper that an officer takes to a meeting."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from archive import Archive, Reader, actors
from schedules._adopt import load
from schedules._approvals import obstacles
from schedules._certificate import volume
from schedules._days import today
from schedules._disposal import Disposal, listing_of, schedule_of
from schedules._list import Exclusion, Item
from schedules._schedule import Series
from schedules._typeset import typeset

_NAMED = 60
"""Records struck off or excluded that the paper names one by one; the table has them all."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """What is listed of one series: days of publication, and the first and last day it was due."""

    code: str
    title: str
    citation: str
    application: str
    item: str
    first: str
    last: str
    due: str
    records: int
    volume: str


@dataclass(frozen=True, slots=True)
class Stays:
    """How many records of a series stay for one reason."""

    series: str
    reason: str
    records: int


@dataclass(frozen=True, slots=True)
class DisposalSheet:
    """What the paper says. Times are UTC texts, days ISO dates."""

    agency: str
    archive: str
    jurisdiction: str
    disposal: str
    schedule: str
    schedule_title: str
    action: str
    as_of: str
    state: str
    proposed_by: str
    proposed_at: str
    made_on: str
    series: tuple[SheetLine, ...]
    first: str
    last: str
    records: int
    volume: str
    struck: tuple[Stays, ...]
    struck_records: tuple[str, ...]
    excluded: tuple[Stays, ...]
    excluded_records: tuple[str, ...]
    excluded_in_all: int
    approvals: tuple[str, ...]
    needs: tuple[str, ...]
    authorities: tuple[str, ...]
    digest: str


def sheet_of(archive: Archive, reader: Reader, disposal: Disposal) -> DisposalSheet:
    """The paper about a disposal as it stands today."""
    day, one = today(archive), schedule_of(reader, disposal)
    schedule, listing = load(reader, one), listing_of(reader, disposal)
    dated = [item.dated for item in listing.items]
    counting = disposal.approvals if disposal.finished_seq is not None else disposal.counting(day)
    return DisposalSheet(
        agency=archive.config.name,
        archive=archive.origin,
        jurisdiction=schedule.jurisdiction,
        disposal=disposal.id,
        schedule=schedule.label,
        schedule_title=schedule.title,
        action=disposal.action.value,
        as_of=disposal.as_of.isoformat(),
        state=disposal.state(day).value,
        proposed_by=actors.get(reader, disposal.proposed_by).name,
        proposed_at=disposal.proposed_at,
        made_on=day.isoformat(),
        series=tuple(_lines(schedule.series, listing.items)),
        first=min(dated),
        last=max(dated),
        records=len(dated),
        volume=volume(len(dated), sum(item.size for item in listing.items)),
        struck=_stays(listing.struck),
        struck_records=tuple(one.record for one in listing.struck[:_NAMED]),
        excluded=_stays(listing.excluded),
        excluded_records=tuple(one.record for one in listing.excluded[:_NAMED]),
        excluded_in_all=listing.excluded_in_all,
        approvals=tuple(
            f"{one.name}, log position {one.seq}, may be used through {one.expires}"
            for one in counting
        ),
        needs=() if disposal.finished_seq is not None else tuple(obstacles(reader, disposal, day)),
        authorities=tuple(form.by for form in schedule.authorizations),
        digest=disposal.digest,
    )


def sheet_pdf(one: DisposalSheet) -> bytes:
    """The paper as PDF/A-2a and PDF/UA-1; MunimentError when Typst refuses it."""
    return typeset(
        "sheet.typ",
        asdict(one),
        one.proposed_at,
        "the list",
        "use muniment disposal show --csv",
    )


def _lines(known: Sequence[Series], items: Sequence[Item]) -> list[SheetLine]:
    lines = []
    for series in known:
        listed = [item for item in items if item.series == series.code]
        if listed:
            lines.append(
                SheetLine(
                    series.code,
                    series.title,
                    series.authority.citation,
                    series.authority.application,
                    series.authority.item,
                    min(item.dated for item in listed),
                    max(item.dated for item in listed),
                    min(item.due for item in listed),
                    len(listed),
                    volume(len(listed), sum(item.size for item in listed)),
                )
            )
    return lines


def _stays(rows: Sequence[Exclusion]) -> tuple[Stays, ...]:
    counts = Counter((one.series, one.reason) for one in rows)
    return tuple(Stays(series, reason, n) for (series, reason), n in sorted(counts.items()))
