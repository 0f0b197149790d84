"""Determinations: what is released, redacted or withheld, and under which exemption.

Each is a signed entry about one version of one record; the latest counts. Where a function takes
`record_id`, None means every responsive record.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive import (
    Draft,
    Entry,
    Parts,
    Reader,
    Record,
    Refused,
    Sealed,
    UsageError,
    Writer,
    records,
    restrictions,
)
from exports._production import INTERNAL, Outcome
from exports.requests._exemptions import Exemptions
from exports.requests._marks import Mark
from exports.requests._redaction import internal_parts, repeated
from exports.requests._requests import Request, Review, open_request_of, review

_OPEN_TO_ALL = frozenset({"public", "unlisted"})
_UNKNOWN = frozenset({None, "unknown"})


@dataclass(frozen=True, slots=True)
class Determined:
    """What was determined about one version.

    `texts` are the words newly hidden, `repeats` hidden words that can still be read elsewhere in
    the same record.
    """

    record_id: str
    version: int
    outcome: Outcome
    texts: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()


def release(
    writer: Writer,
    request: Request,
    record_id: str | None,
    *,
    reason: str = "",
    raw: bool = False,
    private: bool = False,
    replace: bool = False,
) -> list[Determined]:
    """Release the versions that are not determined yet (with `replace`: all of them).

    `raw` releases the source's own bytes too. Refused for a direct or followers-only message
    unless `private` says that it is meant to leave.
    """
    versions = _versions(writer, request, record_id, replace=replace)
    _refuse_private(writer, versions, private)
    return _append(
        writer,
        (
            _draft(request, r, "release", (), internal_parts(sealed, raw=raw), reason)
            for r, sealed in _opened(writer, versions)
        ),
    )


def withhold(
    writer: Writer,
    request: Request,
    record_id: str | None,
    exemptions: Exemptions,
    codes: Sequence[str],
    *,
    reason: str,
    replace: bool = False,
) -> list[Determined]:
    """Withhold the versions that are not determined yet (with `replace`: all of them).

    UsageError without an exemption or a reason: a denial must give both (5 ILCS 140/9).
    """
    cited = _cited(exemptions, codes, reason)
    versions = _versions(writer, request, record_id, replace=replace)
    return _append(writer, (_draft(request, r, "withhold", cited, {}, reason) for r in versions))


def redact(
    writer: Writer,
    request: Request,
    record_id: str | None,
    marks: Sequence[Mark],
    exemptions: Exemptions,
    *,
    reason: str,
    version: int | None = None,
    private: bool = False,
) -> list[Determined]:
    """Hide parts, on top of what is redacted already, in every version that has them.

    `version` (from 1) names a single one. A version in which nothing is found, or nothing that is
    not hidden already, stays as it was. The reason is added to those given before.
    UsageError when none has anything to hide; Refused for a withheld record, and for one that was
    not public unless `private`.
    """
    versions = _versions(writer, request, record_id, replace=True, number=version)
    if record_id is not None:
        _refuse_withheld(versions)
    drafts: list[Draft] = []
    done: list[Determined] = []
    touched: list[Review] = []
    for r, sealed in _opened(writer, [r for r in versions if r.outcome != "withhold"]):
        internal = internal_parts(sealed)
        marked = {i: code for mark in reversed(marks) for i, code in mark(sealed).items()}
        found = {i: code for i, code in marked.items() if i not in internal}
        if not found:
            continue
        before, said = _redacted_before(writer, r)
        new = sorted(found.keys() - before.keys())
        if not new:
            done.append(Determined(r.record_id, r.version, "redact"))
            continue
        hidden = found | before | internal
        cited = _cited(exemptions, (*before.values(), *found.values()), reason)
        reasons = "; ".join(dict.fromkeys((*said, reason.strip())))
        drafts.append(_draft(request, r, "redact", cited, hidden, reasons))
        values = sealed.values
        texts = tuple(values[i].decode(errors="replace").strip() for i in new)
        done.append(Determined(r.record_id, r.version, "redact", texts, repeated(sealed, hidden)))
        touched.append(r)
    if not done:
        raise UsageError(
            f"there is nothing of the kind in {record_id or 'any responsive record'}",
            hint="muniment record show shows what a record holds",
        )
    _refuse_private(writer, touched, private)
    writer.append(drafts)
    return done


def unreadable(reader: Reader, r: Review) -> Refused:
    """Why nothing of a responsive record can be read: it is restricted, or was disposed of."""
    refused = restrictions.refusal(
        reader, r.record_id, hint="withhold it as a whole, or set it aside from the request"
    )
    return refused or Refused(
        f"record {r.record_id} was disposed of", hint="the disposal certificate answers for it"
    )


def hidden_of(determination: Entry) -> dict[int, str]:
    """Which parts a determination hides, and why."""
    return {int(index): code for index, code in determination.data["hidden"].items()}


def _redacted_before(writer: Writer, r: Review) -> tuple[dict[int, str], tuple[str, ...]]:
    """What an earlier redaction of this version hides by exemption, and the reasons it gave."""
    if r.outcome != "redact" or r.seq is None:
        return {}, ()
    entry = writer.entry(r.seq)
    hidden = {index: code for index, code in hidden_of(entry).items() if code != INTERNAL}
    ((_, sealed),) = writer.open([entry])
    return hidden, tuple(sealed.text("reason").split("; ")) if sealed is not None else ()


def _versions(
    writer: Writer,
    request: Request,
    record_id: str | None,
    *,
    replace: bool,
    number: int | None = None,
) -> list[Review]:
    """The responsive versions that a decision is about; Refused when there are none."""
    open_request_of(request)
    if record_id is None:
        versions = review(writer, request, undetermined=not replace)
        if not versions:
            raise Refused(f"request {request.number} has no record left to determine")
        return versions
    record = records.get(writer, record_id)
    versions = review(writer, request, record_id=record.id)
    if not versions:
        raise Refused(
            f"record {record.id} is not among the responsive ones",
            hint=f"muniment request add {request.number} {record.id}",
        )
    if number is not None:
        if not 0 < number <= len(versions):
            raise UsageError(f"record {record.id} has {len(versions)} responsive versions")
        versions = [versions[number - 1]]
    wanted = versions if replace else [r for r in versions if r.outcome is None]
    if not wanted:
        raise Refused(
            f"record {record.id} is determined already ({versions[-1].outcome})",
            hint="--replace determines it anew",
        )
    return wanted


def _refuse_withheld(versions: Iterable[Review]) -> None:
    for r in versions:
        if r.outcome == "withhold":
            raise Refused(
                f"record {r.record_id} is withheld as a whole",
                hint="determine it anew with --replace before redacting it",
            )


def _refuse_private(writer: Writer, versions: Sequence[Review], private: bool) -> None:
    """Direct and followers-only messages never leave unnoticed."""
    if private:
        return
    ids = list(dict.fromkeys(r.record_id for r in versions if r.outcome is None))
    closed = [r for r in records.get_many(writer, ids).values() if not _was_public(r)]
    if closed:
        first = f"{closed[0].kind} {closed[0].id} ({closed[0].visibility or 'unknown'})"
        raise Refused(
            f"{len(closed)} of these were not public, as {first}",
            hint="--although-private says that they are meant to leave",
        )


def _was_public(record: Record) -> bool:
    """Whether anyone could read it where it stood; of a message that has to be known."""
    if record.visibility in _OPEN_TO_ALL:
        return True
    return record.kind != "message" and record.visibility in _UNKNOWN


def _opened(writer: Writer, versions: Sequence[Review]) -> Iterator[tuple[Review, Sealed]]:
    opened = writer.open(writer.entry(r.version) for r in versions)
    for r, (_, sealed) in zip(versions, opened, strict=True):
        if sealed is None:
            raise unreadable(writer, r)
        yield r, sealed


def _cited(exemptions: Exemptions, codes: Sequence[str], reason: str) -> tuple[str, ...]:
    if not codes:
        raise UsageError("an exemption is needed", hint='as in --exemption "7(1)(b)"')
    if not reason.strip():
        raise UsageError("a reason is needed", hint="say in --reason why the exemption applies")
    return exemptions.codes(codes)


def _append(writer: Writer, drafts: Iterable[Draft]) -> list[Determined]:
    appended = [entry.data for entry in writer.append(drafts)]
    return [Determined(d["record"], d["version"], d["outcome"]) for d in appended]


def _draft(
    request: Request,
    r: Review,
    outcome: Outcome,
    exemptions: Sequence[str],
    hidden: Mapping[int, str],
    reason: str,
) -> Draft:
    data = {
        "record": r.record_id,
        "version": r.version,
        "outcome": outcome,
        "exemptions": list(exemptions),
        "hidden": {str(index): hidden[index] for index in sorted(hidden)},
    }
    return Draft("request.determined", request.id, data, Parts.of([("reason", reason.strip())]))
