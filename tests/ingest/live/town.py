"""A Mastodon server of recorded answers, with one account: the library's."""

import json
from typing import Any

from tests.ingest.live.server import Asked, Recorded, Told

ACCOUNT = {"id": "7", "acct": "library", "uri": "http://town.example/users/library", "url": ""}


def status(number: int, *media: str) -> dict[str, Any]:
    return {
        "id": str(number),
        "uri": f"http://town.example/users/library/statuses/{number}",
        "in_reply_to_id": None,
        "created_at": "2026-03-01T10:00:00Z",
        "content": f"<p>post {number}</p>",
        "account": ACCOUNT,
        "visibility": "public",
        "media_attachments": [{"url": one, "description": "a picture"} for one in media],
    }


def answers(town: Recorded) -> None:
    """Let a server know the account."""
    town.answer("/api/v1/accounts/lookup", ACCOUNT)
    town.answer("/api/v1/accounts/verify_credentials", ACCOUNT)
    town.answer("/api/v1/accounts/7", ACCOUNT)
    town.answer("/api/v1/notifications", [])
    shows(town)


def shows(town: Recorded, *statuses: dict[str, Any]) -> None:
    """What the account has posted."""

    def answer(asked: Asked) -> Told:
        after = int(asked.params.get("min_id", 0))
        return Told([one for one in reversed(statuses) if int(one["id"]) > after])

    town.answer_by("/api/v1/accounts/7/statuses", answer)
    for one in statuses:
        town.answer(f"/api/v1/statuses/{one['id']}", one)
        context: dict[str, list[Any]] = {"ancestors": [], "descendants": []}
        town.answer(f"/api/v1/statuses/{one['id']}/context", context)


def event(name: str, payload: Any) -> bytes:
    """An event as the stream sends it."""
    return f"event: {name}\ndata: {json.dumps(payload)}\n\n".encode()
