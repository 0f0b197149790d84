"""The files that decisions rest on."""

from collections.abc import Iterator
from dataclasses import dataclass

from archive import NotFound, Parts, Reader, records, restrictions
from ingest.moderation._appeals import Appeal, find_appeal
from ingest.moderation._bans import Ban, find_ban
from ingest.moderation._removals import Removal, find_removal


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that a decision rests on, kept encrypted with its subject. `blob` names it there."""

    subject: str
    name: str
    type: str
    sha256: str
    blob: str


def evidence_for(reader: Reader, wanted: str) -> list[Evidence]:
    """The evidence of a removal, a ban or an appeal, by its id, or all that is kept with a record.

    NotFound when nothing has this id, Refused when the record is restricted.
    """
    for find, key in ((find_removal, "removal"), (find_appeal, "appeal"), (find_ban, "")):
        try:
            found = find(reader, wanted)
        except NotFound:
            continue
        return _evidence_of(reader, _subject(found), key, found.id)
    return _evidence_of(reader, records.get(reader, wanted).id)


def _subject(found: Removal | Appeal | Ban) -> str:
    if isinstance(found, Removal):
        return found.record
    return found.subject if isinstance(found, Appeal) else found.id


def _evidence_of(reader: Reader, subject: str, key: str = "", decision: str = "") -> list[Evidence]:
    refused = restrictions.refusal(reader, subject)
    if refused is not None:
        raise refused
    entries = [one for one in reader.history(subject) if not key or one.data.get(key) == decision]
    return [
        found
        for _, sealed in reader.open(entries)
        if sealed is not None
        for found in _evidence(subject, sealed)
    ]


def _evidence(subject: str, parts: Parts) -> Iterator[Evidence]:
    index = 0
    while digest := parts.get(f"evidence/{index}/sha256"):
        start = f"evidence/{index}/"
        name, kind, blob = (parts.get(start + part) or "" for part in ("name", "type", "blob"))
        yield Evidence(subject, name, kind, digest, blob)
        index += 1
