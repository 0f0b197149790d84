"""Packages for an archives: that one was made, and that the archives acknowledged it.

What is to be transferred leaves as a package (`exports.transfer`). Only after its receipt is
acknowledged does a run remove anything here, and only what was in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from archive import Draft, Entry, Parts, Reader, Writer
from archive.errors import Refused, UsageError, VerificationError
from schedules._approvals import decider, obstacles, refuse_when
from schedules._disposal import Disposal, State
from schedules._schedule import Action


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was made: the SHA-256 and bytes of its file, how many records it holds.

    `left_out` are records of the list that are not in it; `position` is the size of the log that it
    was made from.
    """

    sha256: str
    size: int
    records: int
    left_out: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That an archives has the package: who said so, under which reference, with which receipt.

    `receipt` is the SHA-256 of the file that was kept as evidence, or "".
    """

    seq: int
    by: str
    reference: str
    receipt: str
    package: str


def package_of(reader: Reader, disposal: Disposal) -> Package | None:
    """The newest package of a transfer; None when there is none."""
    if disposal.packaged_seq is None:
        return None
    data = reader.entry(disposal.packaged_seq).data
    return Package(
        data["sha256"],
        data["size_bytes"],
        data["records"],
        tuple(data["left_out"]),
        data["position"],
    )


def refuse_unless_packable(reader: Reader, disposal: Disposal, now: date) -> None:
    """Refused for what is to be destroyed, and while more than an acknowledgement is missing."""
    if disposal.action is not Action.TRANSFER:
        raise Refused(
            f"disposal {disposal.id} is to {disposal.action}, not to transfer",
            hint="a list to transfer is made by: muniment disposal propose --transfer",
        )
    refuse_when(disposal, now, State.STARTED, State.FINISHED, State.WITHDRAWN)
    if found := obstacles(reader, disposal, now, packaging=True):
        raise Refused(
            f"disposal {disposal.id} cannot be packaged: {'; '.join(found)}",
            hint=f"see: muniment disposal show {disposal.id}",
        )


def record_package(writer: Writer, disposal: Disposal, package: Package, now: date) -> Entry:
    """Enter in the log that a package was made; an earlier one's acknowledgement counts no more.

    Refused for an actor without the role, as well.
    """
    decider(writer, "hand records over")
    refuse_unless_packable(writer, disposal, now)
    data = {
        "sha256": package.sha256,
        "size_bytes": package.size,
        "records": package.records,
        "left_out": list(package.left_out),
        "position": package.position,
    }
    (entry,) = writer.append([Draft("disposal.packaged", disposal.id, data)])
    return entry


def acknowledge_package(
    writer: Writer,
    disposal: Disposal,
    by: str,
    reference: str,
    now: date,
    receipt: tuple[str, Iterable[bytes]] | None = None,
) -> Entry:
    """Record that the archives has the newest package: by whom it was said, under which reference.

    `receipt` is a file's name with its content in pieces. UsageError without a reference or a
    receipt; Refused when there is no package, or the run has started.
    """
    refuse_when(disposal, now, State.STARTED, State.FINISHED, State.WITHDRAWN)
    decider(writer, "acknowledge a transfer")
    package = package_of(writer, disposal)
    if package is None:
        raise Refused(
            f"there is no package of disposal {disposal.id} yet",
            hint="make it: muniment disposal package ID -o transfer.zip",
        )
    if not by.strip() or not (reference.strip() or receipt):
        raise UsageError(
            "an acknowledgement names who gave it, and a reference or a receipt",
            hint="give --by, and --reference or --receipt",
        )
    parts = [("by", by), ("reference", reference)]
    if receipt is not None:
        name, content = receipt
        ref = writer.put_blob(disposal.id, content)
        parts += [
            ("evidence/0/name", name),
            ("evidence/0/sha256", ref.sha256),
            ("evidence/0/blob", ref.name),
        ]
    draft = Draft(
        "disposal.acknowledged", disposal.id, {"package": package.sha256}, Parts.of(parts)
    )
    (entry,) = writer.append([draft])
    return entry


def acknowledgement_of(reader: Reader, disposal: Disposal) -> Acknowledgement | None:
    """The acknowledgement of the newest package; None when there is none."""
    if disposal.acknowledged_seq is None:
        return None
    ((entry, sealed),) = reader.open([reader.entry(disposal.acknowledged_seq)])
    if sealed is None:
        raise VerificationError(f"disposal {disposal.id}: its acknowledgement cannot be read")
    return Acknowledgement(
        entry.seq,
        sealed.get("by") or "",
        sealed.get("reference") or "",
        sealed.get("evidence/0/sha256") or "",
        entry.data["package"],
    )
