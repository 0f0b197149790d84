"""`muniment letter`: what a body writes to a requester."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from app.cli._attention import today
from app.cli._new_file import is_there, write_new
from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, json_option, note, say
from app.cli._request_clock import checked
from app.cli._request_decide import note_unverified
from app.cli._session import Session, pass_session
from exports.letters import KINDS

if TYPE_CHECKING:
    from archive import Reader
    from exports.letters import Kind, Said


@click.group(cls=Noun)
def letter() -> None:
    """Letters to a requester: as text to change, as PDF to send.

    \b
    Example:
      muniment letter draft 2026-0001 acknowledgement -o letter.txt
      muniment letter send 2026-0001 acknowledgement --text letter.txt -o letter.pdf
    """


def _saying(command: Any) -> Any:
    options = (
        click.option("--note", "words", default="", metavar="TEXT", help="Your own paragraph."),
        click.option(
            "--responsible",
            multiple=True,
            metavar="NAME, TITLE",
            help="Who is responsible for a denial; can be given several times.",
        ),
        click.option("--contact", default="", metavar="TEXT", help="How to reach the body."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@letter.command("draft")
@click.argument("key", metavar="REQUEST")
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
@_saying
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path), metavar="FILE", help="Else printed."
)
@pass_session
def draft_(
    session: Session,
    key: str,
    kind: "Kind",
    words: str,
    responsible: tuple[str, ...],
    contact: str,
    out: Path | None,
) -> None:
    """Write a letter as text that can be changed.

    KIND is acknowledgement, extension, clarification, fee-estimate, grant, partial-denial, denial
    or no-records. The wording is the jurisdiction's, or the body's own from letters.toml in the
    archive's folder. A letter that would not be true, as a grant where something is withheld, is
    refused.

    \b
    Example:
      muniment letter draft 2026-0001 denial --responsible "Ada Byron, FOIA officer"
    """
    with session.archive().read() as reader:
        text = _text(session, reader, key, kind, _said(session, words, responsible, contact))
    if out is None:
        say(text.rstrip("\n"))
        return
    write_new(out, [text.encode()])
    say(f"{out}: change what you like, then: muniment letter send {key} {kind} --text {out}")


@letter.command()
@click.argument("key", metavar="REQUEST")
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
@_saying
@click.option(
    "--text",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The text of the letter, as draft wrote it and you changed it.",
)
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="The PDF to write.",
)
@json_option
@pass_session
def send(
    session: Session,
    key: str,
    kind: "Kind",
    words: str,
    responsible: tuple[str, ...],
    contact: str,
    source: Path | None,
    out: Path,
    as_json: bool,
) -> None:
    """Make a letter as PDF/A, and keep it with the request.

    KIND is acknowledgement, extension, clarification, fee-estimate, grant, partial-denial, denial
    or no-records.

    Sending it is up to you; the log says that it was made, with its digest, and the archive keeps
    the PDF. Denials come into the file of denials.

    \b
    Example:
      muniment letter send 2026-0001 acknowledgement -o letter.pdf
      muniment letter send 2026-0001 denial --text letter.txt -o denial.pdf \\
          --responsible "Ada Byron, FOIA officer"
    """
    from exports.letters import keep_letter, letter_pdf
    from exports.requests import find_request, names_of

    if out.exists():
        raise is_there(out)
    archive, signer = session.archive(), session.signer()
    said = _said(session, words, responsible, contact)
    own = _read(source) if source is not None else ""
    with _taken_back(out), archive.write(signer) as writer:
        standard = _text(session, writer, key, kind, said)
        text = own or standard
        request = find_request(writer, key)
        names = names_of(writer, request)
        zone = ZoneInfo(archive.config.timezone)
        pdf = letter_pdf(
            text,
            body=names.body or archive.config.name,
            address=[names.requester, *names.contact.splitlines()],
            contact=said.contact,
            day=session.clock().astimezone(zone).date(),
            zone=zone,
        )
        kept = keep_letter(writer, request, kind, text, pdf)
        write_new(out, [pdf])
    facts = {"file": str(out), "kind": kind, "request": request.number, "sha256": kept.sha256}
    if as_json:
        emit_facts(facts, as_json=True)
        return
    say(f"{out}: letter {kind} of request {request.number}")
    emit_facts({"sha256": kept.sha256})


@letter.command("list")
@click.argument("key", metavar="REQUEST")
@json_option
@pass_session
def list_(session: Session, key: str, as_json: bool) -> None:
    """List the letters of a request.

    \b
    Example:
      muniment letter list 2026-0001
    """
    from exports.letters import letters
    from exports.requests import find_request

    with session.archive().read() as reader:
        found = letters(reader, find_request(reader, key))
    rows = [{"kind": one.kind, "at": one.at, "sha256": one.sha256} for one in found]
    emit(rows, ["kind", "at", "sha256"], as_json=as_json)


@letter.command("denials")
@json_option
@pass_session
def denials_(session: Session, as_json: bool) -> None:
    """List every notice of denial, by the exemption that it claims.

    Illinois wants such a file open to everybody (5 ILCS 140/9(b)). No requester is named.

    \b
    Example:
      muniment letter denials
    """
    from exports.letters import denials

    with session.archive().read() as reader:
        rows = [
            {
                "exemption": one.exemption,
                "request": one.number,
                "at": one.at,
                "kind": one.kind,
                "sha256": one.sha256,
            }
            for one in denials(reader)
        ]
    emit(rows, ["exemption", "request", "at", "kind", "sha256"], as_json=as_json)


@letter.command()
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path), metavar="FILE", help="Else printed."
)
@pass_session
def wording(session: Session, out: Path | None) -> None:
    """Write out the wording of all letters, to be changed.

    Put the changed file into the archive's folder as letters.toml; it may hold some of the letters
    only. What was not compared with the law stands in it as a comment.

    \b
    Example:
      muniment letter wording -o letters.toml
    """
    from exports.letters import OWN_FILE, wording_of

    content = wording_of(session.archive().config.jurisdiction, today(session))
    if out is None:
        say(content.rstrip("\n"))
        return
    write_new(out, [content.encode()])
    say(f"{out}: change it, and put it into {session.archive().folder / OWN_FILE}")


@contextmanager
def _taken_back(path: Path) -> Iterator[None]:
    """Take a new file away again when what is to stand in the log about it did not get there."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _said(session: Session, words: str, responsible: tuple[str, ...], contact: str) -> "Said":
    from exports.letters import Said

    return Said(words, responsible, contact or session.archive().config.contact)


def _text(session: Session, reader: "Reader", key: str, kind: "Kind", said: "Said") -> str:
    from exports.letters import draft, load_templates, values_of
    from exports.requests import find_request, load_rules, review

    archive = session.archive()
    request = find_request(reader, key)
    rules = load_rules(request.jurisdiction, reader, archive.folder)
    templates = load_templates(request.jurisdiction, request.received, archive.folder)
    values = values_of(reader, request, rules, templates.given, kind, said, today(session))
    text = draft(templates, kind, values)
    if not said.contact:
        note("The letter does not say how to reach the body: give --contact.")
    for reminder in templates.reminded(kind, values):
        note(f"{reminder.text} ({checked(reminder.source, reminder.verified)})")
    if kind in ("partial-denial", "denial"):
        cited = {code for one in review(reader, request) for code in one.exemptions}
        note_unverified(rules, sorted(cited & {one.code for one in rules.exemptions}))
    if unread := templates.unread(kind, values):
        sources = "; ".join(one.source for one in unread)
        note(f"compare with the law before you send it, this was not read there: {sources}")
    return text


def _read(path: Path) -> str:
    from archive.errors import UsageError

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text", hint="name a UTF-8 text file") from error
    if not text.strip():
        raise UsageError(f"{path} is empty", hint="muniment letter draft writes one")
    return text
