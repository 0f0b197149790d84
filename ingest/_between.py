"""Mark-up that stands between the elements of interest: followed, so that no damage hides in it."""

import re

_TAG = re.compile(rb"""<(/?)([^\s<>/"'=]++)(?=[\s/>])(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
_DECLARATION = re.compile(rb"""<!(?:[^>"'\[]++|"[^"]*+"|'[^']*+')*+>""")
_ENDS = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
_BOM = b"\xef\xbb\xbf"


def follow(markup: bytes, around: tuple[bytes, ...]) -> tuple[tuple[bytes, ...], bool]:
    """The names of the elements that are open behind some mark-up, and whether it is sound.

    `around` are those that are open before it. Sound are whole elements, comments and
    instructions, and the ends of what is around; text is sound inside an element that begins here.
    """
    opened = list(around)
    floor = len(opened)
    sound = True
    at = len(_BOM) if markup.startswith(_BOM) else 0
    while True:
        start = markup.find(b"<", at)
        if len(opened) <= floor and markup[at : start if start >= 0 else None].strip():
            sound = False
        if start < 0:
            return tuple(opened), sound
        passed = _passed(markup, start)
        tag = None if passed else _TAG.match(markup, start)
        if passed:
            sound = sound and (len(opened) > floor or not markup.startswith(b"<![", start))
            at = passed
        elif tag is None:
            return tuple(opened), False
        else:
            sound = _step(tag, opened) and sound
            floor = min(floor, len(opened))
            at = tag.end()


def apart(markup: bytes) -> tuple[bytes, bytes]:
    """Some mark-up without its comments, and these."""
    outside, inside = [], []
    at = 0
    while (start := markup.find(b"<!--", at)) >= 0:
        end = markup.find(b"-->", start + 4)
        if end < 0:
            break
        outside.append(markup[at:start])
        at = end + 3
        inside.append(markup[start:at])
    return b"".join((*outside, markup[at:])), b"".join(inside)


def _step(tag: re.Match[bytes], opened: list[bytes]) -> bool:
    """Keep the list of open elements; whether the tag has its place there."""
    name = tag.group(2)
    if not tag.group(1):
        if not tag.group().endswith(b"/>"):
            opened.append(name)
        return True
    if name not in opened:
        return False
    well = opened[-1] == name
    while opened.pop() != name:
        pass
    return well


def _passed(markup: bytes, start: int) -> int:
    """Where the comment, section, instruction or declaration ends that begins here; 0 if none does.

    One that does not end is none.
    """
    for opening, closing in _ENDS:
        if markup.startswith(opening, start):
            found = markup.find(closing, start + len(opening))
            return found + len(closing) if found >= 0 else 0
    declared = _DECLARATION.match(markup, start)
    return declared.end() if declared else 0
