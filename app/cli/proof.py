"""`muniment proof`: that an entry stands in the log, for somebody who has no archive."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli._output import emit_facts, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Entry, Reader
    from archive.notes import NoteKey


@click.command()
@click.argument("what", metavar="NUMBER|RECORD")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write proof, header, the log's key and a time stamp into a new folder.",
)
@pass_session
def proof(session: Session, what: str, folder: Path | None) -> None:
    """Prove that an entry, or each entry of a record, stands in the log.

    Prints the proof of one entry (C2SP tlog-proof). A folder holds all that somebody needs who has
    neither the archive nor its program, with a page that says how to verify it.

    \b
    Example:
      muniment proof 4711
      muniment proof 8a22fe3ae1b6 -o evidence
      muniment verify evidence/entry-4711.tlog-proof --key log.pub
    """
    from archive import evidence
    from archive.errors import UsageError

    archive = session.archive()
    with archive.read() as reader:
        entries = _entries(reader, what)
        if folder is None and len(entries) > 1:
            numbers = ", ".join(str(entry.seq) for entry in entries)
            raise UsageError(
                f"the record has {len(entries)} entries ({numbers})",
                hint="name one of these numbers, or a folder for all by -o DIR",
            )
        found = evidence.of(archive, reader, entries)
    if folder is None:
        click.echo(str(found[0].proof), nl=False)
        return
    evidence.write(archive, folder, found)
    stamped = sum(one.stamp is not None for one in found)
    many = (
        f"proofs of {len(found)} entries" if len(found) > 1 else f"proof of entry {entries[0].seq}"
    )
    say(f"wrote the {many} into {folder}; see VERIFY.md there")
    if not stamped:
        say("no time stamp covers them yet; see: muniment timestamp")
    elif stamped < len(found):
        say(f"no time stamp covers {len(found) - stamped} of them yet; see: muniment timestamp")


def check_proof(path: Path, header: Path | None, key: Path, as_json: bool) -> None:
    """Check a proof's file without an archive, and say what it proves.

    `header` is the file of the entry's header, else the one beside the proof; `key` one with the
    log's public keys. UsageError when a file cannot be read, KeyProblem when `key` holds no key;
    VerificationError when the proof does not hold.
    """
    from archive import evidence
    from archive.times import to_text

    beside = header or path.with_suffix(".json")
    proved = evidence.check(_read(path), _read(beside), _keys(key))
    entry, checkpoint = proved.entry, proved.checkpoint
    facts = {
        "entry": entry.seq,
        "type": entry.type,
        "subject": entry.subject,
        "at": to_text(entry.at),
        "origin": checkpoint.origin,
        "entries": checkpoint.size,
        "root": checkpoint.root.hex(),
    }
    if as_json:
        emit_facts({"ok": True, **facts}, as_json=True)
        return
    say(f"{beside} is entry {entry.seq} of {checkpoint.origin}.")
    emit_facts(facts)


def _entries(reader: "Reader", what: str) -> "list[Entry]":
    from archive import records
    from archive.errors import NotFound

    if what.isascii() and what.isdigit() and (len(what) < 8 or int(what) < reader.head.size):
        return [reader.entry(int(what))]
    try:
        return reader.history(records.get(reader, what).id)
    except NotFound as error:
        raise NotFound(
            f"there is no entry and no record {what}",
            hint="name an entry by its number, or a record by its id",
        ) from error


def _keys(path: Path) -> "list[NoteKey]":
    from archive.errors import KeyProblem, UsageError, VerificationError
    from archive.notes import NoteKey

    try:
        keys = [NoteKey.parse(line) for line in _read(path).decode().splitlines() if line.strip()]
    except (UsageError, UnicodeDecodeError, VerificationError) as error:
        raise KeyProblem(
            f"{path} cannot be read as a log's key", hint="name a copy of the archive's log.pub"
        ) from error
    return keys


def _read(path: Path) -> bytes:
    from archive.errors import UsageError

    try:
        with path.open("rb") as file:
            return file.read(1 << 24)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror})",
            hint="name the proof's file; its header stands beside it, or is named by --header",
        ) from error
