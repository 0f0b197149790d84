"""What two versions of a schedule say differently, series by series and key by key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schedules._authorization import Authorization
from schedules._schedule import Schedule, Series


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference. `series` is "" for the schedule itself; `key` is "" for a whole series."""

    change: Literal["added", "removed", "changed", "moved"]
    series: str
    key: str
    old: str
    new: str


def differences(old: Schedule, new: Schedule) -> Iterator[Difference]:
    """All differences: of the schedule itself, then series by series in the new one's order.

    "moved" is a series that stands elsewhere among those that both have: the first that fits
    covers a record.
    """
    yield from _keys("", _heading(old), _heading(new))
    before = {series.code: series for series in old.series}
    after = {series.code: series for series in new.series}
    places = {code: place for place, code in enumerate(filter(after.get, before), 1)}
    shared = 0
    for code, series in after.items():
        if code not in before:
            yield Difference("added", code, "", "", _in_short(series))
            continue
        shared += 1
        yield from _keys(code, _of(before[code]), _of(series))
        if places[code] != shared:
            yield Difference("moved", code, "", f"place {places[code]}", f"place {shared}")
    for code, series in before.items():
        if code not in after:
            yield Difference("removed", code, "", _in_short(series), "")


def _keys(series: str, old: dict[str, str], new: dict[str, str]) -> Iterator[Difference]:
    for key, said in old.items():
        if new[key] != said:
            yield Difference("changed", series, key, said, new[key])


def _heading(one: Schedule) -> dict[str, str]:
    return {
        "code": one.code,
        "version": str(one.version),
        "title": one.title,
        "jurisdiction": one.jurisdiction,
        "effective": str(one.effective),
        "source": one.source,
        "authorization": "; ".join(_form(form) for form in one.authorizations),
        "approvals_expire": str(one.approvals_expire),
        "fiscal_year_starts": str(one.fiscal_year_starts or ""),
        "unverified": ", ".join(one.unverified),
    }


def _form(one: Authorization) -> str:
    said = [f"{one.code}: {one}"]
    said += ["with a number"] * one.number + [f"{one.wait} after filing"] * bool(one.wait)
    said += ["not verified"] * (not one.verified)
    return f"{', '.join(said)} ({one.citation})"


def _of(one: Series) -> dict[str, str]:
    return {
        "title": one.title,
        "rule": str(one.rule),
        "trigger": one.trigger.value,
        "counts_from": one.counts_from.value,
        "period": str(one.period or ""),
        "action": one.action.value,
        "authority.application": one.authority.application,
        "authority.item": one.authority.item,
        "authority.citation": one.authority.citation,
        "authority.verified": _word(one.authority.verified),
        "unverified": ", ".join(one.unverified),
    }


def _in_short(one: Series) -> str:
    period = f" {one.period} after {one.trigger}" if one.period else ""
    return f"{one.action}{period}: {one.rule}"


def _word(flag: bool) -> str:
    return "true" if flag else "false"
