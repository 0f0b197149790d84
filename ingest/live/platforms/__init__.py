"""The platforms that can be watched, one module each.

To add one: a module with a class that has the members of `ingest.live.Adapter`, a `Platform` that
opens it, and a place in `PLATFORMS`. What the interface answers goes on as bytes, to a reader of
`ingest.readers`; a reader that has to know earlier answers is made once per account.
"""

from archive import UsageError
from ingest.live._platform import Platform
from ingest.live.platforms._bluesky import BLUESKY
from ingest.live.platforms._facebook_page import FACEBOOK_PAGE
from ingest.live.platforms._feed import FEED
from ingest.live.platforms._instagram import INSTAGRAM
from ingest.live.platforms._mastodon import MASTODON
from ingest.live.platforms._web import WEB
from ingest.live.platforms._wordpress import WORDPRESS
from ingest.live.platforms._x import X
from ingest.live.platforms._youtube import YOUTUBE

PLATFORMS: tuple[Platform, ...] = (
    MASTODON,
    BLUESKY,
    FACEBOOK_PAGE,
    FEED,
    INSTAGRAM,
    WEB,
    WORDPRESS,
    X,
    YOUTUBE,
)


def platform_named(name: str) -> Platform:
    """The platform of a name; UsageError lists those there are."""
    for one in PLATFORMS:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in PLATFORMS)
    raise UsageError(
        f"{name} is no platform that can be watched", hint=f"those that can are: {known}"
    )
