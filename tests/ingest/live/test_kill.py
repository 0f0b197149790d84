"""Live capture killed again and again: nothing served is lost, and nothing is there twice."""

import asyncio
import random
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ingest
from archive import Archive, keys, verify
from ingest.live import Capture, Tokens
from tests.ingest.live.server import Recorded
from tests.ingest.live.test_mastodon import once
from tests.ingest.live.town import event, shows, status
from tests.ingest.live.watching import TOKEN, Watching

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.crash.bench", "tests.ingest.live.test_kill"])
ROUNDS = 5
POSTS = 60
STREAM = "/api/v1/streaming/user"


def capture(folder: Path, actor: str, key: bytes) -> None:
    """A process that captures until it is killed."""
    signer = keys.ActorKey(actor, Ed25519PrivateKey.from_private_bytes(key))
    with Archive.open(folder, projections=ingest.PROJECTIONS) as archive:
        asyncio.run(
            Capture(archive, signer, tokens=Tokens({"library": TOKEN}, {}, lambda _: None)).run()
        )


def test_a_killed_capture_loses_nothing_and_doubles_nothing(
    town: Recorded, watching: Watching, seed: int
) -> None:
    chance = random.Random(seed)
    town.stream(STREAM)
    posts = [status(100 + number) for number in range(POSTS)]
    archive, signer = watching.room.archive, watching.room.signer
    assert isinstance(signer, keys.ActorKey)
    key = signer.key.private_bytes_raw()
    shown = 0
    for number in range(ROUNDS):
        asked = len(town.asked)
        process = _CONTEXT.Process(target=capture, args=(archive.folder, signer.actor, key))
        process.start()
        town.wait_for_requests(asked + chance.randint(1, 4 + 2 * number))
        for one in posts[shown : shown + POSTS // ROUNDS]:
            shown += 1
            shows(town, *posts[:shown])
            town.send(STREAM, event("update", one))
        process.kill()
        process.join()
        process.close()
    once(watching)
    texts = Counter(watching.text(one) for one in watching.room.records())
    assert texts == Counter(["", *(f"post {100 + number}" for number in range(POSTS))])
    assert all(one.versions == 1 for one in watching.room.records())
    assert verify(archive).findings == ()
    assert archive.differing_tables() == []
