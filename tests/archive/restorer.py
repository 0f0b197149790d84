"""Restores and is killed: `python -m tests.archive.restorer COPY FOLDER ACTOR KEY COUNT`.

It dies in the place of the rename after COUNT of the two that swap the folders; with 2 after
both, before it has cleared up.
"""

import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import keys, restoring


def main(copy: str, folder: str, actor: str, key: str, count: str) -> None:
    signer = keys.ActorKey(actor, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key)))
    left, whole = int(count), Path.replace

    def replace(self: Path, target: Path) -> Path:
        nonlocal left
        if self == Path(folder) or self.name == "new":
            if left == 0:
                os._exit(9)
            left -= 1
        return whole(self, target)

    with restoring(Path(copy), Path(folder)) as made:
        made.note(signer)
        Path.replace = replace  # type: ignore[assignment, method-assign]
        Path.unlink = lambda *_, **__: os._exit(9)  # type: ignore[method-assign]
        made.swap()


if __name__ == "__main__":
    main(*sys.argv[1:])
