"""Damage of every kind all over an archive, one place at a time: found by `verify`, or harmless.

Harmless is what leaves every row of every table, every attachment and every key what it was, or
what the program itself puts right before it reads; and that a checkpoint is gone which nothing but
its own root was known by: every later one vouches for the same entries. Settings that the log does
not hold (search, jurisdiction, time zone, authority) are people's to change.

MUNIMENT_TAMPER=N asks for N mutations of each kind; MUNIMENT_TAMPER_SEED for others than the usual
ones.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, MetaData, Table, inspect, select, text

from archive import Archive, Config, MunimentError, actors, cosignatures, keys, notes, verify
from archive._rotation import rotate_log
from archive._store import writing
from tests.archive.library import Library, disarmed
from tests.campaigns import Count
from tests.conftest import Clock
from tests.postgres import Server

PARTS = 4
COUNT = int(os.environ.get("MUNIMENT_TAMPER", "160")) // PARTS
CAMPAIGN = ("tamper campaign", "mutations, each found or harmless")
SEED = int(os.environ.get("MUNIMENT_TAMPER_SEED", "7"))

Files = dict[Path, bytes]
Logical = dict[str, object]


def furnish(library: Library) -> None:
    """Everything that can be in an archive."""
    one, two, _ = library.capture("one", "two", "three words more", attachment=b"picture")
    library.edit(one, "one, edited")
    library.vanish(two.subject)
    library.remove(one.subject)
    library.dispose(library.capture("to be forgotten", attachment=b"gone")[0].subject)
    with library.archive.write(library.ada) as writer:
        bob = Ed25519PrivateKey.generate()
        eve = Ed25519PrivateKey.generate()
        actors.add(writer, "bob", keys.public_bytes(bob), ["director"])
        known = actors.add(writer, "eve", keys.public_bytes(eve), ["moderator"])
    with library.archive.write(library.ada) as writer:
        fresh = keys.public_bytes(Ed25519PrivateKey.generate())
        actors.rekey(writer, known, fresh, "a new machine")
        actors.revoke(writer, actors.by_name(writer, "eve"), "has left")
    rotate_log(library.archive, library.ada)
    library.decide("hold.placed", "h", {"kind": "audit"}, "the auditor asked")
    with library.archive.read() as reader:
        note = reader.checkpoint()
    witness = Ed25519PrivateKey.generate()
    line = notes.cosign(notes.Note.parse(note).text, "witness.example", witness, 1_772_000_000)
    key = notes.NoteKey("witness.example", keys.public_bytes(witness), notes.COSIGNATURE)
    cosignatures.add(library.archive, library.ada, f"{note}{line}", [key])
    assert library.verify().ok


@dataclass
class Site:
    """An archive on SQLite that is damaged and put back, again and again."""

    folder: Path
    files: Files = field(default_factory=dict)
    logical: Logical = field(default_factory=dict)
    found: int = 0
    harmless: int = 0

    @property
    def database(self) -> Path:
        return self.folder / "archive.db"

    def keep(self) -> None:
        self.files = {path: path.read_bytes() for path in self._paths()}
        self.logical = logical(self.folder)

    def restore(self) -> None:
        for path in self._paths():
            if path not in self.files:
                path.unlink()
        for path, data in self.files.items():
            path.parent.mkdir(exist_ok=True, parents=True)
            if not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)
                if path.suffix == ".key":
                    path.chmod(0o600)

    def judge(self, what: object) -> None:
        """Fail unless what was done is found or harmless; then put everything back."""
        try:
            if noticed(self.folder):
                self.found += 1
            else:
                assert_same(logical(self.folder), self.logical)
                self.harmless += 1
        except MunimentError:
            self.found += 1
        except Exception as error:
            error.add_note(f"after: {what}")
            raise
        finally:
            self.restore()

    def _paths(self) -> list[Path]:
        return [p for p in self.folder.rglob("*") if p.is_file() and p.parent.name != "index"]


def noticed(folder: Path) -> bool:
    """Whether opening or verifying an archive says that something is wrong."""
    try:
        with Archive.open(folder) as archive:
            return not verify(archive).ok
    except MunimentError:
        return True


def logical(folder: Path) -> Logical:
    """What an archive says, however it is stored, after the program has read it once.

    To a database, names of tables that differ in case alone are one name.
    """
    with Archive.open(folder) as archive:
        with archive.read():
            pass
        config = Config.read(folder)
        settled = (config.id, config.name, config.origin, config.database)
        found: Logical = {"settings": settled, "log key": archive.log_key}
        with archive.engine.connect() as connection:
            for name in sorted(inspect(connection).get_table_names()):
                rows = connection.execute(text(f"SELECT * FROM {name}")).fetchall()
                if name.lower() == "projection":  # others than the program's are never looked at
                    known = {one.name for one in archive.projections}
                    rows = [row for row in rows if row.name in known]
                found[name.lower()] = sorted(map(repr, rows))
    for name in ("log.key", "vault.key"):
        found[name] = keys.load_secret(folder / "keys" / name, name)
    for path in (folder / "blobs").glob("*/*"):
        found[path.name] = path.read_bytes()
    return found


def assert_same(found: Logical, expected: Logical) -> None:
    """The same, except that checkpoints before the newest may be gone."""
    held, known = found.pop("checkpoint"), expected["checkpoint"]
    assert isinstance(held, list)
    assert isinstance(known, list)
    assert set(held) <= set(known)
    assert len(held) == len(set(held))
    assert found == {name: value for name, value in expected.items() if name != "checkpoint"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("tampered") / "archive"
    library = Library.found(folder, Clock(datetime(2026, 3, 2, 15, tzinfo=UTC)))
    with library.archive:
        furnish(library)
        library.archive.scrub()
    shutil.rmtree(folder / "index", ignore_errors=True)
    site = Site(folder)
    site.keep()
    assert not noticed(folder)
    site.restore()
    return site


def damaged(data: bytes, random: Random) -> tuple[str, bytes]:
    """The bytes with one thing done to them, and what that was."""
    kind = random.choice(["flip", "insert", "remove", "truncate", "swap", "zero", "append"])
    at = random.randrange(len(data)) if data else 0
    length = random.choice([1, 1, 4, 32, 300])
    if kind == "flip" and data:
        changed = bytearray(data)
        changed[at] ^= 1 << random.randrange(8)
        return f"flip a bit at {at}", bytes(changed)
    if kind == "insert":
        return f"insert {length} at {at}", data[:at] + random.randbytes(length) + data[at:]
    if kind == "remove":
        return f"remove {length} at {at}", data[:at] + data[at + length :]
    if kind == "truncate":
        return f"truncate at {at}", data[:at]
    if kind == "swap":
        other = random.randrange(len(data)) if data else 0
        low, high = sorted((at, other))
        middle = data[low + length : high]
        swapped = data[:low] + data[high : high + length] + middle + data[low : low + length]
        return f"swap {length} at {low} and {high}", swapped + data[high + length :]
    if kind == "zero":
        return f"zero {length} at {at}", data[:at] + bytes(length) + data[at + length :]
    return f"append {length}", data + random.randbytes(length)


@pytest.mark.parametrize("part", range(PARTS))
def test_damage_to_the_bytes_of_the_database_is_found_or_harmless(
    site: Site, part: int, count: Count
) -> None:
    random = Random(SEED + part)
    for _ in range(COUNT):
        what, data = damaged(site.files[site.database], random)
        site.database.write_bytes(data)
        site.judge(what)
    assert site.found
    count(*CAMPAIGN, COUNT)


def test_damage_to_the_write_ahead_log_is_found_or_harmless(site: Site, count: Count) -> None:
    """A crash leaves one behind: what it holds is read, and what is torn off is not there."""
    random = Random(SEED)
    with closing(sqlite3.connect(site.database)) as connection:
        connection.execute("UPDATE head SET root = root WHERE 0")
        connection.execute("CREATE TABLE passing (x)")
        connection.execute("DROP TABLE passing")
        connection.commit()
        wal = site.database.with_name("archive.db-wal")
        kept = wal.read_bytes()
    for _ in range(COUNT // 2):
        what, data = damaged(kept, random)
        wal.write_bytes(data)
        site.judge(("wal", what))
    count(*CAMPAIGN, COUNT // 2)


@pytest.mark.parametrize("part", range(PARTS))
def test_damage_to_files_is_found_or_harmless(site: Site, part: int, count: Count) -> None:
    random = Random(SEED + part)
    paths = [path for path in site.files if path != site.database]
    removed = paths[part::PARTS]
    for path in removed:
        path.unlink()
        if path.suffix == ".pub" and path.name != "log.pub":
            assert not noticed(site.folder)
            site.restore()
        else:
            site.judge(("remove", path))
    for _ in range(COUNT):
        path = random.choice(paths)
        what, data = damaged(site.files[path], random)
        path.write_bytes(data)
        site.judge((path.name, what))
    count(*CAMPAIGN, COUNT + len(removed))


def test_files_swapped_are_found(site: Site) -> None:
    for folder in (site.folder / "blobs", site.folder / "keys"):
        paths = [path for path in site.files if folder in path.parents]
        for one, other in pairwise(paths):
            one.write_bytes(site.files[other])
            other.write_bytes(site.files[one])
            site.judge(("swap", one, other))


def altered(value: Any, random: Random) -> Any:
    """Another value in the place of one."""
    if random.random() < 0.1:
        return random.choice([None, b"", "", 0, -1, 2**40, "\ud800x", 1.5])
    if isinstance(value, bytes):
        return damaged(value, random)[1]
    if isinstance(value, str):
        return damaged(value.encode(), random)[1].decode(errors="replace")
    if isinstance(value, int):
        return value + random.choice([-1, 1, 2, 1000])
    return "x"


Row = dict[str, Any]
Change = Callable[[list[Row], Random], list[Row]]


def change_value(rows: list[Row], random: Random) -> list[Row]:
    row = random.choice(rows)
    name = random.choice(list(row))
    row[name] = altered(row[name], random)
    return rows


def remove_row(rows: list[Row], random: Random) -> list[Row]:
    rows.pop(random.randrange(len(rows)))
    return rows


def add_row(rows: list[Row], random: Random) -> list[Row]:
    return change_value([*rows, dict(random.choice(rows))], random)


def swap_values(rows: list[Row], random: Random) -> list[Row]:
    one, other = random.choice(rows), random.choice(rows)
    name = random.choice(list(one))
    one[name], other[name] = other[name], one[name]
    return rows


def empty(rows: list[Row], _random: Random) -> list[Row]:
    return []


CHANGES: tuple[Change, ...] = (
    change_value, change_value, change_value, remove_row, add_row, swap_values, empty,
)  # fmt: skip


def table_names(connection: Connection) -> list[str]:
    return sorted(n for n in inspect(connection).get_table_names() if not n.startswith("sqlite"))


def rows_of(connection: Connection, name: str) -> list[Row]:
    table = Table(name, MetaData(), autoload_with=connection)
    return [dict(row._mapping) for row in connection.execute(select(table))]


def put(connection: Connection, name: str, rows: list[Row]) -> None:
    """Let a table hold these rows, its guards switched off for a while."""
    quote = connection.dialect.identifier_preparer.quote
    marker = "?" if connection.dialect.name == "sqlite" else "%s"
    with disarmed(connection):
        connection.execute(text(f"DELETE FROM {quote(name)}"))
        for row in rows:
            columns, values = ", ".join(map(quote, row)), ", ".join([marker] * len(row))
            connection.exec_driver_sql(
                f"INSERT INTO {quote(name)} ({columns}) VALUES ({values})", tuple(row.values())
            )


def mutated(archive: Archive, random: Random) -> str:
    """Change a table of the archive behind its back; what was done, or "" when it is empty."""
    with writing(archive.engine) as connection:
        name = random.choice(table_names(connection))
        before = rows_of(connection, name)
        if not before:
            return ""
        change = random.choice(CHANGES)
        after = change([dict(row) for row in before], random)
        put(connection, name, after)
        changed = [row for row in after if row not in before]
        return f"{change.__name__} in {name}: {changed[:1]}"


@pytest.mark.parametrize("part", range(PARTS))
def test_damage_to_rows_is_found_or_harmless(site: Site, part: int, count: Count) -> None:
    random = Random(SEED + part)
    done = 0
    while done < 2 * COUNT:
        try:
            with Archive.open(site.folder) as archive:
                what = mutated(archive, random)
        except (MunimentError, UnicodeEncodeError):
            site.restore()
            continue
        site.judge(what)
        done += 1
    assert site.found > done / 2
    count(*CAMPAIGN, done)


def test_damage_to_rows_on_postgresql_is_found_or_harmless(
    postgresql: Server, tmp_path: Path, clock: Clock, count: Count
) -> None:
    random, folder = Random(SEED), tmp_path / "archive"
    url = postgresql.create()
    library = Library.found(folder, clock, url)
    with library.archive as archive:
        furnish(library)
        expected, found = logical(folder), 0
        with archive.engine.connect() as connection:
            kept = {name: rows_of(connection, name) for name in table_names(connection)}
        for _ in range(COUNT):
            try:
                what = mutated(archive, random)
            except (MunimentError, UnicodeEncodeError):
                continue
            if noticed(folder):
                found += 1
            else:
                try:
                    assert_same(logical(folder), expected)
                except AssertionError as error:
                    error.add_note(f"after: {what}")
                    raise
            with writing(archive.engine) as connection:
                for name, rows in kept.items():
                    if rows_of(connection, name) != rows:
                        put(connection, name, rows)
    postgresql.drop(url)
    assert found > COUNT / 3
    count(*CAMPAIGN, COUNT)
