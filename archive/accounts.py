"""Accounts: the body's own presences on platforms, whose content is captured."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, MetaData, Table, Text, select

from archive._entry import Draft, new_id
from archive._log import Reader, Writer
from archive._parts import Parts
from archive._projection import Event, Projection
from archive._store import insert_rows

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
    """A presence on a platform. The handle is read from the vault."""

    id: str
    platform: str
    handle: str
    name: str = ""
    url: str = ""


def find(reader: Reader, platform: str, handle: str) -> str | None:
    """The id of an account, or None."""
    query = select(account_table.c.id).where(
        account_table.c.lookup == reader.lookup("account", platform, handle.lower())
    )
    return reader.conn.execute(query).scalar()


def find_or_add(
    writer: Writer, platform: str, handle: str, *, name: str = "", url: str = ""
) -> str:
    """The id of an account, which is added when it is not there yet."""
    found = find(writer, platform, handle)
    if found is not None:
        return found
    account = new_id()
    parts = Parts.of([("handle", handle), ("name", name), ("url", url)])
    writer.append([Draft("account.added", account, {"platform": platform}, parts)])
    return account


def every(reader: Reader) -> list[Account]:
    """All accounts in the order in which they were added."""
    ids = reader.conn.execute(select(account_table.c.id).order_by("id")).scalars().all()
    entries = [entry for account in ids for entry in reader.history(account, {"account.added"})]
    return [
        Account(
            entry.subject,
            str(entry.data["platform"]),
            (parts.get("handle") if parts else None) or "",
            (parts.get("name") if parts else None) or "",
            (parts.get("url") if parts else None) or "",
        )
        for entry, parts in reader.open(entries)
    ]


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    rows = []
    for entry, parts in events:
        handle = (parts.get("handle") if parts else None) or ""
        platform = str(entry.data["platform"])
        rows.append((entry.subject, platform, reader.lookup("account", platform, handle.lower())))
    insert_rows(reader.conn, account_table, rows)


PROJECTION = Projection("accounts", 1, _metadata, frozenset({"account.added"}), _apply)
