"""What a hold catches: records by account, author, period and query.

All of one set of criteria must fit; a hold that was widened has several, any of which will do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice

from sqlalchemy import ColumnElement, and_, exists, or_, select

from archive import Archive, Reader, accounts, restrictions
from archive.errors import Refused, UsageError
from archive.records import author_key_of, record_table
from schedules import _tables as t
from schedules._days import end_of, start_of, zone_of
from schedules._facts import FreezeSource
from search import SearchIndex

_PAGE = 900


@dataclass(frozen=True, slots=True)
class Criteria:
    """Conditions on records, of now and of later; none at all catch nothing.

    `account` is an account's id, `author_key` an author's keyed hash, `since` and `until` the
    first and the last day of publication; `author` is how that author was named. A hold rather
    catches too much: a record whose publication is not dated fits any period, and a restricted one,
    of which nothing is searched, any query.
    """

    query: str = ""
    account: str | None = None
    author_key: str | None = None
    since: date | None = None
    until: date | None = None
    author: str = ""

    def __bool__(self) -> bool:
        return bool(self.query or self.account or self.author_key or self.since or self.until)


def matching(
    archive: Archive, reader: Reader, alternatives: Sequence[Criteria], hold: str
) -> list[str]:
    """The ids of records that fit any of the criteria and are not under the hold of that id yet.

    Raises search's errors when a query cannot be read, or the index does not cover the log.
    """
    found = (_fitting(archive, reader, criteria, hold) for criteria in alternatives if criteria)
    return list(dict.fromkeys(chain.from_iterable(found)))


def _fitting(archive: Archive, reader: Reader, criteria: Criteria, hold: str) -> Iterator[str]:
    c, freeze = record_table.c, t.freeze
    held = exists().where(
        freeze.c.record_id == c.id,
        freeze.c.source == FreezeSource.HOLD.value,
        freeze.c.source_id == hold,
    )
    fits = and_(c.status != "disposed", ~held, *_conditions(archive, criteria))
    if criteria.query:
        closed = [one.record for one in restrictions.every(reader)]
        found = chain(closed, _found(archive, reader, criteria.query))
        while chunk := list(islice(found, _PAGE)):
            query = select(c.id).where(c.id.in_(chunk), fits).order_by(c.id)
            yield from reader.conn.execute(query).scalars()
        return
    last = ""
    while True:
        query = select(c.id).where(c.id > last, fits).order_by(c.id).limit(_PAGE)
        page = reader.conn.execute(query).scalars().all()
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]


def _conditions(archive: Archive, criteria: Criteria) -> Iterator[ColumnElement[bool]]:
    c, zone = record_table.c, zone_of(archive)
    if criteria.account is not None:
        yield c.account == criteria.account
    if criteria.author_key is not None:
        yield c.author_key == criteria.author_key
    if criteria.since is not None:
        yield or_(c.occurred_at.is_(None), c.occurred_at >= start_of(criteria.since, zone))
    if criteria.until is not None:
        yield or_(c.occurred_at.is_(None), c.occurred_at <= end_of(criteria.until, zone))


def _found(archive: Archive, reader: Reader, query: str) -> Iterator[str]:
    with SearchIndex.open(archive) as index:
        if index.catch_up() < reader.head.size:
            raise Refused(
                f"the search index covers {index.position} of {reader.head.size} entries",
                hint="run: muniment rebuild",
            )
        yield from index.ids(query)


def find_author(reader: Reader, author: str, platform: str = "") -> str:
    """The keyed hash of an author given as ``HANDLE`` or ``PLATFORM:HANDLE``.

    Without a platform, the one account's, or the one where the author has written. UsageError when
    that leaves more than one, or none.
    """
    platforms = {account.platform for account in accounts.every(reader)}
    named, colon, handle = author.partition(":")
    if colon and named in platforms:
        platforms, author = {named}, handle
    elif platform:
        platforms = {platform}
    keys = {author_key_of(reader, one, author) for one in platforms}
    query = select(record_table.c.author_key).where(record_table.c.author_key.in_(keys)).distinct()
    written = reader.conn.execute(query).scalars().all()
    if len(written) == 1:
        return str(written[0])
    if not written and len(platforms) == 1:
        return author_key_of(reader, platforms.pop(), author)
    raise UsageError(
        f"{author} {'fits several authors' if written else 'has not written on any platform'}",
        hint="say which one: --author PLATFORM:HANDLE",
    )
