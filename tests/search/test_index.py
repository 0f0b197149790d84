"""The index of an archive: level with the log, whole, counted, and forgetful when it has to be."""

import errno
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast, get_args

import pytest

from archive import Archive, Draft, Parts, StorageError, UsageError, new_id
from search import SearchIndex, Snippet, Sort, _feed, _index, _keeper, _settings
from search._engine import DamagedIndex
from search._lock import write_lock
from search._snippets import Highlighter
from search._tantivy import TantivyEngine
from search._whoosh import WhooshEngine
from tests.search.conftest import Desk, put_instead, terms_in


def found(desk: Desk, index: SearchIndex, query: str) -> list[str]:
    index.catch_up()
    names = desk.names(index.ids(query))
    assert index.count(query) == len(names)
    assert sorted(desk.names(iter([hit.id for hit in index.hits(query)]))) == sorted(names)
    return names


def bytes_of(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def in_use(desk: Desk) -> bool:
    """Whether no folder is there but those that the settings name."""
    there = {path.name for path in desk.archive.index_folder.glob("*/")}
    return there == set(cast("list[str]", settings(desk)["parts"]))


def settings(desk: Desk) -> dict[str, object]:
    values = json.loads((desk.archive.index_folder / "index.json").read_text())
    assert isinstance(values, dict)
    return values


def test_it_follows_the_log(desk: Desk, index: SearchIndex) -> None:
    assert found(desk, index, "*") == []
    desk.capture("tulips", "The tulips are lovely", occurred_at="2026-02-01T10:00:00.000000Z")
    desk.capture("roses", "Roses and tulips", occurred_at="2026-01-01T10:00:00.000000Z")
    assert found(desk, index, "tulip") == ["roses", "tulips"]
    assert index.position == desk.size()
    removal = desk.remove("tulips", "Vulgar abuse of a gardener")
    assert found(desk, index, "status:removed") == ["tulips"]
    assert found(desk, index, "reason:gardeners clause:4.B has:reason") == ["tulips"]
    assert found(desk, index, "tulips AND NOT status:removed") == ["roses"]
    assert found(desk, index, "removed:2026-03-02") == ["tulips"]
    desk.decide("tulips", "restored", "It was about a tulip", removal=removal)
    assert found(desk, index, "status:removed") == []
    assert found(desk, index, "reason:gardener status:live") == ["tulips"]
    desk.vanish("roses")
    assert found(desk, index, "status:vanished") == ["roses"]


def test_a_part_that_was_removed_counts_as_removed(desk: Desk, index: SearchIndex) -> None:
    desk.capture("tulips", "The tulips are lovely")
    desk.remove("tulips", "A telephone number", extent="part")
    assert found(desk, index, "status:removed status:live") == ["tulips"]


def test_what_arrives_removed_is_found_as_removed(desk: Desk, index: SearchIndex) -> None:
    desk.capture("spam", "Buy now", state="removed")
    desk.capture("old", "Sold", state="removed", removed_at="2020-05-05T12:00:00.000000Z")
    assert found(desk, index, "status:removed") == ["spam", "old"]
    assert found(desk, index, "removed:2020-05-05") == ["old"]


def test_fields_come_from_header_and_vault(desk: Desk, index: SearchIndex) -> None:
    desk.capture(
        "map", "See the map", kind="post", title="Road closure", language="en-US",
        author__handle="@cook@library.example", attachment__0__name="closure.png",
        attachment__0__alt="A map of Main Street",
    )  # fmt: skip
    desk.capture("bare", "Nothing with it", attachment__0__sha256="00")
    for query in (
        "kind:post", "platform:facebook kind:post", "account:cooklibrary kind:post", "closure",
        '"main street"', "attachment:png", "lang:en", "author:cook", "has:title",
        "account:0197a1b2-0000-7000-8000-00000000c0de title:closure",
    ):  # fmt: skip
        assert found(desk, index, query) == ["map"], query
    assert found(desk, index, "has:attachment") == ["map", "bare"]


def test_every_version_is_found_and_counted_once(desk: Desk, index: SearchIndex) -> None:
    desk.capture("post", "The library opens at nine")
    desk.capture("other", "library library library")
    desk.capture("post", "The library opens at ten")
    desk.capture("post", "The library opens at noon")
    assert found(desk, index, "library") == ["post", "other"]
    assert found(desk, index, "status:edited") == ["post"]
    assert found(desk, index, "NOT noon") == ["post", "other"]
    results = index.search("nine OR ten")
    assert results.total == 1
    (hit,) = results.hits
    assert (hit.version, hit.versions, hit.earlier) == (2, 3, True)
    assert hit.snippet.marked() == "The library opens at «ten»"
    assert not index.search("noon").hits[0].earlier
    assert not index.search('"library opens"').hits[0].earlier


def test_a_hit_says_which_version_it_is(desk: Desk, index: SearchIndex) -> None:
    for version in range(1, 6):
        desk.capture("post", f"tulip word{version}")
        desk.capture(f"other{version}", f"tulip word{version}")
    index.catch_up()
    for version in range(1, 6):
        for sort in get_args(Sort):
            hits = {hit.id: hit for hit in index.hits(f"word1 OR word{version}", sort=sort)}
            hit = hits[desk.records["post"]]
            assert (hit.version, hit.versions, hit.earlier) == (version, 5, version < 5)
            assert f"«word{version}»" in hit.snippet.marked()
            other = hits[desk.records[f"other{version}"]]
            assert (other.version, other.versions, other.earlier) == (1, 1, False)


def test_all_hits_are_streamed(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_index, "_PAGE", 5)
    for number in range(20):
        desk.capture(f"c{number}", "tulip")
    index.catch_up()
    opened: list[str] = []
    snippet = Highlighter.snippet

    def seen(marker: Highlighter, texts: Iterable[tuple[str, str]]) -> Snippet:
        opened.append("one")
        return snippet(marker, texts)

    monkeypatch.setattr(Highlighter, "snippet", seen)
    hits = index.hits("tulip")
    next(hits)
    assert len(opened) <= 5
    assert len(list(hits)) == 19


def test_a_page_is_a_part_of_a_counted_whole(desk: Desk, index: SearchIndex) -> None:
    for number in range(7):
        desk.capture(f"c{number}", "tulip " * (number + 1),
                     occurred_at=f"2026-01-0{7 - number}T10:00:00.000000Z")  # fmt: skip
    index.catch_up()
    by_date = [
        hit.id
        for offset in (0, 3, 6, 9)
        for hit in index.search("tulip", limit=3, offset=offset, sort="date").hits
    ]
    assert desk.names(iter(by_date)) == [f"c{number}" for number in reversed(range(7))]
    results = index.search("tulip", limit=2)
    assert (results.total, len(results.hits), results.complete) == (7, 2, True)
    assert index.search("tulip", limit=0).total == 7
    desk.capture("late", "tulip")
    results = index.search("tulip")
    assert (results.total, results.position, results.complete) == (7, results.head - 2, False)


def test_a_disposed_record_never_shows(desk: Desk, index: SearchIndex) -> None:
    desk.capture("kept", "tulips here")
    desk.capture("gone", "tulips there")
    index.catch_up()
    desk.dispose("gone")
    assert [hit.id for hit in index.search("tulips").hits] == [desk.records["kept"]]
    assert found(desk, index, "tulips") == ["kept"]
    assert found(desk, index, "*") == ["kept"]
    index.rebuild()
    assert found(desk, index, "*") == ["kept"]


@pytest.mark.parametrize("late", [False, True])
def test_a_purge_leaves_no_byte(desk: Desk, index: SearchIndex, late: bool) -> None:
    words = (
        *("xylophonewort", "quetzalmoss", "@zebrafern", "8479912345", "okapireason"),
        *("narwhaltitle", "gibbonimage", "lemurscene", "tapirvenue", "#ibextopic", "ocelotdraft"),
    )
    desk.capture("kept", "ordinary words that remain")
    desk.capture("gone", "first an ocelotdraft")
    desk.capture(
        "gone", f"{words[0]} @zebrafern 847-991-2345 #ibextopic", author__name=words[1],
        title=words[5], attachment__0__name=f"{words[6]}.png", attachment__0__alt=words[7],
        location=words[8],
    )  # fmt: skip
    desk.remove("gone", words[4])
    index.catch_up()
    folder = desk.archive.index_folder
    assert found(desk, index, words[0]) == ["gone"]
    assert all(terms_of(index, word[:5]) for word in words)
    desk.dispose("gone")
    if late:
        index.catch_up()
    index.purge()
    left = bytes_of(folder)
    for word in words:
        for form in (word, word[:8], word[::-1]):
            assert form.encode() not in left, form
        assert terms_of(index, word[:5]) == []
    assert index.rebuilt == ""
    assert in_use(desk)
    assert found(desk, index, "ordinary") == ["kept"]


def test_what_a_purge_removed_stays_away(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.capture("kept", "ordinary words that remain")
    desk.capture("gone", "xylophonewort")
    index.catch_up()
    desk.dispose("gone")
    folder = desk.archive.index_folder
    seen: list[list[str]] = []
    monkeypatch.setattr(
        _settings, "sync", lambda of: seen.append([one.name for one in of.glob("part-*")])
    )
    index.purge()
    assert seen[-1] == [one.name for one in folder.glob("part-*")]
    assert in_use(desk)


def terms_of(index: SearchIndex, prefix: str) -> list[str]:
    """Words of that beginning that the files of the index still list."""
    engines = index._keeper.index._engines.values()
    return sorted({term for engine in engines for term in terms_in(engine, prefix)})


def test_an_index_remembers_until_it_is_purged(desk: Desk, index: SearchIndex) -> None:
    desk.capture("kept", "ordinary words that remain")
    desk.capture("gone", "xylophonewort")
    index.catch_up()
    desk.dispose("gone")
    index.catch_up()
    assert terms_of(index, "xyl") == ["xylophonewort"]
    index.purge()
    assert terms_of(index, "xyl") == []
    assert terms_of(index, "ord") == ["ordinari", "ordinary"]


def test_a_second_index_sees_what_the_first_wrote(desk: Desk, index: SearchIndex) -> None:
    desk.capture("one", "tulips")
    index.catch_up()
    with SearchIndex.open(desk.archive, engine=index.engine.split()[0], wait=0) as other:
        assert found(desk, other, "tulips") == ["one"]
        desk.capture("two", "tulips too")
        assert found(desk, index, "tulips") == ["one", "two"]
        other.purge()
        desk.capture("three", "more tulips")
        assert found(desk, index, "tulips") == ["one", "two", "three"]
        assert found(desk, other, "tulips") == ["one", "two", "three"]
        assert other.rebuilt == index.rebuilt == ""


def test_another_writer_is_waited_for_but_not_for_ever(desk: Desk, index: SearchIndex) -> None:
    desk.capture("one", "tulips")
    with (
        write_lock(desk.archive.index_folder, 0),
        pytest.raises(StorageError, match="another command") as refused,
    ):
        index.catch_up()
    assert "try again" in refused.value.hint
    assert found(desk, index, "tulips") == ["one"]


def test_the_lock_of_a_dead_command_is_free(desk: Desk, index: SearchIndex) -> None:
    code = (
        "import os, sys, pathlib; from search._lock import write_lock\n"
        "lock = write_lock(pathlib.Path(sys.argv[1]), 0); lock.__enter__(); os._exit(1)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, desk.archive.index_folder],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 1
    index.catch_up()


def damage_emptied(folder: Path) -> None:
    for path in [*folder.rglob("*")]:
        if path.is_file():
            put_instead(path, b"")


def damage_one_bit(folder: Path) -> None:
    part = next(folder.glob("part-*"))
    largest = max(
        (p for p in part.iterdir() if "json" not in p.name), key=lambda p: p.stat().st_size
    )
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 4
    put_instead(largest, bytes(data))


def damage_file_gone(folder: Path) -> None:
    next(p for p in next(folder.glob("part-*")).iterdir() if p.stat().st_size > 50).unlink()


def damage_folder_gone(folder: Path) -> None:
    for path in next(folder.glob("part-*")).iterdir():
        path.unlink()


def damage_settings(folder: Path) -> None:
    (folder / "index.json").write_text("{}")


@pytest.mark.parametrize(
    "damage",
    [damage_emptied, damage_one_bit, damage_file_gone, damage_folder_gone, damage_settings],
)
@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_a_damaged_index_is_noticed_and_built_anew(
    desk: Desk, engine: str, damage: Callable[[Path], None]
) -> None:
    desk.capture("one", "tulips and roses")
    with SearchIndex.open(desk.archive, engine=engine) as index:
        index.catch_up()
    damage(desk.archive.index_folder)
    with SearchIndex.open(desk.archive, engine=engine) as index:
        assert found(desk, index, "tulips") == ["one"]
        assert index.rebuilt
        assert index.damaged() == []


@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_a_large_index_is_read_where_it_was_touched(
    desk: Desk, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_keeper, "_READ_AT_OPEN", 0)
    desk.capture("one", "tulips and roses")
    with SearchIndex.open(desk.archive, engine=engine) as index:
        index.catch_up()
    whole, read = _settings._crc, list[Path]()

    def noted(path: Path) -> int:
        read.append(path)
        return whole(path)

    monkeypatch.setattr(_settings, "_crc", noted)
    with SearchIndex.open(desk.archive, engine=engine) as index:
        assert index.count("tulips") == 1
    assert read == []
    part = next(desk.archive.index_folder.glob("part-*"))
    touched = max((p for p in part.iterdir() if "json" not in p.name), key=lambda p: p.name)
    put_instead(touched, touched.read_bytes())
    desk.capture("two", "tulips")
    with SearchIndex.open(desk.archive, engine=engine) as index:
        assert (index.count("tulips"), index.rebuilt) == (2, "")
    assert touched in read
    damage_one_bit(desk.archive.index_folder)
    with SearchIndex.open(desk.archive, engine=engine) as index:
        assert index.count("tulips") == 2
        assert "missing or damaged" in index.rebuilt


def test_an_index_of_another_log_is_not_used(desk: Desk, index: SearchIndex) -> None:
    desk.capture("one", "tulips")
    index.catch_up()
    index.close()
    path = desk.archive.index_folder / "index.json"
    for change in (
        {"root": "00" * 32},
        {"position": 10_000},
        {"schema": 0},
        {"analyzer": 0},
        {"engine": "x 1"},
    ):
        path.write_text(json.dumps(settings(desk) | change))
        assert found(desk, index, "tulips") == ["one"]
        assert index.rebuilt, change
        index.close()


def test_what_was_rolled_back_is_not_kept(desk: Desk, index: SearchIndex) -> None:
    desk.capture("one", "tulips")
    parts = Parts.of([("reason", "phantomword")])
    removal = Draft("record.removed", desk.records["one"], {"clause": "x", "extent": "all"}, parts)

    def changes_its_mind() -> None:
        with desk.archive.write(desk.signer) as writer:
            writer.append([removal])
            index.catch_up(writer)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        changes_its_mind()
    desk.capture("two", "roses")
    desk.capture("three", "roses")
    assert found(desk, index, "reason:phantomword") == []
    assert found(desk, index, "*") == ["one", "two", "three"]


def test_an_interrupted_run_is_taken_up_again(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.capture("zero", "tulips")
    index.catch_up()
    monkeypatch.setattr(_feed, "_PAGE", 4)
    for number in range(6):
        desk.capture(f"c{number}", f"tulips {number}")
    desk.remove("c0", "because")
    whole, calls = _feed.versions, []

    def stumbles(*given: object) -> object:
        calls.append(given)
        raise KeyboardInterrupt

    monkeypatch.setattr(_feed, "versions", stumbles)
    with pytest.raises(KeyboardInterrupt):
        index.catch_up()
    assert calls
    assert settings(desk)["unfinished"] is True
    monkeypatch.setattr(_feed, "versions", whole)
    assert found(desk, index, "tulips") == ["zero", *(f"c{number}" for number in range(6))]
    assert index.rebuilt == ""
    assert settings(desk)["unfinished"] is False


def test_what_was_written_before_an_interruption_is_not_doubled(
    desk: Desk, index: SearchIndex
) -> None:
    desk.capture("zero", "tulips")
    index.catch_up()
    before = settings(desk)
    desk.capture("one", "tulips")
    desk.capture("one", "tulips, edited")
    desk.capture("two", "tulips")
    index.catch_up()
    index.close()
    path = desk.archive.index_folder / "index.json"
    path.write_text(json.dumps(before | {"unfinished": True}))
    assert found(desk, index, "tulips") == ["zero", "one", "two"]
    assert settings(desk)["documents"] == 4


def test_an_interrupted_rebuild_leaves_the_index_as_it_was(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.capture("one", "tulips")
    index.catch_up()

    def stumbles(*given: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(_feed, "_documents", stumbles)
    with pytest.raises(KeyboardInterrupt):
        index.rebuild()
    assert in_use(desk)
    assert found(desk, index, "tulips") == ["one"]


def test_the_engine_is_the_one_configured(desk: Desk) -> None:
    with SearchIndex.open(desk.archive) as index:
        assert index.engine.startswith("tantivy ")
    with pytest.raises(UsageError, match="no search engine 'lucene'"):
        SearchIndex.open(desk.archive, engine="lucene")


def test_days_are_those_of_the_archive(desk: Desk, index: SearchIndex) -> None:
    assert desk.archive.config.timezone == "America/Chicago"
    desk.capture("evening", "late", occurred_at="2026-01-02T03:00:00.000000Z")
    assert found(desk, index, "date:2026-01-01") == ["evening"]
    assert found(desk, index, "date:2026-01-02") == []
    assert index.explain("date:2026-01-01 AND libraries") == (
        "(date:[2026-01-01T00:00-06:00 TO 2026-01-02T00:00-06:00} AND text:librari)"
    )


def test_only_the_owner_may_read_it(desk: Desk, index: SearchIndex) -> None:
    desk.capture("one", "tulips")
    index.catch_up()
    (part,) = desk.archive.index_folder.glob("part-*")
    assert part.stat().st_mode & 0o077 == 0


def test_an_archive_opened_again_needs_no_new_index(desk: Desk, index: SearchIndex) -> None:
    desk.capture("one", "tulips")
    index.catch_up()
    index.close()
    with (
        Archive.open(desk.archive.folder) as archive,
        SearchIndex.open(archive, engine=index.engine.split()[0], wait=0) as again,
    ):
        assert list(again.ids("tulips")) == [desk.records["one"]]
        assert again.rebuilt == ""
        assert new_id() not in again.ids("*")


def test_an_engine_that_cannot_write_is_begun_anew(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.capture("one", "tulips")
    index.catch_up()
    desk.capture("two", "tulips")

    def fails(*given: object) -> None:
        raise DamagedIndex("a segment is broken")

    monkeypatch.setattr(index._keeper.index, "apply", fails)
    assert found(desk, index, "tulips") == ["one", "two"]
    assert index.rebuilt == "a segment is broken"
    desk.capture("three", "tulips")
    for kind in (TantivyEngine, WhooshEngine):
        monkeypatch.setattr(kind, "apply", fails)
    with pytest.raises(StorageError, match="cannot be built: a segment is broken"):
        index.catch_up()
    assert in_use(desk)


def test_a_folder_goes_though_a_lock_appears_in_it_meanwhile(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.capture("one", "tulips")
    index.catch_up()
    remove, late = shutil.rmtree, [".tantivy-meta.lock"]

    def removing(folder: Path) -> None:
        remove(folder)
        if late:
            folder.mkdir()
            (folder / late.pop()).touch()
            raise OSError(errno.ENOTEMPTY, "Directory not empty", str(folder))

    monkeypatch.setattr(shutil, "rmtree", removing)
    index.rebuild()
    assert not late
    assert in_use(desk)


def test_an_engine_that_cannot_read_is_begun_anew(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.capture("one", "tulips")
    index.catch_up()

    def fails(*given: object) -> int:
        raise DamagedIndex("a segment is broken")

    monkeypatch.setattr(index._keeper.index, "best", fails)
    assert index.search("tulips").total == 1
    assert index.rebuilt == "a segment is broken"
    monkeypatch.setattr(type(index._keeper.index), "count", fails)
    with pytest.raises(StorageError, match="cannot be read: a segment is broken"):
        index.count("tulips")


def test_what_is_repeated_of_others_polls_and_places_are_found_and_shown(
    desk: Desk, index: SearchIndex
) -> None:
    desk.capture(
        "share", "Look", shared__text="Tulips bloom", **{"shared/author/name": "City Hall"},
        poll__0__answer="Roses", location="Memorial Park",
    )  # fmt: skip
    for words in ("tulip", "roses", '"memorial park"', '"city hall"'):
        assert found(desk, index, words) == ["share"]
    [hit] = index.search("tulips").hits
    assert "«Tulips»" in hit.snippet.marked()


def test_what_is_pending_and_why_a_platform_removed_something(
    desk: Desk, index: SearchIndex
) -> None:
    desk.capture("held", "First!", state="pending")
    desk.capture("gone", "Buy pills", state="removed", removal_reason="Commercial spam")
    assert found(desk, index, "status:pending") == ["held"]
    assert found(desk, index, "reason:commercial") == ["gone"]
