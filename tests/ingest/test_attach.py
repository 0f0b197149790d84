"""Attachments: their types, what is kept once, what is missing."""

import json
import zipfile
from pathlib import Path

import pytest

from ingest import Attachment, Capture, Summary, _attach
from tests.ingest.conftest import Room

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(40)
MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(30)


def export(
    path: Path, files: dict[str, bytes], *attachments: dict[str, str], text: str = ""
) -> Path:
    """A Mastodon archive of one note with these attachments and media files."""
    public = "https://www.w3.org/ns/activitystreams#Public"
    note = {"id": "1", "type": "Note", "content": text, "to": [public], "attachment": attachments}
    items = [{"id": "1/activity", "type": "Create", "object": note}]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("outbox.json", json.dumps({"orderedItems": items}))
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def media(name: str, claimed: str = "image/jpeg") -> dict[str, str]:
    return {"mediaType": claimed, "url": f"/media/{name}", "name": name}


def take(room: Room, path: Path) -> Summary:
    return room.take(path, account="lib")


def parts(room: Room, number: int = 0) -> dict[str, str]:
    """The fields of one attachment of the only record's newest version."""
    [record] = room.records()
    start = f"attachment/{number}/"
    singles = room.newest(record).singles
    return {k.removeprefix(start): v.decode() for k, v in singles.items() if k.startswith(start)}


@pytest.mark.parametrize(
    ("head", "claimed", "name", "kind"),
    [
        (PNG, "image/jpeg", "a.jpg", "image/png"),
        (PNG, "", "", "image/png"),
        (MP4, "photo", "a", "video/mp4"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + bytes(20), "", "", "image/jpeg"),
        (b"PK\x03\x04" + bytes(30), "", "a.bin", "application/zip"),
        (b"nothing that is known", "text/x-odd", "a.odd", "text/x-odd"),
        (b"BMW is a car", "text/plain", "cars.txt", "text/plain"),
        (b"", "image/png", "a.png", "image/png"),
    ],
)
def test_types_are_what_the_content_shows(head: bytes, claimed: str, name: str, kind: str) -> None:
    assert _attach.type_of(head, claimed, name) == kind


def test_the_type_of_a_stored_attachment_is_that_of_its_content(room: Room, tmp_path: Path) -> None:
    path = export(tmp_path / "a.zip", {"media/a.jpg": PNG}, media("a.jpg"))
    summary = take(room, path)
    assert (summary.attachments, summary.missing, summary.unread) == (1, 0, [])
    assert parts(room)["type"] == "image/png"
    assert take(room, path).unchanged == 1


def test_equal_attachments_of_a_record_are_one_blob(room: Room, tmp_path: Path) -> None:
    files = {"media/a.png": PNG, "media/b.png": PNG, "media/c.png": PNG[::-1]}
    take(room, export(tmp_path / "a.zip", files, *map(media, ("a.png", "b.png", "c.png"))))
    blobs = [parts(room, number)["blob"] for number in range(3)]
    assert blobs[0] == blobs[1] != blobs[2]
    assert len([one for one in room.archive.blob_folder.rglob("*") if one.is_file()]) == 2


def test_what_the_export_only_names_is_missing_until_it_comes(room: Room, tmp_path: Path) -> None:
    bare = export(tmp_path / "1.zip", {}, media("a.png"))
    summary = take(room, bare)
    assert (summary.attachments, summary.missing) == (0, 1)
    assert parts(room)["missing"] == "yes"
    whole = take(room, export(tmp_path / "2.zip", {"media/a.png": PNG}, media("a.png")))
    assert (whole.changed, whole.attachments, whole.missing) == (1, 1, 0)
    kept = parts(room)
    assert "missing" not in kept
    again = take(room, bare)
    assert (again.unchanged, again.attachments, again.missing) == (1, 1, 0)
    take(room, export(tmp_path / "3.zip", {}, media("a.png"), text="edited"))
    assert parts(room) == kept


def test_links_are_never_missing() -> None:
    link = Attachment(url="https://lib.example", link=True)
    capture = Capture("1", "post", b"x", attachments=(link, Attachment(url="https://a.example/b")))
    found = capture.parts("lib").singles
    assert "attachment/0/missing" not in found
    assert found["attachment/1/missing"] == b"yes"


def test_an_attachment_that_cannot_be_read_is_rejected_and_missing(
    room: Room, tmp_path: Path
) -> None:
    path = export(tmp_path / "a.zip", {"media/a.png": PNG}, media("a.png"))
    data = bytearray(path.read_bytes())
    data[data.index(PNG) + 12] ^= 1
    path.write_bytes(data)
    summary = take(room, path)
    assert (summary.new, summary.rejected, summary.missing) == (1, 1, 1)
    assert parts(room)["missing"] == "yes"
    again = take(room, path)
    assert (again.unchanged, again.rejected) == (1, 1)


def test_large_attachments_are_streamed(room: Room, tmp_path: Path) -> None:
    size = 3 * (1 << 20) + 1
    take(room, export(tmp_path / "a.zip", {"media/a.bin": bytes(size)}, media("a.bin", "x/y")))
    [record] = room.records()
    with room.archive.read() as reader:
        pieces = list(reader.open_blob(record.id, parts(room)["blob"]))
    assert sum(map(len, pieces)) == size
    assert len(pieces) > 1
