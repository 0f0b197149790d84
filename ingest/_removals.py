"""What sources say was removed: words that were heard before, that are older, that no longer hold.

A source's word that an item is removed stands in a capture of the state "removed", or in a
`record.deleted` where it came without the content.
"""

from dataclasses import dataclass

from archive import Draft, Entry, Parts, Record, Writer, times
from ingest._capture import Capture, Gone, Prepared
from ingest._context import Context
from ingest._projection import file_of, made_at
from ingest.moderation import open_removals

_CONTENT = {"record.captured", "record.edited"}
_WORDS = _CONTENT | {"record.deleted"}
_STANDING = _WORDS | {"record.removed", "record.restored", "record.reappeared"}
_ALONE = {
    "account",
    "native_id",
    "raw",
    "removal_reason",
    "removed_at",
    "removed_by",
    "source_file",
    "status",
    "visibility",
}


@dataclass(frozen=True, slots=True)
class _Word:
    """A source's word about a removal; `facts` are when, by whom and why, "" where it is silent."""

    run: str
    facts: tuple[str, str, str]
    raw: bytes

    @classmethod
    def of(cls, entry: Entry, parts: Parts) -> "_Word":
        facts = (
            parts.get("removed_at") or "",
            parts.get("removed_by") or "",
            parts.text("removal_reason"),
        )
        return cls(str(entry.data["run"]), facts, parts.bytes_of("raw") or b"")


def deletion(writer: Writer, context: Context, word: Gone, record: Record) -> list[Draft]:
    """The entries that a word about a record that is there calls for; none when it is known.

    A word older than what shows the item is kept, and undone at once.
    """
    mine = _facts(word)
    heard = _words(writer, record)
    if record.status == "removed":
        if any(_says_as_much(one.facts, mine) for one in heard):
            return []
        return [_deleted(context, record, word)]
    if any(_same(writer, context, one, word, mine) for one in heard):
        return []
    drafts = [_deleted(context, record, word)]
    if _outdated(writer, context, mine[0], record):
        drafts.append(back(context, record, record.status))
    return drafts


def is_back(writer: Writer, context: Context, capture: Capture | Prepared, record: Record) -> bool:
    """Whether the source shows again what it, and no decision of ours, had removed."""
    if record.status != "removed" or capture.state == "removed":
        return False
    last = writer.history(record.id, _STANDING)[-1]
    if last.data.get("state") != "removed":
        return False
    if any(one.extent == "all" for one in open_removals(writer, record.id)):
        return False
    [(_, parts)] = writer.open([last], restricted=True)
    word = _Word.of(last, parts or Parts(()))
    mine, theirs = _made(context), made_at(writer, word.run)
    if mine and theirs and mine != theirs:
        return mine > theirs
    removed = word.facts[0]
    if removed and capture.as_of is not None:
        return times.to_text(capture.as_of) > removed
    shown = capture.parts(context.source.account.handle)
    dated = shown.get("edited_at") or shown.get("occurred_at")
    if removed and dated:
        return dated > removed
    return word.run == context.run or not _same_file(writer, context, word.run)


def back(context: Context, record: Record, state: str) -> Draft:
    """The entry that says that a record is there again."""
    data = {"run": context.run}
    if state == "pending":
        data["state"] = state
    return Draft("record.reappeared", record.id, data)


def word_alone(content: Parts) -> bool:
    """Whether all that is known of an item is that it was removed."""
    return content.get("status") == "removed" and all(name in _ALONE for name, _ in content.fields)


def _deleted(context: Context, record: Record, word: Gone) -> Draft:
    data = {
        "account": context.account,
        "platform": context.source.platform,
        "run": context.run,
        "state": "removed",
    }
    removed_at, removed_by, reason = _facts(word)
    fields: list[tuple[str, str | bytes]] = [
        ("removed_at", removed_at),
        ("removed_by", removed_by),
        ("removal_reason", reason),
        ("source_file", word.source_file),
        ("raw", word.raw),
    ]
    return Draft("record.deleted", record.id, data, Parts.of(fields))


def _facts(word: Gone) -> tuple[str, str, str]:
    at = "" if word.removed_at is None else times.to_text(word.removed_at)
    return at, word.removed_by, word.reason


def _words(writer: Writer, record: Record) -> list[_Word]:
    entries = [
        one for one in writer.history(record.id, _WORDS) if one.data.get("state") == "removed"
    ]
    return [
        _Word.of(one, parts)
        for one, parts in writer.open(entries, restricted=True)
        if parts is not None
    ]


def _says_as_much(known: tuple[str, ...], mine: tuple[str, ...]) -> bool:
    return all(one in ("", other) for one, other in zip(mine, known, strict=True))


def _same(
    writer: Writer, context: Context, known: _Word, word: Gone, mine: tuple[str, ...]
) -> bool:
    """Whether a word is one that was heard before, and not one about a second removal."""
    if known.facts != mine or known.raw != word.raw:
        return False
    made, before = _made(context), made_at(writer, known.run)
    if made and before:
        return made <= before
    return bool(mine[0]) or _same_file(writer, context, known.run)


def _outdated(writer: Writer, context: Context, removed: str, record: Record) -> bool:
    """Whether the item was shown after the moment that a word is about."""
    last = writer.history(record.id, _CONTENT | {"record.reappeared"})[-1]
    mine, theirs = _made(context), made_at(writer, str(last.data["run"]))
    if mine and theirs and mine != theirs:
        return mine < theirs
    [(_, content)] = writer.open([writer.entry(record.last_seq)], restricted=True)
    edited = content.get("edited_at") if content is not None else None
    return bool(removed and edited and edited > removed)


def _same_file(writer: Writer, context: Context, run: str) -> bool:
    return run == context.run or file_of(writer, run) == context.file


def _made(context: Context) -> str:
    made = context.source.made_at
    return times.to_text(made) if made is not None else ""
