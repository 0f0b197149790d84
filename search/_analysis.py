"""Text to tokens: the one analyzer that the index, the queries and the snippets share.

A text becomes a row of **words** and a row of **tokens**, the words without their endings (their
order matters: phrases and proximity), and a set of **marks**, the forms that must be found whole.

- Letters are compared without case, accents and compatibility forms (``ﬁ``, ``Ａ``).
- A word is a run of letters and digits; everything else separates. Thus an e-mail address, a URL,
  a phone number or a hyphenated word is a row of adjacent tokens; to find it is to find a phrase.
- English endings are cut from words that are wholly ``a``–``z`` (Snowball's English stemmer).
- A script written without spaces gives one token per character; so does an emoji. A flag is one
  token; skin tones, variation selectors and invisible joiners do not count.
- Words over 250 characters are cut into pieces of 250, so that no engine's term limit loses them.
- Marks are ``#hashtag``, ``@handle``, and the digits of a phone-like number,
  whole and its last ten, so that ``5551234567`` finds ``+1 (555) 123-4567``.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

import tantivy

VERSION = 2
"""Raised when any text would give other tokens than before: the index is then built anew."""

LONGEST = 250

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u3096\u309d-\u30fa\u30fc-\u30ff\u3105-\u312f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_PICTURE = "\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
_FLAG = "[\U0001f1e6-\U0001f1ff]"


def _combining() -> str:
    blocks = (range(0x0300, 0x1B00), range(0x1DC0, 0x1E00), range(0xA800, 0xAC00))
    marks = [chr(c) for block in blocks for c in block if unicodedata.category(chr(c))[0] == "M"]
    return re.escape("".join(marks))


_MARKS = _combining()
_TOKEN = re.compile(
    rf"[{_UNSPACED}][{_MARKS}]*"
    rf"|{_FLAG}{{2}}"
    rf"|[{_PICTURE}]"
    rf"|(?:[^\W_{_UNSPACED}{_PICTURE}][{_MARKS}]*)+"
)
_ASCII_SPACED = bytes(ord(char) if char.isalnum() else 32 for char in map(chr, range(128))) * 2
_ACCENTS = re.compile("[\u0300-\u036f]")
_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e01ef]"
)
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe"}
    | {"þ": "th", "ŋ": "n", "ĸ": "k"}
)
_TAG = re.compile(r"(?<!\w)(?:(#)(\w+)|(@)(\w[\w.\-]*))")
_PHONE = re.compile(r"[0-9](?<![0-9.].)[0-9 \t().\-/]{5,22}[0-9](?![0-9])")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NOT_DIGIT = re.compile(r"\D+")
_STEMMABLE = re.compile(r"[a-z]{3,40}")
_STEMMER = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    .filter(tantivy.Filter.stemmer("english"))
    .build()
)
_MOST_KEPT = 1 << 18


def fold(text: str) -> str:
    """`text` as it is compared: no case, accents, compatibility forms, invisible characters."""
    if text.isascii():
        return text.lower()
    text = _IGNORED.sub("", text)
    text = unicodedata.normalize("NFKD", text).casefold()
    text = _ACCENTS.sub("", text).translate(_UNDECOMPOSED)
    return unicodedata.normalize("NFKC", text).casefold()


class _Stems(dict[str, str]):
    """Stems that were asked for, by their words."""

    def __missing__(self, word: str) -> str:
        found = _STEMMER.analyze(word)[0] if _STEMMABLE.fullmatch(word) else word
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[word] = found
        return found


_stems = _Stems()


def stem(word: str) -> str:
    """A folded word without its English ending; other scripts and mixed words as they are."""
    return _stems[word]


def stems(words: Iterable[str]) -> list[str]:
    """The stems of folded words, in order."""
    return list(map(_stems.__getitem__, words))


def words_of_folded(folded: str) -> list[str]:
    """The words of a text that `fold` has been through, in order."""
    if folded.isascii():
        found = folded.encode().translate(_ASCII_SPACED).decode().split()
    else:
        found = _TOKEN.findall(folded)
    if len(folded) > LONGEST and max(map(len, found), default=0) > LONGEST:
        return [piece for word in found for piece in _pieces(word)]
    return found


def words(text: str) -> list[str]:
    """The words of a text, folded but not stemmed, in order."""
    return words_of_folded(fold(text))


def marks_of_folded(folded: str) -> set[str]:
    """The hashtags, handles and phone numbers of a folded text, each as one word."""
    marks: set[str] = set()
    if "#" in folded or "@" in folded:
        marks.update(_tag_mark(match) for match in _TAG.finditer(folded))
    for match in _PHONE.findall(folded):
        marks.update(_phone_forms(match))
    return marks


def analyze(text: str) -> tuple[list[str], list[str], set[str]]:
    """The words of a text in order, their stems, and its marks."""
    folded = fold(text)
    found = words_of_folded(folded)
    return found, stems(found), marks_of_folded(folded)


def tags(text: str) -> list[str]:
    """The hashtags and handles of a text in order, each as the mark that it is in the index."""
    return list(dict.fromkeys(_tag_mark(match) for match in _TAG.finditer(fold(text))))


def phone_marks(text: str) -> list[str]:
    """The marks to look for when `text` is wholly one phone-like number; else none.

    A North American number with its country code is found without it too.
    """
    folded = fold(text).strip().lstrip("+(")
    if _PHONE.fullmatch(folded) is None or _ISO_DATE.fullmatch(folded):
        return []
    forms = _phone_forms(folded)
    if not forms:
        return []
    national = forms[0][0] == "1" and len(forms[0]) == 11
    return forms if national else forms[:1]


def marks_in(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """The marks of a text as ``(start, end, forms)``, for showing what was found."""
    for match in _TAG.finditer(text):
        yield match.start(), match.end(), [fold(match[0]).rstrip(".-")[:LONGEST]]
    for match in _PHONE.finditer(text):
        forms = _phone_forms(match[0])
        if forms:
            yield match.start(), match.end(), forms


def pieces(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """The searchable pieces of a text as ``(start, end, words)``, for marking what was found.

    The positions count characters of `text` itself; a piece is one word, or one character of a
    script written without spaces.
    """
    for match in _PIECE.finditer(text):
        found = words(match[0])
        if found:
            yield match.start(), match.end(), found


_PIECE = re.compile(
    rf"[{_UNSPACED}][{_MARKS}]*"
    rf"|{_FLAG}{{2}}"
    rf"|[{_PICTURE}]"
    rf"|(?:[^\W_{_UNSPACED}{_PICTURE}][{_MARKS}\u00ad\u200b-\u200d\u2060\ufe0f]*)+"
)


def _pieces(word: str) -> list[str]:
    return [word[i : i + LONGEST] for i in range(0, len(word), LONGEST)]


def _tag_mark(match: re.Match[str]) -> str:
    return match[0].rstrip(".-")[:LONGEST]


def _phone_forms(match: str) -> list[str]:
    digits = _NOT_DIGIT.sub("", match)
    if not 7 <= len(digits) <= 15:
        return []
    return [digits, digits[-10:]] if len(digits) > 10 else [digits]
