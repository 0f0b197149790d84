"""The bundle half of the room: the answer as a file that anyone can verify, and verifying it."""

from exports._manifests import Finding
from exports.bundle._diff import Change, Comparison, Standing, compare
from exports.bundle._export import Issued, export, record_issue
from exports.bundle._issues import Issue, issue_of, issues, last_issue
from exports.bundle._numbering import Numbering, next_numbering
from exports.bundle._paper import Settle, paper
from exports.bundle._verify import Report, verify_bundle

__all__ = [
    "Change",
    "Comparison",
    "Finding",
    "Issue",
    "Issued",
    "Numbering",
    "Report",
    "Settle",
    "Standing",
    "compare",
    "export",
    "issue_of",
    "issues",
    "last_issue",
    "next_numbering",
    "paper",
    "record_issue",
    "verify_bundle",
]
