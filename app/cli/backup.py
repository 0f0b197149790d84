"""`muniment backup`: a copy of the archive, taken while it is in use."""

from pathlib import Path

import click

from app.cli._output import emit_facts, json_option, late_progress, note, say
from app.cli._session import Session, pass_session


@click.command()
@click.argument("dest", metavar="DEST", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Check the backup in DEST instead; no key is needed.")
@json_option
@pass_session
def backup(session: Session, dest: Path, check: bool, as_json: bool) -> None:
    """Copy the archive to another place, while it is in use.

    DEST is a folder that does not exist yet. The copy is of one moment, and there whole or not at
    all. No passphrase is asked for, and the secret keys are not in it: muniment key backup copies
    them apart. With --check every file is held against its digest, and the log against its
    checkpoints; contents can only be checked with the keys, as muniment restore --dry-run does.

    \b
    Example:
      muniment backup /mnt/copies/2026-03-02
      muniment backup --check /mnt/copies/2026-03-02
    """
    if check:
        _check(dest, as_json)
        return
    from archive import backup as copy

    with late_progress("copying", 3) as (started, advance):
        made = copy(session.folder, dest, clock=session.clock, started=started, advance=advance)
    facts = {
        "backup": made.folder,
        "entries": made.manifest.size,
        "files": made.files,
        "bytes": made.size_bytes,
        "made": made.manifest.made,
        "root": made.manifest.root,
    }
    if as_json:
        emit_facts(facts, as_json=True)
        return
    say(f"copied {made.manifest.size} entries to {made.folder}")
    emit_facts({name: facts[name] for name in ("files", "bytes", "root")})
    note(
        "The secret keys are not in it, and without them it cannot be read or restored: "
        "copy them apart with muniment key backup."
    )


def _check(folder: Path, as_json: bool) -> None:
    from archive import VerificationError, check_backup

    with late_progress("checking", 1) as (started, advance):
        findings = list(check_backup(folder, started=started, advance=advance))
    if as_json:
        emit_facts({"ok": not findings, "findings": findings}, as_json=True)
    elif findings:
        for finding in findings:
            say(finding)
    else:
        say(f"Every file of {folder} is as it was written, and its log holds.")
    if findings:
        more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
        raise VerificationError(
            f"the backup is damaged: {findings[0]}{more}", hint="make another, and keep this apart"
        )
