"""A scene on each database, and a process without threads that works on it."""

from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.crash import bench
from tests.crash.scene import Scene, make_scene

T = TypeVar("T")
_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.crash.bench"])


def elsewhere(work: Callable[..., T], *args: Any) -> T:
    """The result of a function that runs in a process of its own, which has no threads."""
    here, there = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_send, args=(there, work, args), daemon=True)
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
