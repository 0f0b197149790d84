"""YouTube: what Google Takeout gives of an account, and recorded answers of the Data API v3.

Takeout: ``comments.csv``, ``live chats.csv``, ``posts.csv`` and ``videos.csv``, also numbered, with
the columns in any order; they hold what the account itself wrote. Live chats may come without a
header. The text is JSON in a cell: segments in ``{"takeoutSegments": […]}``, since June 2024 bare
and set apart by commas. API: JSON of the kinds commentThreadListResponse, commentListResponse and
videoListResponse, one answer a file; these hold what others wrote under the account's videos.

Keys are YouTube's own ids; that of a reply is its parent's, a dot, and its own. The parent of a
comment that answers none is the video or post it stands under. Comments that Takeout holds are in
their present text; the API gives ``updatedAt``, which is the time of an edit where it differs from
``publishedAt``. ``heldForReview`` and ``likelySpam`` are pending, ``rejected`` is removed by a
moderator; what was deleted is absent from both. Replies are cut out of their thread's bytes. The
account is the channel's id, where the files name one.
"""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO

from archive import SourceError
from ingest._capture import AccountName, Kind, Told
from ingest._csv import names_of, rows
from ingest._export import Export
from ingest._source import Item, Source, whose
from ingest.readers._youtube_api import answers
from ingest.readers._youtube_takeout import Form, channel_of, form_of, items_of

_ANSWER = re.compile(rb'"kind"\s*:\s*"youtube#(commentThread|comment|video)ListResponse"')
_CHANNEL = re.compile(rb'"channelId"\s*:\s*"(UC[\w-]{22})"')
_HEAD = 64 * 1024
_MOST = 200  # files that are looked into


class YouTube:
    """Reads a Takeout of YouTube, or files of API answers: zip, tar, folder or single files.

    `videos` are those of threads by id, where more is known than an answer says.
    """

    name = "youtube"
    version = 1

    def __init__(self, videos: Mapping[str, str] | None = None) -> None:
        self._videos = {} if videos is None else videos

    def sniff(self, export: Export) -> bool:
        return bool(_tables(export) or _answers(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes] | None:
        if not source_file.endswith(".json"):
            return None
        return b'{"kind":"youtube#commentThreadListResponse","items":[', b"]}"

    def read(self, export: Export, told: Told) -> Source:
        forms = _tables(export)
        pages = _answers(export)
        if not forms and not pages:
            raise SourceError(f"{export.path.name} holds neither comments.csv nor API answers")
        channel = _channel(export, forms, [*pages])
        known = whose(told, channel)
        kinds: set[Kind] = {form.kind for form in forms.values()}
        kinds |= {"post" if kind == b"video" else "comment" for kind in pages.values()}
        return Source(
            "youtube",
            known,
            frozenset(kinds),
            (*forms, *pages),
            _items(export, forms, [*pages], known, self._videos),
        )


def _items(
    export: Export,
    forms: dict[str, Form],
    pages: list[str],
    account: AccountName,
    videos: Mapping[str, str],
) -> Iterator[Item]:
    for file, form in forms.items():
        yield from items_of(export, file, form, account)
    for file in pages:
        yield from answers(export, file, videos)


def _tables(export: Export) -> dict[str, Form]:
    """The files of Takeout and what they hold."""
    found = {}
    for name in export.find(lambda name: name.lower().endswith(".csv"))[:_MOST]:
        form = form_of(export.head(name))
        if form is not None:
            found[name] = form
    return found


def _answers(export: Export) -> dict[str, bytes]:
    """The files of API answers, and what their items are."""
    found = {}
    for name in export.find(lambda name: name.lower().endswith(".json"))[:_MOST]:
        match = _ANSWER.search(export.head(name))
        if match:
            found[name] = match[1]
    return found


def _channel(export: Export, forms: dict[str, Form], pages: list[str]) -> AccountName | None:
    """The first channel that the files name as theirs."""
    for name in export.find(lambda name: name.lower().endswith("channel.csv")):
        found = list(rows(BytesIO(export.head(name, _HEAD)), limit=_HEAD))
        if len(found) > 1 and names_of(found[0].cells)[:1] == ("channel id",):
            channel, title, *_ = (*found[1].cells, "", "")
            return _named(channel, title)
    for name, form in forms.items():
        channel = channel_of(export.head(name, _HEAD), form)
        if channel:
            return _named(channel)
    for name in pages:
        match = _CHANNEL.search(export.head(name))
        if match:
            return _named(match[1].decode())
    return None


def _named(channel: str, title: str = "") -> AccountName:
    return AccountName(channel, title, f"https://www.youtube.com/channel/{channel}")
