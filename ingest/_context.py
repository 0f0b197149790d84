"""What the parts of one run share."""

from dataclasses import dataclass

from ingest._export import Export
from ingest._source import Source


@dataclass(frozen=True, slots=True)
class Context:
    """A run of one export into one account, both by id, and the name of its reader.

    `file` is the keyed hash of the export's digest: the same for the same bytes.
    """

    run: str
    account: str
    source: Source
    export: Export
    reader: str
    file: str
