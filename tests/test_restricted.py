"""Who reads the vault, and who of them asks for what is restricted: each with its reason."""

import ast
from collections.abc import Iterator

from tests.test_project import ROOMS, ROOT, modules

READING = {"open", "open_blob"}
MAY = {
    "app/cli/record.py": "shows a record to whom its restriction names, after the access is kept",
    "archive/_export_all.py": "writes out everything, as its docs and its log entry say",
    "archive/_restore.py": "repeats in a restored archive what was restricted since the backup",
    "exports/requests/_produce.py": "a withheld record, none of which is shown",
    "ingest/_attach.py": "compares attachments with those that are kept; shows nothing",
    "ingest/_compare.py": "compares a capture with the versions that are kept; shows nothing",
    "ingest/_removals.py": "compares words of a removal with those that are kept; shows nothing",
    "ingest/live/_recent.py": "where a source shows an item, to look at it again; shows nothing",
    "ingest/live/_watches.py": "settings and cursors of watched accounts: no record's words",
}
"""The modules that ask for restricted content, and why they may."""

WITHOUT = {
    "archive/_log.py": "the reader itself",
    "archive/_projection.py": "tables keep hashes and times alone",
}
"""The modules that read sealed halves without asking whether they are restricted."""


def calls(source: str) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def test_only_these_ask_for_what_is_restricted() -> None:
    asking = {
        str(path.relative_to(ROOT))
        for path in modules(*ROOMS)
        for name, call in calls(path.read_text(encoding="utf-8"))
        if name in READING and any(one.arg == "restricted" for one in call.keywords)
    }
    assert asking == set(MAY)


def test_nobody_goes_round_the_reader() -> None:
    around = {
        str(path.relative_to(ROOT))
        for path in modules(*ROOMS)
        for name, _ in calls(path.read_text(encoding="utf-8"))
        if name in {"replayed", "open_encoded"}
    }
    assert around == {*WITHOUT, "archive/_vault.py"}
