"""What of Bluesky's answers and events concerns one account, and the versions met so far."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ingest._capture import Capture, Gone, Told
from ingest._export import Export
from ingest._source import Item, Source
from ingest.readers._atproto import PROFILE, repository_of
from ingest.readers._bluesky import Bluesky

_REMEMBERED = 5000


@dataclass(slots=True)
class Met:
    """The account's DID, and the newest version (CID) of each record that was met, by address.

    Those met longest ago are forgotten beyond 5,000.
    """

    did: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    def note(self, uri: str, cid: str) -> None:
        """A record was met in this version."""
        self.versions.pop(uri, None)
        self.versions[uri] = cid
        if len(self.versions) > _REMEMBERED:
            del self.versions[next(iter(self.versions))]

    def forget(self, uri: str) -> None:
        """A record is not there any more."""
        self.versions.pop(uri, None)

    def is_own(self, uri: str) -> bool:
        """Whether a record is in the account's repository."""
        return bool(self.did) and repository_of(uri) == self.did

    def uri_of(self, native_id: str) -> str:
        """The address of the record with a native id."""
        return f"at://{self.did}/{PROFILE}/self" if native_id == "profile" else native_id

    def concerns(self, item: Item) -> bool:
        """Whether an item is of the account, or a comment to it, or known."""
        if not isinstance(item, Capture | Gone):
            return True
        uri = self.uri_of(item.native_id)
        if self.is_own(uri) or uri in self.versions:
            return True
        if isinstance(item, Gone) or item.kind != "comment":
            return False
        above = [one for one in (item.parent, item.thread) if one]
        return any(self.is_own(one) or one in self.versions for one in above)


class Concerning:
    """Reads of Bluesky's answers and events what concerns one account.

    Of `views`, which a service makes of what others' repositories hold, the account's own posts are
    left out, and versions that are older than a known one: services go on showing the first.
    """

    name = Bluesky.name
    version = Bluesky.version

    def __init__(self, met: Met, *, views: bool = False) -> None:
        self._met, self._views = met, views
        self._reader = Bluesky()

    def sniff(self, export: Export) -> bool:
        return self._reader.sniff(export)

    def frame(self, source_file: str) -> tuple[bytes, bytes] | None:
        return self._reader.frame(source_file)

    def read(self, export: Export, told: Told) -> Source:
        self._reader.own = self._met.did
        source = self._reader.read(export, told)
        return replace(source, items=self._kept(source.items))

    def _kept(self, items: Iterator[Item]) -> Iterator[Item]:
        return (one for one in items if self._met.concerns(one) and self._is_news(one))

    def _is_news(self, item: Item) -> bool:
        if not self._views or not isinstance(item, Capture | Gone):
            return True
        known = self._met.versions.get(item.native_id)
        if isinstance(item, Gone) or self._met.is_own(self._met.uri_of(item.native_id)):
            return False
        return known is None or known == item.revision
