"""`muniment key`: the archive's own keys, their copies, and replacing them."""

from pathlib import Path

import click

from app.cli._new_file import is_there
from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, json_option, local_time, note, progress, say
from app.cli._session import Session, pass_session


@click.group(cls=Noun)
def key() -> None:
    """The archive's own keys: copies of them, passphrases, new ones.

    The log key signs the log's checkpoints; the vault key opens what the archive holds. Actors'
    keys are another matter: muniment actor.

    \b
    Example:
      muniment key backup /media/safe/library.keys
      muniment key list
    """


@key.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the keys: what for, name, state, passphrase, since which entry and day, file.

    \b
    Example:
      muniment key list
    """
    from archive import key_states

    archive = session.archive()
    rows = [
        {
            "key": one.kind,
            "name": one.name,
            "state": one.state,
            "passphrase": one.protected,
            "since": one.since,
            "day": (local_time(one.at, archive.config.timezone) or "")[:10],
            "file": f"keys/{one.file}" if one.file else "",
        }
        for one in key_states(archive)
    ]
    emit(rows, ["key", "name", "state", "passphrase", "since", "day", "file"], as_json)


@key.command()
@json_option
@pass_session
def publish(session: Session, as_json: bool) -> None:
    """Print the log's public key and its fingerprint, to be published.

    Whoever is handed a bundle compares the key in it with the one that the body publishes: both
    belong where requesters find them, such as the page that says how to ask for records. After
    key rotate log publish the new key as well, and leave the old one where it is.

    \b
    Example:
      muniment key publish
    """
    log_key = session.archive().log_key
    fingerprint = log_key.fingerprint
    grouped = " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
    emit_facts(
        {"key": str(log_key), "fingerprint": fingerprint if as_json else grouped}, as_json=as_json
    )


@key.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_session
def backup(session: Session, file: Path) -> None:
    """Copy the archive's keys into one sealed file, for a second safe place.

    The file is new, and opens with the passphrase that you choose for it. Keep it apart from the
    copies of the archive: whoever has both, and the passphrase, can read everything. Make a new one
    after a key was replaced, and keep the older one as long as backups of before then.

    Passphrases are asked for in this order: the archive's, the copy's.

    \b
    Example:
      muniment key backup /media/safe/library.keys
    """
    from archive import write_copy

    archive = session.archive()
    if file.exists():
        raise is_there(file)
    archive.key_files.load("log.key")
    passphrase = session.passphrases.ask("the copy of the keys", new=True)
    write_copy(archive, file, passphrase)
    say(f"the archive's keys are in {file}")
    note("write its passphrase down where you will find it, and not beside the file")


@key.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--no-passphrase", is_flag=True, help="Put the keys back without a passphrase.")
@pass_session
def restore(session: Session, file: Path, no_passphrase: bool) -> None:
    """Put lost or damaged keys back from a copy that `muniment key backup` made.

    The keys in the copy are first proved to be this archive's. A key file that is there and works
    is left alone; a damaged one is kept with `.aside` behind its name. When the archive's keys had
    a passphrase at the time, those that are put back get that of a key file which is still there,
    else that of the copy; muniment key protect changes it.

    Passphrases are asked for in this order: the copy's, that of a key file which is still there.

    \b
    Example:
      muniment key restore /media/safe/library.keys
    """
    from archive import read_copy, restore_keys

    passphrase = session.passphrases.ask("the copy of the keys")
    copy = read_copy(file, passphrase)
    protect_with = passphrase if copy.protected and not no_passphrase else None
    put = restore_keys(session.folder, copy, protect_with, session.archive_passphrase)
    if not put:
        say("the archive has all its keys; nothing was changed")
    for name in put:
        say(f"put back keys/{name}")


@key.command()
@click.option("--no-passphrase", is_flag=True, help="Take the passphrase away.")
@pass_session
def protect(session: Session, no_passphrase: bool) -> None:
    """Set, change or take away the passphrase of the archive's keys.

    Passphrases are asked for in this order: the archive's, if it has one, and the new one.

    \b
    Example:
      muniment key protect
    """
    from archive import protect as put_under

    archive = session.archive()
    archive.key_files.load("log.key")
    passphrase = None
    if not no_passphrase:
        passphrase = session.passphrases.ask("the archive's keys", new=True)
    put_under(archive, passphrase)
    changed = "a new passphrase" if passphrase else "no passphrase now"
    say(f"the archive's keys have {changed}")


@key.group()
def rotate() -> None:
    """Replace a key of the archive's own by a new one. Officers and directors do that.

    \b
    Example:
      muniment key rotate log
      muniment key rotate vault
    """


@rotate.command()
@pass_session
def log(session: Session) -> None:
    """Replace the log key.

    The first checkpoint after it carries the signatures of both keys, so that whoever knows the
    old one learns of the new one. What the old one signed stays valid.

    Passphrases are asked for in this order: the archive's, yours.

    \b
    Example:
      muniment key rotate log
    """
    from archive import rotate_log

    archive, signer = session.archive(), session.signer()
    say(f"the log's key is now {rotate_log(archive, signer)}")
    note("make a new copy of the keys: muniment key backup FILE")
    note("hand the new public key, keys/log.pub, to those who verify the archive")


@rotate.command()
@pass_session
def vault(session: Session) -> None:
    """Replace the vault key; every record's key is encrypted anew.

    Others can work meanwhile. When it is interrupted, run it again: it goes on where it stopped.
    Backups and copies of the database that were made before open with the old key only: keep the
    copy of the keys that belongs to them.

    Passphrases are asked for in this order: the archive's, yours.

    \b
    Example:
      muniment key backup /media/safe/before.keys
      muniment key rotate vault
    """
    from archive import rotate_vault

    archive, signer = session.archive(), session.signer()
    done = 0
    with progress("data keys") as advance:

        def told(_stage: str, seen: int, _total: int) -> None:
            nonlocal done
            advance(max(0, seen - done))
            done = seen

        made = rotate_vault(archive, signer, told)
    resumed = ", going on where it had stopped" if made.resumed else ""
    say(f"the vault key is now {made.key}: {made.rewrapped} data keys are under it{resumed}")
    if made.damaged:
        note(f"{len(made.damaged)} data keys open under no key and were left; run: muniment verify")
    note("backups made before now open with the old key only: keep their copy of the keys")
    note("make a new copy of the keys: muniment key backup FILE")
