"""`muniment ingest rejected`: what could not be read, and reading it again."""

import sys
from typing import TYPE_CHECKING, Any

import click

from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, json_option, local_time, note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from ingest import Rejection

_COLUMNS = ("id", "at", "account", "source_file", "bytes", "reason")
_STILL = 1


@click.group(cls=Noun)
def rejected() -> None:
    """What could not be read: its bytes are kept, and can be read again.

    \b
    Example:
      muniment ingest rejected list
      muniment ingest rejected retry
    """


@rejected.command("list")
@click.option("--all", "every", is_flag=True, help="Also what was read since.")
@json_option
@pass_session
def list_(session: Session, every: bool, as_json: bool) -> None:
    """List what could not be read, oldest first, and why.

    \b
    Example:
      muniment ingest rejected list
    """
    from ingest import rejections

    archive = session.archive()
    zone = "" if as_json else archive.config.timezone
    columns = (*_COLUMNS, "recovered") if every or as_json else _COLUMNS
    with archive.read() as reader:
        handles = _handles(reader)
        found = (_row(one, handles, zone) for one in rejections(reader, every=every))
        emit(found, (*columns, "run") if as_json else columns, as_json)


@rejected.command()
@click.argument("rejected_id", metavar="ID")
@click.option("--raw", is_flag=True, help="Print the bytes exactly as the source gave them.")
@json_option
@pass_session
def show(session: Session, rejected_id: str, raw: bool, as_json: bool) -> None:
    """Show what could not be read: why, where it is from, and its bytes.

    \b
    Example:
      muniment ingest rejected show 8a22fe3ae1b6 --raw
    """
    from ingest import origin_of, rejection

    archive = session.archive()
    with archive.read() as reader:
        found = rejection(reader, rejected_id)
        origin = origin_of(reader, found.run)
        handles = _handles(reader)
    if raw and not sys.stdout.isatty():
        click.echo(found.raw, nl=False)
        return
    text = found.raw.decode(errors="replace")
    if raw:
        say(text)
        return
    facts = _row(found, handles, "" if as_json else archive.config.timezone)
    facts |= {"file": origin.name, "sha256": origin.sha256}
    if as_json:
        emit_facts(facts | {"raw": text}, as_json=True)
        return
    emit_facts({name: value for name, value in facts.items() if value not in (None, "")})
    say()
    say(text)


@rejected.command()
@click.argument("rejected_ids", nargs=-1, metavar="[ID]…")
@json_option
@pass_session
def retry(session: Session, rejected_ids: tuple[str, ...], as_json: bool) -> None:
    """Read again what could not be read: all of it, or what is named.

    It is read from the bytes that were kept, by the readers of this version of the program. The
    exit status is 1 when some of it still cannot be read.

    \b
    Example:
      muniment ingest rejected retry
    """
    from ingest import rejection, rejections
    from ingest import retry as read_again

    archive, signer = session.archive(), session.signer()
    with archive.read() as reader:
        wanted = (
            [rejection(reader, one) for one in rejected_ids]
            if rejected_ids
            else list(rejections(reader))
        )
        handles = _handles(reader)
    open_ = list({one.id: one for one in wanted if not one.recovered}.values())
    done = read_again(archive, signer, open_)
    states = [
        *((one, "read", "") for one in done.read),
        *((one, "rejected", reason) for one, reason in done.still),
        *((one, "ingest the export again", one.reason) for one in done.whole),
    ]
    if as_json:
        rows = (_row(one, handles, "") | {"state": to, "reason": why} for one, to, why in states)
        emit(rows, (*_COLUMNS, "state"), as_json)
    else:
        say(
            f"{len(open_)} rejected: {len(done.read)} read now, "
            f"{len(done.still) + len(done.whole)} not"
        )
    for one, reason in done.still:
        note(f"{one.id}: still rejected: {reason}")
    if done.whole:
        note(f"{len(done.whole)} can be read only with the whole: ingest their exports again")
    if done.still or done.whole:
        click.get_current_context().exit(_STILL)


def _handles(reader: "Reader") -> dict[str, str]:
    from archive import accounts

    return {account.id: account.handle for account in accounts.every(reader)}


def _row(one: "Rejection", handles: dict[str, str], zone: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": local_time(one.at, zone),
        "account": handles.get(one.account, one.account),
        "source_file": one.source_file,
        "bytes": len(one.raw),
        "reason": one.reason,
        "recovered": one.recovered or None,
        "run": one.run,
    }
