"""What a proof of one entry costs in logs of different lengths.

The trees are of random leaves, stored as the log stores them. Each proof reads the database anew,
on a connection of its own, as a command that proves one entry does.

    python -m benchmarks.proof [--most 10000000] [--proofs 200]
"""

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Archive
from archive._store import reading, writing
from archive._tiles import Edge, Tiles
from archive.merkle import HASH_BYTES, inclusion_proof
from benchmarks._measure import median

_PIECE = 100_000


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--most", type=int, default=1_000_000)
    options.add_argument("--proofs", type=int, default=200)
    given = options.parse_args()
    print(f"{given.proofs} proofs of random entries in each log")
    print(f"{'entries':>12} {'median ms':>10} {'largest ms':>11} {'times first':>12}")
    first, held = 0.0, 2
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as folder:
        key = Ed25519PrivateKey.generate()
        home = Path(folder) / "archive"
        with Archive.create(home, name="Bench", actor_name="ada", actor_key=key) as archive:
            size = 100_000
            while size <= given.most:
                _grow(archive, held, size)
                taken = [_prove(archive, size) for _ in range(given.proofs)]
                middle = median(taken)
                first = first or middle
                row = f"{size:12,} {1e3 * middle:10.2f} {1e3 * max(taken):11.2f}"
                print(f"{row} {middle / first:12.2f}", flush=True)
                held, size = size, size * 10


def _grow(archive: Archive, held: int, size: int) -> None:
    while held < size:
        count = min(_PIECE, size - held)
        noise = os.urandom(count * HASH_BYTES)
        leaves = [noise[i : i + HASH_BYTES] for i in range(0, len(noise), HASH_BYTES)]
        with writing(archive.engine) as connection:
            Edge(connection, held).append(leaves)
        held += count


def _prove(archive: Archive, size: int) -> float:
    index = random.randrange(size)
    archive.engine.dispose()
    started = time.perf_counter()
    with reading(archive.engine) as connection:
        inclusion_proof(Tiles(connection).node, index, size)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
