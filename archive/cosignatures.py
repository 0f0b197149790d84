"""Witnesses: others who have seen the log grow, and sign its checkpoints (C2SP tlog-cosignature).

A witness keeps the last checkpoint that it saw, asks for a proof that the next one extends it, and
signs that one with the time. Its cosignatures are kept as entries `log.cosigned`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from archive._archive import Archive
from archive._entry import Draft, Entry, Signer
from archive._log import Reader
from archive.errors import NotFound, Refused, VerificationError
from archive.notes import COSIGNATURE, Checkpoint, Note, NoteKey, Signature, cosigned_at

TYPE = "log.cosigned"
_LATEST = 253402300799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That a witness saw the log at a size: `position` is the number of the entry that says so."""

    position: int
    size: int
    witness: NoteKey
    line: Signature

    @property
    def time(self) -> datetime:
        """When the witness signed, by its own clock."""
        return datetime.fromtimestamp(min(cosigned_at(self.line.signature), _LATEST), UTC)

    @classmethod
    def of(cls, entry: Entry) -> "Cosignature":
        """The cosignature in an entry; VerificationError when it holds none of the right form."""
        size, witness, signature = (
            entry.data.get(name) for name in ("size", "witness", "signature")
        )
        if type(size) is not int or not isinstance(witness, str) or not isinstance(signature, str):
            raise VerificationError("cosignature: size, witness or signature is missing")
        key = NoteKey.parse(witness)
        if key.kind != COSIGNATURE or str(key) != witness:
            raise VerificationError("cosignature: its key is not a witness's")
        return cls(entry.seq, size, key, Signature.parse(key.name, signature))


def check(archive: Archive, reader: Reader, entry: Entry) -> None:
    """Check a `log.cosigned` entry from stored bytes: the witness's signature over the checkpoint.

    VerificationError when anything does not hold.
    """
    found = Cosignature.of(entry)
    if entry.subject != archive.config.id:
        raise VerificationError("cosignature: its subject is not the archive")
    if found.size > entry.seq:
        raise VerificationError("cosignature: of a checkpoint that did not exist yet")
    try:
        note = Note.parse(reader.checkpoint(found.size))
    except NotFound as error:
        raise VerificationError(f"cosignature: there is no checkpoint {found.size}") from error
    Note(note.text, (found.line,)).verify([found.witness])


def every(reader: Reader, archive_id: str, size: int | None = None) -> list[Cosignature]:
    """The cosignatures that the log holds, in its order; only those of a checkpoint when given."""
    found = map(Cosignature.of, reader.history(archive_id, {TYPE}))
    return [one for one in found if size is None or one.size == size]


def witnesses(reader: Reader, archive_id: str) -> tuple[NoteKey, ...]:
    """The witnesses whose cosignatures the log holds, each once."""
    return tuple(dict.fromkeys(one.witness for one in every(reader, archive_id)))


def cosigned(reader: Reader, archive_id: str, size: int | None = None) -> str:
    """A checkpoint with the cosignatures that are known for it; the newest one when none is named.

    NotFound when the log has no checkpoint of that size.
    """
    note = reader.checkpoint(size)
    of = Checkpoint.parse(Note.parse(note).text).size
    return note + "".join(str(one.line) for one in every(reader, archive_id, of))


def add(
    archive: Archive, signer: Signer, note: str | bytes, keys: Sequence[NoteKey] = ()
) -> list[Cosignature]:
    """Keep a note's cosignatures by the witnesses of `keys`, and by those who cosigned before.

    Returns the cosignatures that were not known yet. VerificationError when the note is not a
    checkpoint of this log, a signature is wrong, or none is by such a witness; Refused when a key
    is not a witness's.
    """
    for key in keys:
        if key.kind != COSIGNATURE:
            raise Refused(
                f"the key {key.name} is not a witness's",
                hint="name a key of type 4, cosignature/v1",
            )
    given = Note.parse(note)
    checkpoint = Checkpoint.parse(given.text)
    with archive.read() as reader:
        _check_ours(reader, given.text, checkpoint)
        known = {*keys, *witnesses(reader, archive.config.id)}
        signed = given.verify(known)
        held = {(one.size, one.witness) for one in every(reader, archive.config.id)}
    drafts = _drafts(archive.config.id, checkpoint.size, given.signatures, signed, held)
    if not drafts:
        return []
    with archive.write(signer) as writer:
        return [Cosignature.of(entry) for entry in writer.append(drafts)]


def _drafts(
    archive_id: str,
    size: int,
    lines: Iterable[Signature],
    signed: Iterable[NoteKey],
    held: set[tuple[int, NoteKey]],
) -> list[Draft]:
    by_id = {(key.name, key.key_id): key for key in signed}
    fresh: dict[NoteKey, Signature] = {}
    for line in lines:
        key = by_id.get((line.name, line.key_id))
        if key is not None and (size, key) not in held:
            fresh.setdefault(key, line)
    return [
        Draft(TYPE, archive_id, {"size": size, "witness": str(key), "signature": line.encoded})
        for key, line in fresh.items()
    ]


def _check_ours(reader: Reader, text: str, checkpoint: Checkpoint) -> None:
    try:
        ours = Note.parse(reader.checkpoint(checkpoint.size)).text
    except NotFound:
        ours = ""
    if ours != text:
        raise VerificationError(
            f"the log has no such checkpoint of {checkpoint.origin} with {checkpoint.size} entries",
            hint="name the note that the witness signed, its text unchanged",
        )
