"""Times as platforms write them, as timezone-aware datetimes; None where they make no sense."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_YEAR = re.compile(r" [1-9]\d{3} ")
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SECONDS = len("2026-11-22 21:19:22")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}


def from_iso(text: object) -> datetime | None:
    """RFC 3339 and ISO 8601; a time without a zone is none, for nobody can say when it was."""
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _in_range(moment)


def from_seconds(value: object) -> datetime | None:
    """Seconds since 1970, as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return _in_range(datetime.fromtimestamp(float(value), UTC))
    except (ValueError, OverflowError, OSError):
        return None


def from_gmt(text: str) -> datetime | None:
    """``2026-11-22 21:19:22``, also with a T between, known to be UTC."""
    text = text.strip()
    if len(text) != _SECONDS:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def from_mail(text: str) -> datetime | None:
    """``Sun, 22 Nov 2026 21:19:22 +0000``, as in feeds and mail."""
    if _YEAR.search(text) is None:
        return None
    try:
        return _in_range(parsedate_to_datetime(text.strip()))
    except (ValueError, TypeError, IndexError):
        return None


def from_tweet(text: object) -> datetime | None:
    """``Thu Oct 27 06:22:51 +0000 2022``, in English whatever the machine's language is."""
    if not isinstance(text, str):
        return None
    try:
        _, month, day, clock, offset, year = text.split()
        hour, minute, second = map(int, clock.split(":"))
        zone = timezone(timedelta(minutes=int(offset[:3]) * 60 + int(offset[0] + offset[3:])))
        return datetime(
            int(year), _MONTHS[month], int(day), hour, minute, second, tzinfo=zone
        ).astimezone(UTC)
    except (ValueError, KeyError, IndexError, OverflowError):
        return None


def _in_range(moment: datetime) -> datetime | None:
    if moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None
