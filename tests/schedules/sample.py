"""A schedule and facts that tests vary."""

from dataclasses import replace
from datetime import date
from typing import Any

from schedules import Facts, Schedule, read_schedule

TOML = """\
code = "town"
version = 1
title = "Town library"
jurisdiction = "US-IL"
effective = 2020-01-01
commission_certificate_required = false

[[series]]
code = "APPEAL"
title = "Appealed removals"
trigger = "appeal_decided"
period = "P3Y"
action = "review"
authority = { application = "20:001", item = "3", citation = "LRA", verified = true }
rule = { appealed = true }

[[series]]
code = "REMOVED"
title = "Removed comments"
trigger = "removed"
period = "P2Y"
action = "destroy"
authority = { application = "20:001", item = "2", citation = "LRA", verified = true }
rule = { kind = "comment", status = ["removed"] }

[[series]]
code = "COMMENT"
title = "Comments"
trigger = "published"
period = "P1Y"
action = "destroy"
rule = { kind = ["comment", "message"] }
[series.authority]
application = "20:001"
item = "1"
citation = "LRA"
verified = true

[[series]]
code = "POST"
title = "Posts"
trigger = "published"
action = "permanent"
authority = { application = "20:001", item = "4", citation = "LRA", verified = true }
rule = { kind = ["post"], platform = ["mastodon", "bluesky"] }
"""

AUTHORIZED = TOML.replace(
    "[[series]]",
    """\
[[authorization]]
code = "certificate"
document = "certificate"
by = "State Archives"
number = true
filed = true
wait = "P6W"
citation = "Charter 6"
verified = true

[[authorization]]
code = "resolution"
document = "resolution"
by = "council"
number = true
citation = "Charter 7"
verified = true

[[authorization]]
code = "consent"
document = "written consent"
by = "city attorney"
citation = "Charter 8"
verified = false

[[series]]""",
    1,
)
"""A schedule that asks for three documents from outside."""


def schedule(**changes: Any) -> Schedule:
    return replace(read_schedule(TOML), **changes)


def comment(**changes: Any) -> Facts:
    facts = Facts(
        record="r1",
        kind="comment",
        platform="mastodon",
        account="a1",
        status="live",
        visibility="public",
        captured=date(2024, 3, 2),
        published=date(2024, 3, 1),
    )
    return replace(facts, **changes)
