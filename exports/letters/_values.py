"""What a letter can say of a request: every value that a template may name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from archive import Reader, Refused, UsageError, records
from exports.letters._invoices import Bill, bills, money
from exports.letters._templates import (
    GIVEN,
    Given,
    Kind,
    filled_paragraphs,
    names_in,
    refuse_unknown,
)
from exports.requests import (
    AGREEMENT,
    Request,
    Review,
    Rules,
    Tally,
    course_of,
    names_of,
    reasons_of,
    review,
    searches,
    tally,
)

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
    given: Mapping[str, Given],
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
    decided = _decided(reader, request)
    act = rules.jurisdiction
    taken = course_of(reader, request).steps
    values = {
        **dict.fromkeys(GIVEN, ""),
        **{f"on_{s.code.replace('-', '_')}": _day(taken.get(s.code)) for s in act.steps},
        "act": f"{act.title} ({act.citation})",
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
        "exemptions": "\n".join(_exemptions(decided, rules)),
        "log": "\n".join(_log(reader, decided, rules)),
        "searches": _searched(reader, request),
        "fees": "\n".join(_fee_lines(bill)),
        "total": money(bill.cents) if bill else "",
    }
    said_by_law = {}
    for name, one in given.items():
        refuse_unknown(names_in(one.text), values, f"[given] {name}")
        said_by_law[name] = "\n\n".join(filled_paragraphs(one.text, values))
    return values | said_by_law


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


@dataclass(frozen=True, slots=True)
class _Decided:
    """A version that is not released whole: its number in the answer, and the reasons by code."""

    number: int
    review: Review
    reasons: Mapping[str, Sequence[str]]


def _decided(reader: Reader, request: Request) -> list[_Decided]:
    exempt = [
        (number, one)
        for number, one in enumerate(review(reader, request), 1)
        if one.exemptions and one.seq is not None
    ]
    opened = reader.open(reader.entries_at([one.seq for _, one in exempt if one.seq is not None]))
    return [
        _Decided(number, one, reasons_of(sealed, one.exemptions))
        for (number, one), (_, sealed) in zip(exempt, opened, strict=True)
    ]


def _exemptions(decided: Sequence[_Decided], rules: Rules) -> Iterator[str]:
    """A line for each exemption: its title and authority, how many records, and the reasons."""
    counts = Counter(code for one in decided for code in one.review.exemptions)
    reasons: dict[str, dict[str, None]] = {code: {} for code in counts}
    for one in decided:
        for code in one.review.exemptions:
            reasons[code].update(dict.fromkeys(one.reasons.get(code, ())))
    for code in sorted(counts):
        yield _line(f"{_about(code, rules)}: {_count(counts[code])}", reasons[code])


def _log(reader: Reader, decided: Sequence[_Decided], rules: Rules) -> Iterator[str]:
    """A line for each exemption of a record that is not released whole: which, how far, why."""
    kept = records.get_many(reader, [one.review.record_id for one in decided])
    for one in decided:
        record = kept[one.review.record_id]
        how = "withheld" if one.review.outcome == "withhold" else "parts blacked out"
        for code in one.review.exemptions:
            which = f"Record {one.number} ({record.kind}, {record.platform})"
            yield _line(f"{which}, {how}: {_about(code, rules)}", one.reasons.get(code, ()))


def _about(code: str, rules: Rules) -> str:
    known = next((one for one in rules.exemptions if one.code == code), None)
    return f"{code}, {known.title} ({known.section})" if known else code


def _line(what: str, reasons: Iterable[str]) -> str:
    return f"- {what}. {'; '.join(reasons)}".rstrip(". ") + "."


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
