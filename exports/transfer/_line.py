"""One entry about a record as it stands in a package: all its parts, and its place in the log.

docs/format.md describes the form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from archive import Disclosure, Entry, Sealed, ShownPart
from archive.errors import VerificationError
from archive.merkle import leaf_hash
from exports._shown import part_from_json, part_to_json

_MEMBERS = {"record", "series", "index", "header", "parts", "files", "proof"}


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with all its parts. `files` maps the path of a part that names a file to its place
    in the package, `proof` leads from the entry's leaf to the root of the checkpoint.
    """

    record: str
    series: str
    index: int
    header: bytes
    parts: tuple[ShownPart, ...]
    files: Mapping[str, str]
    proof: tuple[bytes, ...]

    @classmethod
    def of(
        cls,
        entry: Entry,
        sealed: Sealed | None,
        series: str,
        files: Mapping[str, str],
        proof: Sequence[bytes],
    ) -> "Line":
        shown = sealed.disclose(range(len(sealed))).parts if sealed is not None else ()
        parts = tuple(part for part in shown if isinstance(part, ShownPart))
        return cls(entry.subject, series, entry.seq, entry.header, parts, files, tuple(proof))

    @property
    def leaf(self) -> bytes:
        return leaf_hash(self.header)

    def entry(self) -> Entry:
        """The header as an entry; VerificationError when it is none."""
        return Entry.parse(self.index, self.header)

    def value(self, path: str) -> bytes:
        """The value of a part; empty when there is none."""
        return next((part.value for part in self.parts if part.path == path), b"")

    def findings(self) -> list[str]:
        """What of it does not hold by itself."""
        entry = self.entry()
        wrong = [] if entry.subject == self.record else ["its header is of another record"]
        committed = Disclosure(self.parts).commitment if self.parts else None
        if committed != entry.commitment:
            wrong.append("its parts are not those that its header commits to")
        return wrong

    def to_bytes(self) -> bytes:
        return (
            orjson.dumps(
                {
                    "record": self.record,
                    "series": self.series,
                    "index": self.index,
                    "header": self.header.decode(),
                    "parts": [part_to_json(part) for part in self.parts],
                    "files": dict(self.files),
                    "proof": [node.hex() for node in self.proof],
                }
            )
            + b"\n"
        )

    @classmethod
    def from_bytes(cls, line: bytes) -> "Line":
        """The inverse of `to_bytes`; VerificationError for anything else."""
        try:
            value = orjson.loads(line)
            if value.keys() != _MEMBERS:
                raise ValueError("members missing or unknown")
            made = cls(
                value["record"],
                value["series"],
                value["index"],
                value["header"].encode(),
                tuple(part_from_json(part) for part in value["parts"]),
                value["files"],
                tuple(bytes.fromhex(node) for node in value["proof"]),
            )
            if made.to_bytes() != line:
                raise ValueError("not in the form of a package")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise VerificationError(f"not an entry of a package ({error})") from error
        return made
