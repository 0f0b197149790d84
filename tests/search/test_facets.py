"""Counts by platform, author, status, kind, account and month: complete, and of records."""

from collections import Counter

import pytest

from search import FACETS, Facet, FacetName, SearchIndex, _facets
from tests.search.conftest import Desk


def facet(index: SearchIndex, query: str, name: FacetName) -> Facet:
    index.catch_up()
    (counted,) = index.facets(query, [name])
    return counted


def test_records_are_counted_and_not_their_versions(desk: Desk, index: SearchIndex) -> None:
    desk.capture("post", "The library opens at nine", kind="post")
    desk.capture("post", "The library opens at ten", kind="post")
    desk.capture("comment", "Not the library")
    desk.capture("other", "Nothing")
    desk.remove("comment", "Abuse")
    index.catch_up()
    assert facet(index, "library", "kind").counts == {"comment": 1, "post": 1}
    assert facet(index, "library", "status").counts == {"live": 1, "removed": 1}
    assert facet(index, "library", "platform").counts == {"facebook": 2}
    assert facet(index, "nothing here", "platform").counts == {}


@pytest.mark.parametrize("page", [3, 1000])
def test_they_are_what_a_list_of_all_hits_adds_up_to(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(_facets, "_PAGE", page)
    for number in range(30):
        desk.capture(f"c{number}", f"tulip {number % 4}", kind=("post", "comment")[number % 2],
                     author__name=f"Author {number % 7}")  # fmt: skip
        if number % 5 == 0:
            desk.capture(f"c{number}", "tulip, edited", author__name=f"Author {number % 7}")
    desk.vanish("c3")
    index.catch_up()
    hits = list(index.hits("tulip AND NOT 2"))
    counted = {one.name: dict(one.counts) for one in index.facets("tulip AND NOT 2", FACETS)}
    assert sum(counted["month"].values()) == len(hits)
    assert counted["platform"] == Counter(hit.platform for hit in hits)
    assert counted["status"] == Counter(hit.status for hit in hits)
    assert counted["kind"] == Counter(hit.kind for hit in hits)
    assert counted["author"] == Counter(hit.author for hit in hits)
    assert list(counted["author"].values()) == sorted(counted["author"].values(), reverse=True)


def test_an_author_is_an_account_by_its_last_name(desk: Desk, index: SearchIndex) -> None:
    desk.capture("one", "tulip", author__name="Jane Roe", author__handle="jane")
    desk.capture("two", "tulip", author__name="Jane Poe", author__handle="@Jane")
    desk.capture("three", "tulip", author__name="Jane Roe", author__handle="roe")
    desk.capture("four", "tulip", author__name="")
    counted = facet(index, "tulip", "author")
    assert counted.counts == {"Jane Poe (@Jane)": 2, "Jane Roe (roe)": 1}
    assert counted.without == 1


def test_months_are_those_of_the_archive(desk: Desk, index: SearchIndex) -> None:
    assert desk.archive.config.timezone == "America/Chicago"
    desk.capture("late", "tulip", occurred_at="2026-02-01T05:59:59.000000Z")
    desk.capture("next", "tulip", occurred_at="2026-02-01T06:00:00.000000Z")
    desk.capture("early", "tulip", occurred_at="2019-12-31T12:00:00.000000Z")
    desk.capture("unsaid", "tulip")
    counts = facet(index, "tulip", "month").counts
    assert list(counts.items()) == [
        ("2019-12", 1), ("2026-01", 1), ("2026-02", 1), ("2026-03", 1),
    ]  # fmt: skip
    for month, count in counts.items():
        assert index.count(f"tulip date:{month}") == count


@pytest.mark.parametrize("behind", [False, True])
def test_what_is_restricted_or_disposed_of_is_not_counted(
    desk: Desk, index: SearchIndex, behind: bool
) -> None:
    for name in ("kept", "closed", "gone"):
        desk.capture(name, "tulip", author__name=name)
    index.catch_up()
    desk.restrict("closed")
    desk.dispose("gone")
    if not behind:
        index.catch_up()
    (authors, statuses) = index.facets("tulip", ["author", "status"])
    assert authors.counts == {"kept": 1}
    assert statuses.counts == {"live": 1}
