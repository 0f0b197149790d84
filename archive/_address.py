"""Database URLs: which databases there are, and that no password stands in a URL.

A URL stands in muniment.toml, which may be copied and read; it was on a command line before. What
libpq reads by itself keeps the password out of both: ~/.pgpass, a service file, a client
certificate (PostgreSQL documentation, libpq: The Password File, The Connection Service File).
"""

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from archive.errors import NotAnArchive, UsageError

_KNOWN = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_FORMS = "write sqlite:///archive.db or postgresql://user@host/name"


def address(url: str) -> URL:
    """The URL, understood; NotAnArchive for one that is none, or is of a database not known here.

    No error shows the URL: it may hold a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise NotAnArchive("the database URL cannot be understood", hint=_FORMS) from error
    if parsed.drivername not in _KNOWN:
        raise NotAnArchive("the database URL names neither SQLite nor PostgreSQL", hint=_FORMS)
    return parsed.set(drivername=_KNOWN[parsed.drivername])


def has_password(url: str) -> bool:
    """Whether a URL holds a password, before the host or among its options."""
    parsed = address(url)
    return bool(parsed.password or parsed.query.get("password"))


def refuse_password(url: str) -> None:
    """UsageError when a URL holds a password."""
    if has_password(url):
        raise UsageError(
            "a password cannot stand in the database URL, where others can read it",
            hint="leave it out and put it into ~/.pgpass (mode 0600); see docs/operations.md",
        )
