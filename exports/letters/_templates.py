"""The wording of letters: templates that ship as data, and a body's own in their place.

A template is plain text. ``$name`` stands for a value; a paragraph with a value that is empty is
left out whole. Paragraphs are parted by an empty line; lines that begin with "- " are a list.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
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

GIVEN = ("review", "appeals", "help", "court", "particulars", "found_none")
"""What acts have letters say: who reviews a denial, where an appeal goes, who helps, which court,
what else a denial says, what an answer says that found nothing.
"""

_GENERAL = "general"
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
        paragraphs = [_filled(self.subject, values), *filled_paragraphs(self.text, values)]
        return "\n\n".join(paragraphs) + "\n"


@dataclass(frozen=True, slots=True)
class Given:
    """A text of the law that letters must say; `verified`: it was read in its source."""

    text: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Reminder:
    """What an officer is reminded of when such a letter is drafted, unless a value is there."""

    kinds: tuple[str, ...]
    unless: str
    text: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Templates:
    """An act's letters: the wording by kind, what the act has them say, by name, what an officer
    is reminded of.
    """

    kinds: Mapping[Kind, Wording]
    given: Mapping[str, Given]
    reminders: tuple[Reminder, ...]

    def unread(self, kind: Kind, values: Mapping[str, str]) -> list[Given]:
        """What a letter says that was not read in its source."""
        names = self.kinds[kind].names if kind in self.kinds else ()
        return [
            one
            for name, one in self.given.items()
            if name in names and values[name] and not one.verified
        ]

    def reminded(self, kind: Kind, values: Mapping[str, str]) -> list[Reminder]:
        """What is still to be done or said with a letter."""
        return [
            one
            for one in self.reminders
            if kind in one.kinds and not (one.unless and values.get(one.unless))
        ]


def load_templates(jurisdiction: str, received: date, folder: Path | None = None) -> Templates:
    """The letters of an act ("US-IL", in any case) for a request, with those of `folder` before.

    UsageError when there are none, or when a file is malformed or names a value that no letter has.
    """
    act, general = _shipped(jurisdiction.lower()), _shipped(_GENERAL)
    kinds = _kinds(general) | _kinds(act)
    given = _given(act, received)
    if folder is not None and (own := folder / OWN_FILE).exists():
        try:
            content = own.read_bytes()
        except OSError as error:
            raise StorageError(f"{own} cannot be read ({error.strerror})") from error
        mine = Table(parse_toml(content, str(own)), str(own))
        kinds |= _kinds(mine)
        given |= {name: Given(text, OWN_FILE, True) for name, text in mine.pairs("given").items()}
    return Templates(kinds, given, tuple(map(_reminder, act.tables("reminder"))))


def wording_of(jurisdiction: str, received: date) -> str:
    """The letters of an act as a file that a body can change. What was not read in its source
    is a comment, until the body has compared it.
    """
    templates = load_templates(jurisdiction, received)
    lines = [
        f"# The wording of letters under {jurisdiction.upper()}, to be changed: $name stands for a",
        "# value, a paragraph with an empty value is left out, lines with a dash are a list.",
        "[given]",
    ]
    for name, one in templates.given.items():
        if one.verified:
            lines += [f"# {one.source}", f"{name} = {_quoted(one.text)}"]
        else:
            lines += [
                f"# not compared with {one.source}; once you have, take the # away:",
                f"# {name} = {_quoted(one.text)}",
            ]
    lines += [f'# {name} = ""' for name in GIVEN if name not in templates.given]
    for kind, wording in templates.kinds.items():
        lines += ["", f"[{kind}]", f"subject = {_quoted(wording.subject)}"]
        lines += [f'text = """\n{wording.text.strip()}\n"""']
    return "\n".join(lines) + "\n"


def filled_paragraphs(text: str, values: Mapping[str, str]) -> list[str]:
    """The paragraphs of a text, without those that name an empty value."""
    return [
        _filled(paragraph, values)
        for paragraph in _PARAGRAPH.split(text.strip())
        if all(values[name] for name in _PLACE.findall(paragraph))
    ]


def refuse_unknown(names: Iterable[str], known: Iterable[str], where: str) -> None:
    """UsageError when a template names a value that there is not."""
    known = set(known)
    for name in sorted(set(names) - known):
        raise UsageError(
            f"{where} names ${name}, and there is no such value",
            hint=f"there are: {', '.join(sorted(known))}",
        )


def names_in(text: str) -> frozenset[str]:
    """The values that a text names."""
    return frozenset(_PLACE.findall(text))


def _shipped(name: str) -> Table:
    where = f"letters {name}"
    return Table(parse_toml(packaged("letters", name), where), where)


def _given(act: Table, received: date) -> dict[str, Given]:
    found = {}
    for one in act.tables("given"):
        last = one.day_or_none("effective_to")
        if one.day("effective_from") <= received and (last is None or received <= last):
            found[one.text("name")] = Given(
                one.text("text"), one.text("source"), one.flag("verified")
            )
    return found


def _reminder(table: Table) -> Reminder:
    return Reminder(
        table.texts("kinds"),
        table.text("unless", ""),
        table.text("text"),
        table.text("source"),
        table.flag("verified"),
    )


def _kinds(table: Table) -> dict[Kind, Wording]:
    return {
        kind: Wording(one.text("subject"), one.text("text"))
        for kind in KINDS
        if table.has(kind)
        for one in [table.table(kind)]
    }


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values[place[1]], text)


def _quoted(text: str) -> str:
    """A text as TOML has it on one line."""
    return json.dumps(text, ensure_ascii=False)
