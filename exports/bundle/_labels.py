"""Words for what stands in a record: one list for the letter, the page and the tables."""

import re
from collections.abc import Mapping
from typing import Any

from exports._production import Outcome

FIELDS = {
    "text": "Text",
    "title": "Title",
    "shared/text": "Repeats",
    "shared/author/name": "Repeats words of",
    "shared/author/handle": "Handle of these words",
    "shared/url": "Address of these words",
    "shared/occurred_at": "These words posted",
    "author/name": "Author",
    "author/handle": "Handle",
    "url": "Address",
    "native_id": "Platform's id",
    "parent": "In reply to",
    "thread": "Thread",
    "occurred_at": "Posted",
    "edited_at": "Edited",
    "removed_at": "Removed",
    "removed_by": "Removed by",
    "removal_reason": "Reason for the removal, as the source has it",
    "time_zone": "Time zone of the times",
    "location": "Place",
    "language": "Language",
    "account": "Account",
    "visibility": "Visibility",
    "source_file": "Source file",
    "raw": "Source item",
}

PLATFORMS = {
    "linkedin": "LinkedIn",
    "rss": "RSS",
    "tiktok": "TikTok",
    "wordpress": "WordPress",
    "youtube": "YouTube",
}

OUTCOMES: Mapping[Outcome, str] = {
    "release": "Released",
    "redact": "Released in part",
    "withhold": "Withheld",
}

_POLL = re.compile(r"(?:observed/)?poll/([0-9]+)/(answer|votes)\Z")
_REACTIONS = "observed/reactions/"
_ATTACHMENT = re.compile(r"attachment/([0-9]+)/(.+)\Z")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}):[0-9]{2}(?:\.[0-9]+)?Z\Z")


def field(name: str) -> str:
    """What a field is called for a reader."""
    attachment = _ATTACHMENT.match(name)
    if attachment:
        return f"Attachment {int(attachment[1]) + 1}, {attachment[2]}"
    poll = _POLL.match(name)
    if poll:
        return f"Poll, {poll[2]} {int(poll[1]) + 1}"
    if name.startswith(_REACTIONS):
        return f"Reactions, {name.removeprefix(_REACTIONS)}"
    return FIELDS.get(name, name)


def source(data: Mapping[str, Any]) -> str:
    """Where a record is from, from its header's data: ``Mastodon comment, version 2``."""
    platform = str(data.get("platform", ""))
    named = f"{PLATFORMS.get(platform, platform.capitalize())} {data.get('kind', '')}".strip()
    version = data.get("version", 1)
    return f"{named}, version {version}" if version != 1 else named


def moment(text: str) -> str:
    """An archive's time to the minute, ``2026-11-22 22:00 UTC``; any other text as it is."""
    match = _TIME.match(text)
    return f"{match[1]} {match[2]} UTC" if match else text
