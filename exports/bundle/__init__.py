"""The bundle half of the room: the answer as a file that anyone can verify, and verifying it."""

from exports._manifests import Finding
from exports.bundle._export import Issued, export, record_issue
from exports.bundle._numbering import Numbering, next_numbering
from exports.bundle._paper import Settle, paper
from exports.bundle._verify import Report, verify_bundle

__all__ = [
    "Finding",
    "Issued",
    "Numbering",
    "Report",
    "Settle",
    "export",
    "next_numbering",
    "paper",
    "record_issue",
    "verify_bundle",
]
