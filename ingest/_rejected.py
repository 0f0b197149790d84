"""What could not be read: kept sealed with the reason, once however often it is met."""

from collections.abc import Sequence
from hashlib import sha256

from archive import Draft, Parts, Writer, new_id
from ingest._capture import Rejected
from ingest._context import Context
from ingest._projection import rejected_before


def rejections(writer: Writer, run: Context, rejected: Sequence[Rejected]) -> list[Draft]:
    """The entries that keep the bytes and the reason of rejected items not kept before."""
    lookups = [
        writer.lookup("rejected", run.account, one.reason, sha256(one.raw).hexdigest())
        for one in rejected
    ]
    known = rejected_before(writer, lookups)
    drafts = []
    for one, lookup in zip(rejected, lookups, strict=True):
        if lookup in known:
            continue
        known.add(lookup)
        parts = Parts.of(
            [("reason", one.reason), ("source_file", one.source_file), ("raw", one.raw)]
        )
        data = {"run": run.run, "lookup": lookup}
        drafts.append(Draft("capture.rejected", new_id(), data, parts))
    return drafts
