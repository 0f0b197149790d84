"""The self-attack: look for everything hidden in everything that is about to leave.

Hidden values become *traces*: runs of one to three words, and for long values their first letters
with everything but letters and digits taken out, which finds them across line breaks and hyphens
too. Words are compared without case, accents and invisible characters, and every text is read with
its escapes undone as well. A trace that what is rightly shown also holds proves nothing and is
dropped: everywhere if it is shown anywhere, and within the block of the record that hides it if
that record shows it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from functools import lru_cache
from itertools import accumulate, chain

from exports.bundle._escapes import readings

SHORTEST = 3
"""Hidden values of fewer letters and digits are not looked for."""

_RUN = 3
_SHORT, _LONG = 12, 24
_RAW_RUN = 6
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SPACES = {code: " " for code in range(128) if not chr(code).isalnum()}
_PLAIN = re.compile(r"[^\W\d_]+\Z")


@dataclass(frozen=True, slots=True)
class Fragment:
    """Extracted text and where it was found; `number` is the record it belongs to, if one."""

    place: str
    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Leak:
    """A hidden value of record `number` that stands at `place`."""

    number: int
    place: str

    def __str__(self) -> str:
        return f"{self.place} holds what record {self.number} hides"


def words(text: str) -> list[str]:
    """The words of a text as they are compared: compatibility form, case folded.

    Accents, other marks and characters that are not seen are taken out.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        for unseen in [c for c in set(text) if not (c.isascii() or _counts(c))]:
            text = text.replace(unseen, "")
    elif "'" not in text:
        return text.lower().translate(_SPACES).split()
    return _WORD.findall(text.casefold())


def words_of(text: str) -> list[list[str]]:
    """The words of a text as it is, and as it reads once its escapes are undone."""
    return list(map(words, readings(text)))


def plain_words(text: str) -> Iterator[str]:
    """Words of a text that name nobody: in small letters, or the first of a sentence."""
    for sentence in re.split(r"(?<=[.!?:;])\s+", text):
        for position, word in enumerate(_WORD.findall(sentence)):
            if _PLAIN.match(word) and (position == 0 or word.islower()):
                yield word.casefold()


@dataclass(slots=True)
class Candidates:
    """What stands in a text where traces may begin: runs of words, and squashed letters."""

    runs: list[str] = field(default_factory=list)
    squashed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Beginnings:
    """How traces begin: runs with which word, of how many words, and squashed ones.

    Of these the first letters are held, from one up to twelve: they may stand in several words.
    """

    _runs: dict[str, set[int]] = field(default_factory=dict)
    _squashed: set[str] = field(default_factory=set)

    def add_run(self, run: Sequence[str]) -> None:
        """Traces may begin as this run of words does."""
        self._runs.setdefault(run[0], set()).add(len(run))

    def add_squashed(self, letters: str) -> None:
        """Traces may begin as these letters do."""
        if letters[:_SHORT] not in self._squashed:
            self._squashed.update(accumulate(letters[:_SHORT]))

    def candidates(self, text: Iterable[list[str]]) -> Candidates:
        """What may be a trace in a text, given as `words_of` does."""
        runs, squashed, candidates = self._runs, self._squashed, Candidates()
        for found in text:
            for at in [at for at, word in enumerate(found) if word in runs]:
                for length in runs[found[at]]:
                    candidates.runs.append(" ".join(found[at : at + length]))
            for at in [at for at, word in enumerate(found) if word[:_SHORT] in squashed]:
                letters = "".join(found[at : at + _LONG])[:_LONG]
                if letters[:_SHORT] in squashed:
                    candidates.squashed += accumulate(letters)
        return candidates


@dataclass(slots=True)
class Traces:
    """What hidden values would leave behind in a text: runs of words, and squashed beginnings."""

    beginnings: Beginnings
    runs: dict[str, int] = field(default_factory=dict)
    squashed: dict[str, int] = field(default_factory=dict)

    def add(self, number: int, value: str) -> None:
        """Look for this value of this record."""
        found = words(value)
        if sum(map(len, found)) < SHORTEST:
            return
        length = min(_RUN, len(found))
        for start in range(len(found) - length + 1):
            self._add_run(number, found[start : start + length])
        self._add_squashed(number, found)

    def add_internal(self, number: int, value: str) -> None:
        """Look for an internal value as a whole: its words alone say nothing that is exempt."""
        self._add_squashed(number, words(value))

    def add_source(self, number: int, value: str, hidden: set[str]) -> None:
        """Look for a source item as a whole, and for the runs of six words with a hidden one."""
        found = words(value)
        self._add_squashed(number, found)
        for start in range(len(found) - _RAW_RUN + 1) if hidden else ():
            run = found[start : start + _RAW_RUN]
            if not hidden.isdisjoint(run):
                self._add_run(number, run)

    def _add_run(self, number: int, run: Sequence[str]) -> None:
        self.runs.setdefault(" ".join(run), number)
        self.beginnings.add_run(run)

    def _add_squashed(self, number: int, found: list[str]) -> None:
        letters = "".join(found)[:_LONG]
        if len(letters) >= _SHORT:
            self.squashed.setdefault(letters, number)
            self.beginnings.add_squashed(letters)

    def __bool__(self) -> bool:
        return bool(self.runs or self.squashed)

    def among(self, candidates: Candidates) -> Iterator[tuple[str, int]]:
        """Every trace that is among the candidates of a text, with its record."""
        for trace in candidates.runs:
            if trace in self.runs:
                yield trace, self.runs[trace]
        for trace in candidates.squashed:
            if trace in self.squashed:
                yield trace, self.squashed[trace]

    def forget(self, candidates: Candidates) -> None:
        """Drop every trace that is among the candidates of a rightly shown text."""
        self.drop({trace for trace, _ in self.among(candidates)})

    def drop(self, traces: Collection[str]) -> None:
        """Drop these traces."""
        for kept in (self.runs, self.squashed):
            for trace in [t for t in kept if t in traces] if len(kept) < len(traces) else traces:
                kept.pop(trace, None)

    def join(self, other: "Traces") -> None:
        """Take over another's traces."""
        for trace, number in other.runs.items():
            self.runs.setdefault(trace, number)
        for trace, number in other.squashed.items():
            self.squashed.setdefault(trace, number)


@dataclass(slots=True)
class Watch:
    """All that must not be found: in no file, and for each record not in its own block.

    `always` is text that may stand anywhere: what templates, letter and exemption titles say.
    """

    always: InitVar[str] = ""
    everywhere: Traces = field(init=False)
    within: dict[int, Traces] = field(default_factory=dict)
    _plain: frozenset[str] = frozenset()
    _shown: list[tuple[int, str]] = field(default_factory=list)
    _beginnings: Beginnings = field(default_factory=Beginnings)

    def __post_init__(self, always: str) -> None:
        self.everywhere = Traces(self._beginnings)
        self._plain = frozenset(_traces_of(always))

    def hide(
        self,
        number: int,
        hidden: Collection[str],
        shown: str,
        *,
        internal: Iterable[str] = (),
        source: str = "",
    ) -> None:
        """Watch for the hidden values of a record, of which `shown` is all that its block may show.

        `hidden` are single values and whole runs of neighbouring words, `internal` values that are
        kept back though nothing exempts them, `source` the item as the platform gave it, when that
        is hidden.
        """
        own = Traces(self._beginnings)
        for value in hidden:
            own.add(number, value)
        for value in internal:
            own.add_internal(number, value)
        own.drop(self._plain)
        self.everywhere.join(own)
        if source:
            secret = {word for value in hidden for word in words(value)} - self._plain
            if secret:
                secret.difference_update(words(shown))
            self.everywhere.add_source(number, source, secret)
        if own:
            self.within[number] = own
        self._shown.append((number, shown))

    def allow_shown(self) -> None:
        """Once everything is hidden: what a record shows is no leak, in its block or elsewhere."""
        while self._shown:
            number, shown = self._shown.pop()
            candidates = self._beginnings.candidates(words_of(shown))
            self.everywhere.forget(candidates)
            if number in self.within:
                self.within[number].forget(candidates)
        self._plain = frozenset()  # large, and nothing that comes is hidden

    def allow_everywhere(self, text: str) -> None:
        """Text that may stand anywhere, like `always`, known only now."""
        traces = frozenset(_traces_of(text))
        for watched in (self.everywhere, *self.within.values()):
            watched.drop(traces)

    def leaks(self, fragments: Iterable[Fragment]) -> Iterator[Leak]:
        """What is found, each record and place once."""
        seen: set[Leak] = set()
        for fragment in fragments:
            candidates = self._beginnings.candidates(words_of(fragment.text))
            watched = [self.everywhere]
            if fragment.number in self.within:
                watched.append(self.within[fragment.number])
            for _, number in chain.from_iterable(one.among(candidates) for one in watched):
                leak = Leak(number, fragment.place)
                if leak not in seen:
                    seen.add(leak)
                    yield leak


def joined(values: Mapping[int, str], paths: Sequence[str]) -> Iterator[str]:
    """Neighbouring values of one field joined into the runs that they form."""
    run: list[str] = []
    last, field_name = -2, ""
    for index in sorted(values):
        name = paths[index].rpartition("/")[0]
        if run and (index != last + 1 or name != field_name):
            yield "".join(run)
            run = []
        run.append(values[index])
        last, field_name = index, name
    if run:
        yield "".join(run)


def _traces_of(text: str) -> Iterator[str]:
    """Every run of words, and what follows the beginning of each word, squashed."""
    for found in words_of(text):
        for length in (1, 2, _RUN, _RAW_RUN):
            shifted = [found[start:] for start in range(length)]
            yield from map(" ".join, zip(*shifted, strict=False))
        letters = "".join(found)
        for at in accumulate(map(len, found), initial=0):
            for length in range(_SHORT, _LONG + 1):
                yield letters[at : at + length]


@lru_cache(maxsize=65536)
def _counts(character: str) -> bool:
    return unicodedata.category(character) not in {"Mn", "Mc", "Me", "Cf"}
