"""`muniment restore`: a backup becomes the archive again."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._output import emit, emit_facts, json_option, late_progress, note, progress, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Restoration
    from schedules import LateHolds, Repeated


@click.command()
@click.argument("backup", metavar="BACKUP", type=click.Path(path_type=Path))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--keys",
    "keys",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="The copy of the secret keys; else those of the archive that is replaced.",
)
@click.option(
    "--database", default="", metavar="URL", help="An empty database instead of SQLite's file."
)
@click.option(
    "--disposed",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="Records disposed of since the backup, as muniment disposal records lists them.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why, in your words.")
@click.option("--dry-run", is_flag=True, help="Do all of it beside the archive, and take it back.")
@json_option
@pass_session
def restore(
    session: Session,
    backup: Path,
    folder: Path | None,
    keys: Path | None,
    database: str,
    disposed: Any,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a backup the archive again.

    In the place of the archive in DIR (else --archive), which is kept aside under a dated name, or
    in a folder that does not exist yet. Everything is built beside it and verified first. Holds
    come along. What was disposed of since the backup is disposed of again at once, unless the
    restored archive holds it; what else the backup does not have is listed. An interrupted restore
    is completed or undone by running it again.

    Passphrases are asked for in this order: that of the copy of the keys, else the archive's, if it
    has one; the actor's.

    \b
    Example:
      muniment restore /mnt/copies/2026-03-02 --dry-run
      muniment restore /mnt/copies/2026-03-02
      muniment restore /mnt/copies/2026-03-02 new-place --keys /mnt/keys/library.keys
    """
    from app.cli._restoring import put_keys_of, signer_of
    from app.cli._rooms import projections
    from archive import finish_interrupted, restoring
    from schedules import disposed_in, late_holds, repeat

    folder = (folder or session.folder).resolve()
    if (kept := finish_interrupted(folder)) is not None:
        say(f"completed an interrupted restore of {folder}; the archive before it is {kept}")
        return
    put_keys, passphrase = (
        (None, session.archive_passphrase) if keys is None else put_keys_of(session, keys)
    )
    wanted = disposed_in(disposed.read()) if disposed is not None else None
    with late_progress("restoring", 3) as (started, advance):
        context = restoring(
            backup,
            folder,
            put_keys=put_keys,
            database=database,
            projections=projections(),
            clock=session.clock,
            passphrase=passphrase,
            started=started,
            advance=advance,
        )
        with context as made:
            _known(made, wanted is not None)
            signer = signer_of(session, made)
            made.note(signer, reason)
            restricted = made.restrict_again(signer)
            gone = wanted or {}
            if made.beyond is not None:
                gone |= {one.subject: dict(one.data) for one in made.beyond.disposed}
            with progress("disposing again", len(gone)) as told:
                repeated = repeat(made.archive, signer, gone, told)
            with made.archive.read() as reader:
                late = late_holds(reader, made.opened(made.beyond.holds if made.beyond else ()))
            facts = _facts(made, repeated, late, restricted, dry_run)
            kept = None if dry_run else made.swap()
    facts["kept_aside"] = kept
    if as_json:
        emit_facts(facts, as_json=True)
    else:
        _tell(facts, backup, folder)


def _known(made: "Restoration", listed: bool) -> None:
    """Refused when nobody can say what was disposed of since the backup, though there is a log."""
    from archive import Refused

    if made.unread and not listed:
        raise Refused(
            f"the archive in {made.folder} cannot say what was disposed of since ({made.unread})",
            hint="give the list by --disposed FILE; an empty one when nothing was",
        )


def _facts(
    made: "Restoration",
    repeated: "Repeated",
    late: "LateHolds",
    restricted: list[str],
    dry_run: bool,
) -> dict[str, Any]:
    beyond = made.beyond
    return {
        "archive": made.folder,
        "dry_run": dry_run,
        "made": made.manifest.made,
        "entries": made.manifest.size,
        "lost": beyond.entries if beyond is not None else None,
        "lost_types": dict(sorted(beyond.types.items())) if beyond is not None else {},
        "holds_placed_since": list(late.placed),
        "holds_widened_since": list(late.widened),
        "holds_released_since": list(late.released),
        "restricted_again": len(restricted),
        "disposed_again": len(repeated.disposed),
        "held": [{"record": one.record, "reason": one.reason} for one in repeated.held],
        "absent": repeated.absent,
        "unread": made.unread,
    }


def _tell(facts: dict[str, Any], backup: Path, folder: Path) -> None:
    verb = "would restore" if facts["dry_run"] else "restored"
    say(f"{verb} {folder} from the backup of {facts['made']}: {facts['entries']} entries, verified")
    if facts["lost"] is None:
        note(
            f"Nothing is known of what came after the backup{_because(facts['unread'])}: "
            "compare with a checkpoint kept elsewhere, and look for holds placed since."
        )
    else:
        say(f"{facts['lost']} entries of the log that is replaced are not in the backup")
        for kind, count in facts["lost_types"].items():
            say(f"  {count} {kind}")
    for what, then in _AGAIN.items():
        for name in facts[f"holds_{what}_since"]:
            say(f'the hold "{name}" was {what} after the backup: {then}')
    say(f"{facts['disposed_again']} records disposed of since the backup are disposed of again")
    if facts["restricted_again"]:
        say(f"records restricted again, as they were since the backup: {facts['restricted_again']}")
    if facts["held"]:
        say(f"{len(facts['held'])} are not, because the restored archive holds them:")
        emit(facts["held"], ["record", "reason"])
    if facts["absent"]:
        note(f"{facts['absent']} of those disposed of were captured after the backup.")
    if facts["disposed_again"] and not facts["dry_run"]:
        note(f"{backup} still holds what is disposed of: retire it.")
    if facts["kept_aside"] is not None:
        say(f"the archive that stood there is kept in {facts['kept_aside']}")
        if Path.cwd() == facts["kept_aside"]:
            note(f"You stand in it now: cd {shlex.quote(str(folder))}")
    if not facts["dry_run"]:
        note("The next search builds the search index anew.")


def _because(unread: str) -> str:
    return f" ({unread})" if unread else ""


_AGAIN = {
    "placed": "place it again",
    "widened": "widen it again",
    "released": "it is in force again until it is released",
}
