"""Requests for public records: their clock, their review, and the bundle that answers them.

`exports.requests` is public as such: it opens, searches, determines and closes requests.
`production` says what a request lets out; `exports.bundle`, public as such too and loaded only when
it is asked for, makes the bundle from that and from nothing else, and verifies bundles.
"""

from exports import requests
from exports._production import (
    INTERNAL,
    Box,
    Outcome,
    ProducedRecord,
    ProducedRequest,
    Production,
    RedactedImage,
)
from exports.requests import PROJECTION, Request, find_request, production, undetermined

PROJECTIONS = (PROJECTION,)

__all__ = [
    "INTERNAL",
    "PROJECTIONS",
    "Box",
    "Outcome",
    "ProducedRecord",
    "ProducedRequest",
    "Production",
    "RedactedImage",
    "Request",
    "find_request",
    "production",
    "requests",
    "undetermined",
]
