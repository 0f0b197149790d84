"""Which file a capture came from: every capture names its run, and the run its file."""

from dataclasses import dataclass

from archive import Parts, Reader


@dataclass(frozen=True, slots=True)
class Origin:
    """The export that a run read: its name, SHA-256 (hex) and size in bytes; "" and 0 unknown."""

    name: str = ""
    sha256: str = ""
    size: int = 0


def origin_of(reader: Reader, run: str) -> Origin:
    """The export of a run; an empty one when there is no such run."""
    for _, parts in reader.open(reader.history(run, {"ingest.started"})):
        told = parts or Parts(())
        size = int(told.get("file/size") or 0)
        return Origin(told.get("file/name") or "", told.get("file/sha256") or "", size)
    return Origin()
