"""The long texts of X: ``note-tweet.js`` gives them apart, under ids that no post names."""

import html
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from ingest._shapes import name_or_number, table, text
from ingest._times import from_iso, from_seconds

_SHORTEST = 100  # of a text that was cut off; X cuts at 280 characters, mentions aside
_APART = 60
_MENTIONS = re.compile(r"^(?:@\w+\s+)+")
_LINK_AT_END = re.compile(r"\s*https://t\.co/\w+$")


@dataclass(frozen=True, slots=True)
class Note:
    """A long text, its own id, and its bytes."""

    native_id: str
    text: str
    raw: bytes
    file: str
    occurred_at: datetime | None


class Notes:
    """The notes of an archive, to be taken by the posts they belong to. Close after use.

    They are kept in a temporary database: memory stays flat.
    """

    def __init__(self) -> None:
        self._kept = sqlite3.connect("", isolation_level=None)
        self._kept.execute(
            "CREATE TABLE notes (n INTEGER PRIMARY KEY, id, second, text, raw, file, taken)"
        )
        self._kept.execute("CREATE INDEX moments ON notes (second)")
        self._kept.execute("BEGIN")
        self._any = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def keep(self, value: Any, raw: bytes, file: str) -> str:
        """Keep a note; gives the reason when it is none."""
        note = table(value, "noteTweet") if isinstance(value, dict) else {}
        native_id = name_or_number(note, "noteTweetId")
        if not native_id:
            return "it is no long post"
        posted = from_iso(note.get("createdAt"))
        second = None if posted is None else posted.timestamp()
        words = text(table(note, "core"), "text").encode(errors="surrogatepass")
        self._kept.execute(
            "INSERT INTO notes (id, second, text, raw, file, taken) VALUES (?, ?, ?, ?, ?, 0)",
            (native_id.encode(errors="surrogatepass"), second, words, raw, file),
        )
        self._any = True
        return ""

    def take(self, cut_off: str, posted: datetime | None) -> Note | None:
        """The note whose beginning a post of that moment shows, if there is one."""
        if not self._any or posted is None or len(cut_off) < _SHORTEST:
            return None
        second = posted.timestamp()
        start = _beginning(cut_off)
        if len(start) < _SHORTEST:
            return None
        for row in self._kept.execute(
            "SELECT n, id, text, raw, file, second FROM notes"
            " WHERE second BETWEEN ? AND ? AND taken = 0 ORDER BY abs(second - ?), n",
            (second - _APART, second + _APART, second),
        ):
            note = _note(row)
            if _MENTIONS.sub("", note.text).startswith(start):
                self._kept.execute("UPDATE notes SET taken = 1 WHERE n = ?", (row[0],))
                return note
        return None

    def left(self) -> Iterator[Note]:
        """The notes that no post has taken."""
        for row in self._kept.execute(
            "SELECT n, id, text, raw, file, second FROM notes WHERE taken = 0 ORDER BY n"
        ):
            yield _note(row)


def _beginning(cut_off: str) -> str:
    shown = _LINK_AT_END.sub("", cut_off).rstrip("\u2026 ")
    return _MENTIONS.sub("", shown)


def _note(row: tuple[int, bytes, bytes, bytes, str, float | None]) -> Note:
    _, native_id, words, raw, file, second = row
    return Note(
        native_id.decode(errors="surrogatepass"),
        html.unescape(words.decode(errors="surrogatepass")),
        raw,
        file,
        None if second is None else from_seconds(second),
    )
