"""`muniment record`: one record, and everything that was captured and decided about it."""

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from app.cli._item import attachments, item_facts, words
from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, json_option, local_time, say
from app.cli._restrict import access_options, may_open
from app.cli._session import Session, pass_session
from app.cli._why import why

if TYPE_CHECKING:
    from archive import Entry, Reader, Record, Sealed

_EVENTS = {
    "record.captured": "captured",
    "record.edited": "captured, changed",
    "record.deleted": "deleted at the source",
    "record.vanished": "gone from the source",
    "record.reappeared": "back at the source",
    "record.removed": "removed",
    "record.restored": "restored",
    "record.explained": "explained",
    "record.edited_own": "edited by the body itself",
    "record.restricted": "restricted",
    "record.unrestricted": "restriction lifted",
    "record.accessed": "seen though restricted",
    "record.answered": "answered elsewhere",
    "record.disposed": "disposed of",
    "appeal.filed": "appeal filed",
    "appeal.decided": "appeal decided",
}
_DETAILS = ("version", "action", "policy", "clause", "extent", "by", "outcome", "due", "series")
_WORDS = ("reason", "text", "title", "shared/text", "removal_reason")
_EXCERPT = 80


@click.group(cls=Noun)
def record() -> None:
    """Look at single records.

    A record is named by its id, or by a beginning or end of it that no other record has.

    \b
    Example:
      muniment record show 8a22fe3ae1b6
      muniment record history 8a22fe3ae1b6
      muniment record why 8a22fe3ae1b6
    """


record.add_command(why)


@record.command()
@click.argument("record_id", metavar="ID")
@click.option("--version", type=click.IntRange(min=1), help="This version instead of the newest.")
@click.option("--raw", is_flag=True, help="Print the item's bytes exactly as the source gave them.")
@access_options
@json_option
@pass_session
def show(
    session: Session,
    record_id: str,
    version: int | None,
    raw: bool,
    actor: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Show a record: what it says, whose it is, and how it stands.

    A restricted record is shown to whom its restriction names, with --reason; that this person
    looks at it, and why, goes on the record first.

    \b
    Example:
      muniment record show 8a22fe3ae1b6
      muniment record show 8a22fe3ae1b6 --version 1 --json
      muniment record show 8a22fe3ae1b6 --as carla --reason "The prosecutor asks for it"
    """
    from archive import records, restrictions

    archive = session.archive()
    with archive.read() as reader:
        found = records.get(reader, record_id)
    openly = may_open(session, found, actor, reason)
    with archive.read() as reader:
        refused = None if openly else restrictions.refusal(reader, found.id)
        if refused is not None:
            raise refused
        entry, sealed = _version(reader, found, version, restricted=openly)
        account = _account(reader, found)
        parent = records.parent_of(reader, found)
    if raw:
        _show_raw(found, sealed)
        return
    zone = "" if as_json else archive.config.timezone
    facts = _facts(found, entry, sealed, zone)
    facts |= {"account": account, "parent_record": parent.id if parent else None}
    text = words(sealed)
    if as_json:
        emit_facts(facts | {"text": text}, as_json=True)
        return
    facts["version"] = f"{facts['version']} of {facts.pop('versions')}"
    emit_facts({name: value for name, value in facts.items() if value not in (None, "", [])})
    say()
    say(
        text if sealed else f"Its content was disposed of on {local_time(found.disposed_at, zone)}."
    )


@record.command()
@click.argument("record_id", metavar="ID")
@access_options
@json_option
@pass_session
def history(
    session: Session, record_id: str, actor: str | None, reason: str | None, as_json: bool
) -> None:
    """Show everything that was captured and decided about a record, oldest first.

    What was captured is named with the file that it is from: see muniment ingest runs.

    Of a restricted record only what happened when, and by whom; its words and the reasons to whom
    its restriction names, with --reason, as with record show.

    \b
    Example:
      muniment record history 8a22fe3ae1b6
    """
    from archive import actors, records
    from ingest import origin_of

    archive = session.archive()
    zone = "" if as_json else archive.config.timezone
    with archive.read() as reader:
        found = records.get(reader, record_id)
    openly = may_open(session, found, actor, reason)
    with archive.read() as reader:
        closed = not openly and bool(reader.restricted([found.id]))
        source = cache(lambda run: origin_of(reader, run).name if run else "")
        names = {actor.id: actor.name for actor in actors.every(reader)}
        rows = [
            {
                "position": entry.seq,
                "at": local_time(entry.at, zone),
                "event": _EVENTS.get(entry.type, entry.type),
                "who": names.get(entry.actor, entry.actor),
                "detail": _detail(entry, sealed, "(restricted)" if closed else "(disposed of)"),
                "file": source(str(entry.data.get("run", ""))),
                "run": entry.data.get("run"),
            }
            for entry, sealed in reader.open(reader.history(found.id), restricted=openly)
        ]
    columns = ["position", "at", "event", "who", "detail", "file"]
    emit(rows, [*columns, "run"] if as_json else columns, as_json)


def _version(
    reader: "Reader", found: "Record", version: int | None, *, restricted: bool
) -> "tuple[Entry, Sealed | None]":
    from archive import records
    from archive.errors import NotFound

    versions = records.versions_of(reader, found)
    if version is not None and version > len(versions):
        raise NotFound(
            f"record {found.id} has no version {version}",
            hint=f"it has {len(versions)}; see: muniment record history {found.id}",
        )
    chosen = versions[version - 1 if version else -1]
    return next(reader.open([chosen], restricted=restricted))


def _account(reader: "Reader", found: "Record") -> str:
    from archive import accounts

    handles = {account.id: account.handle for account in accounts.every(reader)}
    return handles.get(found.account) or found.account


def _facts(found: "Record", entry: "Entry", sealed: "Sealed | None", zone: str) -> dict[str, Any]:
    def content(path: str) -> str | None:
        return sealed.get(path) if sealed else None

    return {
        "id": found.id,
        "kind": found.kind,
        "platform": found.platform,
        "account": found.account,
        "status": found.status,
        "version": entry.data.get("version", 1),
        "versions": found.versions,
        "author": content("author/name"),
        "handle": content("author/handle"),
        "url": content("url"),
        "visibility": found.visibility,
        "occurred": local_time(found.occurred_at, zone),
        "captured": local_time(entry.at, zone),
        "edited": local_time(found.edited_at, zone),
        "removed": local_time(found.removed_at, zone),
        "removed_extent": "part" if found.status == "live" and found.removed_at else None,
        "vanished": local_time(found.vanished_at, zone),
        "disposed": local_time(found.disposed_at, zone),
        "attachments": attachments(sealed),
        **item_facts(sealed),
        "position": entry.seq,
    }


def _detail(entry: "Entry", sealed: "Sealed | None", missing: str) -> str:
    said = [f"{name} {entry.data[name]}" for name in _DETAILS if name in entry.data]
    if entry.type == "record.restored" and "appeal" in entry.data:
        said.append("the removal was reversed on appeal")
    if entry.commitment is not None and sealed is None:
        said.append(missing)
    elif sealed is not None:
        if sealed.get("removed_by"):
            said.append(f"by {sealed.get('removed_by')}")
        if appellant := sealed.text("appellant"):
            said.append(f"by {appellant}")
        text = next(filter(None, map(sealed.text, _WORDS)), "")
        said.append(text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…")
    return ", ".join(filter(None, said))


def _show_raw(found: "Record", sealed: "Sealed | None") -> None:
    from archive.errors import NotFound

    raw = sealed.raw() if sealed else None
    if raw is None:
        raise NotFound(
            f"the source's bytes of record {found.id} are not kept",
            hint="they were disposed of" if found.disposed_at else "its source gave none",
        )
    if sys.stdout.isatty():
        say(raw.decode(errors="replace"))
    else:
        click.echo(raw, nl=False)
