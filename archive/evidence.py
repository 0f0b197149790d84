"""Evidence of single entries, for somebody who has no archive: proof, header, key, time stamp."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from archive import timestamps
from archive._archive import Archive
from archive._entry import Entry
from archive._files import write_durably
from archive._log import Reader
from archive._store import translated
from archive.errors import Refused
from archive.notes import Checkpoint, EntryProof, Note, NoteKey
from archive.timestamps import Stamp

PROOF_SUFFIX = ".tlog-proof"
KEY_FILE = "log.pub"
AUTHORITIES_FILE = "authorities.pem"

_HEAD = """\
# How to verify this

Everything here can be verified without the archive and without its program.

| File | |
|---|---|
| `entry-N.json` | the header of entry N: its exact bytes |
| `entry-N.tlog-proof` | the proof that it stands in the log (C2SP tlog-proof) |
| `log.pub` | the log's public key, or keys; compare with what the public body publishes |
"""
_STAMP_FILES = """\
| `checkpoint-N` | the checkpoint of N entries that was stamped; the proofs end with it |
| `token-N.tsr` | the time stamp over it (RFC 3161) |
| `authorities.pem` | the roots that the archive trusts; compare them with the authority's own |
"""
_BY_PROGRAM = """
With Muniment, for each proof:

    muniment verify {proof} --key log.pub

By hand: the leaf hash is SHA-256 of a zero byte and the header. With the index and the hashes of
the proof it leads to the root in the checkpoint (RFC 9162 section 2.1.3.2), whose Ed25519 signature
is checked with `log.pub` (C2SP signed-note). Sections 3 and 6 of Muniment's docs/format.md say it
byte by byte.
"""
_BY_OPENSSL = """
The time stamp says that the entries existed at its time, whatever the archive's clock said:

"""
_OPENSSL = (
    "    openssl ts -verify -data {checkpoint} -in {token} -CAfile authorities.pem -attime {at}\n"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """An entry, its proof, and the earliest time stamp whose checkpoint covers it, if there is one.

    The proof is against the stamped checkpoint, else against the newest one.
    """

    entry: Entry
    proof: EntryProof
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry that stands in a log: its header, and the checkpoint that its proof leads to."""

    entry: Entry
    checkpoint: Checkpoint


def of(archive: Archive, reader: Reader, entries: Sequence[Entry]) -> list[Evidence]:
    """The evidence of entries."""
    stamps = sorted(timestamps.every(reader, archive.config.id), key=lambda one: one.size)
    found: list[Evidence] = []
    for entry in entries:
        stamp = next((one for one in stamps if one.size > entry.seq), None)
        proof = reader.prove(entry.seq, stamp.size if stamp else None)
        found.append(Evidence(entry, proof, stamp))
    return found


def write(archive: Archive, folder: Path, found: Sequence[Evidence]) -> list[str]:
    """Write evidence into a new folder, with a page that says how to verify it; the files' names.

    Refused when the folder is in use, StorageError when it cannot be written.
    """
    stamps = {one.stamp.size: (one.proof.note, one.stamp) for one in found if one.stamp}
    files = {KEY_FILE: _signers(archive, found)}
    for one in found:
        name = f"entry-{one.entry.seq}"
        files[f"{name}.json"] = one.entry.header
        files[name + PROOF_SUFFIX] = str(one.proof).encode()
    for note, stamp in stamps.values():
        files |= _stamp_files(note, stamp)
    if stamps:
        files[AUTHORITIES_FILE] = _authorities(archive)
    files["VERIFY.md"] = _page(found, [stamp for _, stamp in stamps.values()]).encode()
    return _write(folder, files)


def write_stamp(archive: Archive, reader: Reader, folder: Path, stamp: Stamp) -> list[str]:
    """Write a time stamp and its checkpoint into a new folder, as `openssl ts -verify` takes them.

    Returns the files' names. Refused when the folder is in use.
    """
    files = {
        "checkpoint": reader.checkpoint(stamp.size).encode(),
        "token.tsr": stamp.token,
        "ca.pem": _authorities(archive),
    }
    return _write(folder, files)


def check(proof: bytes, header: bytes, keys: Sequence[NoteKey]) -> Proved:
    """Check an entry's proof against the log's keys, without an archive.

    VerificationError when it does not hold.
    """
    parsed = EntryProof.parse(proof)
    entry = Entry.parse(parsed.index, header)
    return Proved(entry, parsed.verify(entry.leaf_hash, keys))


def _signers(archive: Archive, found: Sequence[Evidence]) -> bytes:
    """The keys of the log that signed the proofs' checkpoints, one a line, oldest first."""
    every = archive.log_keys()
    signed = {key for one in found for key in Note.parse(one.proof.note).verify(every)}
    return "".join(f"{key}\n" for key in every if key in signed).encode()


def _stamp_files(note: str, stamp: Stamp) -> dict[str, bytes]:
    return {f"checkpoint-{stamp.size}": note.encode(), f"token-{stamp.size}.tsr": stamp.token}


def _authorities(archive: Archive) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in timestamps.trusted(archive))


def _page(found: Sequence[Evidence], stamps: Sequence[Stamp]) -> str:
    first = f"entry-{found[0].entry.seq}{PROOF_SUFFIX}"
    page = _HEAD + (_STAMP_FILES if stamps else "") + _BY_PROGRAM.format(proof=first)
    if stamps:
        page += _BY_OPENSSL
    for stamp in stamps:
        page += _OPENSSL.format(
            checkpoint=f"checkpoint-{stamp.size}",
            token=f"token-{stamp.size}.tsr",
            at=int(stamp.time.timestamp()),
        )
    return page


def _write(folder: Path, files: dict[str, bytes]) -> list[str]:
    with translated():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(f"{folder} is not empty", hint="name a folder that does not exist yet")
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            write_durably(folder / name, data)
    return list(files)
