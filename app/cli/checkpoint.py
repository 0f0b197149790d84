"""`muniment checkpoint`: the signed head of the log, to be kept elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli._output import say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive.notes import NoteKey


@click.command()
@click.option("--size", type=click.IntRange(min=0), metavar="N", help="Print that of N entries.")
@click.option(
    "--publish",
    metavar="FILE|DIR",
    help="Add the newest one to a file, or put it into a folder, where others keep it.",
)
@click.option(
    "--tiles",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Bring a static copy of the log's public half up to date (C2SP tlog-tiles).",
)
@click.option(
    "--cosigned",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep the witnesses' signatures on a checkpoint of this log.",
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="KEY",
    help="With --cosigned: a witness's key, or a file with such keys; not needed a second time.",
)
@pass_session
def checkpoint(
    session: Session,
    size: int | None,
    publish: str | None,
    tiles: Path | None,
    cosigned: Path | None,
    witnesses: tuple[str, ...],
) -> None:
    """Print the signed head of the log.

    It is a C2SP tlog-checkpoint: the log's name, its length, its root, and a signature; below it
    the signatures of witnesses that are known for it. Keep copies where nobody who works with the
    archive can change them: `muniment verify --since FILE` later proves that nothing before it has
    been altered or taken out.

    \b
    Example:
      muniment checkpoint > 2026-03-02.checkpoint
      muniment checkpoint --publish /mnt/clerk/library.checkpoints
      muniment checkpoint --tiles /srv/www/log
      muniment checkpoint --cosigned signed.checkpoint --witness clerk.example/w+3a0c…+BJk…
    """
    if sum(one is not None for one in (size, publish, tiles, cosigned)) > 1:
        raise click.UsageError("give one of --size, --publish, --tiles and --cosigned")
    if witnesses and cosigned is None:
        raise click.UsageError("--witness goes with --cosigned")
    if publish is not None:
        _publish(session, publish)
    elif tiles is not None:
        _tiles(session, tiles)
    elif cosigned is not None:
        _cosigned(session, cosigned, witnesses)
    else:
        _print(session, size)


def _print(session: Session, size: int | None) -> None:
    from archive import cosignatures

    archive = session.archive()
    with archive.read() as reader:
        click.echo(cosignatures.cosigned(reader, archive.config.id, size), nl=False)


def _publish(session: Session, target: str) -> None:
    from archive import checkpoints, translated

    path = Path(target)
    if target.endswith("/"):
        with translated():
            path.mkdir(parents=True, exist_ok=True)
    done = checkpoints.publish(session.archive(), path)
    if done.written:
        say(f"the checkpoint of {done.size} entries is now in {done.path}")
    else:
        say(f"the checkpoint of {done.size} entries is in {path} already")


def _tiles(session: Session, folder: Path) -> None:
    from archive import export_tiles

    done = export_tiles(session.archive(), folder)
    files = f"{done.files} files written" if done.files else "nothing was new"
    say(f"{folder} holds the log of {done.size} entries: {files}")


def _cosigned(session: Session, path: Path, witnesses: tuple[str, ...]) -> None:
    from archive import cosignatures
    from archive.errors import UsageError

    keys = [key for given in witnesses for key in _keys(given)]
    try:
        note = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror})", hint="name the note that a witness signed"
        ) from error
    archive, signer = session.archive(), session.signer()
    kept = cosignatures.add(archive, signer, note, keys)
    for one in kept:
        say(f"{one.witness.name} has seen the log of {one.size} entries")
    if not kept:
        say("these signatures are known already")


def _keys(given: str) -> "list[NoteKey]":
    """The witness keys that are written here, or in the file that is named here."""
    from archive.errors import KeyProblem, VerificationError
    from archive.notes import NoteKey

    text, path = given, Path(given)
    try:
        if "+" not in given or path.is_file():
            text = path.read_text(encoding="utf-8")
        return [NoteKey.parse(line) for line in text.splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError, VerificationError) as error:
        raise KeyProblem(
            f"{given} is not a witness's key, nor a file with such keys",
            hint="a key is written name+id+base64, as the witness publishes it",
        ) from error
