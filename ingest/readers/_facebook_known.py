"""What was read of a Page's items before, for events and answers that say but a part of them."""

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from ingest._capture import Attachment, Capture

_T = TypeVar("_T")
_HELD = 10_000
_SAME = ("text", "title", "state", "shared", "parent", "thread", "location", "visibility")


class Known:
    """The newest state of items, and when items were removed, in seconds since 1970.

    An item that is met through the webhook and through the interface is one: what one of the two
    does not say is taken from the other. `as_of` is when the answer that is read was asked for.
    """

    def __init__(self) -> None:
        self._items: OrderedDict[str, tuple[int, Capture]] = OrderedDict()
        self._gone: OrderedDict[str, int] = OrderedDict()
        self.as_of: datetime | None = None

    def get(self, key: str) -> tuple[int, Capture | None]:
        """When the last event of an item was, 0 for unknown, and what the item was then."""
        return self._items.get(key, (0, None))

    def removed(self, key: str) -> int | None:
        """When an item was removed; None when it was not."""
        return self._gone.get(key)

    def keep(self, stamp: int, capture: Capture) -> None:
        """Take note of an item as it is now."""
        _keep(self._items, capture.native_id, (stamp, capture))

    def recall(self, capture: Capture) -> None:
        """Take note of an item that is archived, and not known here; its `revision` tells of which
        event it is.
        """
        if capture.native_id not in self._items:
            told = capture.revision.rpartition(" ")[2]
            self.keep(int(told) if told.isdigit() else 0, capture)

    def remove(self, key: str, stamp: int) -> None:
        """Take note of a removal."""
        _keep(self._gone, key, stamp)

    def forget(self, key: str) -> None:
        """Forget an item, one that is too long to be kept here."""
        self._items.pop(key, None)

    def shown(self, capture: Capture) -> Capture:
        """An item as the interface shows it, with what only events say of it."""
        stamp, known = self.get(capture.native_id)
        if known is not None:
            capture = replace(
                capture,
                edited_at=known.edited_at,
                url=capture.url or known.url,
                author_name=capture.author_name or known.author_name,
                author_handle=capture.author_handle or known.author_handle,
                attachments=_signed_anew(known.attachments, capture.attachments),
            )
            if all(getattr(capture, name) == getattr(known, name) for name in _SAME):
                capture = replace(capture, revision=known.revision, removed_at=known.removed_at)
        capture = replace(capture, as_of=self.as_of)
        self.keep(stamp, capture)
        return capture


def _signed_anew(
    known: tuple[Attachment, ...], shown: tuple[Attachment, ...]
) -> tuple[Attachment, ...]:
    """The attachments as they are known, where only the signatures of their addresses changed."""
    if list(map(_file, known)) != list(map(_file, shown)):
        return shown
    return tuple(replace(new, url=old.url) for old, new in zip(known, shown, strict=True))


def _file(one: Attachment) -> tuple[bool, str]:
    return one.link, one.url.partition("?")[0]


def _keep(known: OrderedDict[str, _T], key: str, value: _T) -> None:
    """Remember the newest of so many items, and forget the one that was met longest ago."""
    known[key] = value
    known.move_to_end(key)
    if len(known) > _HELD:
        known.popitem(last=False)
