"""The Merkle tree of RFC 6962 section 2.1 / RFC 9162 section 2.1: hashing, proofs and their checks.

Everything here is pure. A tree is read through a `Node` function that gives the hash of a complete
subtree: level 0 holds the leaf hashes, and node ``(level, index)`` covers the leaves
``index * 2**level`` to ``(index + 1) * 2**level - 1``.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

from archive.errors import VerificationError

HASH_BYTES = 32
Node = Callable[[int, int], bytes]

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """``SHA-256(0x00 ‖ data)`` (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """``SHA-256(0x01 ‖ left ‖ right)`` (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes held in memory, level by level."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        paired = [node_hash(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def range_hash(node: Node, start: int, stop: int) -> bytes:
    """MTH over leaves ``start`` to ``stop - 1``, where `start` is a multiple of the largest power
    of two below the range's length.
    """
    if start == stop:
        return EMPTY_ROOT
    peaks: list[bytes] = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        peaks.append(node(level, start >> level))
        start += 1 << level
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1, from the leaf's sibling to the root's child.

    Raises ValueError unless ``0 <= index < size``.
    """
    if not 0 <= index < size:
        raise ValueError(f"no entry {index} in a tree of {size}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(range_hash(node, middle, stop))
            stop = middle
        else:
            path.append(range_hash(node, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2.

    Raises ValueError unless ``0 <= old <= new``. Empty when `old` is 0 or equals `new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} cannot extend one of {old}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, stop, whole = 0, new, True
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            proof.append(range_hash(node, middle, stop))
            stop = middle
        else:
            proof.append(range_hash(node, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(range_hash(node, start, stop))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check an inclusion proof (RFC 9162 section 2.1.3.2); VerificationError when it fails.

    `leaf` is the leaf hash of the entry at `index` in the tree of `size` with `root`.
    """
    if not 0 <= index < size:
        raise VerificationError(f"inclusion proof: no entry {index} in a tree of {size}")
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        if len(sibling) != HASH_BYTES:
            raise VerificationError("inclusion proof: a hash is not 32 bytes long")
        if last == 0:
            raise VerificationError("inclusion proof: longer than the tree is high")
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        position >>= 1
        last >>= 1
    if last:
        raise VerificationError("inclusion proof: shorter than the tree is high")
    if computed != root:
        raise VerificationError(f"inclusion proof: entry {index} does not lead to this root")


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check a consistency proof (RFC 9162 section 2.1.4.2); VerificationError when it fails."""
    if not 0 <= old <= new:
        raise VerificationError(f"consistency proof: a tree of {new} cannot extend one of {old}")
    if old in (0, new):
        if proof:
            raise VerificationError("consistency proof: longer than needed")
        if old_root != (EMPTY_ROOT if old == 0 else new_root):
            raise VerificationError(f"consistency proof: two roots for size {old}")
        return
    _climb(old, new, old_root, new_root, proof)


def _climb(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    path = list(proof)
    if any(len(item) != HASH_BYTES for item in path):
        raise VerificationError("consistency proof: a hash is not 32 bytes long")
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise VerificationError("consistency proof: empty")
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    computed_old = computed_new = path[0]
    for item in path[1:]:
        if last == 0:
            raise VerificationError("consistency proof: longer than the tree is high")
        if position & 1 or position == last:
            computed_old = node_hash(item, computed_old)
            computed_new = node_hash(item, computed_new)
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            computed_new = node_hash(computed_new, item)
        position >>= 1
        last >>= 1
    if last or computed_old != old_root or computed_new != new_root:
        raise VerificationError(f"consistency proof: size {new} does not extend size {old}")


def _split(length: int) -> int:
    """The largest power of two smaller than `length`."""
    return 1 << ((length - 1).bit_length() - 1)
