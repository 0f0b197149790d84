"""The certificate of a finished disposal, put together from the log alone."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from textwrap import wrap
from typing import Any

from sqlalchemy import func, select

from archive import Archive, Entry, Reader, actors
from archive.errors import Refused
from archive.times import to_text
from schedules import _disposal_tables as t
from schedules._adopt import load
from schedules._days import day_of, today, zone_of
from schedules._disposal import Disposal, schedule_of
from schedules._packages import acknowledgement_of, package_of
from schedules._schedule import Schedule

CERTIFIED = (
    "The records described above had reached the end of their retention under the schedule named. "
    "No legal hold, open request for records or undecided appeal covered them when they were "
    "removed. They were disposed of as described, on the authority of the approvals named."
)

METHOD = (
    "Cryptographic erase (NIST SP 800-88r2): the records' data keys, their encrypted contents and "
    "attachments and their entries in the search index were destroyed; database, write-ahead log "
    "and index were rewritten, and the destruction was read back."
)


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """What was disposed of in one series: days of publication, records, bytes of content."""

    code: str
    title: str
    application: str
    item: str
    citation: str
    first: str
    last: str
    records: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A decision with its signature, as it stands in the log.

    `header` is the entry's canonical JSON; docs/format.md says what the signature is over.
    """

    name: str
    actor: str
    at: str
    position: int
    public_key: str
    signature: str
    header: str

    @property
    def when(self) -> str:
        """``2026-03-02 15:00:00 UTC``."""
        return f"{self.at[:10]} {self.at[11:19]} UTC"


@dataclass(frozen=True, slots=True)
class ByAuthority:
    """An approval from outside, in the schedule's form; "" for what that does not ask for."""

    code: str
    document: str
    by: str
    citation: str
    number: str
    filed: str
    approved: str

    def __str__(self) -> str:
        """``Local Records Commission: certificate 26-0417, filed …, approved …``."""
        named = f"{self.document} {self.number}".rstrip()
        filed = f", filed {self.filed}" if self.filed else ""
        return f"{self.by}: {named}{filed}, approved {self.approved}"


@dataclass(frozen=True, slots=True)
class Transferred:
    """To whom the records were handed over: who acknowledged the package, and its SHA-256."""

    by: str
    reference: str
    receipt: str
    package: str
    records: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """Everything that a certificate of disposal says. Times are UTC texts, days ISO dates.

    `proof` is the C2SP tlog-proof of the entry that finished the disposal.
    """

    number: str
    agency: str
    contact: str
    archive: str
    jurisdiction: str
    disposal: str
    schedule: str
    schedule_title: str
    schedule_digest: str
    action: str
    as_of: str
    disposed_on: str
    series: tuple[SeriesLine, ...]
    first: str
    last: str
    records: int
    size_bytes: int
    listed: int
    kept: int
    struck: int
    list_digest: str
    method: str
    certified: str
    transferred: Transferred | None
    proposed: Signed
    approvals: tuple[Signed, ...]
    authorizations: tuple[ByAuthority, ...]
    started: Signed
    finished: Signed
    proof: str

    def as_json(self) -> dict[str, Any]:
        return {"format": 1, **asdict(self)}


def certificate(archive: Archive, reader: Reader, disposal: Disposal) -> Certificate:
    """The certificate of a disposal; Refused while it is not finished."""
    if disposal.finished_seq is None:
        state = disposal.state(today(archive))
        raise Refused(
            f"disposal {disposal.id} is {state}, not finished",
            hint=f"run it first: muniment disposal run {disposal.id}",
        )
    assert disposal.started_seq is not None
    one = schedule_of(reader, disposal)
    schedule = load(reader, one)
    finished = reader.entry(disposal.finished_seq)
    return Certificate(
        number=disposal.number or "",
        agency=archive.config.name,
        contact=archive.config.contact,
        archive=archive.origin,
        jurisdiction=schedule.jurisdiction,
        disposal=disposal.id,
        schedule=schedule.label,
        schedule_title=schedule.title,
        schedule_digest=one.digest,
        action=disposal.action.value,
        as_of=disposal.as_of.isoformat(),
        disposed_on=day_of(to_text(finished.at), zone_of(archive)).isoformat(),
        series=_series(reader, disposal, schedule),
        first=finished.data.get("from", ""),
        last=finished.data.get("to", ""),
        records=finished.data["disposed"],
        size_bytes=finished.data["bytes"],
        listed=disposal.listed,
        kept=finished.data["kept"],
        struck=finished.data["struck"],
        list_digest=disposal.digest,
        method=METHOD,
        certified=CERTIFIED,
        transferred=_transferred(reader, disposal),
        proposed=_signed(reader, reader.entry(disposal.seq)),
        approvals=tuple(_signed(reader, reader.entry(one.seq)) for one in disposal.approvals),
        authorizations=tuple(_authorizations(disposal, schedule)),
        started=_signed(reader, reader.entry(disposal.started_seq)),
        finished=_signed(reader, finished),
        proof=str(reader.prove(finished.seq)),
    )


def as_text(one: Certificate) -> str:
    """The certificate for a reader, with keys, signatures and proof in full."""
    lines = [
        f"CERTIFICATE OF DISPOSAL {one.number}",
        "",
        f"Agency           {one.agency}",
        f"Contact          {one.contact or '-'}",
        f"Jurisdiction     {one.jurisdiction}",
        f"Schedule         {one.schedule}: {one.schedule_title}",
        f"Disposal         {one.disposal}",
        f"Disposed of on   {one.disposed_on}, by {one.finished.name}",
        f"Inclusive dates  {_range(one.first, one.last)}",
        f"Volume           {volume(one.records, one.size_bytes)}",
        f"Kept             {one.kept} of {one.listed} listed records{_struck(one)}",
    ]
    if one.transferred:
        lines.append(
            f"Transferred      {one.transferred.records} records in the package "
            f"{one.transferred.package}, acknowledged by {one.transferred.by}"
            + (f", {one.transferred.reference}" if one.transferred.reference else "")
        )
    lines += [f"Authorized       {authority}" for authority in one.authorizations]
    for series in one.series:
        lines += [
            "",
            f"Series {series.code}  {series.title}",
            f"  application {series.application or '-'}, item {series.item or '-'}",
            f"  {series.citation}",
            f"  {_range(series.first, series.last)}, {volume(series.records, series.size_bytes)}",
        ]
    lines += ["", "Method", *wrap(one.method, 78, initial_indent="  ", subsequent_indent="  ")]
    lines += ["", "Certified"]
    lines += wrap(one.certified, 78, initial_indent="  ", subsequent_indent="  ")
    lines += ["", "Decisions"]
    for what, signed in decisions(one):
        lines += [
            f"  {what} by {signed.name} on {signed.when}, log position {signed.position}",
            f"    key       {signed.public_key}",
            f"    signature {signed.signature}",
        ]
    lines += [
        "",
        f"List (SHA-256)      {one.list_digest}",
        f"Schedule (SHA-256)  {one.schedule_digest}",
        f"Log                 {one.archive}",
        "",
        "Proof that the disposal stands in the log",
        "",
        one.proof,
    ]
    return "\n".join(lines)


def decisions(one: Certificate) -> list[tuple[str, Signed]]:
    """The signed steps in order, each with what it was."""
    return [
        ("proposed", one.proposed),
        *(("approved", approval) for approval in one.approvals),
        ("started", one.started),
        ("finished", one.finished),
    ]


def volume(records: int, size_bytes: int) -> str:
    """``12 records, 3,400 bytes``."""
    return f"{records:,} record{'' if records == 1 else 's'}, {size_bytes:,} bytes"


def _struck(one: Certificate) -> str:
    return f", and {one.struck} were struck off before the approvals" if one.struck else ""


def _transferred(reader: Reader, disposal: Disposal) -> Transferred | None:
    known, package = acknowledgement_of(reader, disposal), package_of(reader, disposal)
    if known is None or package is None:
        return None
    return Transferred(known.by, known.reference, known.receipt, known.package, package.records)


def _range(first: str, last: str) -> str:
    return f"{first} to {last}" if first else "none"


def _series(reader: Reader, disposal: Disposal, schedule: Schedule) -> tuple[SeriesLine, ...]:
    c = t.item.c
    rows = reader.conn.execute(
        select(c.series, func.min(c.dated), func.max(c.dated), func.count(), func.sum(c.size))
        .where(c.disposal_id == disposal.id, c.disposed_seq.is_not(None))
        .group_by(c.series)
        .order_by(c.series)
    )
    known = {series.code: series for series in schedule.series}
    return tuple(
        SeriesLine(
            code=code,
            title=known[code].title,
            application=known[code].authority.application,
            item=known[code].authority.item,
            citation=known[code].authority.citation,
            first=first,
            last=last,
            records=records,
            size_bytes=int(size),
        )
        for code, first, last, records, size in rows
    )


def _signed(reader: Reader, entry: Entry) -> Signed:
    actor = actors.get(reader, entry.actor)
    assert entry.signature is not None
    return Signed(
        name=actor.name,
        actor=actor.id,
        at=to_text(entry.at),
        position=entry.seq,
        public_key=actor.public_key,
        signature=entry.signature.hex(),
        header=entry.header.decode(),
    )


def _authorizations(disposal: Disposal, schedule: Schedule) -> Iterator[ByAuthority]:
    for form in schedule.authorizations:
        if known := disposal.authorized.get(form.code):
            yield ByAuthority(
                code=form.code,
                document=form.document,
                by=form.by,
                citation=form.citation,
                number=known.number,
                filed=known.filed.isoformat() if known.filed else "",
                approved=known.approved.isoformat(),
            )
