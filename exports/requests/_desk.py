"""A review of one responsive version after another. Every step is in the log before the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import Archive, Entry, Reader, Record, Refused, Sealed, Signer, Writer, records
from exports._production import INTERNAL
from exports.requests._determination import hidden_of, redact, release, was_public, withhold
from exports.requests._marks import Mark
from exports.requests._requests import Request, Review, find_request, review
from exports.requests._reviewing import judge_suggestion, refusals, take_back
from exports.requests._rules import Rules
from exports.requests._suggest import Suggestion, suggestions
from exports.requests._suggest_words import text_of

if TYPE_CHECKING:
    from search import Above


@dataclass(frozen=True, slots=True)
class Card:
    """What a reviewer sees of a version.

    `sealed` is None when nothing of it can be read; `hidden` are the parts that exemptions hide so
    far; `suggestions` what seems private and is neither hidden nor refused; `above` what it
    answers; `public` whether anyone could read it where it stood.
    """

    review: Review
    record: Record
    entry: Entry
    sealed: Sealed | None
    hidden: Mapping[int, str]
    suggestions: tuple[Suggestion, ...]
    above: "Above | None"
    public: bool


@dataclass(frozen=True, slots=True)
class _Step:
    """What an undo takes back: a determination, or the refusal of a suggestion."""

    at: int
    before: Review
    refused: Suggestion | None = None


class Desk:
    """The versions of a request in the order of production, and which of them is looked at.

    `at` counts from 0. It begins at the first that is not determined.
    """

    def __init__(self, archive: Archive, signer: Signer, key: str, rules: Rules) -> None:
        self._archive, self._signer, self._rules = archive, signer, rules
        self._steps: list[_Step] = []
        with archive.read() as reader:
            self.request = find_request(reader, key)
            self.items = review(reader, self.request)
        if not self.items:
            raise Refused(
                f"request {self.request.number} has no responsive record",
                hint=f"muniment request search {self.request.number} QUERY",
            )
        open_ones = (at for at, item in enumerate(self.items) if item.outcome is None)
        self.at = next(open_ones, 0)

    @property
    def undetermined(self) -> int:
        """How many versions nobody has determined yet."""
        return sum(item.outcome is None for item in self.items)

    def card(self) -> Card:
        """The version that is looked at."""
        from search import above

        item = self.items[self.at]
        with self._archive.read() as reader:
            [(entry, sealed)] = reader.open([reader.entry(item.version)])
            hidden = _hidden(reader, item)
            found = (
                suggestions(sealed, self._rules.suggestions, refusals(reader, self.request))
                if sealed is not None
                else []
            )
            record = records.get(reader, item.record_id)
            return Card(
                item,
                record,
                entry,
                sealed,
                hidden,
                tuple(one for one in found if one.parts - hidden.keys()),
                above(reader, [item.record_id])[item.record_id],
                was_public(record),
            )

    def move(self, by: int) -> None:
        """Look at a later or an earlier version; the first and the last are the ends."""
        self.at = min(max(self.at + by, 0), len(self.items) - 1)

    def release(self, *, private: bool = False) -> None:
        """Release the version; Refused for a message that was not public, unless `private`."""
        with self._archive.write(self._signer) as writer:
            release(
                writer,
                self._request(writer),
                self.items[self.at].record_id,
                version=self._version(),
                private=private,
                replace=True,
            )
        self._done()

    def exemptions(self, codes: Sequence[str]) -> tuple[str, ...]:
        """The codes as the act writes them; UsageError names near ones when one is unknown."""
        return self._rules.exemptions.codes(codes, self.request.received)

    def withhold(self, codes: Sequence[str], reason: str) -> None:
        """Withhold the version; UsageError without an exemption or a reason."""
        with self._archive.write(self._signer) as writer:
            withhold(
                writer,
                self._request(writer),
                self.items[self.at].record_id,
                self._rules.exemptions,
                codes,
                reason=reason,
                version=self._version(),
                replace=True,
            )
        self._done()

    def redact(self, mark: Mark, reason: str, *, private: bool = False) -> None:
        """Hide parts of the version; UsageError without such parts, or without a reason."""
        with self._archive.write(self._signer) as writer:
            redact(
                writer,
                self._request(writer),
                self.items[self.at].record_id,
                [mark],
                self._rules.exemptions,
                reason=reason,
                version=self._version(),
                private=private,
            )
        self._done()

    def proposed(self, suggestion: Suggestion) -> tuple[str, str]:
        """The exemption and the reason that are usual for a suggestion."""
        return self._rules.suggestions.code(suggestion.kind), text_of("reasons", suggestion.kind)

    def refuse(self, suggestion: Suggestion) -> None:
        """Keep that this is nothing private: it is not suggested again."""
        with self._archive.write(self._signer) as writer:
            item = self.items[self.at]
            judge_suggestion(writer, self._request(writer), item, suggestion, refused=True)
        self._steps.append(_Step(self.at, self.items[self.at], suggestion))

    def undo(self) -> bool:
        """Take the last step of this review back and look at its version; whether there was one."""
        if not self._steps:
            return False
        step = self._steps[-1]
        with self._archive.write(self._signer) as writer:
            request = self._request(writer)
            if step.refused is not None:
                judge_suggestion(writer, request, step.before, step.refused, refused=False)
            else:
                take_back(writer, request, step.before)
        self._steps.pop()
        self.at = step.at
        self._refresh()
        return True

    def _done(self) -> None:
        self._steps.append(_Step(self.at, self.items[self.at]))
        self._refresh()

    def _refresh(self) -> None:
        with self._archive.read() as reader:
            now = review(reader, self.request, record_id=self.items[self.at].record_id)
        version = self.items[self.at].version
        self.items[self.at] = next(item for item in now if item.version == version)

    def _request(self, writer: Writer) -> Request:
        return find_request(writer, self.request.id)

    def _version(self) -> int:
        """The number, from 1, of the version among the responsive ones of its record."""
        item = self.items[self.at]
        same = [one.version for one in self.items if one.record_id == item.record_id]
        return same.index(item.version) + 1


def _hidden(reader: Reader, item: Review) -> dict[int, str]:
    if item.seq is None:
        return {}
    hidden = hidden_of(reader.entry(item.seq))
    return {index: code for index, code in hidden.items() if code != INTERNAL}
