"""`muniment export`: the bundle that answers a request."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._export_diff import diff
from app.cli._files_or_command import FilesOrCommand
from app.cli._output import emit_facts, json_option, note, progress, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Archive, Reader
    from exports import ProducedRecord
    from exports.bundle import Issue, Issued


@click.command("export")
@click.argument("key", metavar="REQUEST")
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The zip file to write; else the request's number with .zip.",
)
@click.option(
    "--letter",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The cover letter's own paragraphs: plain text, a blank line between them.",
)
@click.option(
    "--prefix",
    metavar="LETTERS",
    help="What stands before the page numbers; else the body's initials.",
)
@click.option(
    "--supersede",
    is_flag=True,
    help="It corrects the bundle issued last, or the one whose zip file stands for REQUEST.",
)
@click.option(
    "--load-file",
    is_flag=True,
    help="Also a load file for review platforms (Concordance DAT, OPT, texts).",
)
@click.option("--warc", is_flag=True, help="Also the records as a web archive (WARC 1.1).")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--dry-run", is_flag=True, help="Make and check the bundle, but issue nothing.")
@json_option
@pass_session
def answer(
    session: Session,
    key: str,
    out: Path | None,
    letter: Path | None,
    prefix: str | None,
    supersede: bool,
    load_file: bool,
    warc: bool,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make the bundle that answers a request.

    Every responsive record must be determined, and signed off by somebody else where muniment.toml
    says sign_off = "required". Before the file gets its name, everything that is
    withheld or redacted is looked for in it, and it is verified; if either fails, nothing is
    written. That it was issued, with its digest and its page numbers, is recorded: no later bundle
    bears the same numbers. With --supersede it names the bundle that it corrects.

    \b
    Example:
      muniment export 2026-0001 -o answer.zip
      muniment export 2026-0001 --letter cover.txt --dry-run
      muniment export 2026-0001 --supersede -o corrected.zip
      muniment export diff answer.zip corrected.zip
    """
    from archive.errors import UsageError
    from exports import find_request

    archive = session.archive()
    with archive.read() as reader:
        earlier = _superseded(reader, key) if supersede else None
        request = find_request(reader, earlier.request if earlier else key)
    key, number = request.id, request.number
    target = out or Path(f"{number}.zip")
    if target.exists() and not (force or dry_run):
        raise UsageError(f"{target} is there already", hint="name another file, or use --force")
    cover = _paragraphs(letter) if letter is not None else []

    def made(path: Path) -> "Issued":
        return _made(archive, key, path, cover, prefix, earlier, load_file, warc)

    if dry_run:
        with tempfile.TemporaryDirectory() as folder:
            issued = made(Path(folder) / "bundle.zip")
    else:
        signer = session.signer()
        issued = made(target)
        try:
            with archive.write(signer) as writer:
                from exports.bundle import record_issue

                record_issue(writer, find_request(writer, key).id, issued)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    facts = _facts(issued)
    if as_json:
        told = {"file": None if dry_run else str(target), **facts, "unread": list(issued.unread)}
        emit_facts(told, as_json=True)
        return
    said = "1 record" if issued.records == 1 else f"{issued.records} records"
    say(f"Nothing was issued: a bundle of {said} would be." if dry_run else f"{target}: {said}.")
    emit_facts(facts)
    for what in issued.unread:
        say(f"not searched for what is hidden, look at it yourself: {what}")
    if not dry_run:
        say(f"Anyone can check it: muniment verify {target}, or VERIFY.md in it without Muniment.")
        note(f"When the requester has it: muniment request close {number}")


def _made(
    archive: "Archive",
    key: str,
    target: Path,
    cover: list[str],
    prefix: str | None,
    earlier: "Issue | None",
    load_file: bool,
    warc: bool,
) -> "Issued":
    from archive import timestamps
    from exports import find_request, production
    from exports.bundle import export as make
    from exports.bundle import next_numbering
    from exports.requests import load_rules

    with archive.read() as reader:
        request = find_request(reader, key)
        produced = production(reader, request, signed_off=archive.config.sign_off == "required")
        exemptions = load_rules(request.jurisdiction, folder=archive.folder).exemptions
        with ExitStack() as bars:
            advance = bars.enter_context(progress("writing the bundle", produced.count))

            def written() -> None:
                bars.close()
                bars.enter_context(progress("searching and verifying it"))

            return make(
                reader,
                replace(produced, records=_Counted(produced.records, advance, written)),
                target,
                key=archive.log_key,
                titles={exemption.code: exemption.title for exemption in exemptions},
                numbering=next_numbering(reader, produced.request.body_name, prefix),
                cover=cover,
                supersedes=earlier,
                authorities=timestamps.trusted(archive),
                load_file=load_file,
                warc=warc,
            )


def _superseded(reader: "Reader", key: str) -> "Issue":
    """The bundle to correct: that in a zip file, or the last one of a request."""
    from exports import find_request
    from exports.bundle import issue_of, last_issue

    path = Path(key)
    if path.suffix == ".zip":
        return issue_of(reader, _sha256(path))
    return last_issue(reader, find_request(reader, key).id)


@dataclass(frozen=True)
class _Counted:
    """Records, each told to a progress bar when it is done, and the end of them."""

    records: "Iterable[ProducedRecord]"
    advance: Callable[[int], None]
    ended: Callable[[], None]

    def __iter__(self) -> "Iterator[ProducedRecord]":
        for record in self.records:
            yield record
            self.advance(1)
        self.ended()


def _sha256(path: Path) -> str:
    from archive.errors import UsageError

    try:
        with path.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path} cannot be read", hint="name an issued zip file") from error


def _facts(issued: "Issued") -> dict[str, Any]:
    return {
        "released": issued.outcomes.get("release", 0),
        "released_in_part": issued.outcomes.get("redact", 0),
        "withheld": issued.outcomes.get("withhold", 0),
        "redactions": issued.redactions,
        "files": issued.files,
        "bytes": issued.size,
        "sha256": issued.sha256,
        "position": issued.position,
        **({"supersedes": issued.supersedes} if issued.supersedes else {}),
        "pages": f"{issued.numbering.label(0)} to {issued.numbering.label(issued.pages - 1)}",
    }


def _paragraphs(path: Path) -> list[str]:
    from archive.errors import UsageError

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text", hint="name a UTF-8 text file") from error
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]


export = FilesOrCommand(answer)
export.add_command(diff)
