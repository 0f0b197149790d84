"""What leaves: the determined versions of a request, each with its hidden parts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from archive import Entry, Reader, Refused, Sealed, VerificationError, records
from exports._production import ProducedRecord, ProducedRequest, Production
from exports.requests._burning import images_of
from exports.requests._determination import hidden_of, unreadable
from exports.requests._intake import refuse_undetermined
from exports.requests._redaction import internal_parts
from exports.requests._requests import Request, Review, names_of, review
from exports.requests._sign_off import refuse_unsigned

_BATCH = 500


def production(reader: Reader, request: Request, *, signed_off: bool = False) -> Production:
    """What a request produces, in the order in which the records were written.

    Refused while any responsive version is undetermined, and with `signed_off` while nobody else
    has signed the determinations off; iterating raises Refused when a record
    has been disposed of since.
    """
    refuse_undetermined(reader, request)
    if signed_off:
        refuse_unsigned(reader, request)
    names = names_of(reader, request)
    reviews = tuple(review(reader, request))
    return Production(
        request=ProducedRequest(
            id=request.id,
            number=request.number,
            subject=names.subject,
            requester_name=names.requester,
            received=request.received,
            due=request.due,
            jurisdiction=request.jurisdiction,
            body_name=names.body,
        ),
        outcomes=Counter(r.outcome for r in reviews if r.outcome is not None),
        exemptions=Counter(code for r in reviews for code in set(r.exemptions)),
        records=_Produced(reader, reviews),
    )


@dataclass(frozen=True, slots=True)
class _Produced:
    reader: Reader
    reviews: tuple[Review, ...]

    def __iter__(self) -> Iterator[ProducedRecord]:
        rest = iter(enumerate(self.reviews, 1))
        numbers = {r.record_id: number for number, r in reversed([*enumerate(self.reviews, 1)])}
        while batch := list(islice(rest, _BATCH)):
            yield from _produce(self.reader, batch, numbers)


def _produce(
    reader: Reader, batch: list[tuple[int, Review]], numbers: Mapping[str, int]
) -> Iterator[ProducedRecord]:
    """One batch: its records, versions and determinations are each read together.

    `numbers` gives the number of each record's first version.
    """
    found = records.get_many(reader, [r.record_id for _, r in batch])
    answered = {r.parent_lookup for r in found.values() if r.parent_lookup is not None}
    parents = records.by_lookup(reader, sorted(answered))
    versions = list(reader.open(reader.entries_at([r.version for _, r in batch])))
    decided = list(reader.open(reader.entries_at([_decision(r) for _, r in batch])))
    for (number, r), (entry, content), (decision, reason) in zip(
        batch, versions, decided, strict=True
    ):
        sealed, record = content, found[r.record_id]
        parent = parents.get(record.parent_lookup or "")
        if sealed is None and decision.data["outcome"] == "withhold":
            # Of a restricted record nothing is shown; the bundle is searched for all of it.
            [(_, sealed)] = reader.open([entry], restricted=True)
        if sealed is None:
            raise unreadable(reader, r)
        yield ProducedRecord(
            number=number,
            record=record,
            entry=entry,
            sealed=sealed,
            outcome=decision.data["outcome"],
            hidden=_hidden(decision, sealed),
            exemptions=tuple(decision.data["exemptions"]),
            reason=reason.text("reason") if reason else "",
            images=images_of(reason) if decision.data["outcome"] == "redact" else {},
            answers=numbers.get(parent.id) if parent else None,
        )


def _decision(r: Review) -> int:
    if r.seq is None:
        raise Refused(f"record {r.record_id} is not determined yet")
    return r.seq


def _hidden(decision: Entry, sealed: Sealed) -> dict[int, str]:
    """The hidden parts, whatever the entry says: internal ones always, `raw` when not released."""
    outcome = decision.data["outcome"]
    if outcome == "withhold":
        return dict.fromkeys(range(len(sealed)), decision.data["exemptions"][0])
    decided = hidden_of(decision)
    paths = sealed.paths
    if not all(0 <= index < len(paths) for index in decided):
        raise VerificationError(f"entry {decision.seq} hides parts that its record does not have")
    raw_released = outcome == "release" and "raw" not in {paths[index] for index in decided}
    return internal_parts(sealed, raw=raw_released) | decided
