"""Words that are nowhere, and words near them: only such as are found, and never closed ones."""

from collections.abc import Iterator

import pytest

from search import SearchIndex
from tests.search.conftest import Desk, new_desk, opened


def near(index: SearchIndex, query: str) -> dict[str, dict[str, int]]:
    index.catch_up()
    return {one.word: dict(one.near) for one in index.nowhere(query)}


@pytest.fixture(scope="module", params=["tantivy", "whoosh"])
def garden(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SearchIndex]:
    """Three comments, which are only read. Words are looked up in the index, in no database."""
    with new_desk(tmp_path_factory.mktemp("garden")) as desk, pytest.MonkeyPatch.context() as patch:
        desk.capture("one", "Parking near the libraries", author__name="Jane Nguyen")
        desk.capture("two", "Parking again, and a barking dog #budget", title="Minutes")
        desk.capture("three", "The parking lot", language="en-US", attachment__0__name="flyer.png")
        desk.remove("three", "Harassment of a gardener", clause="IV.7")
        with opened(desk, request.param, patch) as index:
            yield index


@pytest.mark.parametrize(
    ("query", "suggested"),
    [
        ("parkng", {"parkng": {"parking": 3}}),
        ("Pärkng AND dog", {"parkng": {"parking": 3}}),
        ("pakring", {"pakring": {"parking": 3}}),
        ("librarie", {}),
        ("libarries", {"libarries": {"libraries": 1}}),
        ("parking OR dgo", {"dgo": {}}),
        ("parking AND NOT parkng", {}),
        ('"parking nera"', {"nera": {}}),
        ('"parkng lot"~3', {"parkng": {"parking": 3}}),
        ('"e-mail parkng.lot"~3', {"e": {}, "mail": {}, "parkng": {"parking": 3}}),
        ("exact:librarys", {"exact:librarys": {"exact:libraries": 1}}),
        ("author:nguyn", {"author:nguyn": {"author:nguyen": 1}}),
        ("author:(jane OR nguyn)", {"author:nguyn": {"author:nguyen": 1}}),
        ("platform:facebok", {"platform:facebok": {"platform:facebook": 3}}),
        ("title:mintes", {"title:mintes": {"title:minutes": 1}}),
        ("reason:harasment", {"reason:harasment": {"reason:harassment": 1}}),
        ("attachment:fyer", {"attachment:fyer": {"attachment:flyer": 1}}),
        ("#budgt", {"#budgt": {"#budget": 1}}),
        ("tag:budgt", {"#budgt": {"#budget": 1}}),
        ("2031", {}),
        ("847-555-0142", {}),
        ("xylophonewort", {"xylophonewort": {}}),
        ("date:2031 AND parking", {}),
        ("prakin*", {}),
        ("図", {"図": {}}),
    ],
)
def test_near_words_are_suggested(
    garden: SearchIndex, query: str, suggested: dict[str, dict[str, int]]
) -> None:
    found = near(garden, query)
    assert found == suggested
    for word, others in found.items():
        assert garden.count(word) == 0
        for other, count in others.items():
            assert garden.count(other) == len(list(garden.hits(other))) == count > 0


def test_the_nearest_and_most_frequent_come_first(desk: Desk, index: SearchIndex) -> None:
    for number in range(60):
        desk.capture(f"c{number}", ("caller", "taller", "baller", "waller")[number % 4])
    desk.capture("once more", "taller caller taller")
    desk.capture("far", "tallest")
    assert list(near(index, "haller")["haller"].items()) == [
        ("caller", 16), ("taller", 16), ("baller", 15),
    ]  # fmt: skip


@pytest.mark.parametrize("caught_up", [False, True])
def test_words_of_closed_records_are_never_suggested(
    desk: Desk, index: SearchIndex, caught_up: bool
) -> None:
    desk.capture("gone", "xylophonewort")
    desk.capture("closed", "xylophoneworm")
    index.catch_up()
    assert near(index, "xylophonewor") == {"xylophonewor": {"xylophoneworm": 1, "xylophonewort": 1}}
    desk.dispose("gone")
    desk.restrict("closed")
    if caught_up:
        index.catch_up()
    assert [one.near for one in index.nowhere("xylophonewor")] == [{}]


def test_all_versions_count_once(desk: Desk, index: SearchIndex) -> None:
    desk.capture("post", "xylophones")
    desk.capture("post", "xylophones again")
    assert near(index, "xyluphones") == {"xyluphones": {"xylophones": 1}}
