"""docs/format.md says what the code does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from archive import CAPTURE_TYPES, SPLIT, actors, split_text

ROOT = Path(__file__).parents[2]
FORMAT = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
ROOMS = ("archive", "ingest", "search", "schedules", "exports", "app")


def drafted() -> Iterator[str]:
    """The types of entries that any room appends."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            module = ast.parse(path.read_bytes())
            named = {
                target.id: node.value
                for node in module.body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(module):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "Draft"
                ):
                    given = node.args[0]
                    value = named.get(given.id) if isinstance(given, ast.Name) else given
                    assert isinstance(value, ast.Constant), path
                    yield str(value.value)


def ranges(sentence: str) -> set[int]:
    """The code points that a sentence of the document names."""
    found = re.findall(r"(?:U\+)?\b([0-9A-F]{4,5})(?:–([0-9A-F]{4,5}))?", sentence)
    return {
        code for first, last in found for code in range(int(first, 16), int(last or first, 16) + 1)
    }


def test_every_type_of_entry_is_documented_and_no_other() -> None:
    types = FORMAT.partition("## 9. Entry types")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", types, re.MULTILINE)
    assert sorted(documented) == sorted(set(drafted()))


def test_captures_split_fields_and_roles_are_those_of_the_code() -> None:
    captures = FORMAT.split("**Captures** are")[1].split(".\nThey")[0].split(". They")[0]
    assert set(re.findall(r"`([a-z.]+)`", captures)) == CAPTURE_TYPES
    split = FORMAT.split("The text fields ")[1].split(" are cut")[0]
    assert set(re.findall(r"`([a-z/_]+)`", split)) == SPLIT
    roles = FORMAT.split("roles (of ")[1].split(")")[0]
    assert set(roles.replace(",", "").split()) == actors.ROLES


def test_words_are_cut_where_the_document_says() -> None:
    unspaced = ranges(FORMAT.split("Scripts written without spaces are ")[1].split("White")[0])
    spaces = ranges(FORMAT.split("White space is")[1].split("(A verifier")[0])
    for code in (*range(0xD800), *range(0xE000, 0x40010)):
        char = chr(code)
        before, behind = split_text(f"a{char}"), split_text(f"{char}a")
        if code in spaces:
            assert (before, behind) == ([f"a{char}"], [char, "a"]), hex(code)
        elif code in unspaced:
            assert (before, behind) == (["a", char], [char, "a"]), hex(code)
        else:
            assert (before, behind) == ([f"a{char}"], [f"{char}a"]), hex(code)
