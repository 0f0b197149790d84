"""The passphrase of the archive's own keys: set, changed, removed.

All key files change together as far as anybody can tell: each is first laid beside its place under
the new passphrase (`.next`), then they are renamed one after the other. Whoever interrupts that
leaves files that one passphrase opens, since a key that the given passphrase does not open is
looked for in its `.next` (`archive._keyfiles`).
"""

from archive import _store, keys
from archive._archive import Archive
from archive._files import sync_folder
from archive._keyfiles import LOG, NEW, NEXT, VAULT
from archive.errors import KeyProblem

_FILES = (VAULT + NEW, VAULT, LOG + NEW, LOG)
"""In the order in which they are read, so that the first one renamed decides which passphrase."""


def protect(archive: Archive, passphrase: bytes | None) -> None:
    """Put the archive's key files under a passphrase, or under none.

    KeyProblem when one of them is missing or cannot be opened; nothing is changed then.
    """
    folder = archive.key_files.folder
    with _store.writing(archive.engine):
        present = [name for name in _FILES if (folder / name).exists()]
        for name in (VAULT, LOG):
            if name not in present:
                raise KeyProblem(
                    f"{folder / name} is missing",
                    hint="put back your copy of it: muniment key restore FILE",
                )
        secrets = {name: archive.key_files.load(name) for name in present}
        for name, secret in secrets.items():
            keys.write_secret(folder / (name + NEXT), secret, passphrase)
        for name in present:
            (folder / (name + NEXT)).replace(folder / name)
        sync_folder(folder)
