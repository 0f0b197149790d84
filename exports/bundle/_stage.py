"""Writing a bundle's files: one pass over the records, each file from the disclosed form alone."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

from archive import Reader, VerificationError, accounts
from archive.notes import EntryProof
from archive.spreadsheets import BOM, row
from exports import _bag
from exports._production import ProducedRecord
from exports._shown import write_log
from exports.bundle import _attachments, _letter, _load, _page, _tables, _warc
from exports.bundle._attack import Attack
from exports.bundle._disclosed import Item
from exports.bundle._summary import Summary
from exports.bundle._volumes import Volumes


def stage(
    reader: Reader,
    records: Iterable[ProducedRecord],
    bag: Path,
    summary: Summary,
    letter: Volumes,
    attack: Attack,
) -> None:
    """Fill an empty folder with the bag, count into `summary`, and tell `attack` what is hidden.

    VerificationError when the records are not as many as the summary says.
    """
    data, proofs, spool = bag / "data", bag / "data/proofs", bag.parent / "page.records"
    proofs.mkdir(parents=True)
    shown_accounts, loaded = set[str](), list[_load.Row]()
    if summary.load_file:
        (bag / _load.text_name(0)).parent.mkdir(parents=True)
    with ExitStack() as closing:
        lines = closing.enter_context((data / "records.jsonl").open("wb"))
        paged = closing.enter_context(spool.open("wb"))
        table = closing.enter_context(_table(data / "records.csv", _tables.RECORD_HEAD))
        withheld = closing.enter_context(_table(data / "withheld.csv", _tables.WITHHELD_HEAD))
        web = None
        if summary.warc:
            out = closing.enter_context((bag / _warc.NAME).open("wb"))
            web = _warc.WebArchive(out, summary.request.id, summary.at)
        for produced in records:
            released = _attachments.release(reader, produced, bag)
            item = Item.of(produced, released.names, released.images)
            summary.count(item)
            attack.hide(produced, item)
            attack.originals.watch(reader, produced)
            path = tuple(reader.inclusion_proof(item.index))
            proof = EntryProof(item.index, path, summary.checkpoint)
            (bag / item.proof).write_bytes(str(proof).encode())
            lines.write(item.to_line())
            answered = produced.answers if item.tells_parent else None
            letter.add(_letter.record_data(item, summary.titles, answered))
            if web is not None:
                web.add(item)
            if summary.load_file:
                loaded.append(_load.row_of(item, produced.record.account, answered))
                (bag / _load.text_name(item.number)).write_bytes(_load.text_of(item).encode())
            answers = produced.record.parent_lookup or ""
            paged.write(_page.page_record(item, path, answers) + b"\n")
            if item.outcome == "release":
                shown_accounts.add(produced.record.account)
            table.write(_tables.record_row(item))
            if item.outcome != "release":
                withheld.write(_tables.withheld_row(item, summary.titles))
        if summary.written != summary.records:
            raise VerificationError(
                f"the request has {summary.records} records, but {summary.written} were read"
            )
    attack.complete()
    named = {a.id: a.name or a.handle for a in accounts.every(reader) if a.id in shown_accounts}
    _write_single(bag, summary, spool, named)
    letter.finish()
    attack.allow(named.values())
    attack.allow(letter.marks)
    if summary.load_file:
        book = _load.Book(letter.numbered, summary.numbering, named)
        _load.write(bag, loaded, book)
    _bag.close_bag(bag, summary.description)


def _write_single(bag: Path, summary: Summary, spool: Path, named: Mapping[str, str]) -> None:
    """The files that are written once all records are: the page, the log's head, how to verify."""
    with (bag / "data/index.html").open("wb") as out, spool.open("rb") as records:
        out.writelines(_page.page(summary, (line.rstrip(b"\n") for line in records), named))
    write_log(bag / "data/proofs", summary.checkpoint, summary.key)
    if summary.stamp is not None:
        for name, content in summary.stamp.files.items():
            (bag / name).write_bytes(content)
    (bag / "VERIFY.md").write_text(_instructions(summary), encoding="utf-8")


def _table(path: Path, head: Iterable[str]) -> Any:
    out = path.open("w", encoding="utf-8", newline="")
    out.write(BOM + row(head))
    return out


def _instructions(summary: Summary) -> str:
    text = files("exports.bundle").joinpath("VERIFY.md").read_text(encoding="utf-8")
    before, after = text.split("{{title}}, {{body}}")
    named = f"{summary.title}, {summary.request.body_name}"
    return before + " ".join(named.split()) + after.replace("{{key}}", str(summary.key))
