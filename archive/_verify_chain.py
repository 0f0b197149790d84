"""What holds the ranges of a log together: the tree, its checkpoints, batches, and the clock."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, column, func, select, table

from archive import merkle
from archive._findings import Findings
from archive._log import read_head
from archive._replay import TreeReplay
from archive._verify_range import CHECKPOINT, Batch, Captures, Outcome
from archive.errors import VerificationError

_TILE = table("tile", column("level"), column("idx"), column("hashes"))


class Chain:
    """Takes the outcomes of ranges in log order, and reports what does not fit together."""

    def __init__(self, connection: Connection, findings: Findings) -> None:
        self._connection = connection
        self._findings = findings
        self._tree = TreeReplay(self._stored, findings.add)
        self._last: datetime | None = None
        self._open: list[Captures] = []
        self._covered = sha256()
        self._astray: list[int] = []

    @property
    def size(self) -> int:
        """How many entries the chain covers."""
        return self._tree.size

    def take(self, outcome: Outcome) -> None:
        """The next range. `start` is where the one before it stopped."""
        self._findings.extend(outcome.findings)
        self._timed(outcome)
        self._runs(outcome)
        size, at = merkle.HASH_BYTES, 0
        for head, root in outcome.heads:
            upto = (head - outcome.start) * size
            self._tree.extend(outcome.leaves[at:upto])
            at = upto
            if self._tree.root != root:
                self._astray.append(head)
        self._tree.extend(outcome.leaves[at:])

    def finish(self) -> None:
        """Report what is left open at the end of the log, and how head and tiles compare."""
        self._uncovered()
        self._beyond()
        if self._astray:
            others = len(self._astray) - 1
            self._findings.add(
                f"checkpoint {self._astray[0]}",
                "the entries before it do not lead to its root"
                + (f", nor to those of {others} later ones" if others else ""),
            )
        self._head()
        self._checkpoint()
        self._tiles(dict(self._tree.finish()))

    def _stored(self, tier: int, index: int) -> bytes:
        query = select(_TILE.c.hashes).where(_TILE.c.level == tier, _TILE.c.idx == index)
        found = self._connection.execute(query).scalar()
        if found is not None and not isinstance(found, bytes):
            self._findings.add(f"tile {tier}/{index}", "not bytes")
        return found if isinstance(found, bytes) else b""

    def _timed(self, outcome: Outcome) -> None:
        if outcome.first is None or outcome.last is None:
            return
        seq, at = outcome.first
        if self._last is not None and at < self._last:
            self._findings.add(f"entry {seq}", "its time is before that of the entry ahead of it")
        self._last = outcome.last if self._last is None else max(self._last, outcome.last)

    def _runs(self, outcome: Outcome) -> None:
        """Captures must be covered by the signed batch entry right behind them."""
        size = merkle.HASH_BYTES
        for run in outcome.runs:
            if isinstance(run, Captures):
                at = (run.first - outcome.start) * size
                self._covered.update(outcome.leaves[at : at + run.length * size])
                self._open.append(run)
            elif isinstance(run, Batch):
                self._batch(run)
            else:
                self._uncovered()

    def _batch(self, batch: Batch) -> None:
        first = self._open[0].first if self._open else None
        count = sum(run.length for run in self._open)
        if batch.covered != (first, count, self._covered.hexdigest()):
            self._findings.add(f"entry {batch.seq}", "does not cover the captures before it")
        if any(run.actor != batch.actor for run in self._open):
            self._findings.add(f"entry {batch.seq}", "covers captures of another actor")
        self._open, self._covered = [], sha256()

    def _uncovered(self) -> None:
        if self._open:
            self._findings.add(
                f"entry {self._open[0].first}", "a capture that no batch entry covers"
            )
        self._open, self._covered = [], sha256()

    def _beyond(self) -> None:
        size = CHECKPOINT.c.size
        query = select(size).where((size > self.size) | (size <= 0)).order_by(size)
        for (at,) in self._connection.execute(query):
            self._findings.add(f"checkpoint {at}", f"is not of the log's {self.size} entries")

    def _head(self) -> None:
        try:
            head = read_head(self._connection)
        except VerificationError as error:
            self._findings.add("head", str(error))
            return
        if (head.size, head.root) != (self.size, self._tree.root):
            self._findings.add("head", f"says {head.size} entries, or a root they do not lead to")
        elif head.at != self._last:
            self._findings.add("head", "its time is not that of the newest entry")

    def _checkpoint(self) -> None:
        newest = self._connection.execute(select(func.max(CHECKPOINT.c.size))).scalar()
        if newest is None:
            self._findings.add("checkpoint", "the log has none")
        elif newest != self.size:
            self._findings.add("checkpoint", f"the newest covers {newest} of {self.size} entries")

    def _tiles(self, expected: dict[int, int]) -> None:
        counts = select(_TILE.c.level, func.count(), func.max(_TILE.c.idx)).group_by(_TILE.c.level)
        for level, count, last in self._connection.execute(counts.order_by(_TILE.c.level)):
            if count != expected.get(level, 0) or last != count - 1:
                problem = "tiles missing or too many at this level"
                self._findings.add(f"tile {level}/{last}", problem)
