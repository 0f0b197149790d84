"""HTML as the text that its reader saw: paragraphs and line breaks kept, mark-up gone.

The standard library's parser is used because it builds no tree: no depth and no length of a text
makes it lose a word, as the limits of tree-building parsers do in silence.
"""

import html
import re
from html.parser import HTMLParser

_PARAGRAPHS = frozenset(
    (
        *("p", "div", "section", "article", "header", "footer", "aside", "main", "nav", "form"),
        *("figure", "figcaption", "blockquote", "pre", "table", "ul", "ol", "dl", "address"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "fieldset"),
    )
)
_LINES = frozenset(("li", "tr", "dt", "dd"))
_CELLS = frozenset(("td", "th"))
_UNSEEN = frozenset(("script", "style"))
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_GAPS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_TRAILING = re.compile(r"[ \t]+(?=\n)")


def to_text(source: str) -> str:
    """The text of a fragment of HTML.

    Paragraphs are set apart by an empty line, ``<br>`` and list items by a line; line breaks of
    the source stay, for some platforms mean them. Characters that HTML has no place for become
    U+FFFD. Text without mark-up comes back as it is, its entities resolved.
    """
    if "<" not in source:
        return html.unescape(source) if "&" in source else source
    seen = _Seen()
    seen.feed(_CONTROL.sub("\ufffd", source))
    seen.close()
    return _GAPS.sub("\n\n", _TRAILING.sub("", "".join(seen.pieces))).strip("\n")


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _PARAGRAPHS:
            self.pieces.append("\n\n")
        elif tag == "br":
            self.pieces.append("\n")
        elif tag in _UNSEEN:
            self._unseen += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.pieces.append("\n\n")
        elif tag in _LINES:
            self.pieces.append("\n")
        elif tag in _CELLS:
            self.pieces.append("\t")
        elif tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _UNSEEN:
            self._unseen -= 1

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)
