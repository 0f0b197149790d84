"""Typst, run for one document: in this process, or in a fork of it that is gone afterwards.

Typst keeps what it has computed for as long as its process lives, several hundred megabytes for a
thousand records. A fork gives that back, and needs nothing to be loaded.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from functools import lru_cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

import typst

from archive.errors import ProcessDied

STANDARDS: Final = ("a-2a", "ua-1")

Compile = Callable[[bytes, dict[str, str], int, Sequence[str]], bytes]
"""What makes a PDF of a template and its inputs, as `compiled` does."""


class NotSet(Exception):
    """Typst refuses the document; the text is its full diagnostic."""


def compiled(
    template: bytes, inputs: dict[str, str], timestamp: int, fonts: Sequence[str]
) -> bytes:
    """The document as PDF/A-2a and PDF/UA-1, dated `timestamp` (Unix seconds).

    `fonts` are folders with fonts beside those that Typst carries. NotSet when Typst refuses it.
    """
    try:
        pdf: Any = typst.Compiler(template, font_paths=_found(tuple(fonts))).compile(
            format="pdf", sys_inputs=inputs, pdf_standards=[*STANDARDS], timestamp=timestamp
        )
    except typst.TypstError as error:
        raise NotSet(error.diagnostic) from error
    if not isinstance(pdf, bytes):
        raise NotSet("no single document came out")
    return pdf


def compiled_by(other: Executor) -> Compile:
    """The same by another process, which does nothing but what it is given."""
    return lambda *job: other.submit(_compiled_in_fork, *job).result()


def _compiled_in_fork(
    template: bytes, inputs: dict[str, str], timestamp: int, fonts: Sequence[str]
) -> bytes:
    """In the other process, whose only thread this is: no lock can be held while it forks.

    Raises ProcessDied where the fork ends without an answer.
    """
    _found(tuple(fonts))  # every fork has them then
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    fork = context.Process(target=_send, args=(here, there, template, inputs, timestamp, fonts))
    fork.start()
    there.close()
    try:
        made: bytes | NotSet = here.recv()
    except EOFError as error:
        raise ProcessDied from error
    finally:
        fork.join()
        here.close()
    if isinstance(made, NotSet):
        raise made
    return made


def _send(here: Connection, there: Connection, *job: Any) -> None:
    here.close()  # so that nobody is left to send to when the other process dies
    made: bytes | NotSet
    try:
        made = compiled(*job)
    except NotSet as error:
        made = error
    with suppress(BrokenPipeError):
        there.send(made)


@lru_cache
def _found(fonts: tuple[str, ...]) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[*fonts])
