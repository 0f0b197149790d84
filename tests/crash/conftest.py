"""A scene on each database, and a process without threads that works on it."""

from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.commands import CONTEXT
from tests.crash import bench
from tests.crash.scene import Scene, make_scene

T = TypeVar("T")


def elsewhere(work: Callable[..., T], *args: Any) -> T:
    """The result of a function that runs in a process of its own, which has no threads."""
    here, there = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_send, args=(there, work, args), daemon=True)
    process.start()
    there.close()
    try:
        value: T = here.recv()
    finally:
        process.join()
        here.close()
    return value


def _send(pipe: Connection, work: Callable[..., T], args: tuple[Any, ...]) -> None:
    pipe.send(work(*args))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """An archive that campaigns copy, on each database."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    url = server.create() if server else ""
    root: Path = tmp_path_factory.mktemp("scene") / "scene"
    yield elsewhere(bench.in_child, make_scene, root, url)
    if server:
        server.drop(url)
