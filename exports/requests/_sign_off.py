"""A second person's word that the determinations of a request may leave.

It is given for the determinations as they stand: whatever is determined anew, added or taken back
afterwards needs it again.
"""

from hashlib import sha256

from archive import Draft, Entry, Reader, Refused, Writer
from exports.requests._intake import refuse_undetermined
from exports.requests._requests import Request, open_request_of, review

_SIGNED_OFF = "request.signed_off"


def sign_off(writer: Writer, request: Request) -> int:
    """Sign off every determination; how many there are.

    Refused while something is undetermined, for whoever determined any of them, and when they are
    signed off already.
    """
    open_request_of(request)
    refuse_undetermined(writer, request)
    seqs = _determinations(writer, request)
    if not seqs:
        raise Refused(f"request {request.number} has no determination to sign off")
    own = sum(entry.actor == writer.signer.actor for entry in writer.entries_at(seqs))
    if own:
        raise Refused(
            f"you determined {own} of these {len(seqs)} items yourself",
            hint="somebody else has to sign off: --as NAME",
        )
    if signed_off(writer, request):
        raise Refused(f"request {request.number} is signed off already")
    data = {"determinations": len(seqs), "digest": _digest(seqs)}
    writer.append([Draft("request.signed_off", request.id, data)])
    return len(seqs)


def signed_off(reader: Reader, request: Request) -> Entry | None:
    """The entry by which the determinations as they stand were signed off; None without one."""
    digest = _digest(_determinations(reader, request))
    entries = reader.history(request.id, {_SIGNED_OFF})
    return next((entry for entry in reversed(entries) if entry.data["digest"] == digest), None)


def refuse_unsigned(reader: Reader, request: Request) -> None:
    """Refused while there are determinations that nobody else has signed off."""
    if _determinations(reader, request) and signed_off(reader, request) is None:
        raise Refused(
            f"request {request.number} is not signed off as it stands",
            hint=f"another person than who determined: muniment request sign-off {request.number}",
        )


def _determinations(reader: Reader, request: Request) -> list[int]:
    return sorted(r.seq for r in review(reader, request) if r.seq is not None)


def _digest(seqs: list[int]) -> str:
    """The SHA-256 of the numbers of the entries that determine, a line each."""
    return sha256("".join(f"{seq}\n" for seq in seqs).encode()).hexdigest()
