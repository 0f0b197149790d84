"""`muniment export`: the bundle that answers a request."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._output import emit_facts, json_option, progress, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Archive
    from exports import ProducedRecord
    from exports.bundle import Issued


@click.command()
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
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--dry-run", is_flag=True, help="Make and check the bundle, but issue nothing.")
@json_option
@pass_session
def export(
    session: Session,
    key: str,
    out: Path | None,
    letter: Path | None,
    prefix: str | None,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make the bundle that answers a request.

    Every responsive record must be determined, and signed off by somebody else where muniment.toml
    says sign_off = "required". Before the file gets its name, everything that is
    withheld or redacted is looked for in it, and it is verified; if either fails, nothing is
    written. That it was issued, with its digest and its page numbers, is recorded: no later bundle
    bears the same numbers.

    \b
    Example:
      muniment export 2026-0001 -o answer.zip
      muniment export 2026-0001 --letter cover.txt --dry-run
    """
    from archive.errors import UsageError
    from exports import find_request

    archive = session.archive()
    with archive.read() as reader:
        number = find_request(reader, key).number
    target = out or Path(f"{number}.zip")
    if target.exists() and not (force or dry_run):
        raise UsageError(f"{target} is there already", hint="name another file, or use --force")
    cover = _paragraphs(letter) if letter is not None else []
    if dry_run:
        with tempfile.TemporaryDirectory() as folder:
            issued = _made(archive, key, Path(folder) / "bundle.zip", cover, prefix)
    else:
        signer = session.signer()
        issued = _made(archive, key, target, cover, prefix)
        try:
            with archive.write(signer) as writer:
                from exports.bundle import record_issue

                record_issue(writer, find_request(writer, key).id, issued)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    facts = _facts(issued)
    if as_json:
        emit_facts({"file": None if dry_run else str(target), **facts}, as_json=True)
        return
    said = f"{issued.records} records"
    say(f"Nothing was issued: a bundle of {said} would be." if dry_run else f"{target}: {said}.")
    emit_facts(facts)
    if not dry_run:
        say(f"Anyone can check it: muniment verify {target}, or VERIFY.md in it without Muniment.")


def _made(
    archive: "Archive", key: str, target: Path, cover: list[str], prefix: str | None
) -> "Issued":
    from exports import find_request, production
    from exports.bundle import export as make
    from exports.bundle import next_numbering
    from exports.requests import load_rules

    with archive.read() as reader:
        request = find_request(reader, key)
        produced = production(reader, request, signed_off=archive.config.sign_off == "required")
        exemptions = load_rules(request.jurisdiction).exemptions
        with progress("writing the bundle", produced.count) as advance:
            return make(
                reader,
                replace(produced, records=_Counted(produced.records, advance)),
                target,
                key=archive.log_key,
                titles={exemption.code: exemption.title for exemption in exemptions},
                numbering=next_numbering(reader, produced.request.body_name, prefix),
                cover=cover,
            )


@dataclass(frozen=True)
class _Counted:
    """Records, each told to a progress bar when it is done."""

    records: "Iterable[ProducedRecord]"
    advance: Callable[[int], None]

    def __iter__(self) -> "Iterator[ProducedRecord]":
        for record in self.records:
            yield record
            self.advance(1)


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
        "pages": f"{issued.numbering.label(0)} to {issued.numbering.label(issued.pages - 1)}",
    }


def _paragraphs(path: Path) -> list[str]:
    from archive.errors import UsageError

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text", hint="name a UTF-8 text file") from error
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]
