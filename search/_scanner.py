"""A query's characters to lexical tokens. Whatever could be misread is an error here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from search._errors import QueryError
from search._fields import DATES, FIELDS, nearest

LONGEST_QUERY = 4096
"""In bytes of UTF-8."""

_OPENING = {'"': '"', "＂": '"＂', "“": '”"', "”": '”"', "„": '“”"', "‟": '”"', "«": "»", "»": "«»"}
_ENDS_RUN = frozenset('()[]{}"＂“”„‟«»')
_FIELD = re.compile(r"([^\W\d][\w\-]*):(?!//)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://\S*?(?=[\s)\"“”]|$)")
_SLOP = re.compile(r"~(\d*)")
_PHONE = re.compile(
    r"(?:(?:\+?1[ .\-]?)?(?:\([0-9]{3}\)[ .\-]?|[0-9]{3}[ .\-])[0-9]{3}[ .\-][0-9]{4}"
    r"|\+[0-9]{1,3}(?:[ .\-]\(?[0-9]{1,5}\)?){2,6})(?=[\s)]|$)"
)
"""As a telephone number is written; it would be several words, and a group, otherwise."""
_DISTANCE = re.compile(r"(?:o?near|w|pre|adj)/[0-9]+|/[0-9]+", re.IGNORECASE)
_ASSIGNED = re.compile(r"([^\W\d]\w*)(=|[<>]=?)(\w.*)")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_COMPARISONS = frozenset({"<", "<=", ">", ">="})
_OPERATORS = frozenset({"AND", "OR", "NOT", "ANDNOT"})
_NOT_OURS = {
    "ANDMAYBE": "leave the optional word out",
    "REQUIRE": "use AND",
    "NEAR": 'write "first second"~5',
    "XOR": "write (a OR b) AND NOT (a AND b)",
}
_SIGNS = {
    "&&": "use AND",
    "&": "use AND",
    "||": "use OR",
    "|": "use OR",
    "!": "use NOT",
}


class Lexeme(Enum):
    """What a token is."""

    OPEN = auto()
    CLOSE = auto()
    OPERATOR = auto()
    FIELD = auto()
    WORD = auto()
    LITERAL = auto()
    """Characters that mean nothing but themselves: a URL, a telephone number."""
    QUOTED = auto()
    RANGE = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a query; ``position`` counts characters from 1. ``slop``: of ``"a b"~3``."""

    kind: Lexeme
    text: str
    position: int
    slop: int | None = None


def scan(query: str) -> Iterator[Token]:
    """The tokens of a query, the last one `Lexeme.END`; raises QueryError."""
    size = len(query.encode(errors="surrogatepass"))
    if size > LONGEST_QUERY:
        raise QueryError(
            f"the query is {size} bytes long, {LONGEST_QUERY} is the most",
            1,
            hint="search in several steps",
        )
    control = _CONTROL.search(query)
    if control:
        raise QueryError("a character that is no text", control.start() + 1, hint="leave it out")
    return _Scanner(query).tokens()


class _Scanner:
    def __init__(self, query: str) -> None:
        self._query = query
        self._at = 0

    def tokens(self) -> Iterator[Token]:
        query = self._query
        while True:
            while self._at < len(query) and query[self._at].isspace():
                self._at += 1
            if self._at == len(query):
                yield Token(Lexeme.END, "", len(query) + 1)
                return
            token = self._next(query[self._at])
            yield token

    def _next(self, char: str) -> Token:
        phone = _PHONE.match(self._query, self._at)
        if phone:
            return self._take(Lexeme.LITERAL, phone.end())
        if char in "()":
            self._at += 1
            if char == ")":
                self._apart("a closing parenthesis")
            return Token(Lexeme.OPEN if char == "(" else Lexeme.CLOSE, char, self._at)
        if char in _OPENING:
            return self._quoted(_OPENING[char])
        if char in "[{":
            return self._range()
        if char in "]}":
            raise QueryError(f"{char} closes nothing", self._at + 1, hint=_quote(char))
        url = _URL.match(self._query, self._at)
        if url:
            return self._take(Lexeme.LITERAL, url.end())
        field = _FIELD.match(self._query, self._at)
        if field:
            return self._field(field)
        return self._run()

    def _take(self, kind: Lexeme, end: int) -> Token:
        token = Token(kind, self._query[self._at : end], self._at + 1)
        self._at = end
        return token

    def _apart(self, what: str) -> None:
        """A value must not touch the next one: what was meant would be a guess."""
        rest = self._query[self._at : self._at + 1]
        if rest and not rest.isspace() and rest != ")":
            instead = f", or leave {rest} out" if rest in _OPENING else ""
            raise QueryError(
                f"{what} runs into {rest!r}", self._at + 1, hint=f"put a space there{instead}"
            )

    def _quoted(self, closing: str) -> Token:
        start = self._at
        ends = [self._query.find(char, start + 1) for char in closing]
        end = min((at for at in ends if at > 0), default=-1)
        if end < 0:
            raise QueryError(
                "this quotation mark is never closed", start + 1, hint="close it, or leave it out"
            )
        self._at = end + 1
        slop = None
        near = _SLOP.match(self._query, self._at)
        if near:
            slop = int(near[1][:4] or 0)
            self._at = near.end()
            if slop < 1:
                raise QueryError(
                    "~ after a phrase needs a distance in words", end + 2, hint='like "a b"~3'
                )
        self._apart("a phrase")
        return Token(Lexeme.QUOTED, self._query[start + 1 : end], start + 1, slop)

    def _range(self) -> Token:
        start = self._at
        found = re.compile(r"[\]}]").search(self._query, start)
        if found is None:
            raise QueryError(
                f"{self._query[start]} is never closed",
                start + 1,
                hint="a range is written date:[2025-01-01 TO 2025-03-31]",
            )
        token = self._take(Lexeme.RANGE, found.end())
        self._apart("a range")
        return token

    def _field(self, match: re.Match[str]) -> Token:
        name, start = match[1], self._at
        known = name.lower()
        if known not in FIELDS:
            close = nearest(known, tuple(FIELDS))
            like = f"did you mean {close}:? " if close else ""
            raise QueryError(
                f"there is no field {name!r}",
                start + 1,
                hint=f"{like}fields: {', '.join(FIELDS)}; {_quote('words with a colon')}",
            )
        self._at = match.end()
        following = self._query[self._at : self._at + 1]
        if not following or following.isspace() or following == ")":
            raise QueryError(
                f"{name}: has no value",
                start + 1,
                hint=f"the value follows the colon without a space: {known}:value",
            )
        return Token(Lexeme.FIELD, known, start + 1)

    def _run(self) -> Token:
        start, query = self._at, self._query
        end = start
        while end < len(query) and not query[end].isspace() and query[end] not in _ENDS_RUN:
            end += 1
        token = self._take(Lexeme.WORD, end)
        if token.text in _COMPARISONS and query[end : end + 1] in _OPENING:
            quoted = self._quoted(_OPENING[query[end]])
            return Token(Lexeme.WORD, token.text + quoted.text, token.position, quoted.slop)
        self._apart(f"{token.text!r}")
        word = token.text
        if word in _OPERATORS:
            return Token(Lexeme.OPERATOR, word, token.position)
        _refuse_lookalikes(word, token.position)
        return token


def _refuse_lookalikes(word: str, position: int) -> None:
    """Words that mean something else in other search languages, or nothing in this one."""
    if word in _NOT_OURS:
        raise QueryError(
            f"{word} is no operator here", position, hint=f"{_NOT_OURS[word]}; {_quote(word)}"
        )
    if word.upper() in _OPERATORS:
        raise QueryError(
            f"{word!r} is neither an operator nor clearly a word",
            position,
            hint=f"write {word.upper()} for the operator; {_quote(word)}",
        )
    if word in _SIGNS:
        raise QueryError(f"{word} is no operator here", position, hint=_SIGNS[word])
    if _DISTANCE.fullmatch(word):
        raise QueryError(
            f"{word} is no operator here",
            position,
            hint=f'write "first second"~{word.rpartition("/")[2]}; {_quote(word)}',
        )
    assigned = _ASSIGNED.fullmatch(word)
    if assigned and assigned[1].lower() in (FIELDS if assigned[2] == "=" else DATES):
        sign = assigned[2] if assigned[2] != "=" else ""
        raise QueryError(
            f"{word!r}: a field stands before a colon",
            position,
            hint=f"write {assigned[1]}:{sign}{assigned[3]}; {_quote(word)}",
        )
    first, rest = word[0], word[1:]
    if first in "-!" and rest.strip("-!"):
        raise QueryError(
            f"{word!r} could mean NOT {rest}", position, hint=f"write NOT {rest}; {_quote(rest)}"
        )
    if first == "+" and rest and not rest[0].isdigit():
        raise QueryError(
            f"{word!r}: + is no operator here", position, hint="every word is required anyway"
        )
    if first in "'‘’‚" and rest:
        raise QueryError(
            f"{word!r} begins with a single quotation mark",
            position,
            hint='phrases stand in double ones: "like this"',
        )
    for char, meaning in (("^", "weights"), ("\\", "escapes")):
        if char in word:
            raise QueryError(
                f"{word!r}: there are no {meaning} ({char}) here", position, hint=_quote(word)
            )


def _quote(text: str) -> str:
    return f'to search for it, quote it: "{text}"'
