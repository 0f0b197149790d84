"""What a verification finds: places, problems, and the report over all of them."""

from dataclasses import dataclass, field

MOST = 1000
"""How many findings are listed; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: where, and what."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


@dataclass(slots=True)
class Findings:
    """Findings in the order in which they were made, the first thousand of them, and a count."""

    listed: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, problem: str) -> None:
        """Note one."""
        self.count += 1
        if len(self.listed) < MOST:
            clean = f"{place}\n{problem}".encode(errors="backslashreplace").decode()
            self.listed.append(Finding(*clean.split("\n", 1)))

    def extend(self, others: "Findings") -> None:
        """Note those of another list behind one's own."""
        self.listed += others.listed[: MOST - len(self.listed)]
        self.count += others.count


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and what does not hold: the first thousand findings, and how many more.

    `entries`, `checkpoints`, `signatures` (of actors), `contents`, `erased`, `blobs`, `timestamps`
    and `cosignatures` say how many of each hold or were found as they should be. `leftovers` are
    attachment files of writes that never committed: harmless, for their keys are nowhere; the next
    disposal removes them.
    """

    entries: int
    checkpoints: int
    signatures: int
    contents: int
    erased: int
    blobs: int
    leftovers: int
    timestamps: int
    cosignatures: int
    findings: tuple[Finding, ...]
    unlisted: int = 0

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not self.findings
