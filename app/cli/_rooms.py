"""What the rooms contribute to an open archive."""

import exports
import ingest
import schedules
import search
from archive import Projection


def projections() -> tuple[Projection, ...]:
    """The projections of all rooms above the archive, which brings its own."""
    return (
        *ingest.PROJECTIONS,
        *search.PROJECTIONS,
        *schedules.PROJECTIONS,
        *exports.PROJECTIONS,
    )
