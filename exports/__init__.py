"""Requests for public records: their clock, their review, and the bundle that answers them."""

from exports._production import (
    INTERNAL,
    Outcome,
    ProducedRecord,
    ProducedRequest,
    Production,
)

__all__ = [
    "INTERNAL",
    "Outcome",
    "ProducedRecord",
    "ProducedRequest",
    "Production",
]
