"""Processes of our own beside this one: deaf to Ctrl-C, ended with it, missed when they die."""

import pickle
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Any, Self

from archive.errors import ProcessDied
from archive.interrupts import deaf_to_interrupts

_AHEAD = 2
_BUFFERED = 64
_ASIDE = -1

Work = Callable[[Any], Any]
"""What a process does: made once from what it is given, then called with one task after another."""


class Crew:
    """Processes that each make their `Work` from one set-up, and share out tasks.

    Everything that crosses the border is pickled. Leaving the context ends them at once.
    """

    def __init__(self, count: int, start: Callable[[Any], Work], setup: Any) -> None:
        context = get_context("spawn")
        self._processes: list[SpawnProcess] = []
        self._connections: list[Connection] = []
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(there, start, setup), daemon=True)
            with deaf_to_interrupts():
                process.start()
            there.close()
            self._processes.append(process)
            self._connections.append(here)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.kill()
        for process, connection in zip(self._processes, self._connections, strict=True):
            process.join()
            connection.close()

    def begin(self, task: Any) -> None:
        """Give the first process a task of its own; `end` waits for what comes of it."""
        _send(self._connections[0], task)

    def end(self) -> Any:
        """The result of the task of `begin`; raises as `run` does."""
        return _received(self._connections[0])

    def run(self, tasks: Iterable[Any], aside: Any) -> Iterator[Any]:
        """The result of each task, in their order, and at last that of `aside`, which is long.

        Tasks are taken as they are needed. Raises what a task raised, and ProcessDied when a
        process did.
        """
        coming = enumerate(tasks)
        waiting: dict[Connection, deque[int]] = {one: deque() for one in self._connections}
        done: dict[int, Any] = {}
        due, sent, more = 0, 0, True
        _send(self._connections[0], aside)
        waiting[self._connections[0]].append(_ASIDE)
        while more or due < sent or _ASIDE not in done:
            for connection, given in waiting.items():
                while more and len(given) < _AHEAD and _ASIDE not in given:
                    if sent - due >= _BUFFERED:
                        break
                    following = next(coming, None)
                    if following is None:
                        more = False
                        break
                    _send(connection, following[1])
                    given.append(following[0])
                    sent += 1
            while due in done:
                yield done.pop(due)
                due += 1
            busy = [one for one, given in waiting.items() if given]
            for ready in wait(busy) if busy else ():
                assert isinstance(ready, Connection)
                done[waiting[ready].popleft()] = _received(ready)
        yield done[_ASIDE]


def _received(connection: Connection) -> Any:
    try:
        error, result = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own process
    except (EOFError, ConnectionError) as lost:
        raise ProcessDied from lost
    if error is not None:
        raise error
    return result


def _send(connection: Connection, message: Any) -> None:
    try:
        connection.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
    except (BrokenPipeError, ConnectionError) as lost:
        raise ProcessDied from lost


def _serve(connection: Connection, start: Callable[[Any], Work], setup: Any) -> None:
    """In the other process: do each task that comes, until nobody is left to send one."""
    work: Work | None = None
    try:
        while True:
            answer: tuple[BaseException | None, Any]
            task = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own process
            try:
                work = work or start(setup)
                answer = (None, work(task))
            except Exception as error:  # noqa: BLE001 - it is raised again where the result is taken
                error.add_note(traceback.format_exc())
                answer = (error, None)
            connection.send_bytes(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))
    except (EOFError, BrokenPipeError, ConnectionError):
        return
