"""Attachments checked: stored bytes against their name, content under its subject's key."""

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from archive import _blobs
from archive._entry import Entry
from archive._findings import Findings
from archive._parts import Sealed
from archive._vault import Vault
from archive._verify_range import BLOB, ENTRY, SEALED, attachments
from archive.errors import VerificationError

_NAME = re.compile(r"[0-9a-f]{64}")


def check_blobs(
    connection: Connection, vault: Vault, folder: Path, rows: Sequence[Any]
) -> tuple[int, Findings]:
    """How many of the attachments listed in rows (name, subject, size) hold, and what does not.

    One that was disposed of since the rows were read is left out.
    """
    findings, held = Findings(), 0
    for name, subject, size in rows:
        problem = _problem(connection, vault, folder, name, subject, size)
        if problem and _listed(connection, name):
            findings.add(f"blob {name}", problem)
        elif not problem:
            held += 1
    return held, findings


def _problem(
    connection: Connection, vault: Vault, folder: Path, name: object, subject: object, size: object
) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return "not the name of an attachment"
    if not isinstance(subject, str):
        return "belongs to no subject"
    outer = sha256()
    try:
        with _blobs.path_of(folder, name).open("rb") as file:
            while piece := file.read(1 << 20):
                outer.update(piece)
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if outer.hexdigest() != name:
        return "its bytes are not those it is named by"
    inner, length = sha256(), 0
    try:
        for piece in _blobs.load(folder, vault.cipher_of(subject), name):
            inner.update(piece)
            length += len(piece)
    except VerificationError as error:
        return f"does not open under its subject's key ({error})"
    if length != size:
        return f"its content has {length} bytes, not the {size} that are listed"
    stated = _stated(connection, vault, subject, name)
    if stated not in {None, inner.hexdigest()}:
        return "its content is not the one that its record states"
    return ""


def _stated(connection: Connection, vault: Vault, subject: str, name: str) -> str | None:
    """The SHA-256 that a content of the subject states for an attachment, where one is readable."""
    query = (
        select(ENTRY.c.seq, ENTRY.c.header, SEALED.c.ciphertext)
        .join_from(ENTRY, SEALED, ENTRY.c.seq == SEALED.c.seq)
        .where(ENTRY.c.subject == subject)
        .order_by(ENTRY.c.seq)
    )
    for seq, header, ciphertext in connection.execute(query):
        try:
            entry = Entry.parse(seq, header)
            plain = vault.decrypt(vault.cipher_of(subject), ciphertext, entry.commitment or b"")
            named = dict(attachments(Sealed.decode(plain)))
        except (VerificationError, TypeError):
            continue
        if name in named:
            return named[name]
    return None


def _listed(connection: Connection, name: object) -> bool:
    return connection.execute(select(BLOB.c.name).where(BLOB.c.name == name)).first() is not None
