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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

_EVERY = 0.02
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """Wall-clock seconds of a finished command, its processor seconds, its peak memory in MiB.

    Processor seconds and memory are those of the process and of all that it started.
    """

    seconds: float
    processor: float
    peak: float


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, its output thrown away; CalledProcessError when it fails."""
    peaks: dict[int, int] = {}
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
            _sample(process.pid, peaks)
            time.sleep(_EVERY)
        seconds = time.perf_counter() - started
        if process.returncode != 0:
            errors.seek(0)
            sys.stderr.buffer.write(errors.read())
            raise subprocess.CalledProcessError(process.returncode, command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, processor, sum(peaks.values()) / 1024)


def measured(task: Callable[..., float], *arguments: object) -> Run:
    """Run a task in a fresh process; its seconds are those that it returns."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_alone, args=(there, task, arguments))
    process.start()
    there.close()
    peaks: dict[int, int] = {}
    while not here.poll(_EVERY):
        _sample(process.pid or 0, peaks)
    seconds, processor = here.recv()
    process.join()
    return Run(seconds, processor, sum(peaks.values()) / 1024)


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


def _sample(pid: int, peaks: dict[int, int]) -> None:
    """Note the peak so far, in KiB, of a process and its descendants, as Linux tells it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    found = _PEAK.search(status)
    if found:
        peaks[pid] = max(peaks.get(pid, 0), int(found[1]))
    for child in children:
        _sample(int(child), peaks)
