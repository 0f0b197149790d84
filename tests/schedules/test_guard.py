"""The guard: the one predicate, and the one caller of the erasure."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import new_id
from archive.errors import Refused
from schedules._guard import Coverage, destroy, frozen, unsearched_requests
from schedules._holds import HoldKind, place
from tests.schedules.town import Town

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("archive", "ingest", "search", "schedules", "exports", "app")


def calls_of(method: str) -> Iterator[tuple[str, str]]:
    """(module, receiver) of every call of a method of that name in the program."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == method
                ):
                    yield path.relative_to(ROOT).as_posix(), ast.unparse(node.func.value)


def mentioning(pattern: str) -> set[str]:
    """The modules of the program whose text the pattern is found in."""
    return {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }


def test_nothing_erases_but_the_guard() -> None:
    assert set(calls_of("erase")) == {
        ("schedules/_guard.py", "writer"),
        ("archive/_log.py", "self._vault"),
    }


def test_nothing_destroys_but_a_run_and_its_repetition() -> None:
    destroying = {"schedules/_guard.py", "schedules/_run.py", "schedules/_repeat.py"}
    assert mentioning(r"\bdestroy\(") == destroying


def test_only_the_vault_deletes_from_the_vault() -> None:
    vault = mentioning(r"_schema\.(sealed|data_key|blob)\b|\b(sealed|data_key|blob)\s*=\s*table\(")
    deleting = mentioning(r"\bdelete\(|(?i:DELETE\s+FROM|DROP\s+TABLE|TRUNCATE\s+TABLE)")
    assert vault & deleting == {"archive/_vault.py"}
    assert mentioning(r"_blobs\.remove\(") == {"archive/_archive.py"}


def erase(town: Town, *records: str) -> None:
    with town.archive.write(town.ada) as writer:
        destroy(writer, records, Coverage(writer.head.size))


def readable(town: Town, record: str) -> bool:
    with town.archive.read() as reader:
        return any(sealed for _, sealed in reader.open(reader.history(record)))


def test_held(town: Town) -> None:
    free, held = town.capture(), town.capture()
    hold = town.hold("Doe", held)
    with pytest.raises(Refused, match='under the hold "Doe"'):
        erase(town, free, held)
    assert readable(town, free)
    assert readable(town, held)
    town.release(hold)
    erase(town, free, held)
    assert not readable(town, free)


def test_asked_for(town: Town) -> None:
    record, request = town.capture(), new_id()
    opened = {"number": "2026-7", "received": "2026-03-01", "due": "2026-03-08"}
    town.tell("request.opened", request, opened, text="all of it")
    with town.archive.read() as reader:
        assert unsearched_requests(reader) == ["2026-7"]
    town.tell("request.searched", request, {"search": new_id(), "count": 1})
    town.tell("request.responsive", request, {"records": [record]})
    with town.archive.read() as reader:
        assert unsearched_requests(reader) == []
    with pytest.raises(Refused, match="responsive to the open request 2026-7"):
        erase(town, record)
    town.tell("request.closed", request, {"outcome": "released"})
    erase(town, record)
    assert not readable(town, record)


def test_under_appeal(town: Town) -> None:
    record, appeal = town.capture(), new_id()
    town.tell("appeal.filed", record, {"appeal": appeal, "removal": new_id(), "due": "2026-04-01"})
    with pytest.raises(Refused, match="its removal is under appeal since 2026-03-02"):
        erase(town, record)
    town.tell("appeal.decided", record, {"appeal": appeal, "outcome": "reversed"})
    erase(town, record)
    assert not readable(town, record)


def test_holds_must_cover_the_whole_log(town: Town) -> None:
    record = town.capture()
    with town.archive.read() as reader:
        coverage = Coverage(reader.head.size)
    town.capture()
    with pytest.raises(Refused, match="newest records"), town.archive.write(town.ada) as writer:
        destroy(writer, [record], coverage)
    assert readable(town, record)


def test_a_hold_in_the_same_transaction_counts(town: Town) -> None:
    record = town.capture()

    def hold_and_destroy() -> None:
        with town.archive.write(town.ada) as writer:
            place(
                town.archive, writer, "Doe", HoldKind.AUDIT, matter="", custodian="",
                record_ids=[record],
            )  # fmt: skip
            destroy(writer, [record], Coverage(writer.head.size))

    with pytest.raises(Refused, match="under the hold"):
        hold_and_destroy()
    assert readable(town, record)
    with town.archive.read() as reader:
        assert frozen(reader, [record]) == {}
