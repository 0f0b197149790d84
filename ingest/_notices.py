"""What a policy asks of every account: the notice of public disclosure, and answers in time."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select

from archive import NotFound, Reader, accounts, times
from archive.accounts import Account
from archive.records import record_table
from ingest.moderation import Policy, adopted_policies, policy_in_force

Standing = Literal["shown", "missing", "no profile", "not demanded"]
_c = record_table.c


@dataclass(frozen=True, slots=True)
class Notice:
    """Whether an account's profile shows the notice of public disclosure.

    "no profile": none was captured, or nothing of it can be read. `captured_at` is when the profile
    that was looked at was captured, a text.
    """

    account: Account
    standing: Standing
    captured_at: str | None


def policies_on(reader: Reader, day: date) -> list[Policy]:
    """Every policy that is in force on a day, by code."""
    found = []
    for code in sorted({one.code for one in adopted_policies(reader)}):
        try:
            found.append(policy_in_force(reader, code, day))
        except NotFound:
            continue
    return found


def answer_days(reader: Reader, day: date) -> int | None:
    """Within how many business days comments are answered: the strictest policy of that day."""
    asked = [one.answer_days for one in policies_on(reader, day) if one.answer_days is not None]
    return min(asked, default=None)


def notices(reader: Reader, day: date) -> list[Notice]:
    """Of every account, whether the profile that was captured last shows the notice.

    What it has to show is the account's own wording; without one, for each policy of that day, one
    of the phrases that it names. Case, accents' forms and white space do not matter. Nothing is
    demanded of an account that is closed.
    """
    demanded = [one.notice for one in policies_on(reader, day) if one.notice]
    return [_notice(reader, one, demanded) for one in accounts.every(reader)]


def _notice(reader: Reader, account: Account, demanded: Sequence[Sequence[str]]) -> Notice:
    if account.closed is not None:
        return Notice(account, "not demanded", None)
    wanted = [[account.notice]] if account.notice else demanded
    query = (
        select(_c.last_seq)
        .where(_c.account == account.id, _c.kind == "profile", _c.status == "live")
        .order_by(_c.last_seq.desc())
        .limit(1)
    )
    seq = reader.conn.execute(query).scalar()
    if not wanted:
        return Notice(account, "not demanded", None)
    if seq is None:
        return Notice(account, "no profile", None)
    [(entry, parts)] = reader.open([reader.entry(seq)])
    if parts is None:
        return Notice(account, "no profile", None)
    said = _plain(f"{parts.text('title')} {parts.text('text')}")
    shown = all(any(_plain(phrase) in said for phrase in phrases) for phrases in wanted)
    return Notice(account, "shown" if shown else "missing", times.to_text(entry.at))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
