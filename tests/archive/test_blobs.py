import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import VerificationError, _blobs

CHUNK = 1 << 20
CIPHER = AESGCM(bytes(32))
STORED_CHUNK = CHUNK + 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("module") / "blobs"


def content(size: int) -> bytes:
    return (b"%09d." % size * (size // 10 + 1))[:size]


def loaded(folder: Path, name: str, cipher: AESGCM = CIPHER) -> bytes:
    return b"".join(_blobs.load(folder, cipher, name))


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1]
)
def test_an_object_is_read_as_it_was_written(folder: Path, size: int) -> None:
    data = content(size)
    ref = _blobs.store(folder, CIPHER, [data])
    stored = _blobs.path_of(folder, ref.name).read_bytes()
    assert loaded(folder, ref.name) == data
    assert (ref.sha256, ref.size) == (sha256(data).hexdigest(), size)
    assert ref.name == sha256(stored).hexdigest()
    assert len(stored) == 10 + size + 16 * max(1, -(-size // CHUNK))


@settings(max_examples=25)
@given(st.lists(st.integers(0, 700_000), max_size=6))
def test_the_size_of_the_pieces_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    data = content(sum(sizes))
    pieces = (data[sum(sizes[:i]) : sum(sizes[: i + 1])] for i in range(len(sizes)))
    folder = tmp_path_factory.mktemp("pieces") / "blobs"
    assert loaded(folder, _blobs.store(folder, CIPHER, pieces).name) == data


def test_the_same_content_is_stored_in_other_bytes(folder: Path) -> None:
    assert _blobs.store(folder, CIPHER, [b"a"]).name != _blobs.store(folder, CIPHER, [b"a"]).name


def chunks(stored: bytes) -> list[bytes]:
    body = stored[10:]
    return [body[i : i + STORED_CHUNK] for i in range(0, len(body), STORED_CHUNK)]


def test_an_object_cut_reordered_or_joined_is_damaged(folder: Path) -> None:
    ref = _blobs.store(folder, CIPHER, [content(2 * CHUNK + 5)])
    other = _blobs.store(folder, CIPHER, [content(2 * CHUNK + 5)])
    path = _blobs.path_of(folder, ref.name)
    stored = path.read_bytes()
    head, (one, two, three) = stored[:10], chunks(stored)
    foreign = chunks(_blobs.path_of(folder, other.name).read_bytes())
    for wrong in (
        b"",
        head[:5],
        head,
        head + one,
        head + one + two,
        stored[:-1],
        head + two + one + three,
        head + one + three,
        head + one + one + two + three,
        stored + three,
        stored + b"\0",
        head + one + foreign[1] + three,
        b"MB2" + stored[3:],
        stored[:5] + bytes([stored[5] ^ 1]) + stored[6:],
    ):
        path.write_bytes(wrong)
        with pytest.raises(VerificationError, match=f"blob {ref.name}"):
            loaded(folder, ref.name)


@pytest.mark.parametrize("at", [0, 3, 9, 10, 50, -17, -1])
def test_a_flipped_byte_is_noticed(folder: Path, at: int) -> None:
    ref = _blobs.store(folder, CIPHER, [content(100)])
    path = _blobs.path_of(folder, ref.name)
    stored = bytearray(path.read_bytes())
    stored[at] ^= 1
    path.write_bytes(stored)
    with pytest.raises(VerificationError, match=f"blob {ref.name}"):
        loaded(folder, ref.name)


def test_another_key_does_not_open_it(folder: Path) -> None:
    ref = _blobs.store(folder, CIPHER, [b"secret"])
    with pytest.raises(VerificationError, match="damaged"):
        loaded(folder, ref.name, AESGCM(os.urandom(32)))


def test_a_missing_object_is_named(folder: Path) -> None:
    with pytest.raises(VerificationError, match="blob 00ff: missing"):
        loaded(folder, "00ff")


def test_removing_removes_and_removing_twice_does_no_harm(folder: Path) -> None:
    ref = _blobs.store(folder, CIPHER, [b"content"])
    assert ref.name in list(_blobs.names(folder))
    _blobs.remove(folder, ref.name)
    _blobs.remove(folder, ref.name)
    assert ref.name not in list(_blobs.names(folder))
    assert not _blobs.path_of(folder, ref.name).exists()


def test_content_that_fails_halfway_leaves_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield content(2 * CHUNK)
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="gone"):
        _blobs.store(tmp_path / "blobs", CIPHER, failing())
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


def test_what_a_killed_writer_left_is_found_and_removed(tmp_path: Path) -> None:
    folder = tmp_path / "blobs"
    seen: list[str] = []

    def watched() -> Iterator[bytes]:
        yield content(CHUNK + 1)
        seen.extend(_blobs.names(folder))
        yield b"more"

    ref = _blobs.store(folder, CIPHER, watched())
    assert len(seen) == 1
    assert list(_blobs.names(folder)) == [ref.name]
    left = _blobs.path_of(folder, seen[0])
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"MB1")
    assert seen[0] in list(_blobs.names(folder))
    _blobs.remove(folder, seen[0])
    assert not left.exists()


def test_the_names_of_new_folders_are_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, synced = tmp_path / "blobs", list[Path]()
    monkeypatch.setattr(_blobs, "sync_folder", synced.append)
    ref = _blobs.store(folder, CIPHER, [b"a picture"])
    assert synced == [folder, _blobs.path_of(folder, ref.name).parent]
