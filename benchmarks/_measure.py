"""Runs commands as whole processes, with the time and the memory that they took."""

import multiprocessing
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

_EVERY = 0.02
_WEIGHED = 20
_SHARE = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """Wall-clock seconds of a finished command, its processor seconds, its peak memory in MiB.

    Processor seconds and memory are those of the process and of all that it started: memory is the
    most that they held at one time, what several share counted once (Linux's Pss, looked at three
    times a second), or the most that the process itself ever held.
    """

    seconds: float
    processor: float
    peak: float


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, its output thrown away; CalledProcessError when it fails."""
    memory = _Memory()
    with tempfile.TemporaryFile() as errors:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, **(environment or {})},
        )
        while process.poll() is None:
            memory.look(process.pid)
            time.sleep(_EVERY)
        seconds = time.perf_counter() - started
        if process.returncode != 0:
            errors.seek(0)
            sys.stderr.buffer.write(errors.read())
            raise subprocess.CalledProcessError(process.returncode, command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, processor, memory.peak)


def measured(task: Callable[..., float], *arguments: object) -> Run:
    """Run a task in a fresh process; its seconds are those that it returns."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_alone, args=(there, task, arguments))
    process.start()
    there.close()
    memory = _Memory()
    while not here.poll(_EVERY):
        memory.look(process.pid or 0)
    seconds, processor = here.recv()
    process.join()
    return Run(seconds, processor, memory.peak)


def _alone(answer: Connection, task: Callable[..., float], arguments: Sequence[object]) -> None:
    seconds = task(*arguments)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    answer.send((seconds, sum(one.ru_utime + one.ru_stime for one in used)))


def together(runs: Sequence[Run]) -> Run:
    """Commands run one after the other, taken as one: times added, the larger peak."""
    return Run(
        sum(one.seconds for one in runs),
        sum(one.processor for one in runs),
        max(one.peak for one in runs),
    )


def median(values: Sequence[float]) -> float:
    """The median of a few measurements."""
    return statistics.median(values)


class _Memory:
    """What a process and its descendants hold; `peak` is the most so far, in MiB."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._looks = 0

    def look(self, pid: int) -> None:
        """Look at the process, and every few times at all of them together."""
        alone = _told(f"/proc/{pid}/status", _PEAK)
        together = 0.0
        if self._looks % _WEIGHED == 0:
            together = sum(_told(f"/proc/{one}/smaps_rollup", _SHARE) for one in _tree(pid))
        self._looks += 1
        self.peak = max(self.peak, alone, together)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = listed.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _told(path: str, pattern: re.Pattern[str]) -> float:
    """What a file of Linux says in KiB, as MiB; 0 where the process is gone."""
    try:
        found = pattern.search(Path(path).read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
