"""Runs commands in processes of their own, disturbs them, and judges what they leave.

Everything here runs in a process without threads, which forks one child for each command and one
for each judgement: that is cheap, and no child inherits a lock that nobody will release.
"""

import contextlib
import gc
import importlib
import json
import os
import pickle
import pkgutil
import random
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import app.cli
from archive import Archive, Signer, Writer
from tests.crash.conditions import Portrait, State, examine, portrait
from tests.crash.drivers import install_drivers
from tests.crash.jobs import Job
from tests.crash.points import Plan, install_files
from tests.crash.scene import Scene
from tests.statements import share_statements

share_statements()
for _module in pkgutil.iter_modules(app.cli.__path__):
    importlib.import_module(f"app.cli.{_module.name}")

T = TypeVar("T")
_INTERNAL = 10
_AGAIN = 0.2
"""How often the command is killed once more when it is run again."""
_ALL_THE_SAME = 0.1
_ONCE_MORE = 0.1
"""How often everything is examined again after the command was run again."""


@dataclass
class Ended:
    """How a command ended: killed, or with a status and what it said on stderr."""

    killed: bool = False
    status: int = 0
    said: str = ""
    steps: int = 0
    size: int = 0
    root: str = ""
    points: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Tally:
    """What a campaign did, what it found wrong, and the processor's time that it took."""

    rounds: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: int = 0


def in_child(work: Callable[..., T], *args: Any) -> T:
    """The result of a function that is run in a child of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        result: tuple[bool, Any]
        try:
            result = (True, work(*args))
        except BaseException:  # noqa: BLE001 - it is raised again in the parent
            result = (False, traceback.format_exc())
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(result, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    well, value = pickle.loads(data)
    if not well:
        raise RuntimeError(value)
    return value  # type: ignore[no-any-return]


def attempt(
    scene: Scene,
    job: Job,
    plan: Plan | None = None,
    *,
    start: int = 0,
    deadline: float | None = None,
    file_size: int | None = None,
    on_start: Callable[[], None] = lambda: None,
    on_commit: Callable[[Scene], None] = lambda _: None,
    on_deadline: Callable[[], None] | None = None,
) -> Ended:
    """Run the job's commands from number `start` on in a child, until one fails or dies.

    The child is killed after `deadline` seconds; no file grows beyond `file_size` bytes. The child
    calls `on_start` first and `on_commit` after each commit, before it acknowledges it. It stands
    still while this process calls `on_deadline`.
    """
    reading, writing = os.pipe()
    log = scene.root / "stderr"
    log.touch()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with _own_output(log, writing):
            on_start()
            _acknowledge(writing, lambda: on_commit(scene))
            _limit(file_size)
            _be_the_command(scene, job, plan, start, writing)
    os.close(writing)
    ended = Ended(steps=start)
    due = None if deadline is None else began + deadline
    buffered = b""

    def take_up() -> bool:
        """Take up what the child told; False when it has gone."""
        nonlocal buffered
        data = os.read(reading, 1 << 16) if select.select([reading], [], [], 0)[0] else None
        *lines, buffered = (buffered + (data or b"")).split(b"\n")
        for line in lines:
            told = json.loads(line)
            if "root" in told:
                ended.size, ended.root = told["size"], told["root"]
            if "step" in told:
                ended.steps, ended.status = told["step"] + (told["status"] == 0), told["status"]
            ended.points = told.get("points", ended.points)
        return data != b""

    while True:
        left = None if due is None else max(0.0, due - time.monotonic())
        if select.select([reading], [], [], left)[0]:
            if not take_up():
                break
            continue
        due = None
        if on_deadline is not None and _stopped(child):
            take_up()
            on_deadline()
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    status = os.waitpid(child, 0)[1]
    ended.seconds = time.monotonic() - began
    ended.killed = os.WIFSIGNALED(status)
    ended.said = log.read_text()
    if ended.killed and os.WTERMSIG(status) != signal.SIGKILL:
        raise AssertionError(f"the command died of signal {os.WTERMSIG(status)}: {ended.said}")
    return ended


def _stopped(child: int) -> bool:
    """Let a child stand still; False when it ended before."""
    os.kill(child, signal.SIGSTOP)
    info = os.waitid(os.P_PID, child, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return info is not None and info.si_code == os.CLD_STOPPED


@contextmanager
def _own_output(log: Path, telling: int) -> Iterator[None]:
    """The child's stderr goes to a file, its stdout nowhere; it ends with this block."""
    try:
        sys.dont_write_bytecode = True
        for name, number in ((os.devnull, 1), (log, 2)):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        yield
    except BaseException:  # noqa: BLE001 - the round reports it
        os.write(2, traceback.format_exc().encode())
        _tell(telling, {"step": 0, "status": -1})
    os._exit(0)


def _limit(file_size: int | None) -> None:
    if file_size is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))


def _be_the_command(scene: Scene, job: Job, plan: Plan | None, start: int, telling: int) -> None:
    commands = job.commands(scene)
    if plan is not None:
        install_files(plan)
        install_drivers(plan)
    for number, words in enumerate(commands[start:], start):
        status = scene.run(*words)
        last = status != 0 or number + 1 == len(commands)
        points = plan.labels if plan is not None and last else []
        _tell(telling, {"step": number, "status": status, "points": points})
        if status:
            return


def _acknowledge(telling: int, on_commit: Callable[[], None]) -> None:
    """Let every commit of this process be told, with size and root of the log."""
    real = Archive.write

    @contextmanager
    def write(self: Archive, signer: Signer) -> Iterator[Writer]:
        with real(self, signer) as writer:
            yield writer
        on_commit()
        _tell(telling, {"size": writer.head.size, "root": writer.head.root.hex()})

    Archive.write = write  # type: ignore[method-assign]


def _tell(pipe: int, what: dict[str, Any]) -> None:
    data = json.dumps(what).encode() + b"\n"
    while data:
        data = data[os.write(pipe, data) :]


class Bench:
    """One job on one scene: the undisturbed result, and rounds that are compared with it."""

    def __init__(self, scene: Scene, job: Job, seed: int) -> None:
        self.scene, self.job = scene, job
        self.random = random.Random(seed)
        self.tally = Tally()
        self._number = self._spent = 0
        with self.copy() as copy:
            self.head = in_child(_head, copy)
            self.before = examine(copy, self.head)  # here, for what it loads is there in each child
            assert not self.before.wrong, self.before.wrong
            self.plain = attempt(copy, job)
            assert not self.plain.said or self.plain.status == 0, self.plain.said
            self.expected: Portrait = in_child(portrait, copy)
            files = (path for path in copy.folder.rglob("*") if path.is_file())
            self.largest_file = max(path.stat().st_size for path in files)
        with self.copy() as copy:
            self.points = attempt(copy, job, Plan()).points
        gc.freeze()  # what this process holds need not be looked through in each child

    @contextmanager
    def copy(self) -> Iterator[Scene]:
        self._number += 1
        copy = self.scene.copy(self.scene.root.with_name(f"round-{os.getpid()}-{self._number}"))
        try:
            yield copy
        finally:
            copy.remove()

    def done(self) -> Tally:
        """What was done since this was asked before, and how long all processes took for it."""
        spent = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        seconds = round(sum(one.ru_utime + one.ru_stime for one in spent))
        done, self.tally = self.tally, Tally()
        done.seconds, self._spent = seconds - self._spent, seconds
        return done

    def kill(self, count: int) -> Tally:
        """Kill the command `count` times: at random moments, and at points drawn at random."""
        while self.tally.rounds < count:
            with self.copy() as copy:
                ended = self._struck(copy, 0, count)
                if ended is not None:
                    self._judge(copy, ended, self._what)
        return self.done()

    def _struck(self, copy: Scene, start: int, count: int) -> Ended | None:
        """A command that was killed; None when it was faster. Now and then killed once more."""
        if self.random.random() < 0.5:
            deadline = self.random.uniform(0, self.plain.seconds)
            self._what = f"killed after {deadline * 1000:.1f} ms"
            ended = attempt(copy, self.job, start=start, deadline=deadline)
        else:
            at = self.random.randint(1, len(self.points))
            plan = Plan(at, self.random.choice(("before", "after")), deadly=True)
            self._what = f"killed {plan.side} {self.points[at - 1]!r} (point {at})"
            ended = attempt(copy, self.job, plan, start=start)
        if ended.killed:
            self.tally.rounds += 1
            return ended
        self._finished(ended)
        return None

    def _finished(self, ended: Ended) -> None:
        refused = any(words in ended.said for words in self.job.done)
        if ended.status and not refused:
            self.tally.wrong.append(f"{self._what}, and it said instead: {ended.said}")

    def points_to_fail(self, *, every: bool) -> list[int]:
        """The numbers of all points, or of one of each kind of write, drawn at random.

        A third of these is enough without `every`. On PostgreSQL half as many, statements alone:
        files are the same on both. Of a job that writes as others do, a quarter.
        """
        if every:
            return list(range(1, len(self.points) + 1))
        kinds: dict[str, list[int]] = {}
        for number, label in enumerate(self.points, 1):
            statement = label.partition(" ")[0].isupper()
            if statement or not self.scene.url:
                kind = label.partition(" ")[0] if statement and self.job.anew else label
                kinds.setdefault(kind, []).append(number)
        drawn = [self.random.choice(numbers) for numbers in kinds.values()]
        part = (6 if self.scene.url else 3) * (4 if self.job.alike else 1)
        return self.random.sample(drawn, -(-len(drawn) // part))

    def fail(self, at: int, side: Any, variety: int) -> None:
        """Let one point fail, and judge how the command ended and what it left."""
        what = f"{side} {self.points[at - 1]!r} (point {at}, error {variety})"
        with self.copy() as copy:
            ended = attempt(copy, self.job, Plan(at, side, variety=variety))
            self.tally.rounds += 1
            self._judge(copy, ended, what)

    def limit(self, size: int) -> None:
        """Let no file grow beyond a size: the kernel refuses, wherever that is."""
        with self.copy() as copy:
            ended = attempt(copy, self.job, file_size=size)
            self.tally.rounds += 1
            self._judge(copy, ended, f"no file over {size} bytes")

    def _judge(self, copy: Scene, ended: Ended, what: str) -> None:
        wrong = [] if ended.killed else _manners(ended)
        try:
            wrong += self._what_holds(copy, ended)
        except RuntimeError as error:
            wrong.append(str(error))
        self.tally.wrong += [f"{what}: {one}" for one in wrong]

    def _what_holds(self, copy: Scene, ended: Ended) -> list[str]:
        head = (ended.size, ended.root) if ended.root else self.head
        state, also = self._found(copy, head)
        wrong = [*(state.wrong if state is not None else ()), *also]
        if ended.killed or ended.status:
            if state is not None and self._untouched(state):
                return wrong
            again = self._again(copy, ended)
            if again.status and not any(words in again.said for words in self.job.done):
                wrong.append(f"run again, it said: {again.said}")
            if self.random.random() < _ONCE_MORE:
                state, _ = self._found(copy, (again.size, again.root) if again.root else head)
                wrong += state.wrong if state is not None else ["there is no archive any more"]
        return wrong + self._compare(copy)

    def _found(self, copy: Scene, head: tuple[int, str]) -> tuple[State | None, list[str]]:
        """What is found, and what else is wrong.

        Nothing is found when the archive's folder is renamed, and something put in its place: the
        one state in which nothing can be examined before the command is run again.
        """
        known = head if self.job.extends else None
        there = self.job.extends or copy.folder.exists()
        return in_child(
            lambda: (examine(copy, known) if there else None, self.job.also(copy, False))
        )

    def _untouched(self, state: State) -> bool:
        """Whether all is as it was before the command: running it again would prove nothing new.

        It is done all the same now and then.
        """
        same = (state.size, state.files) == (self.before.size, self.before.files)
        return same and self.random.random() > _ALL_THE_SAME

    def _again(self, copy: Scene, ended: Ended) -> Ended:
        """The rest of the commands; the one that was stopped is given again."""
        steps = ended.steps
        if ended.killed and self.random.random() < _AGAIN:
            more = attempt(
                copy, self.job, start=steps, deadline=self.random.uniform(0, self.plain.seconds)
            )
            self.tally.rounds += more.killed
            steps = more.steps
        while True:
            again = attempt(copy, self.job, start=steps)
            refused = any(words in again.said for words in self.job.done)
            if not again.status or not refused or again.steps + 1 >= len(self.job.commands(copy)):
                return again
            steps = again.steps + 1

    def _compare(self, copy: Scene) -> list[str]:
        wrong, found = in_child(lambda: (self.job.also(copy, True), portrait(copy)))
        if found["strays"]:
            in_child(_quietly, copy, "rebuild")
            found = in_child(portrait, copy)
        if self.random.random() < _ONCE_MORE:
            in_child(_quietly, copy, "verify")
        return wrong + [
            f"{name}: {found[name]} and not {self.expected[name]}"[:2000]
            for name in self.expected
            if found[name] != self.expected[name]
        ]


def _manners(ended: Ended) -> list[str]:
    """What a command that was not killed did wrong in the way it ended."""
    if ended.status in {-1, _INTERNAL}:
        return [f"it ended with {ended.status}: {ended.said}"]
    lines = ended.said.splitlines()
    if ended.status and (not lines or not lines[-1].startswith("muniment: ")):
        return [f"it ended with {ended.status} and said: {ended.said!r}"]
    if "Traceback" in ended.said:
        return [f"it showed a traceback: {ended.said}"]
    return []


def _head(scene: Scene) -> tuple[int, str]:
    with scene.open() as archive, archive.read() as reader:
        return reader.head.size, reader.head.root.hex()


def _quietly(scene: Scene, *words: str) -> None:
    """Run a command that has to succeed."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        status = scene.run(*words)
    assert status == 0, (words, status)
