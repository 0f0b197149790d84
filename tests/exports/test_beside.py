"""A process that helps, and dies."""

import os

import pytest

from archive.errors import ProcessDied
from exports._beside import another_process
from exports.bundle import _compile


def test_a_process_that_dies_ends_the_work_with_one_line() -> None:
    with pytest.raises(ProcessDied, match="died"), another_process() as other:
        other.submit(os._exit, 1).result()


def test_so_does_a_fork_of_it_that_sets_pages() -> None:
    with another_process() as other, pytest.raises(ProcessDied, match="died"):
        other.submit(_set_by_one_that_dies).result()


def test_what_typst_refuses_is_told_across_processes() -> None:
    with another_process() as other, pytest.raises(_compile.NotSet, match="unknown variable"):
        _compile.compiled_by(other)(b"#nothing", {}, 0, ())


def _set_by_one_that_dies() -> bytes:
    _compile.compiled = lambda *_job: os._exit(1)
    return _compile._compiled_in_fork(b"", {}, 0, ())
