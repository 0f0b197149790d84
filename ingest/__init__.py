"""Ingest: sources to captures, and what was decided about them.

Readers turn the exports of platforms into `Capture` values; one pipeline compares them with what
the archive holds and appends what is new, changed or gone. Policies and decisions (removals, bans,
appeals) are in `ingest.moderation`.
"""

from ingest import moderation
from ingest._boxes import Limits
from ingest._capture import AccountName, Attachment, Capture, Rejected
from ingest._export import Export, open_export
from ingest._pipeline import Progress, Summary, ingest
from ingest._projection import PROJECTION, Run, runs
from ingest._readers import READERS, reader_for, reader_named
from ingest._source import Source, SourceReader

PROJECTIONS = (PROJECTION, moderation.PROJECTION)
"""The projections of this room."""

__all__ = [
    "PROJECTIONS",
    "READERS",
    "AccountName",
    "Attachment",
    "Capture",
    "Export",
    "Limits",
    "Progress",
    "Rejected",
    "Run",
    "Source",
    "SourceReader",
    "Summary",
    "ingest",
    "moderation",
    "open_export",
    "reader_for",
    "reader_named",
    "runs",
]
