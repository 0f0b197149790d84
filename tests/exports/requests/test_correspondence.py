"""What is kept with a request, and that nobody sees it who has not the key."""

from datetime import timedelta
from pathlib import Path

import pytest

from archive import NotFound, StorageError, UsageError, verify
from exports.requests import attach, close, content_of, correspondence, find_request
from tests.exports.requests.conftest import TODAY, Office


def test_a_letter_is_kept_encrypted_listed_and_given_back(office: Office, tmp_path: Path) -> None:
    request = office.request()
    letter, answer = tmp_path / "jane-roe.eml", tmp_path / "answer.pdf"
    letter.write_bytes(b"Dear library, " * 100_000)
    answer.write_bytes(b"%PDF-1.7")
    with office.archive.write(office.signer) as writer:
        first = attach(
            writer, request, letter, direction="in", day=request.received, today=TODAY,
            note="From Jane Roe",
        )  # fmt: skip
        close(writer, request)
        closed = find_request(writer, request.id)
        second = attach(writer, closed, answer, direction="out", day=TODAY, today=TODAY)
        headers = b"".join(entry.header for entry in writer.entries())
    with office.archive.read() as reader:
        assert list(correspondence(reader, request)) == [first, second]
        found, content = content_of(reader, request, 1)
        assert b"".join(content) == letter.read_bytes()
        with pytest.raises(NotFound, match="has no attachment 3"):
            content_of(reader, request, 3)
    assert (found.number, found.direction, found.day) == (1, "in", request.received)
    assert (found.name, found.note, found.size) == ("jane-roe.eml", "From Jane Roe", 1_400_000)
    assert (second.type, second.number) == ("application/pdf", 2)
    for personal in (b"jane", b"Jane", b"Dear"):
        assert personal not in headers
        for path in office.archive.blob_folder.rglob("*"):
            assert path.is_dir() or personal not in path.read_bytes()
    assert verify(office.archive).findings == ()


def test_what_cannot_be_kept_leaves_nothing_behind(office: Office, tmp_path: Path) -> None:
    request = office.request()
    empty = tmp_path / "empty.eml"
    empty.touch()
    for path, day, error, said in (
        (empty, TODAY, UsageError, "is empty"),
        (tmp_path / "nowhere", TODAY, StorageError, "cannot be read"),
        (empty, TODAY + timedelta(days=1), UsageError, "in the future"),
    ):
        with pytest.raises(error, match=said), office.archive.write(office.signer) as writer:
            attach(writer, request, path, direction="in", day=day, today=TODAY)
    assert [path for path in office.archive.blob_folder.rglob("*") if path.is_file()] == []
