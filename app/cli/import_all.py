"""`muniment import-all`: an archive of what `muniment export-all` wrote out."""

import tempfile
from pathlib import Path

import click

from app.cli._output import emit_facts, json_option, late_progress, note, say
from app.cli._session import Session, pass_session


@click.command("import-all")
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--keys",
    "keys",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    required=True,
    help="The copy of the archive's secret keys.",
)
@click.option(
    "--database", default="", metavar="URL", help="An empty database instead of SQLite's file."
)
@click.option("--reason", default="", metavar="TEXT", help="Why, in your words.")
@json_option
@pass_session
def import_all(
    session: Session,
    source: Path,
    folder: Path,
    keys: Path,
    database: str,
    reason: str,
    as_json: bool,
) -> None:
    """Make an archive of a whole export.

    SOURCE is a folder that muniment export-all made, DIR one that does not exist yet. Every file is
    held against its digest first, then the whole archive is verified; only then does it appear. The
    log goes on where it stood, so the keys of the archive are needed.

    Passphrases are asked for in this order: that of the copy of the keys, else the archive's, if it
    has one; the actor's.

    \b
    Example:
      muniment import-all /media/safe/everything new-place --keys /mnt/keys/library.keys
    """
    from app.cli._restoring import put_keys_of, signer_of
    from app.cli._rooms import projections
    from archive import restoring, to_backup

    folder = folder.resolve()
    put_keys, passphrase = put_keys_of(session, keys)
    with (
        late_progress("importing", 4) as (started, advance),
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.import.") as name,
    ):
        made = Path(name) / "backup"
        made.mkdir(mode=0o700)
        to_backup(source, made, put_keys, passphrase, started=started, advance=advance)
        with restoring(
            made,
            folder,
            put_keys=put_keys,
            database=database,
            projections=projections(),
            clock=session.clock,
            passphrase=passphrase,
            advance=advance,
        ) as restored:
            restored.note(signer_of(session, restored), reason)
            manifest = restored.manifest
            restored.swap()
    facts = {"archive": folder, "entries": manifest.size, "made": manifest.made}
    if as_json:
        emit_facts(facts, as_json=True)
        return
    say(f"imported {manifest.size} entries into {folder}, verified")
    note("The next search builds the search index anew.")
