"""HTML as the text that its reader saw: paragraphs and line breaks kept, mark-up gone.

One pass of our own rather than a tree: the parsers at hand either lose words in silence beyond some
depth or length (libxml2), or take quadratic time over a hostile text (`html.parser`). What is not
closed, a tag, a comment or a script, counts as text: no word is lost to bad mark-up.
"""

import html
import re

_PARAGRAPHS = frozenset(
    (
        *("p", "div", "section", "article", "header", "footer", "aside", "main", "nav", "form"),
        *("figure", "figcaption", "blockquote", "pre", "table", "ul", "ol", "dl", "address"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "fieldset"),
    )
)
_BREAKS = {
    **dict.fromkeys(("br", "/br", "/li", "/tr", "/dt", "/dd"), "\n"),
    **dict.fromkeys(("/td", "/th"), "\t"),
    **dict.fromkeys((*_PARAGRAPHS, *(f"/{one}" for one in _PARAGRAPHS)), "\n\n"),
}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_GAPS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_TAG = re.compile(r"""<(/?[a-zA-Z][^\s/<>"']*+)(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>|<[!?][^<>]*+>""")
_PARAGRAPH = re.compile("<p>[ \t]*+([^<\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]*+)</p>")
_UNSHOWN = re.compile(r"<(?:!--|script\b|style\b)", re.IGNORECASE)
_COMMENT = (re.compile("<!--"), re.compile("-->"))
_SCRIPT = (re.compile(r"<script\b", re.IGNORECASE), re.compile(r"</script\s*+>", re.IGNORECASE))
_STYLE = (re.compile(r"<style\b", re.IGNORECASE), re.compile(r"</style\s*+>", re.IGNORECASE))


def to_text(source: str) -> str:
    """The text of a fragment of HTML.

    Paragraphs are set apart by an empty line, ``<br>`` and list items by a line; line breaks of
    the source stay, for some platforms mean them. Characters that HTML has no place for become
    U+FFFD. Text without mark-up comes back as it is, its entities resolved.
    """
    if "<" not in source:
        return html.unescape(source) if "&" in source else source
    if plain := _PARAGRAPH.fullmatch(source):
        words = html.unescape(plain[1])
        if "\n" not in words and not words.startswith((" ", "\t")):
            return words
    shown = _CONTROL.sub("\ufffd", source)
    if _UNSHOWN.search(shown):
        for opening, closing in (_COMMENT, _SCRIPT, _STYLE):
            shown = _without(shown, opening, closing)
    pieces = _TAG.split(shown)  # a text and a tag in turns
    pieces[1::2] = [_BREAKS.get((tag or "").lower(), "") for tag in pieces[1::2]]
    if "&" in shown:
        pieces[::2] = map(html.unescape, pieces[::2])
    return _GAPS.sub("\n\n", "".join(pieces)).strip("\n")


def _without(source: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    pieces: list[str] = []
    at = 0
    while start := opening.search(source, at):
        end = closing.search(source, start.end())
        if end is None:
            break
        pieces.append(source[at : start.start()])
        at = end.end()
    return "".join((*pieces, source[at:]))
