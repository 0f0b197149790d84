"""Live capture: what platforms' own interfaces answer and stream, as it happens.

One process watches all accounts: a task for each, and one writer that commits what came from all of
them together. What is received is kept as bytes and read by the readers of exports, so that a post
which was captured live and the same one in an export are one record.

A platform is one module in `ingest.live.platforms` (see there): an `Adapter` that polls, follows a
stream where there is one, and looks at single items again. It makes calls by `Place.calls`, which
tells troubles apart, keeps to rate limits and lets no token out; pacing, second looks, heartbeats,
gaps, the cursor and the archive are not its concern. In a few words:

- `poll(cursor)` yields a `Step` per answer, oldest first: the bytes as an `Answer`, named as the
  reader expects a file to be, and what of the cursor holds after it.
- `stream(cursor)` does the same without end, and yields an empty `Step` for a sign of life; it
  returns None where a platform has no stream.
- `recall(item)` gives the name by which `look` asks for an item that the archive holds.
- `look(known)` says whether one item is there or gone; 404 and 410 are `Look.at_nothing`.
- `well()` says whether the account itself can be seen.
"""

from ingest.live._calls import Bearer, Calls, Reply
from ingest.live._capture import Capture, Outcome
from ingest.live._notices import Notice, Notices
from ingest.live._platform import (
    Adapter,
    Answer,
    Cursor,
    Known,
    Look,
    Place,
    Platform,
    Seen,
    Skipped,
    Step,
)
from ingest.live._secrets import Tokens, keep_in_keyring, read_token, read_tokens, redacted
from ingest.live._standing import Gap, Standing, gaps, standings
from ingest.live._time import SystemTime, Time
from ingest.live._trouble import Denied, Missing, Odd, Outage, Throttled, Trouble
from ingest.live._watches import Watch, unwatch, watch, watches
from ingest.live._webhook import Webhook, address_of, secrets_of
from ingest.live.platforms import PLATFORMS, platform_named

__all__ = [
    "PLATFORMS",
    "Adapter",
    "Answer",
    "Bearer",
    "Calls",
    "Capture",
    "Cursor",
    "Denied",
    "Gap",
    "Known",
    "Look",
    "Missing",
    "Notice",
    "Notices",
    "Odd",
    "Outage",
    "Outcome",
    "Place",
    "Platform",
    "Reply",
    "Seen",
    "Skipped",
    "Standing",
    "Step",
    "SystemTime",
    "Throttled",
    "Time",
    "Tokens",
    "Trouble",
    "Watch",
    "Webhook",
    "address_of",
    "gaps",
    "keep_in_keyring",
    "platform_named",
    "read_token",
    "read_tokens",
    "redacted",
    "secrets_of",
    "standings",
    "unwatch",
    "watch",
    "watches",
]
