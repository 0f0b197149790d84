from collections.abc import Callable, Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import VerificationError, merkle
from tests import vectors

PUBLISHED = vectors.load("merkle")
SIZES = 70
LEAVES = [merkle.leaf_hash(b"%d" % n) for n in range(SIZES + 1)]


def split(count: int) -> int:
    """The largest power of two smaller than `count`, by counting up."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(leaves: Sequence[bytes]) -> bytes:
    """MTH(D[n]) of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def node_of(leaves: Sequence[bytes]) -> merkle.Node:
    def node(level: int, index: int) -> bytes:
        assert (index + 1) << level <= len(leaves)
        return mth(leaves[index << level : (index + 1) << level])

    return node


def fails(check: Callable[..., None], *arguments: object) -> None:
    with pytest.raises(VerificationError):
        check(*arguments)


@pytest.mark.parametrize("size", range(SIZES + 1))
def test_roots_are_those_of_the_definition(size: int) -> None:
    leaves = LEAVES[:size]
    assert merkle.root_of(leaves) == mth(leaves)
    assert merkle.range_hash(node_of(leaves), 0, size) == mth(leaves)


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_inclusion_proof_is_that_of_the_definition_and_holds(size: int) -> None:
    leaves = LEAVES[:size]
    root, node = mth(leaves), node_of(leaves)
    for index in range(size):
        proof = merkle.inclusion_proof(node, index, size)
        assert proof == path(index, leaves)
        merkle.verify_inclusion(leaves[index], index, size, proof, root)


@pytest.mark.parametrize("new", range(SIZES + 1))
def test_every_consistency_proof_is_that_of_the_definition_and_holds(new: int) -> None:
    leaves = LEAVES[:new]
    root, node = mth(leaves), node_of(leaves)
    for old in range(new + 1):
        proof = merkle.consistency_proof(node, old, new)
        assert proof == ([] if old == 0 else subproof(old, leaves, True))
        merkle.verify_consistency(old, new, mth(leaves[:old]), root, proof)


def test_the_published_tree_has_its_published_roots() -> None:
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in PUBLISHED["leaves"]]
    assert merkle.EMPTY_ROOT.hex() == PUBLISHED["empty_root"] == merkle.root_of([]).hex()
    for size, root in enumerate(PUBLISHED["roots"], 1):
        assert merkle.root_of(leaves[:size]).hex() == root


@pytest.mark.parametrize("case", PUBLISHED["inclusion"], ids=lambda c: f"{c['index']}/{c['size']}")
def test_published_inclusion_proofs(case: dict[str, object]) -> None:
    index, size = int(str(case["index"])), int(str(case["size"]))
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in PUBLISHED["leaves"]]
    proof = merkle.inclusion_proof(node_of(leaves[:size]), index, size)
    assert [item.hex() for item in proof] == case["proof"]
    root = bytes.fromhex(PUBLISHED["roots"][size - 1])
    merkle.verify_inclusion(leaves[index], index, size, proof, root)


@pytest.mark.parametrize("case", PUBLISHED["consistency"], ids=lambda c: f"{c['old']}-{c['new']}")
def test_published_consistency_proofs(case: dict[str, object]) -> None:
    old, new = int(str(case["old"])), int(str(case["new"]))
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in PUBLISHED["leaves"]]
    proof = merkle.consistency_proof(node_of(leaves[:new]), old, new)
    assert [item.hex() for item in proof] == case["proof"]
    roots = [bytes.fromhex(PUBLISHED["roots"][size - 1]) for size in (old, new)]
    merkle.verify_consistency(old, new, roots[0], roots[1], proof)


def test_no_proof_of_what_is_not_there() -> None:
    node = node_of(LEAVES[:5])
    for index in (-1, 5, 6):
        with pytest.raises(ValueError, match="no entry"):
            merkle.inclusion_proof(node, index, 5)
        fails(merkle.verify_inclusion, LEAVES[0], index, 5, [], mth(LEAVES[:5]))
    for old, new in ((6, 5), (-1, 5)):
        with pytest.raises(ValueError, match="cannot extend"):
            merkle.consistency_proof(node, old, new)


def mutations(proof: list[bytes], other: bytes) -> list[list[bytes]]:
    """A proof with each hash flipped, cut short, swapped, dropped or doubled, and one too many."""
    wrong = [[*proof, other], [other, *proof]]
    for at, item in enumerate(proof):
        before, after = proof[:at], proof[at + 1 :]
        flipped = bytes([item[0] ^ 1]) + item[1:]
        wrong += [
            [*before, flipped, *after],
            [*before, item[:-1], *after],
            [*before, item + b"\0", *after],
            [*before, b"", *after],
            [*before, *after],
            [*before, item, item, *after],
        ]
        if after and after[0] != item:
            wrong.append([*before, after[0], item, *after[1:]])
    return wrong


@given(st.data())
def test_a_mutated_inclusion_proof_fails(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, SIZES))
    index = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    root, leaf = mth(leaves), leaves[index]
    proof = merkle.inclusion_proof(node_of(leaves), index, size)
    for wrong in mutations(proof, LEAVES[-1]):
        fails(merkle.verify_inclusion, leaf, index, size, wrong, root)
    for other in set(range(size)) - {index}:
        fails(merkle.verify_inclusion, leaf, other, size, proof, root)
    fails(merkle.verify_inclusion, LEAVES[-1], index, size, proof, root)
    fails(merkle.verify_inclusion, leaf, index, size, proof, LEAVES[-1])


@given(st.data())
def test_a_mutated_consistency_proof_fails(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, SIZES))
    old = data.draw(st.integers(1, new - 1))
    leaves = LEAVES[:new]
    old_root, root = mth(leaves[:old]), mth(leaves)
    proof = merkle.consistency_proof(node_of(leaves), old, new)
    for wrong in [*mutations(proof, LEAVES[-1]), []]:
        fails(merkle.verify_consistency, old, new, old_root, root, wrong)
    fails(merkle.verify_consistency, old, new, LEAVES[-1], root, proof)
    fails(merkle.verify_consistency, old, new, old_root, LEAVES[-1], proof)
    fails(merkle.verify_consistency, new, old, old_root, root, proof)


def test_trivial_consistency_is_checked_as_well() -> None:
    root = mth(LEAVES[:3])
    merkle.verify_consistency(0, 3, merkle.EMPTY_ROOT, root, [])
    merkle.verify_consistency(3, 3, root, root, [])
    fails(merkle.verify_consistency, 0, 3, LEAVES[0], root, [])
    fails(merkle.verify_consistency, 0, 3, merkle.EMPTY_ROOT, root, [root])
    fails(merkle.verify_consistency, 3, 3, LEAVES[0], root, [])
    fails(merkle.verify_consistency, 3, 3, root, root, [root])
