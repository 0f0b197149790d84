"""Looking over what would leave as things stand: what is private, and names hidden elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive import Reader, Sealed
from exports.requests._determination import hidden_of
from exports.requests._redaction import author_words_left, internal_parts, parts_with_text
from exports.requests._requests import Request, Review, review
from exports.requests._suggest import Refusals, Suggestion, suggestions
from exports.requests._suggest_rules import SuggestionRules


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A responsive version as it would leave: its parts, and which of them are hidden."""

    review: Review
    sealed: Sealed
    hidden: frozenset[int]


def survey(reader: Reader, request: Request, *, record_id: str | None = None) -> Iterator[Surveyed]:
    """The responsive versions that can be read and are not withheld, streamed."""
    reviews = [r for r in review(reader, request, record_id=record_id) if r.outcome != "withhold"]
    opened = reader.open(reader.entry(r.version) for r in reviews)
    for r, (_, sealed) in zip(reviews, opened, strict=True):
        if sealed is None:
            continue
        decided = hidden_of(reader.entry(r.seq)) if r.seq is not None else internal_parts(sealed)
        yield Surveyed(r, sealed, frozenset(decided))


def still_shown(
    surveyed: Iterable[Surveyed], rules: SuggestionRules, refused: Refusals = frozenset()
) -> Iterator[tuple[Review, Suggestion]]:
    """Private information that is not hidden yet, and that nobody found to be none."""
    for item in surveyed:
        for suggestion in suggestions(item.sealed, rules, refused):
            if suggestion.parts - item.hidden:
                yield item.review, suggestion


def mentions(surveyed: Iterable[Surveyed], texts: Sequence[str]) -> Iterator[Review]:
    """The versions in which any of these texts can be read."""
    for item in surveyed:
        if any(parts_with_text(item.sealed, text) - item.hidden for text in texts):
            yield item.review


def author_traces(item: Surveyed) -> tuple[str, ...]:
    """Words of the author's name or handle that can be read; none when the author is shown."""
    paths = item.sealed.paths
    if not any(paths[index].startswith("author/") for index in item.hidden):
        return ()
    return author_words_left(item.sealed, item.hidden)
