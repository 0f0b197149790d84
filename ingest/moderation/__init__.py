"""Moderation: policies as data, and the decisions that rest on them.

A removal names the policy and its version in force that day, the clause, and a reason; a ban needs
more violations than one, or an exception that says why; an appeal that is reversed puts the record
back, or ends the ban, in the same transaction.
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
    about_own,
    appeal_words,
    appeals,
    decide_appeal,
    decision_of,
    file_appeal,
    find_appeal,
    overdue_appeals,
)
from ingest.moderation._bans import (
    Ban,
    author_of,
    ban,
    banned,
    bans,
    blocked,
    find_ban,
    open_bans,
    unban,
)
from ingest.moderation._evidence import Evidence, evidence_for
from ingest.moderation._policy import (
    Clause,
    Policy,
    built_in,
    built_in_text,
    offered,
    parse_policy,
    policy_code,
)
from ingest.moderation._removals import (
    Action,
    Explanation,
    Removal,
    edited_own,
    explain,
    explanations,
    find_removal,
    open_removals,
    reason_of,
    removals,
    remove,
    restore,
    violations,
)
from ingest.moderation._report import Report, report
from ingest.moderation._submitted import submit
from ingest.moderation._tables import PROJECTION

__all__ = [
    "PROJECTION",
    "Action",
    "Adopted",
    "Appeal",
    "Ban",
    "Clause",
    "Evidence",
    "Explanation",
    "Policy",
    "Removal",
    "Report",
    "about_own",
    "adopt_policy",
    "adopted_policies",
    "adopted_policy",
    "appeal_words",
    "appeals",
    "author_of",
    "ban",
    "banned",
    "bans",
    "blocked",
    "built_in",
    "built_in_text",
    "decide_appeal",
    "decision_of",
    "edited_own",
    "evidence_for",
    "explain",
    "explanations",
    "file_appeal",
    "find_appeal",
    "find_ban",
    "find_removal",
    "offered",
    "open_bans",
    "open_removals",
    "overdue_appeals",
    "parse_policy",
    "policy_code",
    "policy_in_force",
    "reason_of",
    "removals",
    "remove",
    "report",
    "restore",
    "submit",
    "unban",
    "violations",
]
