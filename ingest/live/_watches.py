"""Which accounts are watched, and how: entries of the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import orjson
from sqlalchemy import func, select

from archive import Draft, Entry, Parts, Reader, Refused, UsageError, Writer, accounts
from archive.accounts import Account
from ingest._watch_tables import state_of, watch_table
from ingest.live._secrets import check_name, redacted

LEAST_PROMISE = 1


@dataclass(frozen=True, slots=True)
class Watch:
    """An account that is watched.

    `address` is where its interface is, `secret` the name of its token, `promise` the longest gap
    in minutes that is none, `interval` the longest time between two looks in seconds (0: the
    platform's), `options` what else the platform's module wants to know.
    """

    account: Account
    address: str
    promise: int
    secret: str = ""
    interval: int = 0
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Platform and handle, for a message."""
        return f"{self.account.platform} {self.account.handle}"


def watch(
    writer: Writer,
    platform: str,
    handle: str,
    *,
    address: str,
    promise: int,
    secret: str = "",
    interval: int = 0,
    options: Mapping[str, str] | None = None,
) -> Watch:
    """Watch an account from now on, or watch it otherwise than before.

    Raises UsageError for an address that is none or holds a password, and Refused when nothing
    changes.
    """
    _check_address(address)
    if secret:
        check_name(secret)
    if promise < LEAST_PROMISE:
        raise UsageError("a promise is one minute at least", hint="give it by --promise")
    account_id = accounts.find_or_add(writer, platform, handle)
    account = accounts.by_id(writer, account_id)
    wanted = Watch(account, address, promise, secret, interval, dict(options or {}))
    if _watch_of(writer, account) == wanted:
        raise Refused(f"{platform} {handle} is watched like that already")
    parts = Parts.of(
        [
            ("address", address),
            ("secret", secret),
            ("options", orjson.dumps(wanted.options, option=orjson.OPT_SORT_KEYS).decode()),
        ]
    )
    data = {"promise": promise, "interval": interval}
    writer.append([Draft("capture.watched", account_id, data, parts)])
    return wanted


def unwatch(writer: Writer, wanted: str) -> Watch:
    """Watch an account no more; what was captured stays.

    Raises NotFound for an account that is not there, Refused for one that is not watched.
    """
    account = accounts.get(writer, wanted)
    found = _watch_of(writer, account)
    if found is None:
        raise Refused(f"{account.handle} is not watched", hint="see: muniment capture list")
    writer.append([Draft("capture.unwatched", account.id)])
    return found


def watches(reader: Reader) -> list[Watch]:
    """The accounts that are watched, in the order in which they were added."""
    column = watch_table.c
    query = select(column.account, column.watched).where(column.watched.is_not(None))
    rows = dict(iter(reader.conn.execute(query.order_by(column.account)).fetchall()))
    if not rows:
        return []
    known = {one.id: one for one in accounts.every(reader)}
    opened = reader.open(reader.entries_at(list(rows.values())), restricted=True)
    return [_watch(known[entry.subject], entry, parts) for entry, parts in opened]


def mark_of(reader: Reader) -> tuple[int | None, int]:
    """What changes whenever an account is added, watched otherwise, or removed; cheap to ask."""
    column = watch_table.c.watched
    newest, count = reader.conn.execute(select(func.max(column), func.count(column))).one()
    return newest, count


def _watch_of(reader: Reader, account: Account) -> Watch | None:
    """How an account is watched; None where it is not."""
    position = state_of(reader, account.id)["watched"]
    if position is None:
        return None
    [(entry, parts)] = reader.open([reader.entry(position)], restricted=True)
    return _watch(account, entry, parts)


def _watch(account: Account, entry: Entry, parts: Parts | None) -> Watch:
    told = parts or Parts(())
    return Watch(
        account,
        told.get("address") or "",
        entry.data["promise"],
        told.get("secret") or "",
        entry.data["interval"],
        orjson.loads(told.get("options") or "{}"),
    )


def without_secrets(watch: Watch) -> Watch:
    """A watch as it may be shown."""
    return replace(watch, address=redacted(watch.address))


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(
            f"{redacted(address)!r} is no address of an interface",
            hint="give one such as https://example.social by --url",
        )
    if parts.password or parts.username or redacted(address) != address:
        raise UsageError(
            "the address holds a password or a token",
            hint="leave it out, and name the token by --token",
        )
