"""What a redaction leaves open elsewhere: the same words in other records of the same request."""

from collections.abc import Iterator, Sequence

from archive import Reader
from exports.requests._determination import hidden_of
from exports.requests._redaction import internal_parts, parts_with_text
from exports.requests._requests import Request, Review, review


def mentions(
    reader: Reader, request: Request, texts: Sequence[str], *, besides: str
) -> Iterator[Review]:
    """The other responsive versions in which any of these texts can be read as things stand."""
    others = [
        r for r in review(reader, request) if r.record_id != besides and r.outcome != "withhold"
    ]
    opened = reader.open(reader.entry(r.version) for r in others)
    for r, (_, sealed) in zip(others, opened, strict=True):
        if sealed is None:
            continue
        hidden = internal_parts(sealed).keys()
        if r.seq is not None:
            hidden = hidden_of(reader.entry(r.seq)).keys()
        if any(parts_with_text(sealed, text) - hidden for text in texts):
            yield r
