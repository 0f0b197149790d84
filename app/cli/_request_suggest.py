"""The command `muniment request suggest`: what seems private, and accepting it in bulk."""

from typing import TYPE_CHECKING

import click

from app.cli._output import emit, json_option, progress
from app.cli._request_decide import (
    UNDETERMINED,
    note_left,
    note_unverified,
    private_option,
    reason_option,
    rules_of,
    say_done,
)
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from exports.requests import Review, Rules, Suggestion, Surveyed

_ALL = "all"


@click.command()
@click.argument("key", metavar="REQUEST")
@click.argument("record_id", metavar="[RECORD]", default="")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only these: phone, email …")
@click.option(
    "--accept", "accepted", multiple=True, metavar="KIND", help="Hide all of a kind, or of all."
)
@click.option("--exemption", "code", default="", metavar="CODE", help="Else the usual one.")
@reason_option
@private_option
@json_option
@pass_session
def suggest(
    session: Session,
    key: str,
    record_id: str,
    kinds: tuple[str, ...],
    accepted: tuple[str, ...],
    code: str,
    reason: str,
    private: bool,
    as_json: bool,
) -> None:
    """Point out what seems private, and hide it when told to.

    Telephone numbers, addresses, numbers of cards and states, and patrons named next to what they
    borrow, where they are not hidden yet. It finds too much rather than too little. Nothing is
    decided until --accept names a kind; request review asks about each. Shapes of numbers of the
    body's own, and what it publishes itself, stand in suggestions.toml in the archive's folder.

    \b
    Example:
      muniment request suggest 2026-0001
      muniment request suggest 2026-0001 --accept phone --accept email \\
          --reason "Private telephone numbers and addresses"
    """
    from archive import records
    from archive.errors import UsageError
    from exports.requests import (
        find_request,
        mark_suggested,
        redact,
        refusals,
        still_shown,
        survey,
        tally,
    )

    archive = session.archive()
    rules = rules_of(archive)
    for kind in kinds:
        rules.suggestions.code(kind)
    if not accepted:
        if code or reason:
            raise UsageError("nothing is accepted", hint="name a kind with --accept")
        with archive.read() as reader:
            found = find_request(reader, key)
            which = records.get(reader, record_id).id if record_id else None
            count = tally(reader, found).versions
            with progress("looking for what is private", count) as advance:
                surveyed = _counted(survey(reader, found, record_id=which), advance)
                shown = still_shown(surveyed, rules.suggestions, refusals(reader, found))
                rows = list(_rows(shown, rules, kinds))
            emit(rows, ["record", "outcome", "kind", "text", "exemption"], as_json)
        return
    wanted = () if _ALL in accepted else accepted
    with archive.write(session.signer()) as writer:
        found = find_request(writer, key)
        mark = mark_suggested(rules.suggestions, wanted, code, refusals(writer, found))
        done = redact(
            writer,
            found,
            record_id or None,
            [mark],
            rules.exemptions,
            reason=reason,
            private=private,
        )
    say_done(done)
    if not wanted or "patron" in wanted:
        with archive.read() as reader:
            note_left(reader, found, done, (), author=True)
    note_unverified(rules, [code] if code else [])


def _counted(
    surveyed: "Iterable[Surveyed]", advance: "Callable[[int], None]"
) -> "Iterator[Surveyed]":
    for item in surveyed:
        yield item
        advance(1)


def _rows(
    shown: "Iterable[tuple[Review, Suggestion]]", rules: "Rules", kinds: tuple[str, ...]
) -> "Iterator[dict[str, str]]":
    for one, suggestion in shown:
        if not kinds or suggestion.kind in kinds:
            yield {
                "record": one.record_id,
                "outcome": one.outcome or UNDETERMINED,
                "kind": suggestion.kind,
                "text": suggestion.text,
                "exemption": rules.suggestions.code(suggestion.kind),
            }
