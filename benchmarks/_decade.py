"""Ten years of a made-up library's account, for what retention schedules decide."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks._comments import comments

_THREAD = 50
_FIRST = datetime(2016, 1, 1, tzinfo=UTC)
_YEARS = timedelta(days=3653)

SCHEDULE = """\
code = "decade"
version = 1
title = "A library's decade"
jurisdiction = "US-IL"
effective = 2016-01-01
commission_certificate_required = false

[[series]]
code = "REMOVED"
title = "Removed comments"
rule = { kind = "comment", status = "removed" }
trigger = "removed"
period = "P15Y"
action = "destroy"
authority = { application = "26:041", item = "1", citation = "Application", verified = true }

[[series]]
code = "COMMENT"
title = "Comments"
rule = { kind = "comment" }
trigger = "published"
period = "P9Y9M"
action = "destroy"
authority = { application = "26:041", item = "2", citation = "Application", verified = true }

[[series]]
code = "POST"
title = "Posts"
rule = { kind = "post" }
trigger = "last_activity"
period = "P12Y"
action = "review"
authority = { application = "26:041", item = "3", citation = "Application", verified = true }
"""
"""Of ten years one fortieth is due on 1 January 2026."""

THREADS = SCHEDULE.replace('"published"', '"thread_activity"').replace('"decade"', '"threads"')
"""The same, with comments that count from the last activity in their thread."""


def write_decade(path: Path, count: int) -> None:
    """Write the records as a JSON Lines export: threads of 50, oldest first, the same every time.

    One in fifty is a post, two in a hundred are removed, three were edited.
    """
    chance = random.Random(42)
    step = _YEARS / count
    with path.open("w") as file:
        for number, comment in enumerate(comments(count)):
            at = _FIRST + step * number
            record: dict[str, Any] = {**comment, "occurred_at": _text(at)}
            if number % _THREAD == 0:
                record["kind"] = "post"
                del record["parent"]
            drawn = chance.random()
            if drawn < 0.02:
                record |= {"state": "removed", "removed_at": _text(at + timedelta(days=2))}
            elif drawn < 0.05:
                record["edited_at"] = _text(at + timedelta(hours=1))
            file.write(json.dumps(record) + "\n")


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
