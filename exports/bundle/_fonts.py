"""The fonts of the letter: those that Typst carries, and Noto's for all other scripts and emoji."""

from importlib.util import find_spec

FAMILIES = (
    "Libertinus Serif",
    "New Computer Modern",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Armenian",
    "Noto Sans Bengali",
    "Noto Sans Devanagari",
    "Noto Sans Ethiopic",
    "Noto Sans Georgian",
    "Noto Sans Gujarati",
    "Noto Sans Gurmukhi",
    "Noto Sans Kannada",
    "Noto Sans Khmer",
    "Noto Sans Lao",
    "Noto Sans Malayalam",
    "Noto Sans Myanmar",
    "Noto Sans Oriya",
    "Noto Sans Sinhala",
    "Noto Sans Tamil",
    "Noto Sans Telugu",
    "Noto Sans Thai",
    "Noto Emoji",
    "Noto Sans Symbols",
    "DejaVu Sans Mono",
    "Noto Sans CJK SC",
)
_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
_LATIN = "\u0180"


def folders(text: str) -> tuple[str, ...]:
    """Where the fonts are that a text needs beside those that Typst carries."""
    if all(c < _LATIN for c in set(text)):
        return ()
    specs = [find_spec(name) for name in _PACKAGES]
    return tuple(place for spec in specs if spec for place in spec.submodule_search_locations or ())
