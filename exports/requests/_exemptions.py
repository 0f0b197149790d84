"""Exemption codes as data: what each covers, where it stands, if its title was checked."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from archive.errors import UsageError
from exports.requests._data import packaged

_BLANK = "(Blank)"
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption. `checked_against` is the text its title was compared with, "" for none."""

    code: str
    title: str
    section: str
    checked_against: str

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

    def codes(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes as the act writes them, each once, in the order given."""
        return tuple(dict.fromkeys(self.get(code).code for code in codes))

    def _near(self, code: str) -> str:
        open_codes = {key: e for key, e in self._by_key.items() if e.title != _BLANK}
        wanted = _key(code)
        by_words = [e for e in open_codes.values() if code.lower() in e.title.lower()]
        close = [open_codes[k] for k in get_close_matches(wanted, open_codes, n=_NEAR, cutoff=0.5)]
        near = list(dict.fromkeys(by_words[:_NEAR] + close))[:_NEAR]
        return "near: " + "; ".join(f"{e.code} {e.title}" for e in near or list(self)[:_NEAR])


def load_exemptions(name: str) -> Exemptions:
    """The exemptions that ship with the program under `name` ("us-il")."""
    rows = csv.DictReader(packaged("exemptions", name).decode().splitlines())
    return Exemptions(
        Exemption(row["code"], row["title"], row["section"], row["title_checked_against"].strip())
        for row in rows
    )


def _key(code: str) -> str:
    return re.sub(r"[\s()]+", ".", code.lower()).strip(".").replace("..", ".")
