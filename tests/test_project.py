"""Rules of the house that no linter knows."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("archive", "ingest", "search", "schedules", "exports", "app")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """The line and full name of everything that a module imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_a_room_uses_only_the_public_face_of_another() -> None:
    strangers = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for room in ROOMS
        for path in modules(room)
        for line, name in imported(path)
        if name.split(".")[0] in ROOMS
        and name.split(".")[0] != room
        and any(part.startswith("_") for part in name.split("."))
    ]
    assert strangers == []


def test_rooms_import_no_tests_and_no_benchmarks() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{line}"
        for path in modules(*ROOMS)
        for line, name in imported(path)
        if name.split(".")[0] in {"tests", "benchmarks"}
    ] == []


def test_every_room_says_what_it_is_for() -> None:
    for room in ROOMS:
        assert ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_bytes())), room


def test_no_module_holds_two_ideas() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules(*ROOMS)
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in modules("tests")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_lock_has_a_hash_for_everything_and_an_address_for_nothing() -> None:
    requirements = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", LOCK, re.MULTILINE | re.DOTALL)
    assert len(requirements) > 40
    for requirement in requirements:
        assert re.match(r"[a-z0-9-]+==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement
    assert not re.search(r"https?:|index-url|find-links| @ ", LOCK)


@pytest.mark.parametrize(
    "wanted",
    [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["postgres"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    ],
)
def test_the_lock_covers_what_the_project_asks_for(wanted: str) -> None:
    from packaging.requirements import Requirement

    requirement = Requirement(wanted)
    locked = re.findall(rf"^{re.escape(requirement.name)}==(\S+)", LOCK, re.MULTILINE)
    assert locked
    assert all(version in requirement.specifier for version in locked)


def test_runtime_dependencies_have_bounds_on_both_sides() -> None:
    calendars = {"tzdata"}
    for dependency in PROJECT["project"]["dependencies"]:
        name = re.split(r"[><=\[]", dependency)[0]
        assert ">=" in dependency, dependency
        assert "<" in dependency or name in calendars, dependency
