"""The bundle half of the room: the answer as a file that anyone can verify, and verifying it."""

from exports._manifests import Finding
from exports.bundle._export import Issued, export, record_issue
from exports.bundle._paper import Settle, paper
from exports.bundle._verify import Report, verify_bundle

__all__ = [
    "Finding",
    "Issued",
    "Report",
    "Settle",
    "export",
    "paper",
    "record_issue",
    "verify_bundle",
]
