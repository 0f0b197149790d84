"""The bundles that were issued, as the log has them: which stands, and which corrects which."""

from dataclasses import dataclass
from datetime import datetime

from archive import Entry, NotFound, Reader, Refused, times

TYPE = "bundle.issued"


@dataclass(frozen=True, slots=True)
class Issue:
    """A bundle that was issued: the SHA-256 of its zip, when, and for which request (its id)."""

    sha256: str
    at: datetime
    request: str

    def __str__(self) -> str:
        return f"issued {times.to_text(self.at)}, SHA-256 {self.sha256}"


def issues(reader: Reader, request: str) -> list[Issue]:
    """The bundles that were issued for a request, in their order."""
    return [_issue(entry) for entry in reader.history(request, {TYPE})]


def last_issue(reader: Reader, request: str) -> Issue:
    """The bundle that was issued last for a request; NotFound when none was."""
    issued = issues(reader, request)
    if not issued:
        raise NotFound(
            "no bundle was issued for this request", hint="leave out --supersede for the first one"
        )
    return issued[-1]


def issue_of(reader: Reader, sha256: str) -> Issue:
    """The issued bundle whose zip has this digest.

    NotFound when this archive issued none such, Refused when another one superseded it.
    """
    found = None
    for entry in reader.entries(types={TYPE}):
        if entry.data.get("sha256") == sha256:
            found = _issue(entry)
        if entry.data.get("supersedes") == sha256:
            raise Refused(
                f"this bundle was superseded already, by the one {_issue(entry)}",
                hint="name that one, or the request",
            )
    if found is None:
        raise NotFound(
            "this archive issued no such bundle", hint="name the request, or an issued zip file"
        )
    return found


def _issue(entry: Entry) -> Issue:
    return Issue(str(entry.data.get("sha256", "")), entry.at, entry.subject)
