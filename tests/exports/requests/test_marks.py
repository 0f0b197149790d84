"""What an officer asks to hide, and what that comes to."""

from archive import Parts
from exports.requests import (
    SuggestionRules,
    mark_author,
    mark_field,
    mark_span,
    mark_suggested,
    mark_text,
)

SEALED = Parts.of(
    [("text", "Call 555-0142, Jane"), ("author/name", "Jane"), ("url", "https://example.org/1")]
).seal()


def test_each_way_of_asking_gives_parts_with_a_code() -> None:
    assert mark_text("Jane", "c")(SEALED) == {2: "c", 3: "c"}
    assert mark_author("c")(SEALED) == {2: "c", 3: "c", 4: "c"}
    assert mark_field("url", "b")(SEALED) == {4: "b"}
    assert mark_field("author", "b")(SEALED) == {3: "b"}
    assert mark_span(0, 6, "b")(SEALED) == {0: "b", 1: "b"}
    rules = SuggestionRules({"private": "b", "library": "l"})
    assert mark_suggested(rules)(SEALED) == {1: "b"}
    assert mark_suggested(rules, ["phone"], "c")(SEALED) == {1: "c"}
    assert mark_suggested(rules, ["email"])(SEALED) == {}
