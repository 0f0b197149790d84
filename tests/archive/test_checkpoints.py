from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from archive import UsageError, VerificationError, checkpoints, merkle
from archive.checkpoints import check_kept, publish, split
from archive.notes import Checkpoint, cosign, sign_checkpoint
from tests.archive.library import Library

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)


def note_of(library: Library) -> str:
    with library.archive.read() as reader:
        return reader.checkpoint()


def kept_sizes(library: Library, path: Path) -> list[int]:
    with library.archive.read() as reader:
        return [one.size for one in check_kept(library.archive, reader, path)]


@pytest.mark.parametrize("folder", [False, True])
def test_each_new_checkpoint_is_added_once(library: Library, tmp_path: Path, folder: bool) -> None:
    target = tmp_path / "kept"
    if folder:
        target.mkdir()
    notes = []
    for words in ("", "one", "two"):
        if words:
            library.capture(words)
        done = publish(library.archive, target)
        assert (done.size, done.written) == (library.size(), True)
        assert not publish(library.archive, target).written
        notes.append(note_of(library))
        assert done.path.read_text().endswith(notes[-1])
    assert checkpoints.read(target) == notes
    assert kept_sizes(library, target) == [2, 4, 6]
    if folder:
        assert sorted(path.name for path in target.iterdir()) == [
            f"{size:012}.checkpoint" for size in (2, 4, 6)
        ]
    else:
        assert target.read_text() == "\n".join(notes)


def test_what_is_there_is_never_changed(sqlite_library: Library, tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.mkdir()
    path = publish(sqlite_library.archive, target).path
    inode, data = path.stat().st_ino, path.read_bytes()
    sqlite_library.capture("one")
    publish(sqlite_library.archive, target)
    assert (path.stat().st_ino, path.read_bytes()) == (inode, data)


@pytest.mark.parametrize("folder", [False, True])
def test_a_log_that_was_rolled_back_or_rewritten_is_not_published(
    sqlite_library: Library, tmp_path: Path, folder: bool
) -> None:
    target = tmp_path / "kept"
    if folder:
        target.mkdir()
    library, database = sqlite_library, sqlite_library.folder / "archive.db"
    library.archive.close()
    older = database.read_bytes()
    library.capture("one")
    path = publish(library.archive, target).path
    before = path.read_bytes()
    library.archive.close()
    for name in ("archive.db-wal", "archive.db-shm"):
        (library.folder / name).unlink(missing_ok=True)
    database.write_bytes(older)
    with pytest.raises(VerificationError, match=r"the log has 2 entries; at .* it had 4"):
        publish(library.archive, target)
    library.capture("another")
    with pytest.raises(VerificationError, match="the first 4 entries are not those"):
        publish(library.archive, target)
    with pytest.raises(VerificationError, match="the first 4 entries are not those"):
        kept_sizes(library, target)
    assert path.read_bytes() == before


def test_several_logs_share_a_file(sqlite_library: Library, tmp_path: Path) -> None:
    target = tmp_path / "kept"
    other = Library.found(tmp_path / "other", sqlite_library.clock)
    with other.archive:
        for library in (other, sqlite_library, other, sqlite_library):
            library.capture("words")
            publish(library.archive, target)
        assert kept_sizes(other, target) == [4, 6]
        assert kept_sizes(sqlite_library, target) == [4, 6]


def test_every_checkpoint_of_a_file_is_checked(sqlite_library: Library, tmp_path: Path) -> None:
    target = tmp_path / "kept"
    publish(sqlite_library.archive, target)
    for words in ("one", "two"):
        sqlite_library.capture(words)
        publish(sqlite_library.archive, target)
    good = target.read_text()
    origin = sqlite_library.archive.origin
    forged = sign_checkpoint(Checkpoint(origin, 3, bytes(32)), origin, KEY)
    first, second, third = split(good)
    for wrong in (
        first + forged + third,
        first.replace("\n2\n", "\n1\n") + second,
        first + "rubbish\n" + second,
        first + second[:-1],
        first + second[:20],
        "rubbish",
    ):
        target.write_text(wrong)
        with pytest.raises(VerificationError):
            kept_sizes(sqlite_library, target)


def test_a_file_of_something_else_is_not_added_to(sqlite_library: Library, tmp_path: Path) -> None:
    target = tmp_path / "kept"
    for wrong in ("rubbish\n", f"another.{note_of(sqlite_library)[:-1]}"):
        target.write_text(wrong)
        with pytest.raises(VerificationError, match="something else than checkpoints"):
            publish(sqlite_library.archive, target)
        assert target.read_text() == wrong


def test_places_that_hold_nothing(sqlite_library: Library, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    for name in ("folder", "empty"):
        with pytest.raises(VerificationError, match="holds no checkpoint of"):
            kept_sizes(sqlite_library, tmp_path / name)
    with pytest.raises(UsageError, match="cannot be read"):
        kept_sizes(sqlite_library, tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\n")
    with pytest.raises(UsageError, match="cannot be read as a checkpoint"):
        kept_sizes(sqlite_library, tmp_path / "binary")
    assert publish(sqlite_library.archive, tmp_path / "empty").written
    assert kept_sizes(sqlite_library, tmp_path / "empty") == [2]


def test_a_checkpoint_with_cosignatures_is_the_same(
    sqlite_library: Library, tmp_path: Path
) -> None:
    note = note_of(sqlite_library)
    target = tmp_path / "kept"
    target.write_text(note + str(cosign(note.partition("\n\n")[0] + "\n", "w", KEY, 5)))
    assert not publish(sqlite_library.archive, target).written
    assert kept_sizes(sqlite_library, target) == [2]


NOTE = sign_checkpoint(Checkpoint("a/log", 0, merkle.EMPTY_ROOT), "a/log", KEY)
COSIGNED = NOTE + str(cosign(NOTE.partition("\n\n")[0] + "\n", "w", KEY, 5))


@given(st.lists(st.tuples(st.sampled_from([NOTE, COSIGNED]), st.integers(0, 2))))
def test_notes_are_split_where_they_end(notes: list[tuple[str, int]]) -> None:
    text = "".join("\n" * blank + note for note, blank in notes)
    assert split(text) == [note for note, _ in notes]


@given(st.text(alphabet="\n— ab\x85\u2028"))
def test_splitting_loses_nothing_but_empty_lines(text: str) -> None:
    assert "".join(split(text)).replace("\n", "") == text.replace("\n", "")


def test_an_interrupted_publishing_is_taken_up(sqlite_library: Library, tmp_path: Path) -> None:
    library, path = sqlite_library, tmp_path / "kept"
    publish(library.archive, path)
    first = path.read_bytes()
    library.capture("hello")
    publish(library.archive, path)
    both = path.read_bytes()
    for cut in range(len(first), len(both)):
        path.write_bytes(both[:cut])
        assert publish(library.archive, path).written
        assert path.read_bytes().replace(b"\n\n\n", b"\n\n") == both
    path.write_bytes(first + b"\nsomething else")
    with pytest.raises(VerificationError, match="something else"):
        publish(library.archive, path)


def test_parts_of_files_in_a_folder_are_taken_away(sqlite_library: Library, tmp_path: Path) -> None:
    (tmp_path / ".000000000002.checkpoint.0badc0de.tmp").write_bytes(b"half")
    done = publish(sqlite_library.archive, tmp_path)
    assert list(tmp_path.glob("*checkpoint*")) == [done.path]
    assert not list(tmp_path.glob(".*"))
