"""What a hit answers: the next above it and all above that, also where something is missing."""

from search import Above, SearchIndex
from tests.search.conftest import Desk


def above(desk: Desk, index: SearchIndex, name: str) -> list[tuple[str, str, str, str]]:
    """What is above a record, the next first: standing, name, author, beginning."""
    names = {record: known for known, record in desk.records.items()}
    record = desk.records[name]
    at: Above | None = index.above([record])[record]
    found: list[tuple[str, str, str, str]] = []
    while at is not None:
        found.append((at.standing, names.get(at.id, ""), at.author, at.snippet.text))
        at = at.above
    return found


def thread(desk: Desk) -> None:
    desk.capture("post", "Story hour " + "moves " * 50, kind="post", native_id="post",
                 title="News", author__name="Library")  # fmt: skip
    desk.capture("answer", "When?", native_id="answer", parent="post")
    desk.capture("deeper", "At four", native_id="deeper", parent="answer", author__handle="jo",
                 author__name="")  # fmt: skip
    desk.capture("deepest", "Thanks", native_id="deepest", parent="deeper")


def test_everything_above_is_shown_up_to_the_top(desk: Desk, index: SearchIndex) -> None:
    thread(desk)
    assert above(desk, index, "post") == []
    ((*known, beginning),) = above(desk, index, "answer")
    assert known == ["here", "post", "Library"]
    assert beginning.startswith("News — Story hour moves")
    assert beginning.endswith(" moves …")
    assert [one[:3] for one in above(desk, index, "deepest")] == [
        ("here", "deeper", "jo"), ("here", "answer", "Jane Roe"), ("here", "post", "Library"),
    ]  # fmt: skip


def test_the_newest_version_is_shown(desk: Desk, index: SearchIndex) -> None:
    thread(desk)
    desk.capture("answer", "When exactly?", native_id="answer", parent="post")
    assert above(desk, index, "deeper")[0] == ("here", "answer", "Jane Roe", "When exactly?")


def test_what_is_not_there_is_said(desk: Desk, index: SearchIndex) -> None:
    thread(desk)
    desk.capture("stray", "Which?", native_id="stray", parent="elsewhere")
    desk.capture("below", "That one", native_id="below", parent="stray")
    assert above(desk, index, "stray") == [("absent", "", "", "")]
    assert [one[:2] for one in above(desk, index, "below")] == [("here", "stray"), ("absent", "")]
    desk.restrict("answer")
    desk.dispose("post")
    assert above(desk, index, "deepest") == [
        ("here", "deeper", "jo", "At four"), ("restricted", "answer", "", ""),
        ("disposed", "post", "", ""),
    ]  # fmt: skip


def test_a_circle_ends(desk: Desk, index: SearchIndex) -> None:
    desk.capture("one", "a", native_id="one", parent="two")
    desk.capture("two", "b", native_id="two", parent="one")
    desk.capture("self", "c", native_id="self", parent="self")
    assert [one[1] for one in above(desk, index, "one")] == ["two"]
    assert above(desk, index, "self") == []


def test_many_are_looked_up_at_once(desk: Desk, index: SearchIndex) -> None:
    thread(desk)
    known = index.above([*desk.records.values()])
    assert [at is not None for at in known.values()] == [False, True, True, True]
