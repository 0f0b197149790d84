"""The documentation says what the program does."""

import re
from pathlib import Path

import pytest

from app.cli import _errors
from app.cli._reference import MARK, renewed
from archive import errors
from archive.errors import MunimentError

ROOT = Path(__file__).parents[1]
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def test_the_reference_of_commands_is_what_the_commands_say() -> None:
    assert renewed(CLI) == CLI, "docs/cli.md is out of date: run `make docs`"


def test_the_reference_needs_a_place_to_stand() -> None:
    with pytest.raises(ValueError, match="reference part"):
        renewed("no mark")


def test_every_exit_status_is_documented_and_no_other() -> None:
    documented = {int(status) for status in re.findall(r"^\| (\d+) \|", CLI, re.MULTILINE)}
    raised = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, MunimentError)
    }
    frame = {_errors.USAGE, _errors.INTERNAL, _errors.INTERRUPTED, _errors.OUTPUT_GONE}
    assert documented == {0, 1} | raised | frame


def test_every_file_that_the_documentation_points_to_exists() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert missing == []


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("0*.md"):
        assert f"({page.name})" in listed, page.name


def test_the_mark_stands_once() -> None:
    assert CLI.count(MARK) == 1
