"""Accounts: the body's own presences on platforms, whose content is captured."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Column, MetaData, Table, Text, select

from archive._entry import Draft, new_id
from archive._log import Reader, Writer
from archive._parts import Parts
from archive._projection import Event, Projection
from archive._store import insert_rows
from archive.errors import NotFound, Refused, UsageError

_PLATFORM = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

_metadata = MetaData()
account_table = Table(
    "account",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("lookup", Text, nullable=False, unique=True),
)


@dataclass(frozen=True, slots=True)
class Account:
    """A presence on a platform. All but id and platform is read from the vault.

    `purpose` is what the body keeps it for, `posters` are who may post there in its name. `notice`
    is the wording that its profile has to show, "" where that is left to the policy. `closed` is
    the day on which the body gave it up.
    """

    id: str
    platform: str
    handle: str
    name: str = ""
    url: str = ""
    purpose: str = ""
    notice: str = ""
    posters: tuple[str, ...] = ()
    closed: date | None = None


def find(reader: Reader, platform: str, handle: str) -> str | None:
    """The id of an account, or None."""
    query = select(account_table.c.id).where(
        account_table.c.lookup == reader.lookup("account", platform, handle.lower())
    )
    return reader.conn.execute(query).scalar()


def find_or_add(
    writer: Writer,
    platform: str,
    handle: str,
    *,
    name: str = "",
    url: str = "",
    purpose: str = "",
    notice: str = "",
    posters: Iterable[str] = (),
) -> str:
    """The id of an account, which is added when it is not there yet.

    UsageError when `platform` is no plain word: it is public for ever, so no name may slip into it.
    """
    found = find(writer, platform, handle)
    if found is not None:
        return found
    if not _PLATFORM.fullmatch(platform):
        raise UsageError(
            f"{platform!r} is no name of a platform",
            hint="give one word in lower-case letters, digits and dashes, such as mastodon",
        )
    added = Account(
        new_id(), platform, handle, name, url, purpose, notice, tuple(dict.fromkeys(posters))
    )
    parts = Parts.of([("handle", handle), *_fields(added)])
    writer.append([Draft("account.added", added.id, {"platform": platform}, parts)])
    return added.id


def change(
    writer: Writer,
    account: Account,
    *,
    name: str | None = None,
    url: str | None = None,
    purpose: str | None = None,
    notice: str | None = None,
    posters: Sequence[str] | None = None,
) -> Account:
    """Change what is given, "" takes it away; the account as it is now.

    Refused when that changes nothing.
    """
    changed = replace(
        account,
        name=account.name if name is None else name,
        url=account.url if url is None else url,
        purpose=account.purpose if purpose is None else purpose,
        notice=account.notice if notice is None else notice,
        posters=(
            account.posters if posters is None else tuple(dict.fromkeys(filter(None, posters)))
        ),
    )
    if changed == account:
        raise Refused("that is what the account says already: nothing was changed")
    writer.append([Draft("account.changed", account.id, {}, Parts.of(_fields(changed)))])
    return changed


def close(writer: Writer, account: Account, day: date, reason: str = "") -> None:
    """Record that the body gave an account up on a day; said again, the later word holds.

    Refused when that is the day on record.
    """
    if account.closed == day:
        raise Refused(f"{account.handle} was closed on {day}: that is on record")
    parts = Parts.of([("reason", reason.strip())]) if reason.strip() else None
    writer.append([Draft("account.closed", account.id, {"day": day.isoformat()}, parts)])


def reopen(writer: Writer, account: Account, reason: str) -> None:
    """Record that a closed account is in use again, or never was closed.

    Refused when it is not closed, UsageError without a reason.
    """
    if account.closed is None:
        raise Refused(f"{account.handle} is not closed")
    if not reason.strip():
        raise UsageError("a reason is needed", hint="give it by --reason")
    parts = Parts.of([("reason", reason.strip())])
    writer.append([Draft("account.reopened", account.id, {}, parts)])


def get(reader: Reader, wanted: str) -> Account:
    """The account of a handle (also without its server), of ``PLATFORM:HANDLE``, of an id or of
    the end of one.

    NotFound when there is none, UsageError when several fit.
    """
    platform, _, handle = wanted.partition(":")
    known = every(reader)
    found = [
        one
        for one in known
        if one.id == wanted
        or _same(one.handle, wanted)
        or (one.platform == platform and _same(one.handle, handle))
    ] or [one for one in known if len(wanted) >= 6 and one.id.endswith(wanted)]
    if not found:
        raise NotFound(f"there is no account {wanted}", hint="see: muniment account list")
    if len(found) > 1:
        raise UsageError(f"several accounts fit {wanted}", hint="name it as PLATFORM:HANDLE")
    return found[0]


def by_id(reader: Reader, account: str) -> Account:
    """The account of an id; NotFound when there is none."""
    found = _accounts(reader, [account])
    if not found:
        raise NotFound(f"there is no account {account}", hint="see: muniment account list")
    return found[0]


def every(reader: Reader) -> list[Account]:
    """All accounts in the order in which they were added."""
    ids = reader.conn.execute(select(account_table.c.id).order_by("id")).scalars().all()
    return _accounts(reader, ids)


def _accounts(reader: Reader, ids: Sequence[str]) -> list[Account]:
    types = {"account.added", "account.changed", "account.closed", "account.reopened"}
    entries = [entry for account in ids for entry in reader.history(account, types)]
    found: dict[str, Account] = {}
    for entry, parts in reader.open(entries):
        if entry.type in {"account.closed", "account.reopened"}:
            day = entry.data.get("day")
            closed = None if day is None else date.fromisoformat(day)
            found[entry.subject] = replace(found[entry.subject], closed=closed)
            continue
        if entry.type == "account.added":
            handle = (parts.get("handle") if parts else None) or ""
            found[entry.subject] = Account(entry.subject, str(entry.data["platform"]), handle)
        found[entry.subject] = _described(found[entry.subject], parts)
    return list(found.values())


def _same(handle: str, wanted: str) -> bool:
    name = wanted.removeprefix("@").lower()
    return name in {spelling.lower() for spelling in spellings(handle)}


def spellings(handle: str) -> frozenset[str]:
    """How a handle may be written: with the @ before it or not, with its server or not."""
    bare = handle.removeprefix("@")
    names = {bare, bare.partition("@")[0]} - {""}
    return frozenset(names | {f"@{name}" for name in names})


def _fields(account: Account) -> list[tuple[str, str]]:
    return [
        ("name", account.name),
        ("url", account.url),
        ("purpose", account.purpose),
        ("notice", account.notice),
        *((f"poster/{index}", poster) for index, poster in enumerate(account.posters)),
    ]


def _described(account: Account, parts: Parts | None) -> Account:
    def value(path: str) -> str:
        return (parts.get(path) if parts else None) or ""

    posters: list[str] = []
    while poster := value(f"poster/{len(posters)}"):
        posters.append(poster)
    return replace(
        account,
        name=value("name"),
        url=value("url"),
        purpose=value("purpose"),
        notice=value("notice"),
        posters=tuple(posters),
    )


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    rows = []
    for entry, parts in events:
        handle = (parts.get("handle") if parts else None) or ""
        platform = str(entry.data["platform"])
        rows.append((entry.subject, platform, reader.lookup("account", platform, handle.lower())))
    insert_rows(reader.conn, account_table, rows)


PROJECTION = Projection("accounts", 1, _metadata, frozenset({"account.added"}), _apply)
