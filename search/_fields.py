"""The fields of the query language, and the fields of the index behind them."""

import difflib
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Kind(Enum):
    """How the values of a field are compared."""

    TEXT = auto()
    """Words, stemmed; phrases and proximity. Wildcards and fuzzy search see the unstemmed words."""
    EXACT = auto()
    """Words of a text as they are written, never stemmed."""
    TAG = auto()
    """Hashtags of a text, without their #."""
    NAME = auto()
    """Words as they are, never stemmed: names of people and accounts."""
    KEYWORD = auto()
    """The whole value, without regard to case."""
    DATE = auto()
    """Moments: microseconds since 1970-01-01 UTC."""
    SET = auto()
    """A set of records that the index does not know: looked up when a query is run."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the query language. ``values`` are the only ones it can have, if that is known.

    Those that are ``looked_up`` name sets of records that the index does not know.
    """

    name: str
    kind: Kind
    meaning: str
    values: tuple[str, ...] = ()
    looked_up: tuple[str, ...] = ()

    @property
    def row_field(self) -> str:
        """The index field where its words stand in their order."""
        return _WORDS if self.kind is Kind.EXACT else self.name

    @property
    def word_field(self) -> str:
        """The index field where wildcards and fuzzy search look."""
        if self.kind in {Kind.EXACT, Kind.TAG}:
            return _WORDS
        return f"{self.name}_word" if self.kind is Kind.TEXT else self.name


DEFAULT: Final = "text"
_WORDS: Final = f"{DEFAULT}_word"

_KINDS = ("post", "comment", "share", "message", "page", "profile")
_STATUSES = ("live", "pending", "edited", "removed", "vanished", "held")

_ALL = (
    Field(DEFAULT, Kind.TEXT, "the words: title, text, what it repeats, poll, place, attachments"),
    Field("exact", Kind.EXACT, "the same words exactly as written, in this form only"),
    Field("tag", Kind.TAG, "a hashtag, with or without #"),
    Field("author", Kind.NAME, "who wrote it: name and handle"),
    Field("platform", Kind.KEYWORD, "facebook, mastodon, …"),
    Field("account", Kind.NAME, "the public body's account: its id, handle or name"),
    Field("kind", Kind.KEYWORD, "what it is", _KINDS),
    Field("status", Kind.KEYWORD, "what became of it", _STATUSES, ("held",)),
    Field("reason", Kind.TEXT, "why it was removed"),
    Field("clause", Kind.KEYWORD, "the clause of the policy it was removed under"),
    Field("title", Kind.TEXT, "the title alone"),
    Field("attachment", Kind.TEXT, "names and descriptions of attachments alone"),
    Field("has", Kind.KEYWORD, "what it comes with", ("attachment", "reason", "title")),
    Field("lang", Kind.KEYWORD, "the language the platform gave: en, es-MX, …"),
    Field("series", Kind.SET, "the retention series: its code or title"),
    Field("in", Kind.SET, "the thread of a record, by its id: the post and every answer"),
    Field("date", Kind.DATE, "when it was written (captured, where the platform does not say)"),
    Field("captured", Kind.DATE, "when this version was captured"),
    Field("removed", Kind.DATE, "when it was removed"),
)

FIELDS: Final = {field.name: field for field in _ALL}
"""The fields by name, in the order in which help shows them."""

_ELSEWHERE: Final = {
    "author": ("by", "from", "user", "username", "name", "handle", "poster", "who"),
    "date": ("after", "before", "since", "until", "on", "when", "day", "posted", "created"),
    "tag": ("hashtag", "tags", "topic"),
    "in": ("thread", "parent", "conversation", "reply", "post"),
    "attachment": ("file", "filename", "image", "photo", "picture", "video", "media", "alt"),
    "platform": ("site", "network", "source"),
    "lang": ("language", "locale"),
    "kind": ("type", "is"),
    "status": ("state", "hold"),
    "text": ("body", "content", "comment", "message"),
    "comment": ("reply", "replies", "answer"),
    "post": ("tweet", "toot", "status"),
    "share": ("retweet", "repost", "boost"),
    "message": ("dm", "chat"),
    "removed": ("deleted", "hidden", "taken-down"),
    "vanished": ("gone", "missing"),
    "held": ("hold", "on-hold", "legal-hold"),
    "live": ("published", "public"),
}


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Which of the known names or values `word` may have meant; "" when none is near.

    It is one of them with a slip, or what other search languages call one of them.
    """
    for name in known:
        if word in _ELSEWHERE.get(name, ()):
            return name
    return next(iter(difflib.get_close_matches(word, known, 1, 0.75)), "")


DATES: Final = tuple(field.name for field in _ALL if field.kind is Kind.DATE)

ORDERED: Final = (*(field.name for field in _ALL if field.kind in {Kind.TEXT, Kind.NAME}), _WORDS)
"""Index fields whose tokens keep their order."""

SEVERAL: Final = "several_versions"
"""The index field that holds "yes" in every version of a record that has more than one."""

UNORDERED: Final = (
    SEVERAL,
    *(f.word_field for f in _ALL if f.kind is Kind.TEXT and f.word_field not in ORDERED),
    *(field.name for field in _ALL if field.kind is Kind.KEYWORD),
)
"""Index fields that are sets of tokens."""

SCHEMA_VERSION: Final = 7
"""Raised when index fields change, or what stands in them, or the parts: it is then built anew."""
