"""`muniment disposal`: dispose of what is due, by two persons, with a certificate."""

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from app.cli._disposal_list import COMMANDS
from app.cli._disposal_transfer import acknowledge, package
from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, json_option, note, progress, say
from app.cli._session import Session, pass_session

DAY = click.DateTime(["%Y-%m-%d"])
_KEPT = ["record", "reason"]


@click.group(cls=Noun)
def disposal() -> None:
    """Dispose of what is due: propose, approve by two persons, run, certify.

    A disposal is named by its id, or by a beginning or end of it that no other disposal has.

    \b
    Example:
      muniment disposal propose
      muniment disposal sheet 5b1c07de9f20 -o list.pdf
      muniment --as ada disposal approve 5b1c07de9f20
      muniment --as ben disposal approve 5b1c07de9f20
      muniment disposal run 5b1c07de9f20 --dry-run
      muniment disposal run 5b1c07de9f20
      muniment disposal certificate 5b1c07de9f20 --format pdf -o certificate.pdf
    """


for _command in (*COMMANDS, package, acknowledge):
    disposal.add_command(_command)


@disposal.command("propose")
@click.option("--as-of", type=DAY, metavar="DATE", help="What was due by this day, not by today.")
@click.option(
    "--series",
    multiple=True,
    metavar="CODE",
    help="Of this series alone; repeatable.",
)
@click.option("--transfer", is_flag=True, help="What goes to an archives, not what is destroyed.")
@json_option
@pass_session
def propose_(
    session: Session,
    as_of: datetime | None,
    series: tuple[str, ...],
    transfer: bool,
    as_json: bool,
) -> None:
    """List what is due for destruction, and what is due but held, for approval.

    With --transfer what is due to go to an archives: see disposal package.

    \b
    Example:
      muniment disposal propose
      muniment disposal propose --series SM-2 --as-of 2025-12-31
    """
    from schedules import Action, propose

    archive, signer = session.archive(), session.signer()
    day = as_of.date() if as_of else None
    action = Action.TRANSFER if transfer else Action.DESTROY
    with progress("Records") as advance:
        made = propose(archive, signer, day, advance, only=series, action=action)
    if files := _requests_due(session, day):
        note(
            f"{files} file{'s' if files > 1 else ''} of requests due for destruction: no disposal "
            "erases those yet; see: muniment schedule due --list"
        )
    if made is None:
        note(f"Nothing is due for {'transfer' if transfer else 'destruction'}.")
        if as_json:
            emit_facts({"disposal": None, "listed": 0}, as_json=True)
        return
    facts = {
        "disposal": made.id,
        "schedule": f"{made.listing.code} version {made.listing.version}",
        "action": action.value,
        "listed": len(made.listing.items),
        "excluded": made.listing.excluded_in_all,
        "digest": made.digest,
    }
    emit_facts(facts | {"more": made.more} if as_json else facts, as_json)
    if made.more:
        note("More is due; propose again after this one has run.")
    note(f"See it: muniment disposal show {made.id} --list (or: disposal sheet, for a meeting)")
    note(f"Two persons approve it: muniment disposal approve {made.id}")


def _requests_due(session: Session, as_of: date | None) -> int:
    """How many files of requests their series would destroy."""
    from schedules import Action, in_force, load, survey_requests, today, zone_of

    archive = session.archive()
    day = as_of or today(archive)
    with archive.read() as reader:
        schedule = load(reader, in_force(reader, day))
        files = survey_requests(reader, schedule, day, zone_of(archive))
        return sum(one.eligible and one.action is Action.DESTROY for _, one in files)


@disposal.command("approve")
@click.argument("disposal_id", metavar="ID")
@pass_session
def approve_(session: Session, disposal_id: str) -> None:
    """Approve a disposal's list. Two different officers or directors have to.

    You sign the digest of the list as it stands: what is struck off it later needs new approvals.
    An approval may be used for as long as the schedule says (approvals_expire, else 90 days), and
    while the key that signed it is in force; it can be given again.

    \b
    Example:
      muniment --as ben disposal approve 5b1c07de9f20
    """
    from schedules import Action, approve, find_disposal, obstacles, today

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        found = find_disposal(writer, disposal_id)
        approve(writer, found, today(archive))
        left = obstacles(writer, find_disposal(writer, found.id), today(archive))
    what = "transfer" if found.action is Action.TRANSFER else "destruction"
    say(f"You approved the {what} of {found.remaining} listed records, {found.digest}")
    for obstacle in left:
        note(f"Before it can run: {obstacle}.")


@disposal.command("authorize")
@click.argument("disposal_id", metavar="ID")
@click.option("--document", default="", metavar="CODE", help="Which, where several are asked for.")
@click.option("--number", "--certificate", default="", metavar="NO", help="Its number.")
@click.option("--filed", type=DAY, metavar="DATE", help="The day it was filed.")
@click.option("--approved", required=True, type=DAY, metavar="DATE", help="The day of approval.")
@pass_session
def authorize_(
    session: Session,
    disposal_id: str,
    document: str,
    number: str,
    filed: datetime | None,
    approved: datetime,
) -> None:
    """Record what an authority outside approved the disposal with.

    The schedule says which documents it takes and what is noted of each: in Illinois the Local
    Records Commission's certificate, with number and day of filing, and no run before 30 days
    after that. All of them must be there before the disposal can run.

    \b
    Example:
      muniment disposal authorize 5b1c07de9f20 --certificate 26-0417 \\
        --filed 2026-01-05 --approved 2026-02-03
      muniment disposal authorize 5b1c07de9f20 --document resolution \\
        --number 2026-14 --approved 2026-02-03
    """
    from schedules import authorize, find_disposal, obstacles, today

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        found = find_disposal(writer, disposal_id)
        form = authorize(
            writer,
            found,
            approved.date(),
            today(archive),
            document=document,
            number=number,
            filed=filed.date() if filed else None,
        )
        left = obstacles(writer, find_disposal(writer, found.id), today(archive))
    what = f"{form.document.capitalize()} {number}".rstrip()
    say(f"{what} is recorded for disposal {found.id}")
    for obstacle in left:
        note(f"Before it can run: {obstacle}.")


@disposal.command("run")
@click.argument("disposal_id", metavar="ID")
@click.option("--dry-run", is_flag=True, help="Say exactly what would go; change nothing.")
@click.option("--close", is_flag=True, help="End an interrupted run that cannot go on; certify it.")
@json_option
@pass_session
def run_(session: Session, disposal_id: str, dry_run: bool, close: bool, as_json: bool) -> None:
    """Destroy what was approved and may still be destroyed. It cannot be undone.

    What is listed for transfer goes only after an archives has acknowledged the package.

    Every record is judged again first: what was held, asked for, appealed or changed since stays,
    and so does what was struck off the list.
    An interrupted run is taken up where it stopped by running it again.

    \b
    Example:
      muniment disposal run 5b1c07de9f20 --dry-run
      muniment disposal run 5b1c07de9f20
    """
    from archive.errors import UsageError
    from schedules import find_disposal, rehearse, run

    if dry_run and close:
        raise UsageError("--dry-run and --close do not go together", hint="choose one of them")
    archive = session.archive()
    with archive.read() as reader:
        found = find_disposal(reader, disposal_id)
    with progress("Records", found.remaining) as advance:
        if dry_run:
            done = rehearse(archive, found.id, advance)
        else:
            done = run(archive, session.signer(), found.id, progress=advance, close=close)
    kept = [{"record": one.record, "reason": one.reason} for one in done.kept]
    if as_json:
        facts = {"disposal": done.disposal, "dry_run": dry_run, "disposed": done.disposed}
        facts |= {
            "certificate": done.number,
            "bytes": done.size,
            "earlier": done.earlier,
            "struck": done.struck,
        }
        emit_facts(facts | {"kept": kept}, as_json=True)
        return
    if kept:
        emit(kept, _KEPT)
    verb = "would be disposed of" if dry_run else "disposed of"
    earlier = f" ({done.earlier} in an earlier run)" if done.earlier else ""
    struck = f", {done.struck} struck off" if done.struck else ""
    say(f"{done.disposed} {verb}{earlier}, {done.size} bytes; {len(kept)} kept{struck}")
    if not dry_run:
        note("Keys, contents, attachments and index entries are gone, and were looked for.")
        note(f"The certificate: muniment disposal certificate {done.number}")


@disposal.command("certificate")
@click.argument("disposal_id", metavar="ID")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "pdf"]),
    default="text",
    show_default=True,
    help="PDF is PDF/A-2a.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it to this file.",
)
@pass_session
def certificate_(session: Session, disposal_id: str, form: str, output: Path | None) -> None:
    """Print or write the certificate of a finished disposal.

    It has a number of its own, names series, application and item, dates, volume, method and
    approvals with their signatures, and proves that the disposal stands in the log.

    \b
    Example:
      muniment disposal certificate 5b1c07de9f20
      muniment disposal certificate 2026-D-0003 --format pdf -o certificate.pdf
    """
    from archive.errors import UsageError
    from schedules import as_pdf, as_text, certificate, find_disposal

    if form == "pdf" and output is None:
        raise UsageError("a PDF needs a file", hint="give -o certificate.pdf")
    archive = session.archive()
    with archive.read() as reader:
        made = certificate(archive, reader, find_disposal(reader, disposal_id))
    if form == "pdf":
        data = as_pdf(made)
    elif form == "json":
        data = json.dumps(made.as_json(), ensure_ascii=False, indent=1).encode() + b"\n"
    else:
        data = as_text(made).encode()
    if output is None:
        click.echo(data, nl=False)
    else:
        output.write_bytes(data)
        say(f"The certificate is {output}")


@disposal.command("records")
@json_option
@pass_session
def records_(session: Session, as_json: bool) -> None:
    """List every record that was disposed of: id, series, disposal and time.

    Keep the list outside the archive, where the backups are. Should the archive be lost, muniment
    restore --disposed disposes of these again in what a backup brings back.

    \b
    Example:
      muniment disposal records > /mnt/copies/disposed
    """
    from schedules import disposed_records

    with session.archive().read() as reader:
        rows = (asdict(one) for one in disposed_records(reader))
        emit(rows, ["record", "series", "disposal", "at"], as_json)
