"""HTML as the text that its reader saw: paragraphs and line breaks kept, mark-up gone."""

import html
import re

from lxml import etree
from lxml import html as lxml_html

_PARAGRAPHS = frozenset(
    (
        *("p", "div", "section", "article", "header", "footer", "aside", "main", "nav", "form"),
        *("figure", "figcaption", "blockquote", "pre", "table", "ul", "ol", "dl", "address"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "fieldset"),
    )
)
_LINES = frozenset(["li", "tr", "dt", "dd", "br"])
_CELLS = frozenset(("td", "th"))
_UNSEEN = frozenset(("script", "style", "template", "head", "noscript"))
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_GAPS = re.compile(r"[ \t]*\n[ \t]*(?:\n[ \t]*)+")


def to_text(source: str) -> str:
    """The text of a fragment of HTML.

    Paragraphs are set apart by an empty line, ``<br>`` and list items by a line; line breaks of
    the source stay, for some platforms mean them. Characters that HTML has no place for become
    U+FFFD. Text without mark-up comes back as it is, its entities resolved.
    """
    if "<" not in source:
        return html.unescape(source) if "&" in source else source
    cleaned = _CONTROL.sub("\ufffd", source)
    try:
        root = lxml_html.fragment_fromstring(cleaned, create_parent="div")
    except etree.ParserError:
        return ""
    return _GAPS.sub("\n\n", "".join(_pieces(root))).strip("\n")


def _pieces(root: etree._Element) -> list[str]:
    out: list[str] = []
    unseen = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = node.tag if isinstance(node.tag, str) else ""
        hidden = tag in _UNSEEN
        if event == "start":
            unseen += hidden
            out += _break(tag, opening=True)
            if node.text and not unseen:
                out.append(node.text)
            continue
        if event == "end":
            unseen -= hidden
            out += _break(tag, opening=False)
        if node.tail and not unseen and node is not root:
            out.append(node.tail)
    return out


def _break(tag: str, *, opening: bool) -> list[str]:
    if tag in _PARAGRAPHS:
        return ["\n\n"]
    if tag in _LINES and opening == (tag == "br"):
        return ["\n"]
    return ["\t"] if tag in _CELLS and not opening else []
