"""Making a package: a BagIt bag of whole records, what describes them, and what proves them."""

import hashlib
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive import Archive, Entry, Reader, Refused, Sealed, actors, faults, records
from archive.errors import VerificationError
from archive.spreadsheets import BOM, row
from exports import _bag
from exports._shown import ascii_name, write_log
from exports.transfer._check import check_package
from exports.transfer._line import Line
from exports.transfer._premis import Premis

if TYPE_CHECKING:
    from schedules import Chosen, Disposal, Package

_STORED = re.compile(r"((?:attachment|evidence)/[0-9]+)/blob\Z")
_HEAD = (
    *("record", "series", "platform", "account", "kind", "status", "title", "text", "author"),
    *("handle", "posted", "address", "captured", "versions", "files", "entries"),
)
_SHOWN = ("title", "text", "author/name", "author/handle", "occurred_at", "url")


def make_package(
    archive: Archive,
    reader: Reader,
    disposal: "Disposal",
    chosen: "Chosen",
    out: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> "Package":
    """Write the package of a disposal to `out`, as of the reader's head; it appears whole.

    `chosen` is what `schedules.to_package` gives for that head. Refused when it is nothing;
    VerificationError when the archive's copy, or the finished package, does not hold;
    StorageError when it cannot be written.
    """
    from schedules import Package  # slow to load, and whoever checks a package needs none of it

    if not chosen.records:
        raise Refused(
            "nothing of the list may be handed over now",
            hint=f"see why: muniment disposal show {disposal.id}",
        )
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
            bag, finished = Path(name) / "bag", Path(name) / "package.zip"
            bag.mkdir()
            _stage(archive, reader, disposal, chosen.records, bag, progress)
            _bag.pack(bag, finished, reader.head.at.date())
            shutil.rmtree(bag)
            checked = check_package(finished)
            if checked.findings:
                raise VerificationError(
                    f"the finished package does not verify: {checked.findings[0]}",
                    hint="run muniment verify",
                )
            _bag.sync(finished)
            finished.replace(out)
            _bag.sync(out.parent)
    except OSError as error:
        raise faults.of_system(error) from error
    return Package(
        checked.sha256,
        out.stat().st_size,
        len(chosen.records),
        tuple(one.record for one in chosen.kept),
        reader.head.size,
    )


def _stage(
    archive: Archive,
    reader: Reader,
    disposal: "Disposal",
    chosen: Mapping[str, str],
    bag: Path,
    progress: Callable[[int], None],
) -> None:
    from schedules import file_of, load, schedule_of

    data = bag / "data"
    (data / "proofs").mkdir(parents=True)
    adopted = schedule_of(reader, disposal)
    titles = {series.code: series.title for series in load(reader, adopted).series}
    with ExitStack() as closing:
        lines = closing.enter_context((data / "records.jsonl").open("wb"))
        table = closing.enter_context(
            (data / "records.csv").open("w", encoding="utf-8", newline="")
        )
        premis_out = closing.enter_context((data / "premis.xml").open("w", encoding="utf-8"))
        events = closing.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
        premis = Premis(premis_out, events)
        table.write(BOM + row(_HEAD))
        names = {one.id: one.name for one in actors.every(reader)}
        for record, series in sorted(chosen.items()):
            premis.record(record, series, titles.get(series, ""))
            written = _Record(reader, bag, record, series)
            for line in written.lines():
                lines.write(line.to_bytes())
                premis.event(line.entry(), names.get(line.entry().actor, ""))
            for name, (sha256, size, media) in written.files.items():
                premis.file(record, name, sha256, size, media)
            table.write(row(written.described()))
            progress(1)
        events.seek(0)
        premis.close(iter(events))
    (data / "schedule.toml").write_bytes(file_of(reader, adopted))
    about = _about(archive, disposal, adopted.label, adopted.digest, chosen)
    (data / "disposal.json").write_text(
        json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    write_log(data / "proofs", reader.checkpoint(), archive.log_key)
    verify = files("exports.transfer").joinpath("VERIFY.md").read_text(encoding="utf-8")
    (bag / "VERIFY.md").write_text(verify.replace("{{key}}", str(archive.log_key)), "utf-8")
    _bag.close_bag(
        bag,
        {
            "Source-Organization": archive.config.name,
            "Contact-Name": archive.config.contact or "-",
            "External-Identifier": disposal.id,
            "External-Description": f"Transfer of {len(chosen)} records under {adopted.label}",
            "Bagging-Date": reader.head.at.date().isoformat(),
            "Bag-Software-Agent": "Muniment",
        },
    )
    _bag.validate(bag)


def _about(
    archive: Archive, disposal: "Disposal", label: str, digest: str, chosen: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "format": 1,
        "agency": archive.config.name,
        "contact": archive.config.contact,
        "log": archive.origin,
        "disposal": disposal.id,
        "schedule": label,
        "schedule_sha256": digest,
        "as_of": disposal.as_of.isoformat(),
        "list_sha256": disposal.digest,
        "records": len(chosen),
        "series": dict(Counter(chosen.values())),
        "approvals": [
            {"name": one.name, "position": one.seq} for one in disposal.approvals if not one.lapsed
        ],
    }


class _Record:
    """One record being written: its entries as lines, its files, and what describes it."""

    def __init__(self, reader: Reader, bag: Path, record: str, series: str) -> None:
        self._reader, self._bag, self._series = reader, bag, series
        self._record = records.get(reader, record)
        self._entries = 0
        self._fields: dict[str, str] = {}
        self.files: dict[str, tuple[str, int, str]] = {}

    def lines(self) -> Iterator[Line]:
        reader = self._reader
        for entry, sealed in reader.open(reader.history(self._record.id)):
            self._entries += 1
            if sealed is None and entry.commitment is not None:
                raise VerificationError(f"entry {entry.seq}: its sealed half is missing")
            files = dict(self._stored(sealed)) if sealed is not None else {}
            self._describe(entry, sealed)
            yield Line.of(entry, sealed, self._series, files, reader.inclusion_proof(entry.seq))

    def described(self) -> list[object]:
        one = self._record
        return [
            *(one.id, self._series, one.platform, one.account, one.kind, one.status),
            *(self._fields.get(name, "") for name in _SHOWN),
            *(one.captured_at, one.versions, "; ".join(self.files), self._entries),
        ]

    def _describe(self, entry: Entry, sealed: Sealed | None) -> None:
        """The table shows what the newest version says."""
        if sealed is not None and entry.type in {"record.captured", "record.edited"}:
            self._fields = {name: sealed.text(name) for name in _SHOWN}

    def _stored(self, sealed: Sealed) -> Iterator[tuple[str, str]]:
        for path in sealed.paths:
            match = _STORED.match(path)
            blob = sealed.get(path) or "" if match else ""
            if match and blob:
                sha256 = sealed.get(f"{match[1]}/sha256") or ""
                title = ascii_name(sealed.get(f"{match[1]}/name") or "")
                name = f"data/files/{self._record.id}/{sha256[:12]}-{title}"
                if name not in self.files:
                    size = self._write(blob, name, sha256)
                    media = sealed.get(f"{match[1]}/type") or ""
                    self.files[name] = (sha256, size, media)
                yield f"{match[1]}/sha256", name

    def _write(self, blob: str, name: str, sha256: str) -> int:
        running, size = hashlib.sha256(), 0
        path = self._bag / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            for piece in self._reader.open_blob(self._record.id, blob):
                running.update(piece)
                size += out.write(piece)
        if running.hexdigest() != sha256:
            raise VerificationError(f"record {self._record.id}: a file is not what was captured")
        return size
