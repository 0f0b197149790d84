"""Moderation: policies as data, and the decisions that rest on them.

A removal names the policy and its version in force that day, the clause, and a reason; a ban needs
more violations than one, or an exception that says why; an appeal that is reversed puts the record
back in the same transaction.
"""

from ingest.moderation._adoption import (
    Adopted,
    adopt_policy,
    adopted_policies,
    adopted_policy,
    policy_in_force,
)
from ingest.moderation._appeals import (
    Appeal,
    appeal_words,
    appeals,
    decide_appeal,
    file_appeal,
    find_appeal,
)
from ingest.moderation._decisions import (
    Ban,
    Removal,
    author_of,
    ban,
    banned,
    bans,
    find_ban,
    find_removal,
    open_bans,
    open_removals,
    reason_of,
    removals,
    remove,
    restore,
    unban,
    violations,
)
from ingest.moderation._policy import (
    Clause,
    Policy,
    built_in,
    built_in_text,
    parse_policy,
    policy_code,
)
from ingest.moderation._tables import PROJECTION

__all__ = [
    "PROJECTION",
    "Adopted",
    "Appeal",
    "Ban",
    "Clause",
    "Policy",
    "Removal",
    "adopt_policy",
    "adopted_policies",
    "adopted_policy",
    "appeal_words",
    "appeals",
    "author_of",
    "ban",
    "banned",
    "bans",
    "built_in",
    "built_in_text",
    "decide_appeal",
    "file_appeal",
    "find_appeal",
    "find_ban",
    "find_removal",
    "open_bans",
    "open_removals",
    "parse_policy",
    "policy_code",
    "policy_in_force",
    "reason_of",
    "removals",
    "remove",
    "restore",
    "unban",
    "violations",
]
