"""Every place in the program that can take something away, found in its syntax trees.

A site is written ``module function construct``, with ``xN`` after it where a function has several.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("archive", "ingest", "search", "schedules", "exports", "app")

_SQL = re.compile(
    r"\b(DELETE\s+FROM|UPDATE\s+\S+\s+SET|DROP\s+\w+|TRUNCATE|REPLACE\s+INTO|OR\s+REPLACE|VACUUM"
    r"|ALTER\s+TABLE)\b"
)
_STATEMENTS = {"delete", "update"}
_METHODS = {
    *("erase", "destroy", "purge", "scrub", "reclaim", "tidy", "start_over", "write_durably"),
    *("drop", "drop_all", "drop_table", "drop_column", "drop_index", "on_conflict_do_update"),
    *("unlink", "rmdir", "rmtree", "removedirs", "truncate", "ftruncate", "rename", "renames"),
    *("move", "write_bytes", "write_text", "executescript", "driver_connection"),
}
"""Whatever they are called on: names that nothing harmless has."""

_INDEX = re.compile("delete_")
"""How the search engines call it."""

_OF = {
    "remove": {"os", "_blobs", "blobs"},
    "replace": {"os"},
    "update": {"sqlalchemy", "sa"},
    "delete": {"sqlalchemy", "sa"},
}
_OVERWRITING = re.compile(r"[wx+]")


def sites() -> Counter[str]:
    """Every site of the program, and how many there are in that function."""
    found: Counter[str] = Counter()
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            module = path.relative_to(ROOT).as_posix()
            found.update(sites_in(path.read_text(encoding="utf-8"), module))
    return found


def sites_in(source: str, module: str) -> Iterator[str]:
    """The sites of one module."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for function, node in _nodes(tree, "-"):
        construct = _construct(node)
        if construct and id(node) not in docstrings:
            yield f"{module} {function} {construct}"


def _nodes(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        inner = function
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = child.name if function == "-" else f"{function}.{child.name}"
        yield inner, child
        written = isinstance(child, ast.JoinedStr)
        for below in child.values if isinstance(child, ast.JoinedStr) else [child]:
            if not (written and isinstance(below, ast.Constant)):
                yield from _nodes(below, inner)


def _construct(node: ast.AST) -> str:
    match node:
        case ast.JoinedStr(values=values):
            return _spelled(
                "".join(str(v.value) if isinstance(v, ast.Constant) else "x" for v in values)
            )
        case ast.Constant(value=str(text)):
            return _spelled(text)
        case ast.Attribute(attr="driver_connection"):
            return "driver_connection"
        case ast.Call(func=ast.Name(id="open" | "fdopen" as name)):
            return name if _OVERWRITING.search(_mode(node, 1)) else ""
        case ast.Call(func=ast.Attribute(attr="open" | "fdopen" as name, value=on)):
            place = 1 if isinstance(on, ast.Name) and on.id == "os" else 0
            return name if _OVERWRITING.search(_mode(node, place)) else ""
        case ast.Call(func=ast.Name(id=name)):
            return name if name in _STATEMENTS | _METHODS or _INDEX.match(name) else ""
        case ast.Call(func=ast.Attribute(attr=name, value=on), args=args, keywords=keywords):
            base = on.id if isinstance(on, ast.Name) else ""
            told = len(args) + len(keywords)
            whole = (name == "replace" and told == 1 and args) or (name in _STATEMENTS and not told)
            known = name in _METHODS or _INDEX.match(name) or base in _OF.get(name, ())
            return name if whole or known else ""
    return ""


def _spelled(text: str) -> str:
    found = _SQL.search(text)
    return "-".join(found[0].split()) if found else ""


def _mode(call: ast.Call, place: int) -> str:
    given = [word.value for word in call.keywords if word.arg == "mode"] + call.args[place:]
    mode = given[0] if given else None
    return mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else ""
