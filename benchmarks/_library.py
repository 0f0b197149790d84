"""An archive of made-up comments to search in, and what happens to it."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Archive, Draft, Parts, Signer, Writer, actors, keys, new_id, records, times
from benchmarks._corpus import Comment

_BATCH = 2_000
_EDITED = 100
"""Of so many comments one is edited at once."""


def create(home: Path) -> Signer:
    """A new archive, and who signs in it."""
    key = Ed25519PrivateKey.generate()
    with (
        Archive.create(home, name="Bench", actor_name="ada", actor_key=key) as archive,
        archive.read() as reader,
    ):
        return keys.ActorKey(actors.by_name(reader, "ada").id, key)


def fill(archive: Archive, signer: Signer, comments: Iterable[Comment]) -> None:
    """Capture comments; one of a hundred has two versions."""
    run, account = new_id(), new_id()
    every = iter(comments)
    while some := list(islice(every, _BATCH)):
        with archive.write(signer) as writer:
            drafts = [_draft(writer, run, account, one) for one in some]
            edits = [
                _edit(draft, one)
                for draft, one in zip(drafts, some, strict=True)
                if one.number % _EDITED == 0
            ]
            writer.capture([*drafts, *edits], run, {})


def dispose(archive: Archive, signer: Signer, subjects: Sequence[str]) -> None:
    """What a disposal leaves of records: their headers."""
    with archive.write(signer) as writer:
        writer.append([Draft("record.disposed", one, {"series": "S"}) for one in subjects])
        writer.erase(subjects)


def _draft(writer: Writer, run: str, account: str, comment: Comment) -> Draft:
    native_id = str(1_000_000 + comment.number)
    data = {
        "account": account,
        "kind": "comment",
        "lookup": records.lookup_of(writer, comment.platform, account, native_id),
        "platform": comment.platform,
        "run": run,
        "state": "live",
        "version": 1,
    }
    return Draft("record.captured", new_id(), data, _parts(comment, comment.text))


def _edit(draft: Draft, comment: Comment) -> Draft:
    parts = _parts(comment, f"{comment.text} Edited.")
    return Draft("record.edited", draft.subject, {**draft.data, "version": 2}, parts)


def _parts(comment: Comment, text: str) -> Parts:
    return Parts.of(
        [
            ("text", text),
            ("author/name", comment.author),
            ("native_id", str(1_000_000 + comment.number)),
            ("occurred_at", times.to_text(comment.date)),
        ]
    )
