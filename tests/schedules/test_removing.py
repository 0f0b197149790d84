"""Nothing takes anything away but where it is listed, with its reason, in removing.toml.

The list is held against the syntax trees of the whole program, and against what a program does
that runs through an archive's life. That what the guard protects goes through the guard alone is
asked of both.
"""

import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from app.cli._rooms import projections
from archive import Archive, _schema
from tests.conftest import Muniment
from tests.schedules.removing import sites, sites_in
from tests.schedules.sample import TOML
from tests.schedules.town import Town
from tests.schedules.watching import VAULT, Watch, watched

LIST = Path(__file__).with_name("removing.toml")
LISTED = tomllib.loads(LIST.read_text(encoding="utf-8"))["removes"]
GUARD = "schedules/_guard.py destroy"
REWRAPS = "archive/_rotation.py _Rotation.rewrap"


def listed() -> Counter[str]:
    found: Counter[str] = Counter()
    for group in LISTED:
        assert group["why"].endswith(".")
        for line in group["at"]:
            site, _, count = line.partition(" x")
            assert site not in found, f"{site} is listed twice"
            found[site] = int(count or 1)
    return found


def test_every_place_that_takes_something_away_is_listed_with_its_reason() -> None:
    known, found = listed(), sites()
    unlisted = {site: count for site, count in found.items() if count > known[site]}
    assert not unlisted, (
        "go through schedules._guard.destroy, or list it in tests/schedules/removing.toml"
    )
    gone = {site: count for site, count in known.items() if count > found[site]}
    assert not gone, "take it out of tests/schedules/removing.toml"


MUTATIONS = {
    "delete": "connection.execute(delete(sealed).where(sealed.c.seq == 1))",
    "update": "connection.execute(update(data_key).values(wrapped=b''))",
    "delete of a table": "connection.execute(sealed.delete())",
    "update of a table": "connection.execute(record_table.update().values(author_key=None))",
    "delete by its module": "connection.execute(sqlalchemy.delete(blob))",
    "upsert": "connection.execute(insert(blob).on_conflict_do_update(set_={'name': ''}))",
    "drop": "_schema.sealed.drop(connection)",
    "drop all": "_schema.metadata.drop_all(connection)",
    "delete in words": "connection.execute(text('delete'.upper() + ' x; DELETE  FROM sealed'))",
    "update in words": "connection.exec_driver_sql('UPDATE data_key SET wrapped = NULL')",
    "update in a format": "connection.exec_driver_sql(f'UPDATE {name} SET wrapped = NULL')",
    "drop in words": "connection.exec_driver_sql('DROP TABLE sealed')",
    "truncate in words": "connection.exec_driver_sql('TRUNCATE blob')",
    "replace in words": "connection.exec_driver_sql('INSERT OR REPLACE INTO blob VALUES (1)')",
    "alter in words": "connection.exec_driver_sql('ALTER TABLE blob DROP COLUMN name')",
    "the driver": "connection.connection.driver_connection.execute(words)",
    "a script": "driver.executescript(words)",
    "unlink": "(archive.blob_folder / name).unlink()",
    "os.remove": "os.remove(path)",
    "os.unlink": "os.unlink(path)",
    "the blobs' own": "_blobs.remove(folder, name)",
    "rmtree": "shutil.rmtree(archive.index_folder)",
    "rmdir": "path.rmdir()",
    "rename": "path.rename(other)",
    "replace": "path.replace(other)",
    "os.replace": "os.replace(path, other)",
    "move": "shutil.move(path, other)",
    "truncate": "os.truncate(path, 0)",
    "write over": "path.open('wb').write(b'')",
    "write over by open": "open(path, mode='r+b')",
    "write bytes": "path.write_bytes(b'')",
    "erase": "writer.erase(records)",
    "erase of the vault": "Vault(connection, key).erase(records)",
    "destroy": "destroy(writer, records, coverage)",
    "projections": "start_over(writer, projection)",
    "index": "engine.delete_documents('record', record)",
    "purge": "index.purge()",
}


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_new_one_of_any_kind_would_be_found(kind: str) -> None:
    source = f"class New:\n    def way(self):\n        {MUTATIONS[kind]}\n"
    (found,) = Counter(sites_in(source, "app/cli/new.py"))
    assert found.startswith("app/cli/new.py New.way ")
    assert found not in listed()


@pytest.mark.parametrize(
    "harmless",
    [
        '"""DELETE FROM nothing: this is a docstring."""',
        "text.replace('a', 'b')",
        "held.update({1: 2})",
        "path.open()",
        "path.open('rb')",
        "names.remove(name)",
    ],
)
def test_what_takes_nothing_away_is_none(harmless: str) -> None:
    assert not list(sites_in(harmless, "app/cli/new.py"))


def test_the_guard_alone_erases_and_a_disposal_alone_calls_it() -> None:
    found = sites()
    assert {site for site in found if site.endswith(" erase")} == {
        "schedules/_guard.py destroy erase",
        "archive/_log.py Writer.erase erase",
    }
    assert {site for site in found if site.endswith(" destroy")} == {
        "schedules/_run.py _destroy_batches destroy",
        "schedules/_repeat.py repeat destroy",
    }


def unlisted(watch: Watch) -> list[str]:
    """What took rows or files away without being listed, or from the vault without the guard."""
    modules = {site.partition(" ")[0] for site in listed()}
    taken = [one for one in (*watch.rows, *watch.files) if one.what != "alembic_version"]
    wrong = [str(one) for one in taken if one.module not in modules]
    for one in watch.rows:
        guarded = one.verb == "DELETE FROM" and GUARD in one.sites
        rewrapped = (one.verb, one.what, *one.sites[:1]) == ("UPDATE", "data_key", REWRAPS)
        if one.what in VAULT and not guarded and not rewrapped:
            wrong.append(f"{one.verb} {one.what} by {one.sites}")
    return wrong


def test_through_an_archive_s_life_only_the_guard_lets_go(
    library: Muniment, tmp_path: Path
) -> None:
    ada, ben = ("--as", "ada"), ("--as", "ben")
    schedule = tmp_path / "town.toml"
    schedule.write_text(TOML, encoding="utf-8")
    with watched(library.folder) as watch:
        library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
        library.ok(*ada, "schedule", "adopt", schedule)
        with Archive.open(
            library.folder, projections=projections(), clock=library.clock
        ) as archive:
            town = Town.at(archive, library.clock, library.keys)
            held, gone = (town.capture(word, attachment=b"seen" * 9) for word in ("flood", "dry"))
            town.edit(gone, "dry as dust")
        library.ok(*ada, "backup", tmp_path / "copy")
        library.ok(*ada, "hold", "place", "doe", "--query", "flood", "--custodian", "Ann")
        library.ok(*ada, "hold", "widen", "doe", "--query", "rain")
        disposal = json.loads(library.ok(*ada, "disposal", "propose", "--json"))["disposal"]
        for one in (ada, ben):
            library.ok(*one, "disposal", "approve", disposal)
        library.ok(*ada, "disposal", "run", disposal)
        library.ok(*ada, "key", "rotate", "vault")
        library.ok("rebuild")
        library.ok("verify")
        with Archive.open(library.folder, projections=projections()) as archive:
            connection = archive.engine.connect()
            kept = set(connection.execute(text("SELECT name FROM blob")).scalars())
            connection.close()
        removed = {Path(one.what).name for one in watch.files if one.what.startswith("blobs/")}
        library.ok(*ada, "hold", "release", "doe", "--reason", "settled")
    assert not unlisted(watch)
    assert {one.what for one in watch.rows if GUARD in one.sites} >= VAULT
    assert any(one.verb == "UPDATE" and one.what == "data_key" for one in watch.rows)
    assert len(kept) == 1
    assert removed
    assert not kept & removed
    assert held != gone


@pytest.mark.parametrize("table", sorted(VAULT))
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "DROP TABLE {}"])
def test_a_statement_that_goes_past_the_guard_would_be_seen(
    town: Town, verb: str, table: str
) -> None:
    column = _schema.metadata.tables[table].columns.keys()[-1]
    with watched(town.archive.folder) as watch, town.archive.engine.connect() as connection:
        connection.execution_options(muniment_mode="write")
        with connection.begin() as transaction:
            connection.execute(text(verb.format(table, column, column)))
            transaction.rollback()
    assert unlisted(watch)


def test_a_file_that_goes_past_the_guard_would_be_seen(sqlite_town: Town) -> None:
    """SQLite alone: it is about files."""
    sqlite_town.capture(attachment=b"seen" * 9)
    (blob,) = (path for path in sqlite_town.archive.blob_folder.rglob("*") if path.is_file())
    with watched(sqlite_town.archive.folder) as watch:
        blob.unlink()
    (gone,) = watch.files
    assert gone.what.endswith(blob.name)
    assert unlisted(watch)
