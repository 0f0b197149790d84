"""Runs commands as whole processes and keeps what the operating system says of each."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Wall-clock seconds and peak resident memory in MiB of one finished command."""

    seconds: float
    peak: float


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, its output thrown away; CalledProcessError when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.stderr.buffer.write(errors)
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(seconds, usage.ru_maxrss / 1024)


def together(runs: Sequence[Run]) -> Run:
    """Commands run one after the other, taken as one: times added, the larger peak."""
    return Run(sum(one.seconds for one in runs), max(one.peak for one in runs))


def median(values: Sequence[float]) -> float:
    """The median of a few measurements."""
    return statistics.median(values)
