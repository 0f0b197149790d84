"""Entries that go into the log together: built one after the other, then stored at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from archive import times
from archive._entry import CAPTURE_TYPES, Draft, Entry, Signer, build
from archive._parts import Parts, Sealed


@dataclass(frozen=True, slots=True)
class Batch:
    """Captures of one run, which one signature covers.

    `data` goes into the header of their `capture.batch`, `parts` into its sealed half.
    """

    run: str
    drafts: Sequence[Draft]
    data: Mapping[str, Any]
    parts: Parts | None = None


class Addition:
    """Entries from position `seq` on, made at `at`; `sealing` are the sealed halves among them."""

    def __init__(self, seq: int, at: datetime, signer: Signer) -> None:
        self.at = at
        self.entries: list[Entry] = []
        self.leaves: list[bytes] = []
        self.events: list[tuple[Entry, Parts | None]] = []
        self.sealing: list[tuple[int, str, bytes, Sealed]] = []
        self._seq, self._signer = seq, signer
        self._at_text = times.to_text(at)

    def decide(self, drafts: Sequence[Draft]) -> None:
        """Add decisions, each with a signature; ValueError for a type that `capture` adds."""
        if not CAPTURE_TYPES.isdisjoint(draft.type for draft in drafts):
            raise ValueError("captures are appended by the batch")
        self._add(drafts, self._signer)

    def capture(self, batch: Batch) -> list[Entry]:
        """Add captures, and the `capture.batch` that covers their leaves; the captures' entries.

        ValueError for any other type than `CAPTURE_TYPES`.
        """
        if any(draft.type not in CAPTURE_TYPES for draft in batch.drafts):
            raise ValueError("only captures are appended without a signature of their own")
        first = len(self.entries)
        self._add(batch.drafts, None)
        entries, leaves = self.entries[first:], self.leaves[first:]
        if entries:
            hashed = sha256(b"".join(leaves)).hexdigest()
            covered = {"first": entries[0].seq, "count": len(entries), "leaves": hashed}
            data = {**batch.data, **covered}
            self._add([Draft("capture.batch", batch.run, data, batch.parts)], self._signer)
        return entries

    def _add(self, drafts: Sequence[Draft], signer: Signer | None) -> None:
        for seq, draft in enumerate(drafts, self._seq + len(self.entries)):
            commitment, sealed = None, None
            if draft.parts:
                sealed = draft.parts.seal()
                commitment = sealed.commitment
                self.sealing.append((seq, draft.subject, commitment, sealed))
            actor = self._signer.actor
            entry = build(seq, draft, self.at, self._at_text, actor, commitment, signer)
            self.entries.append(entry)
            self.leaves.append(entry.leaf_hash)
            self.events.append((entry, sealed))
