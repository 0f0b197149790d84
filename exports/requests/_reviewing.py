"""One determination after another: taking one back, and suggestions that were refused."""

from archive import Draft, Parts, Reader, Writer
from exports.requests import _burning, _reasons
from exports.requests._requests import Request, Review, open_request_of
from exports.requests._suggest import Refusals, Suggestion

_JUDGED = "request.suggestion_judged"


def take_back(writer: Writer, request: Request, before: Review) -> None:
    """Determine a version as it was determined `before`, or not at all."""
    open_request_of(request)
    if before.seq is None:
        data = {"record": before.record_id, "version": before.version}
        writer.append([Draft("request.reopened", request.id, data)])
        return
    ((entry, sealed),) = writer.open([writer.entry(before.seq)])
    said = {"reason": sealed.text("reason") if sealed is not None else ""}
    if sealed is not None:
        kept = {field: sealed.get(field) for field in (_reasons.FIELD, _burning.FIELD)}
        said |= {field: value for field, value in kept.items() if value}
    writer.append([Draft("request.determined", request.id, entry.data, Parts.of(said.items()))])


def judge_suggestion(
    writer: Writer, request: Request, r: Review, suggestion: Suggestion, *, refused: bool
) -> None:
    """Keep that a person found a suggestion to be nothing private, or no longer thinks so."""
    open_request_of(request)
    data = {
        "record": r.record_id,
        "version": r.version,
        "kind": suggestion.kind,
        "field": suggestion.field,
        "start": suggestion.start,
        "end": suggestion.end,
        "refused": refused,
    }
    writer.append([Draft("request.suggestion_judged", request.id, data)])


def refusals(reader: Reader, request: Request) -> Refusals:
    """The suggestions that were refused, by the commitment of their version and their place."""
    judged: dict[tuple[int, str, int, int], bool] = {}
    for entry in reader.history(request.id, {_JUDGED}):
        data = entry.data
        place = (data["version"], data["field"], data["start"], data["end"])
        judged[place] = data["refused"]
    return frozenset(
        (reader.entry(version).commitment or b"", field, start, end)
        for (version, field, start, end), refused in judged.items()
        if refused
    )
