"""Determinations: what is released, redacted or withheld, and under which exemption.

Each is a signed entry about one version of one record; the latest counts. Where a function takes
`record_id`, None means every responsive record, or with `among` those of these ids.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
from exports._production import INTERNAL, Box, Outcome, RedactedImage
from exports.requests import _burning
from exports.requests._burning import ImageMark
from exports.requests._exemptions import Exemptions
from exports.requests._images import Burnt, burn
from exports.requests._marks import Mark
from exports.requests._reasons import Reasons, parts_of_reasons, reasons_of, with_reason
from exports.requests._redaction import internal_parts, repeated
from exports.requests._requests import Request, Review, open_request_of, review

_OPEN_TO_ALL = frozenset({"public", "unlisted"})
_UNKNOWN = frozenset({None, "unknown"})


@dataclass(frozen=True, slots=True)
class Determined:
    """What was determined about one version.

    `texts` are the words newly hidden, and how much of images, `repeats` hidden words that can
    still be read elsewhere in the same record.
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
    among: Collection[str] | None = None,
    version: int | None = None,
    raw: bool = False,
    private: bool = False,
    replace: bool = False,
) -> list[Determined]:
    """Release the versions that are not determined yet (with `replace`: all of them).

    `raw` releases the source's own bytes too. Refused for a direct or followers-only message
    unless `private` says that it is meant to leave.
    """
    versions = _versions(writer, request, record_id, among, replace=replace, number=version)
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
    among: Collection[str] | None = None,
    version: int | None = None,
    replace: bool = False,
) -> list[Determined]:
    """Withhold the versions that are not determined yet (with `replace`: all of them).

    UsageError without an exemption or a reason: a denial gives both.
    """
    cited = _cited(exemptions, codes, reason, request)
    versions = _versions(writer, request, record_id, among, replace=replace, number=version)
    return _append(writer, (_draft(request, r, "withhold", cited, {}, reason) for r in versions))


def redact(
    writer: Writer,
    request: Request,
    record_id: str | None,
    marks: Sequence[Mark],
    exemptions: Exemptions,
    *,
    reason: str,
    images: Sequence[ImageMark] = (),
    among: Collection[str] | None = None,
    version: int | None = None,
    private: bool = False,
) -> list[Determined]:
    """Hide parts, on top of what is redacted already, in every version that has them.

    `images` burn rectangles into attachments of one record. `version` (from 1) names a single one.
    A version in which nothing is found, or nothing that is not hidden already, stays as it was. The
    reason is added to those given before.
    UsageError when none has anything to hide; Refused for a withheld record, and for one that was
    not public unless `private`.
    """
    versions = _versions(writer, request, record_id, among, replace=True, number=version)
    if record_id is not None:
        _refuse_withheld(versions)
    if images and record_id is None:
        raise UsageError("an image is redacted in one record", hint="name the record")
    drafts: list[Draft] = []
    done: list[Determined] = []
    touched: list[Review] = []
    for r, sealed in _opened(writer, [r for r in versions if r.outcome != "withhold"]):
        internal = internal_parts(sealed)
        marked = {i: code for mark in reversed(marks) for i, code in mark(sealed).items()}
        found = {i: code for i, code in marked.items() if i not in internal}
        found |= _burning.parts_of_images(sealed, images)
        if not found and not images:
            continue
        before, said, burnt = _redacted_before(writer, r)
        _refuse_whole(r, sealed, images, before, burnt)
        shown = _still_released(sealed, burnt, marked)
        made = _burning.burnt(writer, r.record_id, sealed, images, shown)
        new = sorted(found.keys() - before.keys())
        if not new and made == burnt:
            done.append(Determined(r.record_id, r.version, "redact"))
            continue
        hidden = found | before | internal
        cited = _cited(exemptions, (*before.values(), *found.values()), reason, request)
        reasons = with_reason(said, set(found.values()), reason.strip())
        drafts.append(_draft(request, r, "redact", cited, hidden, reasons, made))
        values = sealed.values
        own = _burning.parts_of_images(sealed, images)
        texts = tuple(values[i].decode(errors="replace").strip() for i in new if i not in own)
        texts += tuple(f"{len(mark.boxes)} places of attachment {mark.place}" for mark in images)
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


def preview(
    reader: Reader,
    request: Request,
    record_id: str,
    place: int,
    boxes: Sequence[Box],
    version: int | None = None,
) -> Burnt:
    """An attachment of a responsive version, else of its newest, as it would leave.

    Beside `boxes` it has those that are burnt in already.
    """
    versions = _versions(reader, request, record_id, replace=True, number=version)
    [(r, sealed)] = _opened(reader, versions[-1:])
    _, _, images = _redacted_before(reader, r)
    earlier = images[place].boxes if place in images else ()
    return burn(_burning.captured(reader, r.record_id, sealed, place), (*earlier, *boxes))


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


def _refuse_whole(
    r: Review,
    sealed: Sealed,
    images: Iterable[ImageMark],
    before: Collection[int],
    burnt: Collection[int],
) -> None:
    """What is hidden as a whole does not come back with a few rectangles."""
    for mark in images:
        own = _burning.parts_of_images(sealed, [mark])
        if mark.place not in burnt and any(index in before for index in own):
            raise Refused(
                f"attachment {mark.place} of {r.record_id} is hidden as a whole",
                hint="release the record anew with --replace, then redact it again",
            )


def _still_released(
    sealed: Sealed, images: Mapping[int, RedactedImage], marked: Collection[int]
) -> dict[int, RedactedImage]:
    """The burnt images without those whose attachment is now hidden as a whole."""
    paths = sealed.paths
    return {
        place: image
        for place, image in images.items()
        if paths.index(f"attachment/{place}/sha256") not in marked
    }


def _redacted_before(
    reader: Reader, r: Review
) -> tuple[dict[int, str], Reasons, dict[int, RedactedImage]]:
    """What an earlier redaction of this version hides, its reasons by code, and its images."""
    if r.outcome != "redact" or r.seq is None:
        return {}, {}, {}
    entry = reader.entry(r.seq)
    hidden = {index: code for index, code in hidden_of(entry).items() if code != INTERNAL}
    ((_, sealed),) = reader.open([entry])
    return hidden, reasons_of(sealed, entry.data["exemptions"]), _burning.images_of(sealed)


def _versions(
    reader: Reader,
    request: Request,
    record_id: str | None,
    among: Collection[str] | None = None,
    *,
    replace: bool,
    number: int | None = None,
) -> list[Review]:
    """The responsive versions that a decision is about; Refused when there are none."""
    open_request_of(request)
    if record_id is None:
        versions = review(reader, request, undetermined=not replace)
        if among is not None:
            versions = [r for r in versions if r.record_id in among]
        if not versions:
            such = "such " if among is not None else ""
            raise Refused(f"request {request.number} has no {such}record left to determine")
        return versions
    record = records.get(reader, record_id)
    versions = review(reader, request, record_id=record.id)
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
    closed = [r for r in records.get_many(writer, ids).values() if not was_public(r)]
    if closed:
        first = f"{closed[0].kind} {closed[0].id} ({closed[0].visibility or 'unknown'})"
        raise Refused(
            f"{len(closed)} of these were not public, as {first}",
            hint="--although-private says that they are meant to leave",
        )


def was_public(record: Record) -> bool:
    """Whether anyone could read it where it stood; of a message that has to be known."""
    if record.visibility in _OPEN_TO_ALL:
        return True
    return record.kind != "message" and record.visibility in _UNKNOWN


def _opened(reader: Reader, versions: Sequence[Review]) -> Iterator[tuple[Review, Sealed]]:
    opened = reader.open(reader.entry(r.version) for r in versions)
    for r, (_, sealed) in zip(versions, opened, strict=True):
        if sealed is None:
            raise unreadable(reader, r)
        yield r, sealed


def _cited(
    exemptions: Exemptions, codes: Sequence[str], reason: str, request: Request
) -> tuple[str, ...]:
    if not codes:
        raise UsageError("an exemption is needed", hint=f'as in --exemption "{exemptions.example}"')
    if not reason.strip():
        raise UsageError("a reason is needed", hint="say in --reason why the exemption applies")
    return exemptions.codes(codes, request.received)


def _append(writer: Writer, drafts: Iterable[Draft]) -> list[Determined]:
    appended = [entry.data for entry in writer.append(drafts)]
    return [Determined(d["record"], d["version"], d["outcome"]) for d in appended]


def _draft(
    request: Request,
    r: Review,
    outcome: Outcome,
    exemptions: Sequence[str],
    hidden: Mapping[int, str],
    reason: str | Reasons,
    images: Mapping[int, RedactedImage] | None = None,
) -> Draft:
    data = {
        "record": r.record_id,
        "version": r.version,
        "outcome": outcome,
        "exemptions": list(exemptions),
        "hidden": {str(index): hidden[index] for index in sorted(hidden)},
    }
    said = [("reason", reason.strip())] if isinstance(reason, str) else parts_of_reasons(reason)
    if images:
        said.append((_burning.FIELD, _burning.to_text(images)))
    return Draft("request.determined", request.id, data, Parts.of(said))
