"""`muniment export-all`: everything that an archive holds, in an open form."""

from pathlib import Path

import click

from app.cli._output import emit_facts, json_option, late_progress, note, say
from app.cli._session import Session, pass_session


@click.command("export-all")
@click.argument("dest", metavar="DEST", type=click.Path(path_type=Path))
@json_option
@pass_session
def export_all(session: Session, dest: Path, as_json: bool) -> None:
    """Write out everything in the archive, for other programs to read.

    DEST is a folder that does not exist yet. The log goes into it byte for byte, what the vault
    holds as lines of JSON, attachments as files: nothing is encrypted, so keep it as carefully as
    the archive itself, and destroy it when it has served. Its README.txt says what is where. What
    was disposed of is not in it, restricted records are. That it was made is recorded in the log.
    muniment import-all makes an archive of it again.

    \b
    Example:
      muniment export-all /media/safe/everything
    """
    from archive import export_all as write_out

    archive, signer = session.archive(), session.signer()
    with late_progress("exporting", 1) as (started, advance):
        made = write_out(archive, signer, dest, started=started, advance=advance)
    facts = {
        "export": made.folder,
        "entries": made.size,
        "sealed": made.sealed,
        "attachments": made.attachments,
        "files": made.files,
        "bytes": made.size_bytes,
        "root": made.root,
        "sums": made.sums,
    }
    if as_json:
        emit_facts(facts, as_json=True)
        return
    say(f"exported {made.size} entries to {made.folder}")
    emit_facts({name: facts[name] for name in ("attachments", "files", "bytes", "root", "sums")})
    note("Nothing in it is encrypted: whoever can read the folder can read the archive.")
