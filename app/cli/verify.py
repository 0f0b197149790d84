"""`muniment verify`: does everything still hold?"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli._output import emit, emit_facts, json_option, progress, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Archive, Report


@click.command()
@click.argument("bundle", required=False, type=click.Path(path_type=Path))
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also check that the log extends this checkpoint, kept elsewhere since then.",
)
@json_option
@pass_session
def verify(session: Session, bundle: Path | None, since: Path | None, as_json: bool) -> None:
    """Check the archive, or a bundle, against its proofs.

    The archive: every entry, signature, checkpoint, content and attachment, and every table against
    a replay of the log. A bundle (a zip file): every file, record and proof in it; no archive is
    needed for that. The exit status is 8 when anything does not hold.

    \b
    Example:
      muniment verify
      muniment verify --since 2026-03-02.checkpoint
      muniment verify bundle.zip
    """
    if bundle is not None:
        _bundle(bundle, since, as_json)
        return
    from archive import verify as check
    from archive.errors import VerificationError

    archive = session.archive()
    earlier = _earlier(archive, since) if since is not None else None
    with archive.read() as reader:
        size = reader.head.size
    with progress("verifying", size) as advance:
        done = 0

        def told(now: int, _of: int) -> None:
            nonlocal done
            advance(now - done)
            done = now

        report = check(archive, told)
    if as_json:
        emit_facts({"ok": report.ok, **asdict(report)}, as_json=True)
    else:
        _say(report)
        if report.ok and earlier is not None:
            say(f"The log extends the checkpoint of {earlier} entries in {since}.")
    if not report.ok:
        raise VerificationError(
            f"verification failed: {report.findings[0]}"
            + (f", and {len(report.findings) - 1} more" if len(report.findings) > 1 else ""),
            hint="put back a good copy, and find out who could write to the archive",
        )


def _earlier(archive: "Archive", path: Path) -> int:
    """The size of the checkpoint in a file, which the log has to extend.

    UsageError when the file cannot be read; VerificationError when the log does not extend it.
    """
    from archive.errors import UsageError, VerificationError
    from archive.notes import open_checkpoint

    try:
        note = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read as a checkpoint", hint="name what muniment checkpoint printed"
        ) from error
    checkpoint = open_checkpoint(note, [archive.log_key])
    with archive.read() as reader:
        if checkpoint.origin != archive.origin:
            raise VerificationError(f"{path} is a checkpoint of another log: {checkpoint.origin}")
        if checkpoint.size > reader.head.size:
            raise VerificationError(
                f"the log has {reader.head.size} entries; at {path} it had {checkpoint.size}",
                hint="entries were taken away: put back a good copy",
            )
        if reader.root_at(checkpoint.size) != checkpoint.root:
            raise VerificationError(
                f"the first {checkpoint.size} entries are not those that {path} was signed over",
                hint="the log was rewritten: put back a good copy",
            )
    return checkpoint.size


def _say(report: "Report") -> None:
    if report.ok:
        say(f"Everything holds: {report.entries} entries under {report.checkpoints} checkpoints.")
        emit_facts(
            {
                "signatures": report.signatures,
                "contents": report.contents,
                "disposed_of": report.erased,
                "attachments": report.blobs,
            }
        )
    else:
        emit(({"place": one.place, "problem": one.problem} for one in report.findings),
             ["place", "problem"])  # fmt: skip


def _bundle(bundle: Path, since: Path | None, as_json: bool) -> None:
    from archive.errors import UsageError

    if since is not None:
        raise UsageError(
            "--since is for an archive, not for a bundle", hint="leave out one of the two"
        )
    from exports import verify_bundle

    checked = verify_bundle(bundle)
    emit_facts({"ok": True, **asdict(checked)}, as_json)
