"""What was submitted for posting and never published, or is still held: archived by hand.

Such content reaches no export, and its author may ask what became of it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from archive import Draft, Parts, UsageError, Writer, accounts, new_id, records
from ingest._capture import Capture
from ingest._projection import COUNTS
from ingest.moderation._removals import Removal, remove
from ingest.moderation._words import attached

READER = "by-hand"


def submit(
    writer: Writer,
    account: accounts.Account,
    *,
    text: str,
    author: str,
    day: date,
    submitted_at: datetime | None = None,
    clause: str = "",
    reason: str = "",
    policy: str = "",
    evidence: Sequence[Path] = (),
) -> tuple[str, Removal | None]:
    """Archive a comment that was submitted to an account and is not published.

    With `clause` and `reason` it was refused, under the policy of `day`; without them it is held
    for approval. Gives the record's id and the refusal, if any. UsageError when text or author is
    empty, or of clause and reason only one is given; what `remove` raises.
    """
    if not text.strip() or not author.strip():
        raise UsageError("say what was submitted, and by whom")
    if bool(clause) != bool(reason.strip()):
        raise UsageError("a refusal needs its clause and its reason; what is only held, neither")
    record, run = new_id(), new_id()
    raw = text.encode(errors="replace")
    capture = Capture(
        native_id=f"{READER}:{record}",
        kind="comment",
        raw=raw,
        text=text,
        author_handle=author.strip(),
        occurred_at=submitted_at,
        state="pending",
        status="submitted, not published",
    )
    started = {"account": account.id, "reader": READER, "reader_version": 1}
    writer.append([Draft("ingest.started", run, started, Parts.of([("file/name", READER)]))])
    data = {
        "account": account.id,
        "kind": capture.kind,
        "lookup": records.lookup_of(writer, account.platform, account.id, capture.native_id),
        "platform": account.platform,
        "run": run,
        "state": capture.state,
        "version": 1,
    }
    fields = capture.parts(account.handle).fields
    kept = [] if clause else attached(writer, record, evidence)
    parts = Parts((*fields, *Parts.of(kept).fields))
    writer.capture([Draft("record.captured", record, data, parts)], run, {})
    counts = dict.fromkeys(COUNTS, 0) | {"seen": 1, "new": 1}
    writer.append([Draft("ingest.finished", run, {**counts, "complete": False, "unread": 0})])
    if not clause:
        return record, None
    refusal = remove(
        writer,
        record,
        clause=clause,
        reason=reason,
        day=day,
        policy=policy,
        action="refuse",
        evidence=evidence,
    )
    return record, refusal
