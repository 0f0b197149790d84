"""Another process for work beside this one."""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context

from archive.errors import ProcessDied
from archive.interrupts import deaf_to_interrupts


@contextmanager
def another_process() -> Iterator[Executor]:
    """One process, deaf to Ctrl-C, which loads the program while this one goes on.

    Raises ProcessDied where it is gone when its work is waited for.
    """
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as other:
            with deaf_to_interrupts():
                other.submit(_ready)
            yield other
    except BrokenProcessPool as error:
        raise ProcessDied from error


def _ready() -> None:
    """A process that has come so far is ready."""
