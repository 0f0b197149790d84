"""A letter as PDF/A, set by Typst from `letter.typ`."""

from collections.abc import Sequence
from datetime import date, datetime, time
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from exports.bundle import Settle, paper


def letter_pdf(
    text: str, *, body: str, address: Sequence[str], contact: str, day: date, zone: ZoneInfo
) -> bytes:
    """A letter's text (subject line, empty line, paragraphs) as PDF/A-2a, tagged.

    `address` are the lines of whom it goes to. The same input gives the same bytes. Characters that
    no font has are named in their place. MunimentError when Typst refuses it.
    """
    subject, _, rest = text.strip().partition("\n\n")

    def data(settle: Settle) -> dict[str, Any]:
        return {
            "title": "".join(c for c in subject if c.isprintable()),
            "author": "".join(c for c in body if c.isprintable()),
            "body": settle(body),
            "contact": settle(contact),
            "date": f"{day:%B} {day.day}, {day.year}",
            "address": [settle(line) for line in address if line.strip()],
            "subject": settle(subject),
            "blocks": [_block(one, settle) for one in rest.split("\n\n") if one.strip()],
        }

    at = int(datetime.combine(day, time(12), zone).timestamp())
    template = (files("exports.letters") / "letter.typ").read_bytes()
    everything = "\n".join((text, body, contact, *address))
    return paper(template, everything, data, at, "the letter")


def _block(paragraph: str, settle: Settle) -> dict[str, Any]:
    """A list where every line begins with "- ", else a paragraph whose lines are joined."""
    lines = [line.strip() for line in paragraph.strip().splitlines()]
    if all(line.startswith("- ") for line in lines):
        return {"list": [settle(line.removeprefix("- ")) for line in lines]}
    return {"text": settle(" ".join(lines))}
