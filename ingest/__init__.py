"""Ingest: sources to captures, and what was decided about them.

Readers turn the exports of platforms into `Capture` values; one pipeline compares them with what
the archive holds and appends what is new, changed or gone. Policies and decisions (removals, bans,
appeals) are in `ingest.moderation`, what a policy asks of the body itself in `ingest.duties`.
"""

from ingest import duties, moderation
from ingest._boxes import Limits
from ingest._capture import (
    KINDS,
    AccountName,
    Attachment,
    Capture,
    Gone,
    PollOption,
    Rejected,
    Remark,
    Shared,
    Told,
)
from ingest._export import Export, open_export
from ingest._origin import Origin, origin_of
from ingest._pipeline import Progress, ingest
from ingest._projection import PROJECTION, Run, runs
from ingest._rejected import Rejection, rejection, rejections
from ingest._retry import Retried, retry
from ingest._run import Summary
from ingest._source import Source, SourceReader
from ingest._watch_tables import PROJECTION as _CAPTURE
from ingest.readers import READERS, reader_for, reader_named

PROJECTIONS = (PROJECTION, moderation.PROJECTION, duties.PROJECTION, _CAPTURE)
"""The projections of this room."""

__all__ = [
    "KINDS",
    "PROJECTIONS",
    "READERS",
    "AccountName",
    "Attachment",
    "Capture",
    "Export",
    "Gone",
    "Limits",
    "Origin",
    "PollOption",
    "Progress",
    "Rejected",
    "Rejection",
    "Remark",
    "Retried",
    "Run",
    "Shared",
    "Source",
    "SourceReader",
    "Summary",
    "Told",
    "duties",
    "ingest",
    "moderation",
    "open_export",
    "origin_of",
    "reader_for",
    "reader_named",
    "rejection",
    "rejections",
    "retry",
    "runs",
]
