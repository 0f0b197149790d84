"""Records that say the same are one group; nothing is hidden, and the order does not matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import UsageError
from search import SearchIndex, Sort, _grouping
from search._grouping import words_said
from tests.search.conftest import Desk


def groups(desk: Desk, index: SearchIndex, query: str, sort: Sort = "date") -> list[list[str]]:
    index.catch_up()
    found = index.groups(query, sort=sort)
    listed = [desk.names(iter((one.hit.id, *one.others))) for one in found.groups]
    assert len(listed) == found.total
    assert sum(map(len, listed)) == index.count(query)
    return listed


def test_the_same_words_are_one_group(desk: Desk, index: SearchIndex) -> None:
    for name, text in {
        "first": "Keep the Café open!",
        "alone": "Keep the café closed",
        "copy": "keep   the CAFE open … https://example.org/7?x=1",
        "reply": "@cook_library Keep the cafe open",
        "order": "Open keep the cafe",
    }.items():
        desk.capture(name, text, author__name=name)
    assert groups(desk, index, "keep") == [["first", "copy", "reply"], ["alone"], ["order"]]


def test_a_title_is_said_too(desk: Desk, index: SearchIndex) -> None:
    desk.capture("one", "open", title="Keep")
    desk.capture("two", "keep open")
    desk.capture("three", "keep", title="Open")
    assert groups(desk, index, "keep") == [["one", "two"], ["three"]]


def test_what_has_no_words_is_alone_but_the_same_signs_are_the_same(
    desk: Desk, index: SearchIndex
) -> None:
    for name, text in {"a": "", "b": "…", "c": "👍", "d": "👍🏽", "e": "https://x.example/1",
                       "f": "https://x.example/1", "g": "https://x.example/2"}.items():  # fmt: skip
        desk.capture(name, text)
    assert groups(desk, index, "*") == [["a"], ["b"], ["c", "d"], ["e", "f"], ["g"]]


def test_bare_shares_stand_with_what_they_share(desk: Desk, index: SearchIndex) -> None:
    desk.capture("original", "The tulips are out", kind="post", native_id="original")
    desk.capture("boost", "", kind="share", parent="original")
    desk.capture("named", "https://x.example/1", kind="share", shared__native_id="original",
                 shared__text="The tulips a…")  # fmt: skip
    desk.capture("words", "@jane", kind="share", shared__text="the TULIPS are out!")
    desk.capture("quote", "Lovely", kind="share", shared__text="The tulips are out")
    desk.capture("address", "", kind="share", shared__url="https://x.example/9")
    desk.capture("again", "", kind="share", shared__url="https://x.example/9")
    desk.capture("answer", "", parent="original")
    assert groups(desk, index, "*") == [
        ["original", "boost", "named", "words"], ["quote"], ["address", "again"], ["answer"],
    ]  # fmt: skip
    desk.restrict("original")
    assert groups(desk, index, "*") == [
        ["boost"], ["named"], ["words"], ["quote"], ["address", "again"], ["answer"],
    ]  # fmt: skip


def test_groups_are_the_same_in_any_order(desk: Desk, index: SearchIndex) -> None:
    for number in range(40):
        desk.capture(f"c{number}", "tulip " * (number % 6 + 1),
                     occurred_at=f"2026-01-{31 - number % 30:02}T10:00:00.000000Z")  # fmt: skip
    desk.capture("c1", "tulip tulip, edited")
    by_date = groups(desk, index, "tulip")
    by_rank = groups(desk, index, "tulip", "rank")
    assert sorted(map(sorted, by_date)) == sorted(map(sorted, by_rank))
    hits = [hit.id for hit in index.hits("tulip")]
    firsts = {names[0] for names in by_rank}
    assert [names[0] for names in by_rank] == [
        name for name in desk.names(iter(hits)) if name in firsts
    ]


def test_too_many_are_refused(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        desk.capture(f"c{number}", "tulip")
    index.catch_up()
    monkeypatch.setattr(_grouping, "MOST", 2)
    with pytest.raises(UsageError, match="3 records are more than can be grouped") as refused:
        index.groups("tulip")
    assert "date:" in refused.value.hint


@given(st.text(), st.sampled_from(["", " ", "!", " …\n", " https://a.example/b?c", " @jane.doe"]))
def test_what_does_not_count_does_not_count(text: str, addition: str) -> None:
    said = words_said(f"{text} ")
    assert words_said(f"{text} {addition}") == said
    assert words_said(f"{text.upper().lower()} ") == words_said(f"{text.lower()} ")
