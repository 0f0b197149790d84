"""An archive with captured records, and determinations about them, ready to be exported."""

import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509 import Certificate

from archive import Archive, Draft, Parts, Reader, Sealed, actors, keys, new_id, records
from exports import INTERNAL, Outcome, ProducedRecord, ProducedRequest, Production
from exports.bundle import Issue, Issued, Numbering, _page, export
from tests.conftest import Clock

TITLES = {
    "7(1)(b)": "Private information",
    "7(1)(c)": "Personal privacy: clearly unwarranted invasion",
    "7.5(b)": "Library circulation records",
}
_PUBLIC = (
    *("text/", "title/", "author/", "url", "occurred_at", "attachment/"),
    *("shared/", "poll/", "observed/", "location", "removal_reason/"),
)


@dataclass(frozen=True)
class Decided:
    """A determination as a test writes it: words to hide by code, or whole paths."""

    record: str
    seq: int
    outcome: Outcome = "release"
    hide: dict[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass
class Answer:
    """An archive, a request, and the decided records that answer it."""

    archive: Archive
    agent: keys.ActorKey
    clock: Clock
    decided: list[Decided] = field(default_factory=list)
    account: str = field(default_factory=new_id)
    run: str = field(default_factory=new_id)
    numbering: Numbering = field(default_factory=lambda: Numbering("CML", 7))
    supersedes: Issue | None = None
    authorities: tuple[Certificate, ...] = ()
    load_file: bool = False
    warc: bool = False
    request: ProducedRequest = field(
        default_factory=lambda: ProducedRequest(
            id=new_id(),
            number="2026-014",
            subject="Comments about the closing of Main Street",
            requester_name="Pat Q. Public",
            received=date(2026, 2, 23),
            due=date(2026, 3, 2),
            jurisdiction="us-il",
            body_name="Cook Memorial Library",
        )
    )

    @classmethod
    def found(cls, folder: Path, clock: Clock, database: str = "") -> "Answer":
        key = Ed25519PrivateKey.generate()
        archive = Archive.create(
            folder,
            name="Cook Memorial Library",
            actor_name="ada",
            actor_key=key,
            database=database,
            clock=clock,
        )
        with archive.read() as reader:
            agent = keys.ActorKey(actors.by_name(reader, "ada").id, key)
        return cls(archive, agent, clock)

    def capture(self, *items: dict[str, str | bytes]) -> list[tuple[str, int]]:
        """Capture items, each of fields; (record id, log position) of each."""
        drafts = []
        with self.archive.write(self.agent) as writer:
            for number, item in enumerate(items):
                native = str(item.get("native_id", f"n{writer.head.size}-{number}"))
                data = {
                    "account": self.account,
                    "kind": "comment",
                    "lookup": records.lookup_of(writer, "mastodon", self.account, native),
                    "platform": "mastodon",
                    "run": self.run,
                    "state": "live",
                    "version": 1,
                }
                fields = dict(item)
                content = fields.pop("file", b"")
                record = new_id()
                if isinstance(content, bytes) and content:
                    stored = writer.put_blob(record, [content])
                    fields["attachment/0/sha256"] = sha256(content).hexdigest()
                    fields["attachment/0/blob"] = stored.name
                raw = fields.pop("raw", b'{"content": "' + str(fields.get("text")).encode() + b'"}')
                parts = Parts.of([*fields.items(), ("raw", raw)])
                drafts.append(Draft("record.captured", record, data, parts))
            return [(e.subject, e.seq) for e in writer.capture(drafts, self.run, {})]

    def decide(
        self,
        item: dict[str, str | bytes],
        outcome: Outcome = "release",
        hide: dict[str, str] | None = None,
        reason: str = "",
    ) -> None:
        """Capture an item and decide about it. `hide` maps words, or paths, to exemption codes."""
        [(record, seq)] = self.capture(item)
        self.decided.append(Decided(record, seq, outcome, hide or {}, reason))

    def produced(self, reader: Reader) -> Iterator[ProducedRecord]:
        for number, decided in enumerate(self.decided, 1):
            [(entry, sealed)] = reader.open([reader.entry(decided.seq)])
            assert sealed is not None
            yield ProducedRecord(
                number,
                records.get(reader, decided.record),
                entry,
                sealed,
                decided.outcome,
                _hidden(sealed, decided),
                tuple(sorted(set(decided.hide.values()))),
                decided.reason,
            )

    def produced_all(self) -> list[ProducedRecord]:
        with self.archive.read() as reader:
            return list(self.produced(reader))

    def export(self, out: Path) -> Issued:
        return self.export_these(self.produced_all(), out)

    def export_these(self, produced: Iterable[ProducedRecord], out: Path) -> Issued:
        listed = list(produced)
        with self.archive.read() as reader:
            return export(
                reader,
                Production(
                    self.request,
                    Counter(record.outcome for record in listed),
                    Counter(code for record in listed for code in set(record.exemptions)),
                    listed,
                ),
                out,
                key=self.archive.log_key,
                titles=TITLES,
                numbering=self.numbering,
                supersedes=self.supersedes,
                authorities=self.authorities,
                load_file=self.load_file,
                warc=self.warc,
            )


def _hidden(sealed: Sealed, decided: Decided) -> dict[int, str]:
    if decided.outcome == "withhold":
        [code] = set(decided.hide.values())
        return dict.fromkeys(range(len(sealed.paths)), code)
    hidden = {i: INTERNAL for i, path in enumerate(sealed.paths) if not path.startswith(_PUBLIC)}
    hidden |= {i: INTERNAL for i, path in enumerate(sealed.paths) if path.endswith("/blob")}
    for wanted, code in decided.hide.items():
        for i, (path, value) in enumerate(zip(sealed.paths, sealed.values, strict=True)):
            if path == wanted or value.decode(errors="replace").strip(" .,\n") == wanted:
                hidden[i] = code
    return hidden


def member(bundle: Path, name: str) -> bytes:
    with zipfile.ZipFile(bundle) as opened:
        return opened.read(name)


def page_records(bundle: Path) -> list[dict[str, Any]]:
    opened = _page.Opened(io.BytesIO(member(bundle, "data/index.html")))
    return list(map(_page.record_in, opened.records))


def repacked(bundle: Path, changed: dict[str, bytes | None]) -> bytes:
    """The bundle's zip again, with other content for some files; None takes one away."""
    out = io.BytesIO()
    with zipfile.ZipFile(bundle) as given, zipfile.ZipFile(out, "w") as again:
        for info in given.infolist():
            content = changed.get(info.filename, given.read(info))
            if content is not None:
                again.writestr(info, content)
        for name in changed.keys() - set(given.namelist()):
            again.writestr(name, changed[name] or b"")
    return out.getvalue()
