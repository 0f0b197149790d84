"""A patron's identity next to a title, a hold or a checkout, which library laws keep secret.

A sentence that tells of borrowing and of an item betrays whoever it names; where it says "I" or
"my", it betrays its author.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from exports.requests._suggest_words import any_of, words

_END = re.compile(r"[.!?]+(?=\s|\Z)|\n")
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|[A-Z])\Z")
_HELD = re.compile(
    r"""\b(?:
        (?:my|your|his|her|their|a|the|\d+|two|three|four|five|several)\s+(?:\w+\s+)?
            holds?\b(?!\s+(?:the|music|harmless|up|time))
        | holds?\s+(?:for|on|shelf|list|queue|ready|expired|request|notice|pick)
        | (?:on|off)\s+hold\b | (?:wait|hold)\s?-?list\w* | late\s+fees? | overdue
        | what\s+(?:did|has|does)\s+[^.?!]{2,40}\bcheck(?:ed)?\s+out
        | (?:next|first|second|third|\d+(?:st|nd|rd|th)?)\s+in\s+line\s+for
        | (?:have|has|had)\s+(?:[\w'’]+\s+){1,6}out\s+(?:until|till|since)
        | my\s+account\s+(?:shows|says) | reserva\s+(?:de|para) | libros?\s+vencidos?
        | interlibrary\s+loan | (?:checkout|borrowing|reading)\s+(?:history|records?)
    ) | ['’]s\s+(?:\w+\s+)?holds?\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_HELD = re.compile(
    r"""\b(?:
        (?:put|placed?|been|left|kept|was|am|were|sat)\s+(?:me\s+|us\s+|them\s+)?
            on\s+hold\s+(?:for\s+\d|by\s+phone|again|forever)
        | (?:project|plans?|construction|renovation|phone)\b[^.]*\bon\s+hold
        | hold(?:s|ing)?\s+on\s+(?:to|tight|a\s+(?:second|minute|sec))
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_LENT = re.compile(
    r"""\b(?:
        check(?:ed|s|ing)?\s+(?:\w+\s+)?out | checked\s+(?:[\w'’]+\s+){1,6}out
        | borrow(?:ed|s|ing)? | return(?:ed|s|ing)?(?!\s+with\b) | download(?:ed|s)?
        | took\s+(?:home|out) | still\s+ha(?:ve|s) | prestad[oa]s? | saqu[eé] | sacó | devolv\w+
        | pedí | pidió | renew(?:ed|s|ing)? | reserv(?:ed|es|ing)
        | request(?:ed|s|ing)? | pick(?:ed|s|ing)?\s+up | pickup | arrived | lost
        | (?:is|was|are|were)\s+due(?!\s+out) | due\s+(?:back|date|on) | fines?\s+(?:for|on)
        | (?:is|are)\s+(?:here|ready|in)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_QUOTED = re.compile(
    r"[\"“][^\"”]{3,80}[\"”]|['‘][A-Z][^'’]{3,60}['’]|[*_][A-Z][^*_]{3,60}[*_]|«[^»]{3,80}»"
)
_TITLE = re.compile(
    r"(?<=\bout )[A-Z][\w'’]+(?:\s+(?:of|the|and|in|to|a|[A-Z][\w'’]+))*\s+[A-Z][\w'’]+"
    r"|(?<=copy of )[A-Z]\w+(?:\s+\w+)?"
)
_SELF = re.compile(r"\b(?:[Yy]o|[Mm]is?|[Ii]['’](?:ve|m|d|ll)|I|i|my|My|MY|me|mine|Mine)\b")
_SURNAME = r"(?:\s+(?:[A-Z]\.|(?:de|la|van|von|del|al)\s+)?\s?[A-Z][\w'’\-]+){0,2}"
_PERSON = (
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s+)?"
    rf"[A-Z](?:[a-zà-ÿ]+|\.)(?:[\-'’][A-Z][a-zà-ÿ]+)?{_SURNAME}"
)
_BEFORE = (
    r"\b(?:for|(?:borrowed|requested|reserved|returned|placed|out)\s+by|who\s+is|shows?|from|to|did|does|has|patron|customer|reader|member|named|neighbou?r|hi|hey|hello"
    r"|dear|tell|that|and|while|because|saw|see)\s+"
)
_AFTER = (
    r"(?:['’]s\s+(?=[a-z])|\s+(?:tiene|sacó|devolvió|pidió|debe|has|had|have|still|ever|never|just|also|already|always|recently|borrow|check"
    r"|return|renew|reserv|request|owe|put|placed|picked|keeps|kept|lost|wants?|took|got|ordered|who"
    r"|(?:is|was)\s+(?:waiting|next|on|first|reading))\w*\b)"
)
_NAMED = (
    re.compile(rf"(?i:{_BEFORE})(?P<who>{_PERSON})"),
    re.compile(rf"(?<![\w'’])(?P<who>{_PERSON})(?={_AFTER})"),
)
_GREETING = r"(?i:hi|hello|hey|dear|thanks|thank you|sorry)[,\s]+"
_SPOKEN_TO = re.compile(
    rf"\s*(?:{_GREETING})?(?P<who>@[\w.@\-]+\w|{_PERSON})\s*[,:!\u2013\u2014\-]?\s+"
    r"(?=[^.!?]*\b(?i:you|your)\b)"
)
_YOU = re.compile(r"\byour?\b", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])@[\w.\-]+\w(?:@[\w.\-]+\w)?")


class Told(NamedTuple):
    """What gives a patron away: characters `start` up to `end`; `of_author`: whoever wrote it."""

    start: int
    end: int
    of_author: bool


def patrons(text: str) -> Iterator[Told]:
    """Who is named, or speaks, in a sentence about an item borrowed, held or due."""
    for start, end in _sentences(text):
        said = text[start:end]
        if not _tells_of_borrowing(said):
            continue
        named = [(start + a, start + b) for a, b in _named(said)]
        spoken = _SPOKEN_TO.match(text) if _YOU.search(said) else None
        if spoken and _is_person(spoken["who"]):
            named.append(spoken.span("who"))
        yield from (Told(a, b, False) for a, b in dict.fromkeys(named))
        kin = _kin().search(said)
        me = kin or _SELF.search(said)
        if me and not (named and (kin or spoken)):
            yield Told(start + me.start(), start + me.end(), True)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in _END.finditer(text):
        if end[0] != "." or not _ABBREVIATED.search(text, start, end.start()):
            yield start, end.end()
            start = end.end()
    if start < len(text):
        yield start, len(text)


def _tells_of_borrowing(said: str) -> bool:
    if _NOT_HELD.search(said):
        return False
    if _HELD.search(said):
        return True
    if not _LENT.search(said):
        return False
    return bool(_items().search(said) or _QUOTED.search(said) or _TITLE.search(said))


def _named(said: str) -> Iterator[tuple[int, int]]:
    taken: set[int] = set()
    quoted = [match.span() for match in _QUOTED.finditer(said)]
    for pattern in _NAMED:
        for match in pattern.finditer(said):
            start, end = match.span("who")
            within = any(a <= start < b for a, b in quoted)
            if start not in taken and not within and _is_person(match["who"]):
                taken.add(start)
                yield start, end
    for match in _HANDLE.finditer(said):
        yield match.span()


def _is_person(name: str) -> bool:
    return words("patron", "bodies").isdisjoint(name.lower().replace(".", " ").split())


@cache
def _items() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(words('patron', 'items'))}\b", re.IGNORECASE)


@cache
def _kin() -> re.Pattern[str]:
    kin = any_of(words("patron", "kin"))
    return re.compile(rf"\b(?:my|our|mis?)\s+(?:\w+\s+)?{kin}\b", re.IGNORECASE)
