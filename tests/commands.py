"""Commands in processes of their own, forked from one that has loaded the program already.

A new Python spends more time on loading modules than most commands take.
"""

import os
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path

from tests.conftest import Muniment

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.crash.bench"])


class Begun:
    """`muniment` with these words, begun; its clock is the real one."""

    def __init__(self, library: Muniment, *words: str | Path) -> None:
        self._said = Path(tempfile.mkdtemp(dir=library.folder.parent))
        environment = {
            "MUNIMENT_ARCHIVE": str(library.folder),
            "MUNIMENT_KEYS": str(library.keys),
        }
        self._process = CONTEXT.Process(
            target=_be, args=(environment, self._said, [str(word) for word in words])
        )
        self._process.start()

    @property
    def running(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()

    def ended(self) -> tuple[int, str, str]:
        """Wait for its end: its status, what it said on stdout, and on stderr."""
        self._process.join()
        assert self._process.exitcode is not None
        out, err = ((self._said / name).read_text() for name in ("stdout", "stderr"))
        return self._process.exitcode, out, err


def _be(environment: dict[str, str], said: Path, words: list[str]) -> None:
    from app.cli import main

    os.environ.update(environment)
    for name, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(said / name, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
    sys.argv = ["muniment", *words]
    main()
