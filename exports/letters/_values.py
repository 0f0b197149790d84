"""What a letter can say of a request: every value that a template may name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from archive import Reader, Refused, UsageError
from exports.letters._invoices import Bill, bills, money
from exports.letters._templates import Kind
from exports.requests import AGREEMENT, Request, Rules, Tally, names_of, review, searches, tally

_DENIALS: tuple[Kind, ...] = ("partial-denial", "denial")


@dataclass(frozen=True, slots=True)
class Said:
    """What only people know: a note in the officer's words, who is responsible for a denial, each
    with name and title, and how to reach the body.
    """

    note: str = ""
    responsible: Sequence[str] = ()
    contact: str = ""


def values_of(
    reader: Reader,
    request: Request,
    rules: Rules,
    given: Mapping[str, str],
    kind: Kind,
    said: Said,
    today: date,
) -> dict[str, str]:
    """Every value by its name; empty where there is nothing to say.

    Refused when the request does not stand so that such a letter could be true, UsageError when it
    lacks what only people know.
    """
    counted = tally(reader, request)
    bill = next((one for one in reversed(bills(reader, request)) if one.kind == "estimate"), None)
    _refuse(request, kind, counted, bill, said)
    names = names_of(reader, request)
    ground, source = _extended(request, rules)
    return {
        **given,
        "body": names.body,
        "contact": said.contact,
        "date": _day(today),
        "requester": names.requester or "requester",
        "address": names.contact,
        "number": request.number,
        "received": _day(request.received),
        "subject": names.subject or "the records that you described",
        "due": _day(request.due),
        "first_due": _day(request.first_due),
        "ground": ground,
        "extension_source": source,
        "note": said.note.strip(),
        "responsible": "\n".join(f"- {one.strip()}" for one in said.responsible),
        "records": _count(counted.versions),
        "released": str(counted.release),
        "redacted": str(counted.redact),
        "withheld": str(counted.withhold),
        "exemptions": "\n".join(_exemptions(reader, request, rules)),
        "searches": _searched(reader, request),
        "fees": "\n".join(_fee_lines(bill)),
        "total": money(bill.cents) if bill else "",
    }


def _refuse(request: Request, kind: Kind, counted: Tally, bill: Bill | None, said: Said) -> None:
    hidden = counted.redact + counted.withhold
    shown = counted.release + counted.redact
    state = f"{counted.release} released, {counted.redact} in part, {counted.withhold} withheld"
    if kind in ("grant", *_DENIALS) and counted.undetermined:
        raise Refused(
            f"{counted.undetermined} records of request {request.number} are not determined",
            hint=f"muniment request show {request.number}",
        )
    wrong = {
        "grant": not counted.release or hidden,
        "partial-denial": not hidden or not shown,
        "denial": not counted.withhold or shown,
        "no-records": counted.versions,
    }
    if wrong.get(kind):
        raise Refused(
            f"request {request.number} does not come to that: {state}",
            hint=f"a letter that fits is: {_fitting(counted)}",
        )
    if kind == "extension" and request.extended is None:
        raise Refused(
            f"request {request.number} was not extended",
            hint=f"muniment request extend {request.number}",
        )
    if kind == "fee-estimate" and bill is None:
        raise Refused(
            f"nothing was estimated for request {request.number}",
            hint=f"muniment fee estimate {request.number} --pages N",
        )
    if kind == "clarification" and not said.note.strip():
        raise UsageError("what do you ask?", hint="say it in --note")
    if kind in _DENIALS and not any(one.strip() for one in said.responsible):
        raise UsageError(
            "a denial names everyone responsible for it", hint='--responsible "Name, Title"'
        )


def _fitting(counted: Tally) -> Kind:
    if not counted.versions:
        return "no-records"
    if not counted.redact + counted.withhold:
        return "grant"
    return "partial-denial" if counted.release + counted.redact else "denial"


def _extended(request: Request, rules: Rules) -> tuple[str, str]:
    """On which ground a request was extended, in words, and by which rule."""
    act, ground = rules.jurisdiction, request.extended or ""
    for extension in act.extensions_of(request.track, request.received):
        if ground in extension.grounds:
            return extension.grounds[ground], extension.source
    if ground == AGREEMENT:
        return "you agreed to it in writing", act.agreement_source or act.citation
    return ground, act.citation


def _exemptions(reader: Reader, request: Request, rules: Rules) -> list[str]:
    """A line for each exemption: its title and authority, how many records, and the reasons."""
    decided = [r for r in review(reader, request) if r.exemptions and r.seq is not None]
    counts = Counter(code for r in decided for code in r.exemptions)
    reasons: dict[str, dict[str, None]] = {code: {} for code in counts}
    opened = reader.open(reader.entries_at([r.seq for r in decided if r.seq is not None]))
    for r, (_, sealed) in zip(decided, opened, strict=True):
        for code in r.exemptions:
            for reason in (sealed.text("reason") if sealed else "").split("; "):
                reasons[code].setdefault(reason)
    titles = {one.code: one for one in rules.exemptions}
    lines = []
    for code in sorted(counts):
        known = titles.get(code)
        about = f"{known.title} ({known.section})" if known else code
        said = "; ".join(reason for reason in reasons[code] if reason)
        lines.append(f"- {code}, {about}: {_count(counts[code])}. {said}".rstrip(". ") + ".")
    return lines


def _searched(reader: Reader, request: Request) -> str:
    made = searches(reader, request)
    return f"Searches made: {len(made)}. They are kept, and can be shown." if made else ""


def _fee_lines(bill: Bill | None) -> list[str]:
    if bill is None:
        return []
    return [f"- {one.what}: {one.counted}: {money(one.cents)} ({one.source})" for one in bill.lines]


def _count(number: int) -> str:
    return "1 record" if number == 1 else f"{number} records"


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%A}, {day:%B} {day.day}, {day.year}"
