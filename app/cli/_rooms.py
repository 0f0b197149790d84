"""What the rooms contribute to an open archive."""

import importlib

from archive import Projection


def projections() -> tuple[Projection, ...]:
    """The projections of all rooms above the archive, which brings its own."""
    found: list[Projection] = []
    for room in ("ingest", "schedules", "exports"):
        found += getattr(importlib.import_module(room), "PROJECTIONS", ())
    return tuple(found)
