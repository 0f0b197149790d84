"""The keys that sign the log's checkpoints, as the log itself names them.

`archive.created` names the first one, each `log.rekeyed` the next. The first checkpoint after a
`log.rekeyed` carries the signatures of the old key and of the new one.
"""

from collections.abc import Sequence
from itertools import pairwise

from archive._log import Reader
from archive.errors import VerificationError
from archive.notes import ED25519, NoteKey

TYPES = frozenset({"archive.created", "log.rekeyed"})

NamedKeys = Sequence[tuple[int, NoteKey]]
"""Keys of the log, each with the number of the entry that names it, ascending."""


def log_keys(reader: Reader, archive_id: str) -> tuple[tuple[int, NoteKey], ...]:
    """Every key that the log of an archive ever had, with the entry that names it, ascending.

    VerificationError when the first such entry is not `archive.created`, when an entry names no
    Ed25519 key, or when two keys do not have the same name.
    """
    found: list[tuple[int, NoteKey]] = []
    for entry in reader.history(archive_id, TYPES):
        if (entry.type == "archive.created") == bool(found):
            raise VerificationError(f"entry {entry.seq}: {entry.type} is not in its place")
        try:
            key = NoteKey.parse(str(entry.data.get("log_key")))
        except VerificationError as error:
            raise VerificationError(f"entry {entry.seq}: {error}") from error
        if key.kind != ED25519:
            raise VerificationError(f"entry {entry.seq}: names no key that signs checkpoints")
        found.append((entry.seq, key))
    for (_, old), (seq, new) in pairwise(found):
        if old.name != new.name:
            raise VerificationError(f"entry {seq}: the log's new key has another name")
    return tuple(found)


def signers_of(keys: NamedKeys, previous_size: int, size: int) -> tuple[NoteKey, ...]:
    """Whose signatures the checkpoint of `size` must carry, oldest key first.

    `previous_size` is the size of the checkpoint before it, 0 for the first one. They are the key
    in force until then and every key that an entry in between names.
    """
    before = [key for seq, key in keys if seq < previous_size]
    named = [key for seq, key in keys if previous_size <= seq < size]
    return (*before[-1:], *named)
