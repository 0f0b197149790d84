"""Another process for work beside this one."""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from archive.interrupts import deaf_to_interrupts


@contextmanager
def another_process() -> Iterator[Executor]:
    """One process, deaf to Ctrl-C, which loads the program while this one goes on."""
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        with deaf_to_interrupts():
            other.submit(_ready)
        yield other


def _ready() -> None:
    """A process that has come so far is ready."""
