"""`muniment fee`: what an answer may cost."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._new_file import write_new
from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, json_option, note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from exports.letters import Bill, Quantities

_AMOUNT = re.compile(r"\d{1,9}(\.\d\d)?")


@click.group(cls=Noun)
def fee() -> None:
    """What an answer may cost, by the law's own scales.

    \b
    Example:
      muniment fee estimate 2026-0001 --pages 120 --certified 1
      muniment fee list 2026-0001
    """


class _Number(click.ParamType[Decimal]):
    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            number = Decimal(value)
        except InvalidOperation:
            self.fail(f"{value!r} is no number", param, ctx)
        if not number.is_finite() or number < 0:
            self.fail(f"{value!r} is no quantity", param, ctx)
        return number


def _quantities(command: Any) -> Any:
    options = (
        click.option("--pages", type=click.IntRange(0), default=0, help="Pages on paper."),
        click.option("--certified", type=click.IntRange(0), default=0, help="Certified copies."),
        click.option(
            "--hours", type=_Number(), default=Decimal(0), help="Hours of work, where they count."
        ),
        click.option("--pdf-mb", type=_Number(), metavar="MB", help="PDF, in megabytes."),
        click.option("--data-mb", type=_Number(), metavar="MB", help="Other electronic records."),
        click.option(
            "--actual",
            type=(str, str),
            multiple=True,
            metavar="WHAT AMOUNT",
            help='What it costs in fact, as "a USB drive" 6.50.',
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@fee.command()
@click.argument("key", metavar="REQUEST")
@_quantities
@json_option
@pass_session
def estimate(session: Session, /, key: str, as_json: bool, **quantities: Any) -> None:
    """Work out what an answer would cost, and record it.

    Amounts and free shares are the law's; what the law lets nobody charge for on such a request is
    refused.

    \b
    Example:
      muniment fee estimate 2026-0001 --pages 120
      muniment fee estimate 2026-0002 --hours 9.5 --actual "a USB drive" 6.50
    """
    _bill(session, key, "estimate", _asked(quantities), as_json)


@fee.command()
@click.argument("key", metavar="REQUEST")
@_quantities
@json_option
@pass_session
def invoice(session: Session, /, key: str, as_json: bool, **quantities: Any) -> None:
    """Work out what an answer costs, and record it as charged.

    \b
    Example:
      muniment fee invoice 2026-0001 --pages 118
    """
    _bill(session, key, "invoice", _asked(quantities), as_json)


@fee.command("list")
@click.argument("key", metavar="REQUEST")
@json_option
@pass_session
def list_(session: Session, key: str, as_json: bool) -> None:
    """Show what was estimated and charged.

    \b
    Example:
      muniment fee list 2026-0001
    """
    from exports.letters import bills, money
    from exports.requests import find_request

    with session.archive().read() as reader:
        found = bills(reader, find_request(reader, key))
    rows = [
        {
            "kind": bill.kind,
            "at": bill.at,
            "what": line.what,
            "counted": line.counted,
            "amount": money(line.cents),
            "source": line.source,
        }
        for bill in found
        for line in bill.lines
    ]
    emit(rows, ["kind", "at", "what", "counted", "amount", "source"], as_json=as_json)


@fee.command()
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path), metavar="FILE", help="Else printed."
)
@pass_session
def scales(session: Session, out: Path | None) -> None:
    """Write out what the act lets a body charge, to be changed.

    Put the changed file into the archive's folder as fees.toml; it may hold some tables only.

    \b
    Example:
      muniment fee scales -o fees.toml
    """
    from exports.letters import FEES_FILE, shipped_fees

    archive = session.archive()
    content = shipped_fees(archive.config.jurisdiction)
    if out is None:
        say(content.decode().rstrip("\n"))
        return
    write_new(out, [content])
    say(f"{out}: change it, and put it into {archive.folder / FEES_FILE}")


def _asked(options: dict[str, Any]) -> "Quantities":
    from exports.letters import Quantities

    sizes = {"pdf": options["pdf_mb"], "data": options["data_mb"]}
    return Quantities(
        pages=options["pages"],
        certified=options["certified"],
        hours=options["hours"],
        megabytes={form: size for form, size in sizes.items() if size is not None},
        actual=[(what, _cents(amount)) for what, amount in options["actual"]],
    )


def _cents(amount: str) -> int:
    from archive.errors import UsageError

    if not _AMOUNT.fullmatch(amount):
        raise UsageError(f"{amount!r} is no amount", hint="write 6.50")
    return int(Decimal(amount) * 100)


def _bill(session: Session, key: str, kind: Any, asked: "Quantities", as_json: bool) -> None:
    from archive.errors import UsageError
    from exports.letters import load_fees, money, record_bill
    from exports.requests import find_request

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        request = find_request(writer, key)
        fees = load_fees(request.jurisdiction, request.received, archive.folder)
        lines = fees.lines(asked, request.purpose, request.track)
        if not lines:
            raise UsageError("there is nothing to charge for", hint="say what, as --pages 120")
        bill = record_bill(writer, request, kind, lines)
    if as_json:
        emit_facts(_facts(bill), as_json=True)
        return
    for line in lines:
        say(f"{line.what}: {line.counted}: {money(line.cents)} ({line.source})")
        if not line.verified:
            note(f"{line.source} was not read in its source: compare it before you charge.")
    say(f"{kind}: {money(bill.cents)}")


def _facts(bill: "Bill") -> dict[str, Any]:
    return {
        "kind": bill.kind,
        "at": bill.at,
        "cents": bill.cents,
        "lines": [
            {"what": one.what, "counted": one.counted, "cents": one.cents, "source": one.source}
            for one in bill.lines
        ],
    }
