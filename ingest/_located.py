"""A JSON text decoded so that the objects in it that are items know their own bytes.

One pass by the standard library's scanner, which says where a value ends: objects that may hold
items are gone through member by member, all others are decoded whole.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import orjson

_SPACE = re.compile(r"[ \t\n\r]*")
_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_FLAT = rf'[{{\[](?:[^"{{}}\[\]]++|{_STRING})*+[}}\]]'
_NESTED = rf'[{{\[](?:[^"{{}}\[\]]++|{_STRING}|{_FLAT})*+[}}\]]'
_DEEPEST = 1000
_TWICE = "a name stands there twice"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise json.JSONDecodeError(_TWICE, "", 0)
    return members


_scan = json.JSONDecoder().raw_decode
_scan_once = json.JSONDecoder(object_pairs_hook=_once).raw_decode
_How = Literal["through", "item", "whole"]


@dataclass(frozen=True, slots=True)
class Inside:
    """Where in a text items stand: under the names of `items`, as objects or in lists of them.

    The names in `through` lead to objects, and lists of objects, that hold such names themselves;
    `everywhere`, all names do.
    """

    through: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    everywhere: bool = False


EVERYWHERE = Inside(everywhere=True)


class Located(dict[str, Any]):
    """A decoded object, and the `span` in which it stands in its text."""

    __slots__ = ("_text", "span")

    def __init__(self, members: dict[str, Any], text: str, span: tuple[int, int]) -> None:
        super().__init__(members)
        self._text, self.span = text, span

    @property
    def raw(self) -> bytes:
        """The bytes of the object exactly as they stand."""
        start, end = self.span
        return self._text[start:end].encode(errors="surrogateescape")

    def without(self, inner: "Iterable[Located]") -> bytes:
        """The bytes of the object but for those of objects inside it, which are items themselves.

        A comment has its own retention, its own holds and its own redactions: it is not kept a
        second time in the bytes of what it stands in.
        """
        at, end = self.span
        kept = []
        for start, after in sorted(one.span for one in inner):
            if start >= at:
                kept.append(self._text[at:start])
                at = after
        return "".join((*kept, self._text[at:end])).encode(errors="surrogateescape")


class LocatedList(list[Any]):
    """A decoded list that was gone through: its elements' bytes are known, objects or not."""

    __slots__ = ("_text", "spans")

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text, self.spans = text, list[tuple[int, int]]()

    def elements(self) -> Iterator[tuple[bytes, Any]]:
        """The bytes of every element exactly as they stand, and its value."""
        for (start, end), value in zip(self.spans, self, strict=True):
            yield self._text[start:end].encode(errors="surrogateescape"), value


def located(data: bytes, inside: Inside = EVERYWHERE) -> Any:
    """The value of a JSON text; ValueError when it is none, or when an object that is gone through
    has two members of one name, of which the decoder would drop one.

    Objects are `Located` and lists `LocatedList`: the one at the root and those that stand where
    `inside` says.
    """
    text = data.decode(errors="surrogateescape").removeprefix("\ufeff")
    start = _after(text, 0)
    try:
        value, end = scan(text, start, inside)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if _after(text, end) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def each_once(data: bytes, value: Any) -> None:
    """ValueError when an object in a JSON text, whose `value` this is, has two members of one name.

    The bytes of what is passed over are not kept, so what the decoder dropped would be lost.
    """
    try:
        if len(orjson.dumps(value)) == len(data):
            return
    except TypeError:
        pass  # lone surrogates, great numbers
    _scan_once(data.decode(errors="surrogateescape").lstrip(), 0)


def scan(text: str, at: int, inside: Inside) -> tuple[Any, int]:
    """The value that begins at a place of a text, as in `located`, and where it ends.

    JSONDecodeError where there is none, RecursionError when it is nested too deeply.
    """
    opened: list[_Object | _List] = []
    how: _How = "through"
    while True:
        first = text[at : at + 1]
        if len(opened) > _DEEPEST:
            raise RecursionError
        if first == "{" and how == "through":
            opened.append(_Object(text, at, inside))
            at += 1
        elif first == "[" and how == "through":
            opened.append(_List(text, at))
            at += 1
        else:
            value, end = _item(text, at) if how == "item" else _scan(text, at)
            if not opened:
                return value, end
            opened[-1].take(value, at, end)
            at = end
        while (step := opened[-1].go_on(at)) is None:
            done = opened.pop()
            if not opened:
                return done.value(), done.end
            at = done.end
            opened[-1].take(done.value(), done.start, at)
        at, how = step


class _Open:
    """An object or list that is gone through, from behind its bracket on."""

    closing: str
    following: re.Pattern[str]

    def __init__(self, text: str, start: int) -> None:
        self._text, self.start, self.end = text, start, -1
        self._fresh = True

    def _next(self, at: int) -> int:
        """Where its next member or element begins; -1 when it has ended, at `end`."""
        if self._fresh:
            self._fresh = False
            at = _after(self._text, at)
            if self._text[at : at + 1] == self.closing:
                self.end = at + 1
                return -1
            return at
        found = self.following.match(self._text, at)
        if found is None:
            raise json.JSONDecodeError("Expecting ',' delimiter", self._text, at)
        if found[1] is not None:
            return found.end()
        self.end = found.end()
        return -1


class _Object(_Open):
    closing = "}"
    following = re.compile(r"[ \t\n\r]*(?:(,)[ \t\n\r]*|\})")

    def __init__(self, text: str, start: int, inside: Inside) -> None:
        super().__init__(text, start)
        self._inside, self._plain = inside, _members(inside)
        self._members, self._name = dict[str, Any](), ""

    def go_on(self, at: int) -> tuple[int, _How] | None:
        """Where its next value begins, and how that is decoded; None when it has ended."""
        text = self._text
        while (at := self._next(at)) >= 0:
            plain = self._plain.match(text, at)
            if plain is None:
                break
            before, found = len(self._members), _scan_once(f"{{{plain[0]}}}", 0)[0]
            self._members.update(found)
            if len(self._members) != before + len(found):
                raise json.JSONDecodeError(_TWICE, text, at)
            at = plain.end()
        else:
            return None
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError(
                "Expecting property name enclosed in double quotes", text, at
            )
        name, end = _scan(text, at)
        colon = _COLON.match(text, end)
        if colon is None:
            raise json.JSONDecodeError("Expecting ':' delimiter", text, end)
        self._name, inside = name, self._inside
        if inside.everywhere or name in inside.through:
            return colon.end(), "through"
        return colon.end(), "item" if name in inside.items else "whole"

    def take(self, value: Any, start: int, end: int) -> None:
        """Take the value that was decoded."""
        if self._name in self._members:
            raise json.JSONDecodeError(_TWICE, self._text, start)
        self._members[self._name] = value

    def value(self) -> Located:
        return Located(self._members, self._text, (self.start, self.end))


class _List(_Open):
    closing = "]"
    following = re.compile(r"[ \t\n\r]*(?:(,)[ \t\n\r]*|\])")

    def __init__(self, text: str, start: int) -> None:
        super().__init__(text, start)
        self._elements = LocatedList(text)

    def go_on(self, at: int) -> tuple[int, _How] | None:
        """Where its next value begins, and how that is decoded; None when it has ended."""
        at = self._next(at)
        return None if at < 0 else (at, "through")

    def take(self, value: Any, start: int, end: int) -> None:
        """Take the value that was decoded."""
        self._elements.append(value)
        self._elements.spans.append((start, end))

    def value(self) -> LocatedList:
        return self._elements


def _item(text: str, at: int) -> tuple[Any, int]:
    """The value at a place, decoded whole; of a list, element by element."""
    if text[at : at + 1] != "[":
        value, end = _scan(text, at)
        return (Located(value, text, (at, end)) if type(value) is dict else value), end
    found = LocatedList(text)
    at = _after(text, at + 1)
    if text[at : at + 1] == "]":
        return found, at + 1
    while True:
        value, end = _scan(text, at)
        found.append(Located(value, text, (at, end)) if type(value) is dict else value)
        found.spans.append((at, end))
        following = _List.following.match(text, end)
        if following is None:
            raise json.JSONDecodeError("Expecting ',' delimiter", text, end)
        at = following.end()
        if following[1] is None:
            return found, at


@cache
def _members(inside: Inside) -> re.Pattern[str]:
    """Members that the library decodes at once, for no item can be in them."""
    space = r"[ \t\n\r]*+"
    names = "|".join(map(re.escape, sorted(inside.through | inside.items)))
    other = "(?!)" if inside.everywhere else rf'(?!"(?:{names})")'
    scalar = rf"(?:{_STRING}|[\w.+-]++)"
    name = rf'"[^"\\]*+"{space}:{space}'
    member = rf"(?:{name}{scalar}|{other}{name}{_NESTED})"
    return re.compile(rf"{member}(?:{space},{space}{member})*+", re.DOTALL)


def _after(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
