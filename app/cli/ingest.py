"""`muniment ingest`: exports into the archive, and what became of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._files_or_command import FilesOrCommand
from app.cli._output import emit, json_option, local_time, note, say
from app.cli._rejected import rejected
from app.cli._session import Session, pass_session
from app.cli._watch import watch

if TYPE_CHECKING:
    from ingest import Summary

_COUNTS = (
    "seen",
    "new",
    "changed",
    "unchanged",
    "disposed",
    "rejected",
    "vanished",
    "reappeared",
)
_BESIDES = ("direct", "attachments", "missing")
_COLUMNS = ("file", "source", "account", *_COUNTS, *_BESIDES)
_OF_RUNS = ("started", "file", "sha256", "reader", "account", *_COUNTS, "finished")
_REASONS_SHOWN = 10
_FILES_SHOWN = 5
_REJECTED = 1


@click.command("ingest")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option(
    "--source",
    default="",
    metavar="S",
    help="What it is: mastodon, x, facebook, wordpress, jsonl …; else it is recognised.",
)
@click.option(
    "--account", default="", metavar="HANDLE", help="Whose export it is; else what it says."
)
@click.option(
    "--platform",
    default="",
    metavar="NAME",
    help="Where it comes from, for forms that many platforms share (jsonl, csv).",
)
@click.option(
    "--complete",
    is_flag=True,
    help="It holds all that is still there: what it lacks has vanished.",
)
@click.option(
    "--together", is_flag=True, help="The files are parts of one download, as media in another zip."
)
@json_option
@pass_session
def take_files(
    session: Session,
    files: tuple[Path, ...],
    source: str,
    account: str,
    platform: str,
    complete: bool,
    together: bool,
    as_json: bool,
) -> None:
    """Take exports of social-media accounts into the archive.

    An export is a file or a folder as the platform gave it. What is known already is compared:
    a changed text becomes a new version, and nothing is taken in twice. Items that cannot be read
    are kept with the reason, and the exit status is then 1. What was interrupted goes on where it
    was when the same command is given again.

    \b
    Example:
      muniment ingest archive-20260105-library.tar.gz --complete
      muniment ingest facebook-library.zip --account cookmemorial
      muniment ingest --together instagram-part-1.zip instagram-part-2.zip
    """
    archive, signer = session.archive(), session.signer()
    from ingest import ingest as take

    done: list[Summary] = []
    exports: Sequence[tuple[Path, ...]] = [files] if together else [(path,) for path in files]
    try:
        for path, *further in exports:
            with watch(path.name) as show, _naming(path.name):
                done.append(
                    take(
                        archive,
                        signer,
                        path,
                        further=further,
                        source=source,
                        account=account,
                        platform=platform,
                        complete=complete,
                        progress=show,
                    )
                )
    finally:
        if as_json and done:
            emit(map(_row, done), (*_COLUMNS, "run", "resumed", "unread", "remarks"), as_json)
        for summary in done:
            if not as_json:
                say(_sentence(summary))
            _explain(summary)
    if any(summary.rejected for summary in done):
        note("What was rejected is kept, with the reason: muniment ingest rejected list")
        click.get_current_context().exit(_REJECTED)


@contextmanager
def _naming(file: str) -> Iterator[None]:
    """Errors about a source say which file it is."""
    from archive import SourceError

    try:
        yield
    except SourceError as error:
        if file in str(error):
            raise
        raise SourceError(f"{file}: {error}", hint=error.hint) from error


ingest = FilesOrCommand(take_files)
ingest.add_command(rejected)


@ingest.command()
@json_option
@pass_session
def runs(session: Session, as_json: bool) -> None:
    """List what was taken in: which file, by which reader, and what became of its items.

    Every capture names its run; a run without an end was interrupted, or is under way.

    \b
    Example:
      muniment ingest runs --json
    """
    from archive import accounts
    from ingest import origin_of
    from ingest import runs as every

    archive = session.archive()
    zone = "" if as_json else archive.config.timezone
    with archive.read() as reader:
        handles = {one.id: one.handle for one in accounts.every(reader)}

        def row(run: Any) -> dict[str, Any]:
            origin = origin_of(reader, run.id)
            return {
                "started": local_time(run.started_at, zone),
                "file": origin.name,
                "sha256": origin.sha256,
                "size": origin.size,
                "reader": f"{run.reader} {run.reader_version}",
                "account": handles.get(run.account, run.account),
                **{name: getattr(run, name) for name in (*_COUNTS, *_BESIDES)},
                "finished": local_time(run.finished_at, zone),
                "made": local_time(run.made_at, zone),
                "retried": run.retried,
                "run": run.id,
            }

        more = (*_BESIDES, "size", "made", "retried", "run")
        emit(map(row, every(reader)), (*_OF_RUNS, *more) if as_json else _OF_RUNS, as_json)


def _row(summary: "Summary") -> dict[str, Any]:
    return {
        "file": summary.file,
        "source": summary.reader,
        "account": summary.account,
        "run": summary.run,
        "resumed": summary.resumed,
        "unread": list(summary.unread),
        "remarks": summary.remarks,
        **summary.counts(),
    }


def _sentence(summary: "Summary") -> str:
    items = "1 item" if summary.seen == 1 else f"{summary.seen} items"
    direct = f", {summary.direct} of them direct messages" if summary.direct else ""
    counts = {name: getattr(summary, name) for name in _COUNTS if name != "seen"}
    said = [f"{count} {name}" for name, count in counts.items() if count or name == "new"]
    attached = ((summary.attachments, "kept"), (summary.missing, "missing"))
    said += [
        f"{count} {'attachment' if count == 1 else 'attachments'} {state}"
        for count, state in attached
        if count
    ]
    return (
        f"{summary.file}: {items} of {summary.account} ({summary.reader}){direct}: "
        f"{', '.join(said)}"
    )


def _explain(summary: "Summary") -> None:
    for reason, count in summary.reasons.most_common(_REASONS_SHOWN):
        note(f"{summary.file}: {count} rejected: {reason}")
    if len(summary.reasons) > _REASONS_SHOWN:
        note(f"{summary.file}: and rejected for other reasons")
    for remark in summary.remarks:
        note(f"{summary.file}: {remark}")
    if summary.unread:
        count = len(summary.unread)
        named = ", ".join(summary.unread[:_FILES_SHOWN])
        more = ", …" if count > _FILES_SHOWN else ""
        were = "1 file was" if count == 1 else f"{count} files were"
        note(f"{summary.file}: {were} not read: {named}{more}")
