"""The commands of `muniment request` that decide what leaves: determine, redact."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli._output import note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Archive, Reader
    from exports.requests import Box, Determined, Mark, Request, Rules

UNDETERMINED = "undetermined"
_EVERY = "every"
_MOST_NAMED = 5
_AS_IN_BOX = "as in --attachment 0 --box 40,60,200,80"

reason_option = click.option("--reason", default="", metavar="TEXT", help="Why, for the answer.")
query_option = click.option(
    "--query", metavar="QUERY", help="Of all these, only the records that this finds."
)
private_option = click.option(
    "--although-private",
    "private",
    is_flag=True,
    help="Let a direct or followers-only message leave.",
)


@click.command()
@click.argument("key", metavar="REQUEST")
@click.argument("record_id", metavar="RECORD")
@click.argument("outcome", type=click.Choice(["release", "withhold"]))
@click.option("--exemption", "codes", multiple=True, metavar="CODE", help="As in 7(1)(c).")
@query_option
@reason_option
@click.option("--raw", is_flag=True, help="Release the source's own bytes too.")
@private_option
@click.option("--replace", is_flag=True, help="Determine anew what is determined already.")
@pass_session
def determine(
    session: Session,
    key: str,
    record_id: str,
    outcome: str,
    codes: tuple[str, ...],
    query: str | None,
    reason: str,
    raw: bool,
    private: bool,
    replace: bool,
) -> None:
    """Release or withhold a record, in all its versions.

    RECORD is an id, or the word undetermined for all that nobody has determined yet; of these
    --query takes those that it finds. With --replace, undetermined means every one. Withholding
    needs an exemption and a reason.

    \b
    Example:
      muniment request determine 2026-0001 8a22fe3ae1b6 withhold \\
          --exemption "7(1)(c)" --reason "Names a minor's illness"
      muniment request determine 2026-0001 undetermined release --query 'author:"Our library"'
    """
    from archive.errors import UsageError
    from exports.requests import find_request, release, withhold

    if outcome == "release" and codes:
        raise UsageError(
            "what is released is not exempt", hint="redact it, or leave out --exemption"
        )
    archive, signer = session.archive(), session.signer()
    rules = rules_of(archive)
    which = None if record_id == UNDETERMINED else record_id
    among = _among(archive, which, query)
    with archive.write(signer) as writer:
        found = find_request(writer, key)
        if outcome == "release":
            done = release(
                writer,
                found,
                which,
                reason=reason,
                among=among,
                raw=raw,
                private=private,
                replace=replace,
            )
        else:
            done = withhold(
                writer,
                found,
                which,
                rules.exemptions,
                codes,
                reason=reason,
                among=among,
                replace=replace,
            )
    if which is None:
        say(f"{len(done)} {'item' if len(done) == 1 else 'items'}: {outcome}")
    else:
        say_done(done)
    note_unverified(rules, codes)


@click.command("sign-off")
@click.argument("key", metavar="REQUEST")
@pass_session
def sign_off(session: Session, key: str) -> None:
    """Sign off all determinations, as a second person.

    By somebody who determined none of them, with a key of their own. It holds for them as they
    stand: whatever is determined anew or added later needs it again. Where muniment.toml says
    sign_off = "required", export refuses without it.

    \b
    Example:
      muniment --as ben request sign-off 2026-0001
    """
    from exports.requests import find_request
    from exports.requests import sign_off as sign_off_request

    with session.archive().write(session.signer()) as writer:
        found = find_request(writer, key)
        count = sign_off_request(writer, found)
    say(f"request {found.number} is signed off: {count} items")


@click.command()
@click.argument("key", metavar="REQUEST")
@click.argument("record_id", metavar="RECORD")
@click.option("--text", "texts", multiple=True, metavar="TEXT", help="Hide this wherever it is.")
@query_option
@click.option("--author", is_flag=True, help="Hide the author, and what leads to the author.")
@click.option(
    "--field", "names", multiple=True, metavar="FIELD", help="Hide a field: url, attachment/0 …"
)
@click.option(
    "--span", nargs=2, type=int, metavar="START END", help="Hide these characters of the text."
)
@click.option("--exemption", "code", default="", metavar="CODE", help="As in 7(1)(b).")
@click.option("--attachment", "place", type=click.IntRange(min=0), help="An image, from 0.")
@click.option(
    "--box",
    "boxes",
    multiple=True,
    metavar="X,Y,W,H",
    help="Paint a rectangle of the image over, in pixels from its upper left corner.",
)
@click.option(
    "--preview",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the image as it would leave, and decide nothing.",
)
@reason_option
@click.option("--version", type=click.IntRange(min=1), help="In this version only.")
@private_option
@pass_session
def redact(
    session: Session,
    key: str,
    record_id: str,
    texts: tuple[str, ...],
    query: str | None,
    author: bool,
    names: tuple[str, ...],
    span: tuple[int, int] | None,
    place: int | None,
    boxes: tuple[str, ...],
    preview: Path | None,
    code: str,
    reason: str,
    version: int | None,
    private: bool,
) -> None:
    """Hide parts of a record, release the rest.

    RECORD is an id, or the word every for all responsive records that hold what is to be hidden.
    Whole words are hidden, in every version that has them; the source's own bytes always are. What
    is hidden already stays hidden.

    An image leaves with its rectangles painted over, turned upright and without anything that its
    file said besides; --preview FILE shows it, without --box as it was captured. As a whole it is
    kept back by --field attachment/0.

    \b
    Example:
      muniment request redact 2026-0001 8a22fe3ae1b6 --text 630-555-0142 \\
          --exemption "7(1)(b)" --reason "A private telephone number"
      muniment request redact 2026-0001 every --text "Jane Roe" \\
          --exemption "7(1)(c)" --reason "A patron's name"
      muniment request redact 2026-0001 8a22fe3ae1b6 --attachment 0 --preview image.png
      muniment request redact 2026-0001 8a22fe3ae1b6 --attachment 0 --box 40,60,200,80 \\
          --exemption "7(1)(c)" --reason "A child's face"
    """
    from archive.errors import UsageError
    from exports.requests import (
        ImageMark,
        box,
        find_request,
        mark_author,
        mark_field,
        mark_span,
        mark_text,
    )
    from exports.requests import redact as redact_record

    marks: list[Mark] = [mark_text(text, code) for text in texts]
    marks += [mark_field(name, code) for name in names]
    marks += [mark_author(code)] if author else []
    marks += [mark_span(*span, code)] if span else []
    if (place is None) == bool(boxes or preview):
        raise UsageError("an image is redacted by --attachment with --box", hint=_AS_IN_BOX)
    painted = tuple(box(one, code) for one in boxes)
    if preview is not None and place is not None:
        _preview(session, key, record_id, version, place, painted, preview)
        return
    images = [ImageMark(place, painted)] if place is not None else []
    if not marks and not images:
        raise UsageError("say what to hide", hint="--text, --author, --field, --span or --box")
    if not code:
        raise UsageError("an exemption is needed", hint="muniment request exemptions lists them")
    if span and version is None:
        raise UsageError("--span needs --version", hint="other versions have other characters")
    archive, signer = session.archive(), session.signer()
    rules = rules_of(archive)
    note_unverified(rules, [code])
    which = None if record_id == _EVERY else record_id
    among = _among(archive, which, query)
    with archive.write(signer) as writer:
        found = find_request(writer, key)
        done = redact_record(
            writer,
            found,
            which,
            marks,
            rules.exemptions,
            reason=reason,
            images=images,
            among=among,
            version=version,
            private=private,
        )
    say_done(done)
    with archive.read() as reader:
        note_left(reader, found, done, texts, author)
        if place is not None:
            _note_description(reader, found, done, place)


def _among(archive: "Archive", which: str | None, query: str | None) -> frozenset[str] | None:
    """The records that a query finds, where all of a request are meant."""
    from archive.errors import UsageError
    from exports.requests import matching

    if query is None:
        return None
    if which is not None:
        raise UsageError(f"{which} is one record", hint="--query takes some of all of them")
    return matching(archive, query)


def _preview(
    session: Session,
    key: str,
    record_id: str,
    version: int | None,
    place: int,
    boxes: "Sequence[Box]",
    target: Path,
) -> None:
    from archive.errors import StorageError
    from exports.requests import find_request, preview

    with session.archive().read() as reader:
        image = preview(reader, find_request(reader, key), record_id, place, boxes, version)
    try:
        target.write_bytes(image.content)
    except OSError as error:
        raise StorageError(f"{target} cannot be written ({error.strerror})") from error
    say(f"{target}: {image.width} x {image.height} pixels; nothing was decided")


def rules_of(archive: "Archive") -> "Rules":
    """The rules that the body of this archive answers under."""
    from exports.requests import load_rules

    with archive.read() as reader:
        return load_rules(archive.config.jurisdiction, reader, archive.folder)


def say_done(done: "Sequence[Determined]") -> None:
    """What was determined about each record, and the words newly hidden."""
    for one in done:
        hidden = f": hidden {' | '.join(one.texts)}" if one.texts else ""
        say(f"{one.record_id} {one.outcome}{hidden}")


def note_unverified(rules: "Rules", codes: Iterable[str]) -> None:
    """Point out the exemptions whose titles nobody compared with the act."""
    for exemption in map(rules.exemptions.get, codes):
        if not exemption.verified:
            note(f"the title of {exemption.code} was not checked against the act: check it")


def _note_description(
    reader: "Reader", request: "Request", done: "Sequence[Determined]", place: int
) -> None:
    """Say what an image's description and name still tell of it."""
    from exports.requests import survey

    for item in survey(reader, request, record_id=done[0].record_id):
        paths = item.sealed.paths
        for name in ("alt", "name"):
            path = f"attachment/{place}/{name}"
            if path in paths and paths.index(path) not in item.hidden:
                note(f"attachment {place}: its {name} is shown: {item.sealed.get(path)}")


def note_left(
    reader: "Reader",
    request: "Request",
    done: "Sequence[Determined]",
    texts: Sequence[str],
    author: bool,
) -> None:
    """Say what can still be read of what was hidden, here and in other records."""
    from exports.requests import author_names, author_traces, mentions, survey

    touched = {one.record_id for one in done}
    wanted = set(texts)
    for one in done:
        for text in one.repeats:
            note(f"{one.record_id}: “{text}” can still be read elsewhere in it")
    for record_id in sorted(touched) if author else ():
        for item in survey(reader, request, record_id=record_id):
            wanted.update(author_names(item.sealed))
            for word in author_traces(item):
                note(f"{record_id}: “{word}” of the author's name can still be read")
    others = (item for item in survey(reader, request) if item.review.record_id not in touched)
    found = list(dict.fromkeys(one.record_id for one in mentions(others, sorted(wanted))))
    for record_id in found[:_MOST_NAMED]:
        note(f"{record_id} has the same words, and shows them")
    if len(found) > _MOST_NAMED:
        note(f"so have {len(found) - _MOST_NAMED} other responsive records")
