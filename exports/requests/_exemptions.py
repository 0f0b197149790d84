"""Exemption codes as data: what each covers, where it stands, if its title was checked."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

from archive.errors import StorageError, UsageError
from exports.requests._data import packaged

EXEMPTIONS_FILE = "exemptions.csv"
"""A body's own exemptions, in the folder of its archive: added, or in the place of the shipped."""

_COLUMNS = ("code", "title", "section", "title_checked_against", "effective_from")
_NEEDED = 3
_BLANK = "(Blank)"
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption. `checked_against` is the text its title was compared with, "" for none;
    `effective_from` the first day on which it can be cited, None where that did not come along.
    """

    code: str
    title: str
    section: str
    checked_against: str
    effective_from: date | None = None

    @property
    def verified(self) -> bool:
        return bool(self.checked_against)


class Exemptions:
    """The exemptions of one act, by code."""

    def __init__(self, exemptions: Iterable[Exemption]) -> None:
        self._by_key = {_key(exemption.code): exemption for exemption in exemptions}

    def __iter__(self) -> Iterator[Exemption]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    @property
    def example(self) -> str:
        """A code to show how they are written, "" when there is none."""
        return next((one.code for one in self if one.title != _BLANK), "")

    def get(self, code: str) -> Exemption:
        """The exemption of that code, however it is spaced or capitalised.

        UsageError names near codes when it is unknown, and refuses one that the act leaves blank.
        """
        found = self._by_key.get(_key(code))
        if found is None:
            raise UsageError(f"no exemption has the code {code}", hint=self._near(code))
        if found.title == _BLANK:
            raise UsageError(f"{found.section} is blank: it exempts nothing", hint=self._near(code))
        return found

    def codes(self, codes: Iterable[str], received: date) -> tuple[str, ...]:
        """The codes as the act writes them, each once, in the order given.

        UsageError also for one that was not in effect when the request was received.
        """
        found = [self.get(code) for code in codes]
        for one in found:
            if one.effective_from and received < one.effective_from:
                raise UsageError(
                    f"{one.code} is in effect from {one.effective_from}",
                    hint=f"the request was received on {received}: cite what was the law then",
                )
        return tuple(dict.fromkeys(one.code for one in found))

    def with_word(self, word: str) -> list[Exemption]:
        """Those whose code, title or section has the word."""
        return [
            one for one in self if word.lower() in f"{one.code} {one.title} {one.section}".lower()
        ]

    def _near(self, code: str) -> str:
        open_codes = {key: e for key, e in self._by_key.items() if e.title != _BLANK}
        wanted = _key(code)
        by_words = [e for e in open_codes.values() if code.lower() in e.title.lower()]
        close = [open_codes[k] for k in get_close_matches(wanted, open_codes, n=_NEAR, cutoff=0.5)]
        near = list(dict.fromkeys(by_words[:_NEAR] + close))[:_NEAR]
        return "near: " + "; ".join(f"{e.code} {e.title}" for e in near or list(self)[:_NEAR])


def load_exemptions(name: str, folder: Path | None = None) -> Exemptions:
    """The exemptions that ship under `name` ("us-il"; "" for none), with those of `folder`.

    UsageError when a file is malformed, naming its line.
    """
    shipped = _read(packaged("exemptions", name), f"exemptions {name}") if name else []
    path = folder / EXEMPTIONS_FILE if folder else None
    if path is None or not path.exists():
        return Exemptions(shipped)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror})") from error
    return Exemptions([*shipped, *_read(content, str(path))])


def exemptions_csv(exemptions: Iterable[Exemption]) -> str:
    """The exemptions as a file that a body can change and put into its archive's folder."""
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for one in exemptions:
        since = one.effective_from.isoformat() if one.effective_from else ""
        rows.writerow([one.code, one.title, one.section, one.checked_against, since])
    return out.getvalue()


def _read(content: bytes, where: str) -> list[Exemption]:
    try:
        rows = csv.DictReader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if missing := [name for name in _COLUMNS[:_NEEDED] if name not in (rows.fieldnames or ())]:
            raise UsageError(
                f"{where}: the column {missing[0]} is missing",
                hint=f"the first line is {','.join(_COLUMNS)}; the last two may be left out",
            )
        return [_exemption(row, f"{where}, line {rows.line_num}") for row in rows]
    except (csv.Error, UnicodeDecodeError) as error:
        raise UsageError(f"{where} cannot be read: {error}") from error


def _exemption(row: dict[str, str | None], where: str) -> Exemption:
    code, title, section, checked, since = ((row.get(name) or "").strip() for name in _COLUMNS)
    if not code or not title:
        raise UsageError(f"{where}: an exemption has a code and a title")
    if re.search(r"\s", code):
        raise UsageError(f"{where}: the code {code!r} has a space", hint="write it without")
    try:
        return Exemption(
            code, title, section, checked, date.fromisoformat(since) if since else None
        )
    except ValueError as error:
        raise UsageError(f"{where}: {since} is no date", hint="write 2027-01-31") from error


def _key(code: str) -> str:
    return re.sub(r"[\s()]+", ".", code.lower()).strip(".").replace("..", ".")
