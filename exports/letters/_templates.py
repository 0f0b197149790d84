"""The wording of letters: templates that ship as data, and a body's own in their place.

A template is plain text. ``$name`` stands for a value; a paragraph with a value that is empty is
left out whole. Paragraphs are parted by an empty line; lines that begin with "- " are a list.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Literal, get_args

from archive.errors import StorageError, UsageError
from exports.requests import Table, packaged, parse_toml

Kind = Literal[
    "acknowledgement",
    "extension",
    "clarification",
    "fee-estimate",
    "grant",
    "partial-denial",
    "denial",
    "no-records",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

OWN_FILE = "letters.toml"
"""A body's own wording, in the folder of its archive; it may hold some of the kinds."""

_PLACE = re.compile(r"\$\{?([a-z_]+)\}?")
_PARAGRAPH = re.compile(r"\n[ \t]*\n+")


@dataclass(frozen=True, slots=True)
class Wording:
    """The subject line and the paragraphs of one kind of letter."""

    subject: str
    text: str

    @property
    def names(self) -> frozenset[str]:
        """The values that it asks for."""
        return frozenset(_PLACE.findall(self.subject + self.text))

    def filled(self, values: Mapping[str, str]) -> str:
        """The letter as text: the subject line, an empty line, the paragraphs."""
        paragraphs = [_filled(self.subject, values)]
        for paragraph in _PARAGRAPH.split(self.text.strip()):
            named = _PLACE.findall(paragraph)
            if all(values[name] for name in named):
                paragraphs.append(_filled(paragraph, values))
        return "\n\n".join(paragraphs) + "\n"


@dataclass(frozen=True, slots=True)
class Templates:
    """A jurisdiction's letters: the wording by kind, the values it gives, and where it is from.

    `given` are texts of the law that letters must say, such as who reviews a denial; `verified`
    says whether they were read in their source.
    """

    kinds: Mapping[Kind, Wording]
    given: Mapping[str, str]
    source: str
    verified: bool


def load_templates(jurisdiction: str, folder: Path | None = None) -> Templates:
    """The letters of a jurisdiction ("US-IL", in any case), with those of `folder` before them.

    UsageError when there are none, or when a file is malformed or names a value that no letter has.
    """
    code = jurisdiction.lower()
    shipped = packaged("letters", code)
    where = f"letters {code}"
    table = Table(parse_toml(shipped, where), where)
    kinds = _kinds(table)
    given = table.pairs("given")
    about = table.table("about")
    if folder is not None and (own := folder / OWN_FILE).exists():
        try:
            content = own.read_bytes()
        except OSError as error:
            raise StorageError(f"{own} cannot be read ({error.strerror})") from error
        mine = Table(parse_toml(content, str(own)), str(own))
        kinds |= _kinds(mine)
        given |= mine.pairs("given")
    return Templates(kinds, given, about.text("source"), about.flag("verified"))


def shipped_letters(jurisdiction: str) -> bytes:
    """The file of letters that ships for a jurisdiction, to be changed."""
    return packaged("letters", jurisdiction.lower())


def refuse_unknown(template: Wording, known: frozenset[str], kind: Kind) -> None:
    """UsageError when a template names a value that there is not."""
    for name in sorted(template.names - known):
        raise UsageError(
            f"the letter {kind} names ${name}, and there is no such value",
            hint=f"there are: {', '.join(sorted(known))}",
        )


def _kinds(table: Table) -> dict[Kind, Wording]:
    return {
        kind: Wording(one.text("subject"), one.text("text"))
        for kind in KINDS
        if table.has(kind)
        for one in [table.table(kind)]
    }


def _filled(text: str, values: Mapping[str, str]) -> str:
    return Template(text).substitute(values)
