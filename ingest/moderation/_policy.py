"""Policies as data: which clauses a post may be removed under, and in which version when."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

from archive import NotFound, UsageError, canonical_json

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_SUFFIX = ".toml"


@dataclass(frozen=True, slots=True)
class Clause:
    """A ground for a removal. `gist` is a summary, not the policy's own words."""

    code: str
    article: str
    gist: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy, in force from `adopted` until a later version is.

    `clauses_as_of` is set where the clauses' text is only known from a later version.
    `appeal_days` is how long the body has to decide an appeal, None where the policy does not say;
    `ban_violations` how many removals a ban needs, None where the policy knows no ban;
    `answer_days` within how many business days comments are answered. `notice` are phrases of which
    one has to stand on every account's profile: the notice of public disclosure.
    """

    code: str
    title: str
    body: str
    adopted: date
    clauses: tuple[Clause, ...]
    clauses_as_of: date | None
    appeal_days: int | None
    appeal_to: str
    ban_violations: int | None
    answer_days: int | None = None
    notice: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """How the version is called: the day of its adoption."""
        return self.adopted.isoformat()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over what this version says, whatever the file looks like."""
        value: dict[str, Any] = {
            "code": self.code,
            "title": self.title,
            "body": self.body,
            "adopted": self.version,
            "clauses": [[one.code, one.article, one.gist] for one in self.clauses],
            "clauses_as_of": self.clauses_as_of.isoformat() if self.clauses_as_of else None,
            "appeal_days": self.appeal_days,
            "appeal_to": self.appeal_to,
            "ban_violations": self.ban_violations,
        }
        if self.answer_days is not None:
            value["answer_days"] = self.answer_days
        if self.notice:
            value["notice"] = list(self.notice)
        return sha256(canonical_json(value)).hexdigest()

    def clause(self, code: str) -> Clause:
        """The clause of a code; UsageError lists those there are."""
        for one in self.clauses:
            if one.code == code:
                return one
        known = ", ".join(one.code for one in self.clauses)
        raise UsageError(f"{self.code} has no clause {code!r}", hint=f"its clauses: {known}")


def parse_policy(text: str, adopted: date | None = None) -> list[Policy]:
    """All versions of a policy file, oldest first.

    `adopted` is the day of adoption where the file gives none. UsageError says what is wrong.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"the policy is no TOML: {error}") from error
    versions = data.get("version")
    if versions is None:
        if adopted is None:
            raise UsageError(
                "the policy does not say when it was adopted", hint="say it by --adopted YYYY-MM-DD"
            )
        versions = [{"adopted": adopted}]
    if not isinstance(versions, list) or not versions:
        raise UsageError("the policy's version is no list of tables")
    found = [_version(data, one) for one in versions]
    return sorted(found, key=lambda policy: policy.adopted)


def policy_code(text: str) -> str:
    """The code of the policy in a file."""
    return parse_policy(text, date.min)[0].code


def built_in() -> dict[str, str]:
    """The policies that come with Muniment: their TOML by name."""
    folder = files("ingest") / "policies"
    return {
        one.name.removesuffix(_SUFFIX): one.read_text(encoding="utf-8")
        for one in sorted(folder.iterdir(), key=lambda one: one.name)
        if one.name.endswith(_SUFFIX)
    }


def built_in_text(name: str) -> str:
    """The TOML of a policy that comes with Muniment; NotFound lists those there are."""
    known = built_in()
    if name not in known:
        raise NotFound(
            f"there is no policy {name!r} here",
            hint=f"name a TOML file, or one of: {', '.join(known)}",
        )
    return known[name]


def offered(name: str, day: date) -> Policy:
    """What a policy that comes with Muniment says on a day, adopted here or not.

    One that bears no date says the same on every day. NotFound before its first version.
    """
    versions = [one for one in parse_policy(built_in_text(name), day) if one.adopted <= day]
    if not versions:
        raise NotFound(f"{name} has no version of {day} or before")
    return versions[-1]


def _version(data: Mapping[str, Any], version: object) -> Policy:
    if not isinstance(version, dict):
        raise UsageError("the policy's version is no table")
    return Policy(
        code=_code(data, "code"),
        title=_text(data, "title"),
        body=_text(data, "body"),
        adopted=_date(version, "adopted"),
        clauses=_clauses(data),
        clauses_as_of=_date(version, "clauses_as_of") if "clauses_as_of" in version else None,
        appeal_days=_number(data, "appeal", "days"),
        appeal_to=str(_table(data, "appeal").get("to", "")),
        ban_violations=_number(data, "ban", "violations"),
        answer_days=_number(data, "answers", "business_days"),
        notice=_phrases(data),
    )


def _clauses(data: Mapping[str, Any]) -> tuple[Clause, ...]:
    rows = data.get("clause")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise UsageError("the policy has no [[clause]]")
    found = tuple(
        Clause(_code(row, "code"), _text(row, "article"), _text(row, "gist")) for row in rows
    )
    codes = [clause.code for clause in found]
    if len(set(codes)) != len(codes):
        raise UsageError("two clauses of the policy have the same code")
    return found


def _phrases(data: Mapping[str, Any]) -> tuple[str, ...]:
    found = _table(data, "notice").get("phrases", [])
    if not isinstance(found, list) or not all(
        isinstance(one, str) and one.strip() for one in found
    ):
        raise UsageError("the policy's notice.phrases is no list of texts")
    return tuple(found)


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise UsageError(f"the policy's {key} is no table")
    return value


def _number(data: Mapping[str, Any], table: str, key: str) -> int | None:
    value = _table(data, table).get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10_000:
        raise UsageError(f"the policy's {table}.{key} is no number of use")
    return value


def _date(data: Mapping[str, Any], key: str) -> date:
    value = data.get(key)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise UsageError(f"the policy's {key} is no date")
    return value


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"the policy has no {key}, or an empty one")
    return value


def _code(data: Mapping[str, Any], key: str) -> str:
    value = _text(data, key)
    if not _CODE.match(value):
        raise UsageError(f"{value!r} is no code: letters, digits, dots, dashes", hint="change it")
    return value
