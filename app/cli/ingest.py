"""`muniment ingest`: exports into the archive."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._output import emit, json_option, note, progress, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from ingest import Progress, Summary

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
_COLUMNS = ("file", "source", "account", *_COUNTS)
_REASONS_SHOWN = 10
_REJECTED = 1


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option(
    "--source",
    default="",
    metavar="S",
    help="What it is: mastodon, x, facebook, wordpress, jsonl; else it is recognised.",
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
@json_option
@pass_session
def ingest(
    session: Session,
    files: tuple[Path, ...],
    source: str,
    account: str,
    platform: str,
    complete: bool,
    as_json: bool,
) -> None:
    """Take exports of social-media accounts into the archive.

    An export is a file or a folder as the platform gave it. What is known already is compared:
    a changed text becomes a new version, and nothing is taken in twice. Items that cannot be read
    are kept with the reason, and the exit status is then 1.

    \b
    Example:
      muniment ingest archive-20260105-library.tar.gz --complete
      muniment ingest facebook-library.zip --account cookmemorial
    """
    archive, signer = session.archive(), session.signer()
    from ingest import ingest as take

    done: list[Summary] = []
    try:
        for path in files:
            with _bar(path.name) as show:
                done.append(
                    take(
                        archive,
                        signer,
                        path,
                        source=source,
                        account=account,
                        platform=platform,
                        complete=complete,
                        progress=show,
                    )
                )
    finally:
        if as_json and done:
            emit(map(_row, done), (*_COLUMNS, "run", "remarks"), as_json)
        for summary in done:
            if not as_json:
                say(_sentence(summary))
            _explain(summary)
    if any(summary.rejected for summary in done):
        click.get_current_context().exit(_REJECTED)


@contextmanager
def _bar(name: str) -> Iterator["Callable[[Progress], None]"]:
    with ExitStack() as stack:
        advance: list[Callable[[int], None]] = []
        shown = 0

        def show(state: "Progress") -> None:
            nonlocal shown
            if not advance:
                advance.append(stack.enter_context(progress(name, state.bytes_total)))
            advance[0](state.bytes_read - shown)
            shown = state.bytes_read

        yield show


def _row(summary: "Summary") -> dict[str, Any]:
    return {
        "file": summary.file,
        "source": summary.reader,
        "account": summary.account,
        "run": summary.run,
        "remarks": summary.remarks,
        **summary.counts(),
    }


def _sentence(summary: "Summary") -> str:
    counts = summary.counts()
    seen = counts.pop("seen")
    said = [f"{count} {name}" for name, count in counts.items() if count or name == "new"]
    return (
        f"{summary.file}: {seen} items of {summary.account} ({summary.reader}): {', '.join(said)}"
    )


def _explain(summary: "Summary") -> None:
    for reason, count in summary.reasons.most_common(_REASONS_SHOWN):
        note(f"{summary.file}: {count} rejected: {reason}")
    if len(summary.reasons) > _REASONS_SHOWN:
        note(f"{summary.file}: and rejected for other reasons")
    for remark in summary.remarks:
        note(f"{summary.file}: {remark}")
