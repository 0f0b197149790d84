"""Handing records over to an archives: the package, and the archives' acknowledgement."""

from collections.abc import Iterator
from pathlib import Path

import click

from app.cli._output import emit, emit_facts, json_option, note, progress, say
from app.cli._session import Session, pass_session

_CHUNK = 1 << 16


@click.command()
@click.argument("disposal_id", metavar="ID")
@click.option(
    "-o",
    "--output",
    "out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The zip file to write.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@json_option
@pass_session
def package(session: Session, disposal_id: str, out: Path, force: bool, as_json: bool) -> None:
    """Make the package of a list to transfer, for an archives.

    It is a BagIt bag of what may go now: every version with its source's bytes, every decision and
    file, a table, PREMIS events, and proofs. Nothing is removed here before the archives has
    acknowledged it. A new package makes an earlier acknowledgement void.

    \b
    Example:
      muniment disposal package 5b1c07de9f20 -o transfer.zip
    """
    from archive.errors import UsageError
    from exports.transfer import make_package
    from schedules import find_disposal, record_package, to_package, today

    if out.exists() and not force:
        raise UsageError(f"{out} is there already", hint="name another file, or use --force")
    archive, signer = session.archive(), session.signer()
    with archive.read() as reader:
        found = find_disposal(reader, disposal_id)
        chosen = to_package(archive, reader, found)
        with progress("Records", len(chosen.records)) as advance:
            made = make_package(archive, reader, found, chosen, out, advance)
    try:
        with archive.write(signer) as writer:
            record_package(writer, find_disposal(writer, found.id), made, today(archive))
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    kept = [{"record": one.record, "reason": one.reason} for one in chosen.kept]
    facts = {"file": str(out), "records": made.records, "bytes": made.size, "sha256": made.sha256}
    if as_json:
        emit_facts(facts | {"left_out": kept}, as_json=True)
        return
    if kept:
        emit(kept, ["record", "reason"])
    emit_facts(facts)
    note(f"The archives checks it: muniment verify {out}, or VERIFY.md in it without Muniment.")
    note(f"When it has: muniment disposal acknowledge {found.id} --by NAME --reference TEXT")


@click.command()
@click.argument("disposal_id", metavar="ID")
@click.option("--by", required=True, metavar="NAME", help="Who acknowledged it.")
@click.option("--reference", default="", metavar="TEXT", help="The archives' own reference.")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The receipt, to be kept with it.",
)
@pass_session
def acknowledge(
    session: Session, disposal_id: str, by: str, reference: str, receipt: Path | None
) -> None:
    """Record that an archives has the newest package. Then the disposal can run.

    \b
    Example:
      muniment disposal acknowledge 5b1c07de9f20 --by "Jo Ray, State Archives" \\
        --reference "Accession 2026-114" --receipt receipt.pdf
    """
    from schedules import acknowledge_package, find_disposal, obstacles, today

    archive, signer = session.archive(), session.signer()
    kept = None if receipt is None else (receipt.name, _content(receipt))
    with archive.write(signer) as writer:
        found = find_disposal(writer, disposal_id)
        acknowledge_package(writer, found, by, reference, today(archive), kept)
        left = obstacles(writer, find_disposal(writer, found.id), today(archive))
    say(f"The package of disposal {found.id} is acknowledged by {by}")
    for obstacle in left:
        note(f"Before it can run: {obstacle}.")


def _content(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while piece := source.read(_CHUNK):
            yield piece
