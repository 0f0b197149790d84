"""The body of a web page as its title, text and language."""

import re

from ingest._html import to_text

_HTML = ("text/html", "application/xhtml+xml")
_NO_TEXTS = ("text/css", "text/javascript")
_TEXTS = ("application/json", "application/xml", "application/rss+xml", "application/atom+xml")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_META = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_LANG = re.compile(r"""<html\b[^>]{0,500}?\slang\s*=\s*["']?([A-Za-z0-9-]{1,35})""", re.IGNORECASE)
_HEAD = 4096


def page_of(body: bytes, media: str) -> tuple[str, str, str]:
    """The title, text and language of what a server sent as the media type `media`.

    HTML's text is that of its body; of other kinds of text it is the whole, of anything else "".
    Bytes that are none of the charset become U+FFFD.
    """
    kind = media.partition(";")[0].strip().lower()
    named = _CHARSET.search(media)
    if kind in _HTML:
        text = _decoded(body, named.group(1) if named else _declared(body))
        return _of_html(text)
    if (kind.startswith("text/") and kind not in _NO_TEXTS) or kind in _TEXTS:
        return "", _decoded(body, named.group(1) if named else "utf-8"), ""
    return "", "", ""


def _of_html(text: str) -> tuple[str, str, str]:
    shown = text.lower()
    title = ""
    start = shown.find("<title")
    opened = shown.find(">", start) if start >= 0 else -1
    closed = shown.find("</title", opened) if opened >= 0 else -1
    if closed >= 0:
        title = " ".join(to_text(text[opened + 1 : closed]).split())
    head = shown.find("<head")
    end = shown.find("</head", head) if head >= 0 else -1
    body = text[:head] + text[end:].partition(">")[2] if end >= 0 else text
    language = _LANG.search(text[:_HEAD])
    return title, to_text(body).strip(), language.group(1) if language else ""


def _declared(body: bytes) -> str:
    found = _META.search(body[:_HEAD])
    return found.group(1).decode() if found else "utf-8"


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, errors="replace").removeprefix("\ufeff")
    except (LookupError, ValueError):
        return body.decode(errors="replace").removeprefix("\ufeff")
