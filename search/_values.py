"""A single value of a query (a word, a phrase, a wildcard, a date …) to its tree."""

import re

from whoosh import query as tree

from search._analysis import LONGEST, fold, phone_marks, stem, tags, words, words_of_folded
from search._dates import Calendar, date_range, date_value
from search._documents import keyword
from search._engine import Query
from search._errors import QueryError
from search._fields import DATES, DEFAULT, FIELDS, Field, Kind, nearest
from search._scanner import Lexeme, Token
from search._sets import Among

_FUZZY = re.compile(r"([^~]+)~(\d*)")
_WILD = re.compile(r"[*?]")
_WILD_IN_PHRASE = re.compile(r"\w\*|\*\w")
_MOST_EDITS = 2
_LONGEST_FUZZY = 60
_LARGEST_SLOP = 100
_LEAST_AFTER_WILD = 3
_MOST_WILD = 5
_LONGEST_WILD = 200
_MOST_PLACINGS = 2_000


def value(field: Field, token: Token, calendar: Calendar) -> Query:
    """The tree of one value in `field`; raises QueryError."""
    if token.kind is Lexeme.RANGE:
        return _range(field, token, calendar)
    if field.kind is Kind.DATE:
        if token.slop is not None:
            raise QueryError("a date has no distance", token.position, hint="leave ~ out")
        return date_value(field.name, token.text, token.position, calendar)
    pattern = _pattern(field, token) if token.kind is Lexeme.WORD else None
    if pattern is not None:
        return pattern
    if field.kind in _WHOLE:
        if token.slop is not None:
            raise QueryError(f"{field.name}: has no distances", token.position, hint="leave ~ out")
        return _WHOLE[field.kind](field, token)
    if token.slop is not None:
        return _near(field, token)
    if token.kind is Lexeme.QUOTED and _WILD_IN_PHRASE.search(token.text):
        raise _wild_in_phrase(token)
    return _words(field, token)


def _pattern(field: Field, token: Token) -> Query | None:
    """What a word with wildcards or ~ stands for; None for a plain one."""
    if token.text == "*" and field.name == DEFAULT:
        return tree.Every()
    fuzzy = _FUZZY.fullmatch(token.text)
    if fuzzy:
        return _fuzzy(field, token, fuzzy)
    _refuse_signs(token)
    return _wildcard(field, token) if _WILD.search(token.text) else None


def _range(field: Field, token: Token, calendar: Calendar) -> Query:
    if field.kind is not Kind.DATE:
        raise QueryError(
            "a range stands after a date field only",
            token.position,
            hint=f"date fields: {', '.join(DATES)}; to search for the words, quote them",
        )
    return date_range(field.name, token.text, token.position, calendar)


def _refuse_signs(token: Token) -> None:
    if token.text[0] in "<>=":
        raise QueryError(
            f"{token.text[0]} compares dates only",
            token.position,
            hint=f"like date:>=2025-01-01; date fields: {', '.join(DATES)}",
        )
    if "~" in token.text:
        raise QueryError(
            f"{token.text!r}: ~ stands after a word (fuzzy) or a phrase (near)",
            token.position + token.text.index("~"),
            hint='like color~ or "public comment"~3',
        )


def _nothing(token: Token) -> QueryError:
    return QueryError(
        f"there is no letter, digit or emoji to search for in {token.text!r}",
        token.position,
        hint="leave it out; punctuation is not searched",
    )


def _words(field: Field, token: Token) -> Query:
    """Adjacent words; hashtags and handles besides as such; a phone number in any notation."""
    found = words(token.text)
    if not found:
        raise _nothing(token)
    if field.kind not in {Kind.TEXT, Kind.EXACT}:
        return _phrase(field, found)
    marks = [tree.Term(field.word_field, mark) for mark in tags(token.text)]
    if len(marks) == 1 and words(marks[0].text) == found:
        return marks[0]
    phrase = _phrase(field, found)
    if marks:
        return tree.And([phrase, *marks])
    numbers = phone_marks(token.text)
    if numbers:
        return tree.Or([phrase, *(tree.Term(field.word_field, number) for number in numbers)])
    return phrase


def _phrase(field: Field, found: list[str], slop: int = 1) -> Query:
    """A word, or adjacent words; as `written` it keeps them with their endings."""
    row = [stem(word) for word in found] if field.kind is Kind.TEXT else found
    name = field.row_field
    node = tree.Term(name, row[0]) if len(row) == 1 else tree.Phrase(name, row, slop=slop)
    node.written = found
    return node


def _near(field: Field, token: Token) -> Query:
    """``"a b"~3``: b at most three words after a. What is written together stays together."""
    slop = token.slop or 1
    if slop > _LARGEST_SLOP:
        raise QueryError(
            f"a distance of {slop} words is more than {_LARGEST_SLOP}",
            token.position,
            hint="use AND",
        )
    if _WILD_IN_PHRASE.search(token.text):
        raise _wild_in_phrase(token)
    rows = [row for part in token.text.split() if (row := words(part))]
    if len(rows) < 2:
        raise QueryError(
            "a distance needs at least two words",
            token.position,
            hint="fuzzy search is written without quotation marks: color~",
        )
    if slop ** (len(rows) - 1) > _MOST_PLACINGS:
        raise QueryError(
            f"{len(rows)} words at most {slop} apart are too many places to look at",
            token.position,
            hint="use fewer words, a smaller distance, or AND",
        )
    if all(len(row) == 1 for row in rows):
        return _phrase(field, [row[0] for row in rows], slop)
    parts = [_phrase(field, row) for row in rows]
    return tree.SpanNear2(parts, slop=slop, ordered=True, mindist=1)


def _wild_in_phrase(token: Token) -> QueryError:
    return QueryError(
        "* means nothing within quotation marks",
        token.position + token.text.index("*") + 1,
        hint="leave it out (punctuation is not searched), or search for the word alone: librar*",
    )


def _keyword(field: Field, token: Token) -> Query:
    found = keyword(token.text)
    if not found:
        raise _nothing(token)
    if field.values and found not in field.values:
        close = nearest(found, field.values)
        like = f"did you mean {close}? " if close else ""
        raise QueryError(
            f"{field.name}: is never {token.text!r}",
            token.position,
            hint=f"{like}values: {', '.join(field.values)}",
        )
    if found in field.looked_up:
        return Among(field.name, found, token.position)
    return tree.Term(field.name, found)


def _set(field: Field, token: Token) -> Query:
    named = " ".join(token.text.split())
    if not words(named):
        raise _nothing(token)
    return Among(field.name, named, token.position)


def _tag(field: Field, token: Token) -> Query:
    named = "#" + fold(token.text).strip().removeprefix("#")
    if tags(named) != [named[:LONGEST]]:
        raise QueryError(
            f"{token.text!r} is no hashtag: letters, digits and _ only",
            token.position,
            hint="leave the rest out, or search for the words without tag:",
        )
    return tree.Term(field.word_field, named[:LONGEST])


_WHOLE = {Kind.KEYWORD: _keyword, Kind.SET: _set, Kind.TAG: _tag}
"""What reads a value that is compared as a whole, by the kind of the field."""


def _fuzzy(field: Field, token: Token, match: re.Match[str]) -> Query:
    found = words(match[1])
    edits = int(match[2][:3]) if match[2] else 1
    if field.kind in _WHOLE:
        raise QueryError(f"{field.name}: is searched exactly", token.position, hint="leave ~ out")
    if _WILD.search(match[1]) or len(found) != 1 or len(found[0]) > _LONGEST_FUZZY:
        raise QueryError(
            f"{match[1]!r} is not one word of at most {_LONGEST_FUZZY} letters; only such a word "
            "can be fuzzy",
            token.position,
            hint="leave ~ out, or search for its words separately",
        )
    if not 1 <= edits <= _MOST_EDITS:
        raise QueryError(
            f"{edits} different letters is not 1 or 2", token.position, hint=f"like {match[1]}~2"
        )
    if len(found[0]) <= 2 * edits:
        raise QueryError(
            f"{match[1]!r} is too short for {edits} different letters: it would match nearly all",
            token.position,
            hint="leave ~ out",
        )
    return tree.FuzzyTerm(field.word_field, found[0], maxdist=edits, prefixlength=0)


def _wildcard(field: Field, token: Token) -> Query:
    text = token.text
    if field.values or field.kind is Kind.SET:
        raise QueryError(
            f"{field.name}: has no wildcards",
            token.position,
            hint=f"values: {', '.join(field.values)}" if field.values else "write all of it",
        )
    pattern = re.sub(r"\*+", "*", fold(text))
    if field.kind is Kind.TAG:
        pattern = "#" + pattern.removeprefix("#")
    if pattern == "*":
        raise QueryError(
            f"{field.name}:* is no search",
            token.position,
            hint=f"write has:{field.name}" if field.name in FIELDS["has"].values
            else f"leave {field.name}: out; * alone finds everything",
        )  # fmt: skip
    named = pattern[1:] if pattern[0] in "#@" else pattern
    if named[:1] in {"*", "?"} and max(map(len, _WILD.split(named))) < _LEAST_AFTER_WILD:
        raise QueryError(
            f"{text!r} begins with a wildcard: without {_LEAST_AFTER_WILD} letters in a row it "
            "would match too much",
            token.position,
            hint="begin with a letter, or write more of it: *brary",
        )
    wilds = len(_WILD.findall(pattern))
    if wilds > _MOST_WILD or len(pattern.encode()) > wilds + _LONGEST_WILD:
        raise QueryError(
            f"{text[:30]!r} has more than {_MOST_WILD} wildcards, or than {_LONGEST_WILD} bytes",
            token.position,
            hint="one * stands for any number of letters: librar*",
        )
    if not _is_one_word(field, pattern):
        raise QueryError(
            f"{text!r} is more than one word; a wildcard works within one",
            token.position,
            hint=f'leave the wildcard out: "{_WILD.sub("", text)}"',
        )
    if _WILD.search(pattern[:-1]) or pattern[-1] == "?":
        return tree.Wildcard(field.word_field, pattern)
    return tree.Prefix(field.word_field, pattern[:-1])


def _is_one_word(field: Field, pattern: str) -> bool:
    if len(pattern) > LONGEST:
        return False
    if field.kind is Kind.KEYWORD:
        return True
    if field.kind in {Kind.TEXT, Kind.EXACT, Kind.TAG} and pattern[0] in "#@":
        pattern = (
            pattern[1:].replace("_", "")
            if pattern[0] == "#"
            else re.sub(r"[_.\-]", "", pattern[1:])
        )
        if not pattern:
            return False
    return all(words_of_folded(part) == [part] for part in _WILD.split(pattern) if part)
