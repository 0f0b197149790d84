"""`muniment timestamp`: time stamps of the log's head by somebody else's clock."""

import shlex
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._new_file import write_new
from app.cli._output import emit, json_option, local_time, note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from archive import Archive, Reader
    from archive.timestamps import Query, Stamp

_CLOSE = timedelta(minutes=5)
_FILE = click.Path(path_type=Path)


@click.command()
@click.option("--tsa", metavar="URL", help="The authority; remembered when none is yet.")
@click.option(
    "--ca",
    "authorities",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="The authority's root certificate (PEM); kept in the archive once a stamp holds.",
)
@click.option(
    "--request", type=_FILE, metavar="FILE", help="Only write the query, to be sent elsewhere."
)
@click.option(
    "--response", type=_FILE, metavar="FILE", help="Take the answer to a query from a file."
)
@click.option("--list", "listed", is_flag=True, help="List the time stamps.")
@click.option(
    "--export", type=_FILE, metavar="DIR", help="Write a time stamp for openssl ts -verify."
)
@click.option(
    "--size", type=click.IntRange(min=0), metavar="N", help="With --export: that of N entries."
)
@json_option
@pass_session
def timestamp(
    session: Session,
    tsa: str | None,
    authorities: tuple[Path, ...],
    request: Path | None,
    response: Path | None,
    listed: bool,
    export: Path | None,
    size: int | None,
    as_json: bool,
) -> None:
    """Have the log's head stamped by a time-stamping authority (RFC 3161).

    The authority is sent a hash and nothing else. Its answer is verified, chain and all, before it
    is kept in the log. On a machine without a way out, --request writes the query to a file and
    --response takes the answer; a query beside the answer, or named by --request, is compared.

    \b
    Example:
      muniment timestamp --tsa https://tsa.example/ --ca tsa-root.pem
      muniment timestamp
      muniment timestamp --request ask.tsq
      muniment timestamp --response ask.tsr
      muniment timestamp --export stamp
    """
    _check_options(tsa, authorities, request, response, listed, export, size, as_json)
    if listed:
        _list(session, as_json)
    elif export is not None:
        _export(session, export, size)
    elif response is not None:
        _take(session, response, request, authorities)
    elif request is not None:
        _write_query(session, request)
    else:
        _ask(session, tsa, authorities)


def _check_options(
    tsa: str | None,
    authorities: tuple[Path, ...],
    request: Path | None,
    response: Path | None,
    listed: bool,
    export: Path | None,
    size: int | None,
    as_json: bool,
) -> None:
    files = request is not None or response is not None
    if sum((listed, export is not None, files, tsa is not None)) > 1:
        raise click.UsageError("give one of --tsa, --request or --response, --list and --export")
    if as_json and not listed:
        raise click.UsageError("--json goes with --list")
    if size is not None and export is None:
        raise click.UsageError("--size goes with --export")
    if authorities and (listed or export is not None or (request and not response)):
        raise click.UsageError("--ca goes with asking, or with --response")


def _ask(session: Session, tsa: str | None, authorities: tuple[Path, ...]) -> None:
    from archive import timestamps
    from archive.errors import KeyProblem, UsageError

    archive = session.archive()
    url = tsa or archive.config.tsa
    if not url:
        raise UsageError(
            "no time-stamping authority is named", hint="name one by --tsa URL and --ca FILE"
        )
    trusted = _certificates(authorities)
    if not trusted and not timestamps.trusted(archive):
        raise KeyProblem(
            "no time-stamping authority's root certificate is known here",
            hint="name the file with it by --ca",
        )
    signer = session.signer()
    with archive.read() as reader:
        query = timestamps.query(reader)
    answer = timestamps.ask(url, query.der)
    stamp = timestamps.add(archive, signer, answer, query, trusted)
    now = session.clock()
    _tell(session, stamp, now, now)
    if tsa and not archive.config.tsa:
        timestamps.remember(archive, tsa)
        say(f"from now on {tsa} is asked")


def _write_query(session: Session, path: Path) -> None:
    from archive import timestamps

    with session.archive().read() as reader:
        query, size = timestamps.query(reader), reader.head.size
    write_new(path, [query.der])
    say(f"{path} asks for a time stamp of the log of {size} entries")
    answer = shlex.quote(str(path.with_suffix(".tsr")))
    say(f"send it to an authority, and keep it; then: muniment timestamp --response {answer}")


def _take(
    session: Session, path: Path, request: Path | None, authorities: tuple[Path, ...]
) -> None:
    from archive import timestamps

    beside = path.with_suffix(".tsq")
    query = None
    if request is not None or beside.is_file():
        query = _query(request or beside)
    archive, signer = session.archive(), session.signer()
    stamp = timestamps.add(archive, signer, _read(path), query, _certificates(authorities))
    if query is None:
        note("the query was not at hand: the answer was not compared with it, only with the log")
    with archive.read() as reader:
        covered = reader.entry(stamp.size - 1).at
    _tell(session, stamp, covered, session.clock())


def _query(path: Path) -> "Query":
    from archive.errors import SourceError
    from archive.timestamps import Query

    try:
        return Query.parse(_read(path))
    except SourceError as error:
        raise SourceError(
            f"{path}: {error}", hint="name the file that muniment timestamp --request wrote"
        ) from error


def _read(path: Path) -> bytes:
    from archive.errors import UsageError

    try:
        with path.open("rb") as file:
            return file.read(1 << 20)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror})", hint="check the name"
        ) from error


def _tell(session: Session, stamp: "Stamp", earliest: datetime, latest: datetime) -> None:
    """Say what was stamped when, and whether this machine's clock agrees."""
    from archive import timestamps

    zone = session.archive().config.timezone
    say(
        f"{timestamps.authority(stamp)} has stamped the log of {stamp.size} entries: "
        f"{local_time(stamp.time, zone)}"
    )
    off = max(earliest - _CLOSE - stamp.time, stamp.time - latest - _CLOSE)
    if off > timedelta():
        ahead = stamp.time < earliest
        minutes = int((off + _CLOSE).total_seconds() // 60)
        note(
            f"this machine's clock is {'ahead' if ahead else 'behind'}: it differs from the "
            f"authority's by {minutes} minutes; set it, for the log takes its times from it"
        )


def _certificates(paths: tuple[Path, ...]) -> "list[Certificate]":
    from archive import timestamps

    return [one for path in paths for one in timestamps.certificates(path)]


def _list(session: Session, as_json: bool) -> None:
    from archive import timestamps

    archive = session.archive()
    zone = "" if as_json else archive.config.timezone
    with archive.read() as reader:
        rows: list[dict[str, Any]] = [
            {
                "size": stamp.size,
                "time": local_time(stamp.time, zone),
                "authority": timestamps.authority(stamp),
                "position": stamp.position,
            }
            for stamp in timestamps.every(reader, archive.config.id)
        ]
    emit(rows, ["size", "time", "authority", "position"], as_json)


def _export(session: Session, folder: Path, size: int | None) -> None:
    from archive import evidence

    archive = session.archive()
    with archive.read() as reader:
        stamp = _chosen(archive, reader, size)
        evidence.write_stamp(archive, reader, folder, stamp)
    say(f"wrote checkpoint, token.tsr and ca.pem into {folder}; there, check them by:")
    say(
        "openssl ts -verify -data checkpoint -in token.tsr -CAfile ca.pem "
        f"-attime {int(stamp.time.timestamp())}"
    )


def _chosen(archive: "Archive", reader: "Reader", size: int | None) -> "Stamp":
    from archive import timestamps
    from archive.errors import NotFound

    stamps = timestamps.every(reader, archive.config.id)
    found = [one for one in stamps if size is None or one.size == size]
    if not found:
        of = "" if size is None else f" of {size} entries"
        raise NotFound(f"there is no time stamp{of}", hint="see: muniment timestamp --list")
    return found[-1]
