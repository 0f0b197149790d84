"""Calendar days in the archive's time zone: retention counts days where the public body is."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive import Archive
from archive.errors import UsageError
from archive.times import to_text


def zone_of(archive: Archive) -> ZoneInfo:
    """The archive's time zone; UsageError when its settings name none that is known."""
    try:
        return ZoneInfo(archive.config.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f'the archive\'s time zone "{archive.config.timezone}" is not known',
            hint='write one such as timezone = "America/Chicago" into muniment.toml',
        ) from error


def today(archive: Archive) -> date:
    """The day it is at the public body."""
    return archive.clock().astimezone(zone_of(archive)).date()


def day_of(moment: str, zone: ZoneInfo) -> date:
    """The day of a recorded time (`archive.times`)."""
    at = datetime.fromisoformat(moment)
    try:
        return at.astimezone(zone).date()
    except OverflowError:
        return at.date()


def start_of(day: date, zone: ZoneInfo) -> str:
    """The recorded form of the day's first moment."""
    return to_text(datetime.combine(day, time(), zone))


def end_of(day: date, zone: ZoneInfo) -> str:
    """The recorded form of the day's last microsecond."""
    return to_text(
        datetime.combine(day + timedelta(days=1), time(), zone) - timedelta(microseconds=1)
    )
