from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, select

from archive import VerificationError, _schema, merkle
from archive._replay import TreeReplay
from archive._tiles import WIDTH, Edge, Tiles

SIZES = [0, 1, 2, 3, 254, 255, 256, 257, 258, 511, 512, 513, 1000]
BIG = 65536
LEAVES = [sha256(b"%d" % n).digest() for n in range(BIG + 300)]


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        _schema.metadata.create_all(connection)
        yield connection
    engine.dispose()


def held(connection: Connection) -> dict[tuple[int, int], bytes]:
    rows = connection.execute(select(_schema.tile))
    return {(row.level, row.idx): bytes(row.hashes) for row in rows}


def expected(size: int) -> dict[tuple[int, int], bytes]:
    """The tiles of a tree, from their definition."""
    tiles: dict[tuple[int, int], bytes] = {}
    level, tier = LEAVES[:size], 0
    while level:
        for start in range(0, len(level), WIDTH):
            tiles[tier, start // WIDTH] = b"".join(level[start : start + WIDTH])
        whole = len(level) // WIDTH
        level = [merkle.root_of(level[i * WIDTH : (i + 1) * WIDTH]) for i in range(whole)]
        tier += 1
    return tiles


def replayed(connection: Connection, size: int) -> tuple[bytes, list[str]]:
    """The root that a replay of the leaves comes to, and what it finds wrong with the tiles."""
    tiles, found = held(connection), list[str]()
    replay = TreeReplay(
        lambda tier, index: tiles.get((tier, index), b""), lambda place, _: found.append(place)
    )
    for leaf in LEAVES[:size]:
        replay.add(leaf)
    counts: dict[int, int] = {}
    for tier, _ in tiles:
        counts[tier] = counts.get(tier, 0) + 1
    if dict(replay.finish()) != counts:
        found.append("counts")
    return replay.root, found


@pytest.mark.parametrize("start", SIZES)
def test_a_tree_grows_from_any_size_to_any_other(connection: Connection, start: int) -> None:
    edge = Edge(connection, 0)
    edge.append(LEAVES[:start])
    for stop in [size for size in SIZES if size >= start]:
        with connection.begin_nested() as trial:
            grown = Edge(connection, start)
            grown.append(LEAVES[start:stop])
            assert grown.root == merkle.root_of(LEAVES[:stop])
            assert held(connection) == expected(stop)
            assert replayed(connection, stop) == (grown.root, [])
            trial.rollback()


def test_a_tree_grows_leaf_by_leaf(connection: Connection) -> None:
    edge = Edge(connection, 0)
    for size in range(1, 600):
        edge.append([LEAVES[size - 1]])
        if size % 50 in (0, 1):
            assert edge.root == merkle.root_of(LEAVES[:size])
    assert held(connection) == expected(599)


def test_a_tree_grows_past_a_full_second_level(connection: Connection) -> None:
    sizes = [0, BIG - 1, BIG, BIG + 1, BIG + 256, BIG + 257]
    edge = Edge(connection, 0)
    for old, new in pairwise(sizes):
        edge.append(LEAVES[old:new])
        assert edge.root == merkle.root_of(LEAVES[:new])
        again = Edge(connection, new)
        assert again.root == edge.root
        edge = again
    assert held(connection) == expected(sizes[-1])
    assert replayed(connection, sizes[-1]) == (edge.root, [])
    tiles = Tiles(connection)
    for old in sizes[1:]:
        root = merkle.range_hash(tiles.node, 0, old)
        assert root == merkle.root_of(LEAVES[:old])
        proof = merkle.consistency_proof(tiles.node, old, sizes[-1])
        merkle.verify_consistency(old, sizes[-1], root, edge.root, proof)
    for index in (0, 255, 256, BIG - 1, BIG, sizes[-1] - 1):
        proof = merkle.inclusion_proof(tiles.node, index, sizes[-1])
        merkle.verify_inclusion(LEAVES[index], index, sizes[-1], proof, edge.root)


def test_an_edge_refuses_tiles_that_do_not_fit(connection: Connection) -> None:
    Edge(connection, 0).append(LEAVES[:300])
    for size in (299, 301, 513, BIG + 1):
        with pytest.raises(VerificationError, match="tile"):
            Edge(connection, size)


def test_a_node_that_is_not_stored_is_refused(connection: Connection) -> None:
    Edge(connection, 0).append(LEAVES[:300])
    tiles = Tiles(connection)
    assert tiles.node(8, 0) == merkle.root_of(LEAVES[:256])
    assert tiles.node(3, 32) == merkle.root_of(LEAVES[256:264])
    for level, index in ((0, 300), (3, 37), (8, 1), (16, 0)):
        with pytest.raises(VerificationError, match="cut short or missing"):
            tiles.node(level, index)


def test_a_replay_names_the_entry_or_the_tile(connection: Connection) -> None:
    Edge(connection, 0).append(LEAVES[:600])
    good = held(connection)

    def found(tier: int, index: int, data: bytes) -> list[str]:
        where = (_schema.tile.c.level == tier) & (_schema.tile.c.idx == index)
        connection.execute(_schema.tile.update().where(where).values(hashes=data))
        places = replayed(connection, 600)[1]
        connection.execute(_schema.tile.update().where(where).values(hashes=good[tier, index]))
        return places

    flipped = bytearray(good[0, 1])
    flipped[32 * 7] ^= 1
    assert found(0, 1, bytes(flipped)) == ["entry 263"]
    assert found(0, 1, good[0, 1][:-32]) == ["tile 0/1"]
    assert found(0, 2, good[0, 2] + bytes(32)) == ["tile 0/2"]
    assert found(1, 0, bytes(64)) == ["tile 1/0"]
    assert found(0, 0, good[0, 0]) == []


@contextmanager
def traffic(connection: Connection) -> Iterator[list[int]]:
    """How many bytes of hashes each statement brought or took, as it happens."""
    moved: list[int] = []

    def count(_c: object, _u: object, statement: str, given: Any, *_: object) -> None:
        rows = given if isinstance(given, list) else [given]
        moved.append(
            sum(len(value) for row in rows for value in row if isinstance(value, bytes))
            if not statement.startswith("SELECT")
            else WIDTH * merkle.HASH_BYTES
        )

    event.listen(connection, "before_cursor_execute", count)
    try:
        yield moved
    finally:
        event.remove(connection, "before_cursor_execute", count)


def levels(size: int) -> int:
    """How many levels of tiles a tree of this size has."""
    return 1 + next(level for level in range(8) if size < WIDTH ** (level + 1))


@pytest.mark.parametrize("size", [1, 255, 256, 300, BIG - 1, BIG, BIG + 299])
def test_appending_reads_and_writes_one_tile_a_level(connection: Connection, size: int) -> None:
    """O(log n): a statement a level to read the edge, and no more than two a level to extend it."""
    Edge(connection, 0).append(LEAVES[:size])
    with traffic(connection) as moved:
        edge = Edge(connection, size)
    assert len(moved) <= levels(size)
    with traffic(connection) as moved:
        edge.append([LEAVES[size]])
    assert len(moved) <= 2 * levels(size)
    assert sum(moved) <= levels(size) * WIDTH * merkle.HASH_BYTES
    assert edge.root == merkle.root_of(LEAVES[: size + 1])


@pytest.mark.parametrize("size", [1, 256, 300, BIG, BIG + 300])
def test_a_proof_reads_two_tiles_a_level_at_most(connection: Connection, size: int) -> None:
    Edge(connection, 0).append(LEAVES[:size])
    for index in {0, size // 3, size - 1}:
        with traffic(connection) as moved:
            merkle.inclusion_proof(Tiles(connection).node, index, size)
        assert len(moved) <= 2 * levels(size)
    for old in {1, size // 2, size - 1} - {0}:
        with traffic(connection) as moved:
            merkle.consistency_proof(Tiles(connection).node, old, size)
        assert len(moved) <= 2 * levels(size)


def test_a_tree_of_ten_million_is_six_statements_deep(connection: Connection) -> None:
    """Tiles that are looked up but not there are zeros: only how many are asked for is counted."""
    size, asked = 10_000_000, list[tuple[int, int]]()

    class Counted(Tiles):
        def tile(self, tier: int, index: int) -> bytes:
            if (tier, index) not in asked:
                asked.append((tier, index))
            return bytes(WIDTH * merkle.HASH_BYTES)

    for index in (0, 1, 4_999_999, 8_388_607, 8_388_608, size - 1):
        asked.clear()
        merkle.inclusion_proof(Counted(connection).node, index, size)
        assert len(asked) <= 6
