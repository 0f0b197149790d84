"""Verifying a bundle with nothing but the bundle."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.x509 import Certificate

from archive import VerificationError, merkle
from archive.notes import Checkpoint, EntryProof, NoteKey, open_checkpoint
from exports import _bag, _open
from exports._beside import another_process
from exports._manifests import Finding, listed
from exports._open import Bundle
from exports._shown import pem
from exports.bundle import _letter, _load, _page, _rebuilt, _stamp, _tables, _warc
from exports.bundle._attachments import FILE
from exports.bundle._disclosed import Item, Obscured
from exports.bundle._files import check_files
from exports.bundle._stamp import Stamped

_NOTE_BYTES = 1 << 20
_MANY = 3000
"""Fewer files than these are not worth a second process."""

_FIXED = frozenset(
    {
        _warc.NAME,
        "VERIFY.md",
        "bag-info.txt",
        "bagit.txt",
        "data/index.html",
        "data/proofs/checkpoint",
        "data/proofs/log-key.pem",
        "data/proofs/log-key.pub",
        "data/records.csv",
        "data/records.jsonl",
        "data/response.pdf",
        "data/withheld.csv",
        *(f"{kind}-{a}.txt" for kind in ("manifest", "tagmanifest") for a in _bag.ALGORITHMS),
    }
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `findings` is empty when everything holds.

    `sha256` is that of the zip ("" for a folder); `key` is the log's key that the bundle itself
    carries: it proves something only when it is the one that the public body publishes. `origin`,
    `size` and `root` are the log's head, `stamped` is the time stamp, if there is one that holds,
    `covered` how many of the records stood in the log by then, and `supersedes` says which bundle
    this one corrects ("": none). `redactions` counts parts that
    exemptions hide.
    """

    path: Path
    sha256: str
    files: int
    records: int
    outcomes: Mapping[str, int]
    redactions: int
    key: str
    origin: str
    size: int
    root: str
    stamped: Stamped | None
    covered: int
    supersedes: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.findings


def verify_bundle(
    path: Path,
    *,
    key: NoteKey | None = None,
    authorities: Sequence[Certificate] = (),
    alone: bool = False,
) -> Report:
    """Check a bundle, zipped or unpacked: files, disclosures, proofs, the signature of the head.

    `key` is the log's key when it is known from elsewhere, `authorities` are the roots that a time
    stamp is checked by, else those in the bundle. What does not hold is a finding that
    names the place; VerificationError is raised when the bundle cannot be opened at all.
    The files of a large bundle are checked beside its records, in another process, unless `alone`.
    """
    with ExitStack() as closing:
        bundle = closing.enter_context(_open.opened(path))
        beside = None
        if not alone and len(bundle.names) >= _MANY:
            other = closing.enter_context(another_process())
            beside = other.submit(check_files, path)
        checked = _Checked(bundle)
        further = list(checked.run(key, authorities))
        files = beside.result() if beside else check_files(path)
        findings = [*files.findings, *further]
        if files.packed and not findings:
            findings.append(Finding(path.name, files.packed))
        count, supersedes = len(bundle.names), _rebuilt.superseded(bundle)
    head = checked.head
    return Report(
        path,
        files.sha256,
        count,
        sum(checked.outcomes.values()),
        dict(checked.outcomes),
        checked.redactions,
        str(checked.key) if checked.key else "",
        head.origin if head else "",
        head.size if head else 0,
        head.root.hex() if head else "",
        checked.stamped,
        checked.covered,
        supersedes,
        tuple(findings),
    )


class _Checked:
    """One bundle being checked, and what is learnt about it on the way."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._expected = set(_FIXED)
        self.key: NoteKey | None = None
        self.head: Checkpoint | None = None
        self._note = ""
        self.outcomes: Counter[str] = Counter()
        self.redactions = 0
        self.stamped: Stamped | None = None
        self.covered = 0

    def run(self, key: NoteKey | None, authorities: Sequence[Certificate]) -> Iterator[Finding]:
        yield from self._head_findings(key)
        yield from self._stamp_findings(authorities)
        yield from self._record_findings()
        volumes = _letter.volumes(sum(self.outcomes.values()))
        self._expected.update(map(_letter.volume_name, range(1, volumes + 1)))
        if _load.DAT in self._bundle.names:
            texts = map(_load.text_name, range(1, sum(self.outcomes.values()) + 1))
            self._expected.update((_load.DAT, _load.OPT, *texts))
        for name in sorted(set(self._bundle.names) - self._expected):
            yield Finding(name, "a file that no bundle has")

    def _head_findings(self, key: NoteKey | None) -> Iterator[Finding]:
        place = "data/proofs/log-key.pub"
        try:
            text = _open.read(self._bundle, place, _NOTE_BYTES).decode(errors="replace")
            self.key = NoteKey.parse(text)
            if text != f"{self.key}\n":
                yield Finding(place, "more than a key")
            if key is not None and self.key != key:
                yield Finding(place, f"not the key that was given, {key}")
            place = "data/proofs/log-key.pem"
            if _open.read(self._bundle, place, _NOTE_BYTES) != pem(self.key).encode():
                yield Finding(place, "not the key of log-key.pub")
            place = "data/proofs/checkpoint"
            note = _open.read(self._bundle, place, _NOTE_BYTES)
            self.head = open_checkpoint(note, [key or self.key])
            self._note = note.decode()
        except VerificationError as error:
            yield Finding(place, str(error).removeprefix(f"{place}: "))

    def _stamp_findings(self, authorities: Sequence[Certificate]) -> Iterator[Finding]:
        if _stamp.NAMES.isdisjoint(self._bundle.names):
            return
        self._expected |= _stamp.NAMES
        if self.head is not None:
            try:
                self.stamped = _stamp.check(self._bundle, self.head, self._note, authorities)
            except VerificationError as error:
                place, _, what = str(error).partition(": ")
                yield Finding(place, what)

    def _record_findings(self) -> Iterator[Finding]:
        about = self._about()
        if about is not None:
            yield from _rebuilt.info_findings(self._bundle, about)
        with _rebuilt.Rebuilt(self._bundle, about) as again:
            yield from self._line_findings(again)
            yield from again.finish()

    def _line_findings(self, again: _rebuilt.Rebuilt) -> Iterator[Finding]:
        try:
            with _open.stream(self._bundle, "data/records.jsonl") as lines:
                for number, line in enumerate(lines, 1):
                    place = f"data/records.jsonl, record {number}"
                    try:
                        item = self._item(line, number)
                        yield from self._item_findings(item, place)
                        again.add(item)
                    except VerificationError as error:
                        yield Finding(place, str(error))
        except VerificationError as error:
            yield Finding("data/records.jsonl", str(error).removeprefix("data/records.jsonl: "))

    def _about(self) -> dict[str, Any] | None:
        """What the page says of the bundle; None where it cannot be read."""
        try:
            with _open.stream(self._bundle, "data/index.html") as source:
                return _page.Opened(source).about
        except VerificationError:
            return None

    def _item(self, line: bytes, number: int) -> Item:
        item = Item.from_line(line)
        if item.to_line() != line or item.number != number:
            raise VerificationError("not in the form or the order of a bundle")
        self._count(item)
        return item

    def _count(self, item: Item) -> None:
        self._expected.add(item.proof)
        self._expected.update(item.attachments)
        self.outcomes[item.outcome] += 1
        self.covered += self.stamped is not None and item.index < self.stamped.size
        self.redactions += _tables.hidden_count(item)

    def _item_findings(self, item: Item, place: str) -> Iterator[Finding]:
        entry = item.entry()
        if entry.subject != item.record:
            yield Finding(place, "its header is of another record")
        hidden = _tables.hidden_count(item)
        fitting = {"release": not hidden, "redact": hidden > 0, "withhold": not item.parts}
        if not fitting[item.outcome]:
            yield Finding(place, f"hides {hidden} parts, which is not what {item.outcome} means")
        if item.outcome != "withhold" and item.commitment != entry.commitment:
            yield Finding(place, "its parts are not those that its header commits to")
        for name in item.attachments:
            yield from self._attachment_findings(item, name)
        for image in item.images:
            if image.name not in item.attachments:
                yield Finding(image.name, f"not among the attachments of record {item.number}")
        if self.head is None:
            return
        try:
            proof = EntryProof.parse(_open.read(self._bundle, item.proof, _NOTE_BYTES))
            if proof.note != self._note or proof.index != item.index:
                raise VerificationError("a proof of another entry or another head")
            merkle.verify_inclusion(
                item.leaf, proof.index, self.head.size, proof.path, self.head.root
            )
        except VerificationError as error:
            what = str(error).removeprefix(f"{item.proof}: ")
            yield Finding(f"{item.proof}, record {item.number}", what)

    def _attachment_findings(self, item: Item, name: str) -> Iterator[Finding]:
        match = FILE.match(name)
        shown = {p.path: p.value for p in item.parts if not isinstance(p, Obscured)}
        if match is None or int(match["number"]) != item.number:
            yield Finding(name, f"not a name for an attachment of record {item.number}")
            return
        digest = shown.get(f"attachment/{match['place']}/sha256", b"").decode(errors="replace")
        painted = {one.name: one.sha256 for one in item.images}
        if name in painted and digest:
            yield Finding(name, f"record {item.number} shows the digest of what was painted over")
        digest = painted.get(name, digest)
        if self._listed.get(name) != digest:
            yield Finding(name, f"not the attachment that record {item.number} names")

    @cached_property
    def _listed(self) -> Mapping[str, str]:
        """The SHA-256 of the files, by the manifest that these are held against."""
        try:
            return listed(self._bundle, "manifest-sha256.txt")
        except VerificationError:
            return {}
