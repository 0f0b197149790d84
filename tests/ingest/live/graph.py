"""A Graph API of recorded answers: a Page with posts and comments that a test says anew."""

import json
from collections.abc import Mapping
from typing import Any

from tests.ingest.live.server import Asked, Recorded, Told
from tests.ingest.live.watching import TOKEN

PAGE = "7"
GONE = {
    "error": {
        "message": "Unsupported get request. Object with ID '11_2' does not exist, cannot be "
        "loaded due to missing permissions, or does not support this operation.",
        "type": "GraphMethodException",
        "code": 100,
        "error_subcode": 33,
    }
}
ASKED_TOO_MUCH = {"error": {"message": "Page request limit reached", "code": 32}}
EXPIRED = {
    "error": {"message": "Session has expired", "type": "OAuthException", "code": 190},
}


def item(number: str, message: str, second: int = 0, **fields: Any) -> dict[str, Any]:
    """A post or a comment as the interface shows it."""
    author = {"id": PAGE if number.startswith("7_") else "9", "name": "Somebody"}
    return {
        "created_time": f"2026-02-20T12:00:{second:02}+0000",
        "message": message,
        "from": author,
        "is_hidden": False,
        "permalink_url": f"https://www.facebook.com/{number}",
        "id": number,
        **fields,
    }


def post(number: int, message: str, updated: int = 0, **fields: Any) -> dict[str, Any]:
    return item(
        f"7_{number}",
        message,
        number,
        status_type="mobile_status_update",
        updated_time=f"2026-02-20T13:00:{updated:02}+0000",
        **fields,
    )


def comment(of: int, number: int, message: str, **fields: Any) -> dict[str, Any]:
    return item(f"{of}_{number}", message, number, like_count=0, comment_count=0, **fields)


class Page:
    """What the Page shows: posts, and comments by their posts' numbers."""

    def __init__(self, server: Recorded, per_page: int = 100) -> None:
        self._server, self._per_page = server, per_page
        server.token = TOKEN
        self.posts: list[dict[str, Any]] = []
        self.comments: dict[int, list[dict[str, Any]]] = {}
        server.answer(f"/{PAGE}", {"id": PAGE})
        server.answer_by(f"/{PAGE}/feed", self._feed)

    def shows(self, *posts: dict[str, Any], **comments: list[dict[str, Any]]) -> None:
        """Show these posts, newest first, and comments of the post of a number, as ``of_11``."""
        for one in [*self.posts, *(each for some in self.comments.values() for each in some)]:
            self._server.answer("/" + one["id"], GONE, 400)
        self.posts = list(posts)
        self.comments = {int(name.removeprefix("of_")): some for name, some in comments.items()}
        for of in (int(one["id"].partition("_")[2]) for one in posts):
            self._server.answer_by(f"/7_{of}/comments", self._below)
        for one in [*self.posts, *(each for some in self.comments.values() for each in some)]:
            self._server.answer("/" + one["id"], one)

    def _feed(self, asked: Asked) -> Told:
        return self._listed(self.posts, asked)

    def _below(self, asked: Asked) -> Told:
        assert asked.params["filter"] == "stream"
        found = self.comments.get(int(asked.path.split("/")[1].partition("_")[2]), [])
        if asked.params["order"] == "reverse_chronological":
            found = found[::-1]
        return self._listed(found, asked)

    def _listed(self, found: list[dict[str, Any]], asked: Asked) -> Told:
        start = int(asked.params.get("after", "0"))
        shown = found[start : start + self._per_page]
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(start + 100)}}
        if start + self._per_page < len(found):
            paging["cursors"]["after"] = after = str(start + self._per_page)
            where = f"https://graph.facebook.com/v24.0{asked.path}"
            paging["next"] = f"{where}?access_token={TOKEN}&limit=25&after={after}"
        return Told({"data": shown, **({"paging": paging} if shown else {})})


def change(verb: str, at: int, **value: Any) -> Mapping[str, Any]:
    """A change of the feed as the webhook sends it."""
    return {"field": "feed", "value": {"verb": verb, "created_time": at, **value}}


def body(*changes: Mapping[str, Any], page: str = PAGE, time: int = 1772463600) -> bytes:
    """A body of the webhook, as Meta writes it."""
    entry = {"id": page, "time": time, "changes": changes}
    return json.dumps({"object": "page", "entry": [entry]}).replace("/", "\\/").encode()
