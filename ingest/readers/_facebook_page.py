"""What the Graph API and the webhooks of a Facebook Page have in common.

Both name posts ``page_post`` and comments ``post_comment``, so that an item seen through both is
one record. The downloads have no ids: they are a platform of their own.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ingest._capture import AccountName
from ingest._shapes import name_or_number, table, text
from ingest._times import from_seconds

PLATFORM = "facebook-page"

_EXPIRY = re.compile(r"[?&]oe=([0-9A-Fa-f]{8})(?:&|$)")


def comment_key(number: str) -> str:
    """A comment's id ``post_comment``, also of the older form ``page_post_comment``."""
    parts = number.split("_")
    return "_".join(parts[1:]) if len(parts) == 3 else number


def page(number: str, name: str = "") -> AccountName:
    """The account of a Page by its number."""
    return AccountName(number, name, f"https://www.facebook.com/{number}")


def author_of(of: Mapping[str, Any]) -> tuple[str, str]:
    """The name and the number of who wrote an item; older webhooks have them as ``sender_…``."""
    author = table(of, "from")
    name = text(author, "name") or text(of, "sender_name")
    return name, name_or_number(author, "id") or name_or_number(of, "sender_id")


def expiries(urls: Iterable[str]) -> tuple[str, ...]:
    """A note for every medium whose address is signed to stop working at some time."""
    found = [_EXPIRY.search(url) for url in urls]
    if not any(found):
        return ()
    times = (from_seconds(int(one.group(1), 16)) for one in found if one is not None)
    return tuple(
        f"the address of a medium stops working at {one:%Y-%m-%dT%H:%M:%SZ}"
        for one in dict.fromkeys(times)
        if isinstance(one, datetime)
    )
