"""Which keys of its own the archive has, and had, and since when."""

from dataclasses import dataclass
from datetime import datetime

from archive import keys
from archive._archive import Archive
from archive._entry import Entry
from archive._keyfiles import LOG, NEW, VAULT
from archive._logkeys import TYPES
from archive.errors import KeyProblem
from archive.notes import NoteKey


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key of the archive's own.

    `name` is the key id of a log key (8 hexadecimal characters), and for a vault key what
    `vault.rekeyed` calls it; `file` is empty for a key that was replaced; `since` and `at` are the
    number and the time of the entry that names it, None for a key that no entry names yet.
    """

    kind: str
    name: str
    file: str
    state: str
    protected: bool | None
    since: int | None
    at: datetime | None


def key_states(archive: Archive) -> list[KeyState]:
    """All keys of the log and the vault, oldest first; `state` is a word for people.

    A file that is missing or cannot be read is a state, too: nothing is raised for it.
    """
    with archive.snapshot() as reader:
        log = reader.history(archive.config.id, TYPES)
        vault = reader.history(archive.config.id, {"archive.created", "vault.rekeyed"})
    return [*_log(archive, log), *_vault(archive, vault)]


def _log(archive: Archive, entries: list[Entry]) -> list[KeyState]:
    found = []
    for entry in entries:
        name = NoteKey.parse(str(entry.data.get("log_key"))).key_id.hex()
        if entry is not entries[-1]:
            found.append(_replaced("log", name, entry))
            continue
        protected, state = _file(archive, LOG)
        found.append(KeyState("log", name, LOG, state, protected, entry.seq, entry.at))
    return found


def _vault(archive: Archive, entries: list[Entry]) -> list[KeyState]:
    files = archive.key_files
    present = [name for name in (VAULT, VAULT + NEW) if (files.folder / name).exists()]
    by_name = {keys.name_of(files.load(name)): name for name in present}
    named = {str(entry.data.get("key", "")) for entry in entries}
    first = next((n for n, file in by_name.items() if file == VAULT and n not in named), "")
    found = []
    for entry in entries:
        last = entry is entries[-1]
        name = str(entry.data.get("key", first))
        file = by_name.pop(name, VAULT if last else "")
        if not file:
            found.append(_replaced("vault", name, entry))
            continue
        protected, state = _file(archive, file)
        if not last:
            state = "being replaced"
        found.append(KeyState("vault", name, file, state, protected, entry.seq, entry.at))
    for name, file in by_name.items():
        protected, _ = _file(archive, file)
        state = "being put in place" if file == VAULT + NEW else "being replaced"
        found.append(KeyState("vault", name, file, state, protected, None, None))
    return found


def _replaced(kind: str, name: str, entry: Entry) -> KeyState:
    return KeyState(kind, name, "", "replaced", None, entry.seq, entry.at)


def _file(archive: Archive, name: str) -> tuple[bool | None, str]:
    try:
        return archive.key_files.is_protected(name), "in use"
    except KeyProblem as error:
        return None, str(error)
