"""One paper as PDF/A, whatever characters stand in it."""

from collections.abc import Callable
from typing import Any

import orjson

from archive.errors import MunimentError
from exports.bundle import _fonts, _glyphs
from exports.bundle._compile import NotSet, compiled

Settle = Callable[[str], list[object]]
"""Makes of a text what a template takes: strings, and marks for characters that no font has."""

_ATTEMPTS = 3


def paper(
    template: bytes, text: str, data: Callable[[Settle], dict[str, Any]], at: int, what: str
) -> bytes:
    """A document as PDF/A-2a, dated `at` (Unix seconds); the same input gives the same bytes.

    `data` makes what the template takes, with the function that it is given for every text; `text`
    is all of these texts. MunimentError when Typst refuses `what`.
    """
    missing = _glyphs.unsettable(text)
    for _ in range(_ATTEMPTS):
        try:
            return _set(template, data, missing, at)
        except NotSet as error:
            more = _glyphs.refused(str(error))
            if more <= missing:
                break
            missing |= more
    try:
        return _set(template, data, missing | _glyphs.cautious(text), at)
    except NotSet as error:
        reason = str(error).partition("\n")[0]
        raise MunimentError(f"{what} cannot be typeset: {reason}") from error


def _set(
    template: bytes, data: Callable[[Settle], dict[str, Any]], missing: frozenset[str], at: int
) -> bytes:
    made = data(lambda text: list(_glyphs.spans(text, missing)))
    encoded = orjson.dumps({"fonts": _fonts.FAMILIES, **made}).decode()
    return compiled(template, {"data": encoded}, at, _fonts.folders(encoded))
