"""Making and verifying a bundle against the bare tools on the same content.

Muniment decrypts, redacts, proves, writes, typesets, searches the result for everything hidden and
verifies it. The other side gets the finished files: `bagit.make_bag` over them, Typst setting each
record's text under a heading into a PDF/A, and `zipfile` packing them without compression. With
--megabytes that many are added in attachments, of a megabyte each or, as many as --files says, of
300 megabytes.

    python -m benchmarks.bundle [--records 10000] [--megabytes 0] [--files 0] [--rounds 3]
"""

import argparse
import io
import json
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from random import Random

import bagit
import typst

from benchmarks._corpus import comments
from benchmarks._measure import Run, measured, median, run

_MEGABYTE = 1_000_000
_LARGE = 300
_PLAIN = """
#set document(title: "Records")
#for record in json(bytes(sys.inputs.records)) { heading(record.at(0)); par(record.at(1)) }
"""


def main() -> None:
    """Measure, print one table; exit status 1 above the limit of memory."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--records", type=int, default=10_000)
    options.add_argument("--megabytes", type=int, default=0, help="of attachments")
    options.add_argument("--files", type=int, default=0, help="of 300 megabytes among them")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--limit", type=int, default=500, help="MiB of memory that are too many")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="muniment-bench-"))
    taken: dict[str, list[Run]] = {"muniment export": [], "muniment verify": [], "bare tools": []}
    try:
        setting = _prepare(folder, given.records, given.megabytes, given.files)
        muniment, out = str(Path(sys.executable).parent / "muniment"), folder / "answer.zip"
        export = [muniment, "export", "2026-0001", "--output", str(out), "--force"]
        for _ in range(given.rounds):
            taken["muniment export"].append(run(export, setting))
            taken["muniment verify"].append(run([muniment, "verify", str(out)], setting))
            taken["bare tools"].append(measured(_bare, out, folder / "bare"))
        size = out.stat().st_size
    finally:
        shutil.rmtree(folder)
    _report(given.records, size, taken)
    peak = max(one.peak for one in taken["muniment export"])
    if peak > given.limit:
        sys.exit(f"{peak:.0f} MiB are more than {given.limit}")


def _prepare(folder: Path, count: int, megabytes: int, files: int = 0) -> dict[str, str]:
    """An archive with a request that every record answers, all determined: one of ten in part."""
    source = folder / "source"
    source.mkdir()
    _write(source / "comments.jsonl", count, megabytes, files)
    setting = {"MUNIMENT_ARCHIVE": str(folder / "archive"), "MUNIMENT_KEYS": str(folder / "keys")}
    muniment = str(Path(sys.executable).parent / "muniment")
    named = ["--name", "Bench", "--actor", "ada", "--no-passphrase"]
    asked = ["--requester", "Robin", "--contact", "robin@example.org", "--subject", "Everything"]
    why = ["--reason", "A private telephone number"]
    for command in (
        ["init", setting["MUNIMENT_ARCHIVE"], *named],
        ["ingest", str(source), "--source", "jsonl", "--account", "bench"],
        ["request", "open", *asked, "--received", "2026-01-05"],
        ["request", "search", "2026-0001", "*"],
        ["request", "suggest", "2026-0001", "--accept", "phone", *why],
        ["request", "determine", "2026-0001", "undetermined", "release", "--although-private"],
    ):
        run([muniment, *command], setting)
    return setting


def _write(path: Path, count: int, megabytes: int, files: int) -> None:
    chance = Random(42)
    sizes = [_LARGE] * files + [1] * (megabytes - _LARGE * files)
    with path.open("w") as file:
        for one in comments(count):
            call = f" Call 630-555-{one.number % 10_000:04d}." if one.number % 10 == 0 else ""
            line: dict[str, object] = {
                "id": str(1_000_000 + one.number),
                "kind": "comment",
                "author": one.author,
                "text": one.text + call,
                "occurred_at": one.date.isoformat(),
                "url": f"https://social.example/c/{1_000_000 + one.number}",
            }
            if one.number < len(sizes):
                name = f"{one.number}.bin"
                with (path.parent / name).open("wb") as held:
                    for _ in range(sizes[one.number]):
                        held.write(chance.randbytes(_MEGABYTE))
                line["attachments"] = [{"file": name}]
            file.write(json.dumps(line) + "\n")


def _bare(bundle: Path, folder: Path) -> float:
    """Seconds that the three tools take for what a bundle holds."""
    bag = folder / "bag"
    with zipfile.ZipFile(bundle) as given:
        for name in given.namelist():
            if name.startswith("data/"):
                given.extract(name, folder)
        (folder / "data").rename(bag)
        records = _texts(given)
    started = time.perf_counter()
    bagit.make_bag(str(bag), checksums=["sha256", "sha512"])
    typst.Compiler(_PLAIN.encode(), ignore_system_fonts=True).compile(
        format="pdf", sys_inputs={"records": json.dumps(records)}, pdf_standards=["a-2a"]
    )
    with zipfile.ZipFile(folder / "bag.zip", "w") as out:
        for path in sorted(bag.rglob("*")):
            out.write(path, path.relative_to(bag))
    seconds = time.perf_counter() - started
    shutil.rmtree(folder)
    return seconds


def _texts(bundle: zipfile.ZipFile) -> list[tuple[str, str]]:
    with bundle.open("data/records.jsonl") as lines:
        return [_text(json.loads(line)) for line in io.TextIOWrapper(lines, "utf-8")]


def _text(record: dict[str, object]) -> tuple[str, str]:
    parts = record["parts"]
    assert isinstance(parts, list)
    return f"Record {record['number']}", "".join(part.get("value", "") for part in parts)


def _report(count: int, size: int, taken: dict[str, list[Run]]) -> None:
    reference = taken["bare tools"]
    print(f"{count} records, {size / 1e6:,.0f} MB, {len(reference)} rounds, medians")
    print(f"{'':18} {'seconds':>8} {'processor':>10} {'peak MiB':>9} {'times the bare tools':>21}")
    for name, runs in taken.items():
        seconds = median([one.seconds for one in runs])
        processor = median([one.processor for one in runs])
        ratio = median([a.seconds / b.seconds for a, b in zip(runs, reference, strict=True)])
        peak = max(one.peak for one in runs)
        print(f"{name:18} {seconds:8.1f} {processor:10.1f} {peak:9.0f} {ratio:21.2f}")


if __name__ == "__main__":
    main()
