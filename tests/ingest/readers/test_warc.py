"""Web archives."""

import gzip
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest import Limits, Told, open_export, reader_for
from ingest._capture import Capture, Remark
from tests.ingest.conftest import SAMPLES, Room, items_of, read

WARC = SAMPLES / "warc"
CITY = WARC / "local-wordpress/city.warc.gz"


def record(
    url: str, body: bytes, head: str = "HTTP/1.1 200 OK\r\nContent-Type: text/html"
) -> bytes:
    block = f"{head}\r\n\r\n".encode() + body
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{len(body)}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    ).encode() + block


def archive(folder: Path, *records: bytes, name: str = "a.warc") -> Path:
    path = folder / name
    path.write_bytes(b"".join(one + b"\r\n\r\n" for one in records))
    return path


def page(
    folder: Path, body: bytes, head: str = "HTTP/1.1 200 OK\r\nContent-Type: text/html"
) -> Capture:
    [capture], rejected = read(archive(folder, record("https://lib.example/", body, head)))
    assert rejected == []
    return capture


def test_every_fetch_of_an_address_is_a_version_of_one_page() -> None:
    captures, rejected = read(CITY)
    assert rejected == []
    assert len(captures) == 12
    assert len({one.native_id for one in captures}) == 6
    assert len({one.revision for one in captures}) == 12
    gone = [one for one in captures if one.state == "removed"]
    assert {(one.native_id, one.status) for one in gone} == {
        ("http://127.0.0.1:8099/?p=8", "404 Not Found")
    }
    moved = captures[0]
    assert moved.status == "301 Moved Permanently"
    assert moved.attachments[0].link
    with open_export(CITY) as export:
        source = reader_for(export).read(export, Told())
        assert (source.platform, source.account.handle) == ("web", "127.0.0.1:8099")
        assert source.made_at == datetime(2026, 11, 22, 21, 38, 16, tzinfo=UTC)
        [remark] = [one for one in source.items if isinstance(one, Remark)]
        assert remark.text == "records that are no pages: 12 request"


@pytest.mark.parametrize(
    "name", ["example.warc", "example.warc.gz", "example-bad-non-chunked.warc.gz"]
)
def test_a_page_however_it_is_packed(name: str) -> None:
    [capture], rejected = read(WARC / name)
    assert rejected == []
    assert capture.native_id == capture.url == "http://example.com/"
    assert capture.title == "Example Domain"
    assert capture.text.startswith("Example Domain\n\nThis domain is established")
    assert "background" not in capture.text
    assert capture.occurred_at == datetime(2017, 3, 6, 4, 2, 6, tzinfo=UTC)
    assert capture.raw in (WARC / "example.warc").read_bytes()
    assert capture.raw.startswith(b"WARC/1.0\r\n")


@pytest.mark.parametrize("name", ["example.arc", "example.arc.gz"])
def test_arc(name: str) -> None:
    [capture], rejected = read(WARC / name)
    assert rejected == []
    assert capture.title == "Example Domain"
    assert capture.occurred_at == datetime(2014, 2, 16, 5, 2, 21, tzinfo=UTC)
    assert capture.raw in (WARC / "example.arc").read_bytes()


def test_damaged_records_of_an_arc_are_lost_alone() -> None:
    [capture], rejected = read(WARC / "bad.arc", "x")
    assert capture.occurred_at == datetime(2014, 1, 2, tzinfo=UTC)
    assert [one.raw[-3:] for one in rejected] == [b"gth", b" -1", b"abc"]


def test_a_body_in_chunks_is_joined_and_one_that_is_wrongly_marked_too() -> None:
    [capture], _ = read(WARC / "example-iana.org-chunked.warc")
    assert capture.title == "Internet Assigned Numbers Authority"
    assert capture.notes == ()
    [capture], rejected = read(WARC / "example-wrong-chunks.warc.gz")
    assert capture.title == "Example Domain"
    assert capture.notes == ("its block has another digest than it states",)
    assert rejected == []


def test_a_record_that_is_shorter_than_it_states_is_noted() -> None:
    [capture], [rejected] = read(WARC / "example-trunc.warc")
    assert capture.title == "Example Domain"
    assert capture.notes[0].startswith("what follows it is no record")
    assert rejected.raw == b"\0\0"


@pytest.mark.parametrize("packed", [False, True])
def test_of_a_file_cut_short_what_is_there_is_kept(tmp_path: Path, packed: bool) -> None:
    whole = archive(
        tmp_path,
        record("https://lib.example/1", b"<p>one</p>"),
        record("https://lib.example/2", b"<p>two</p><p>" + bytes(range(97, 123)) * 9),
    ).read_bytes()
    cut = whole[:-100] if not packed else gzip.compress(whole)[:-20]
    path = tmp_path / "short.warc"
    path.write_bytes(cut)
    [first, second], [rejected] = read(path)
    assert first.text == "one"
    assert second.text.startswith("two")
    assert second.notes[0] == "the file ends inside it: what follows is missing"
    assert rejected.raw == b""
    assert "ends inside" in rejected.reason


def test_damage_between_records_costs_only_itself(tmp_path: Path) -> None:
    one, two = (record(f"https://lib.example/{n}", b"x" * n) for n in (1, 2))
    bad = b"WARC/1.0\r\nWARC-Type: response\r\nno length\r\n\r\nbody"
    captures, rejected = read(archive(tmp_path, one, bad, b"junk", two))
    assert [each.native_id[-1] for each in captures] == ["1", "2"]
    assert [each.raw for each in rejected] == [bad + b"\r\n\r\njunk"]


def test_a_record_that_is_too_long_leaves_its_header(tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        record("https://lib.example/1", b"x" * 100_000),
        record("https://lib.example/2", b"y"),
    )
    with open_export(path, Limits(item=50_000)) as export:
        [capture], [rejected] = items_of(export)
    assert capture.native_id.endswith("2")
    assert rejected.raw.endswith(b"\r\n\r\n")
    assert "longer than 50000 bytes" in rejected.reason


def test_a_packed_file_may_not_swell_without_end(tmp_path: Path) -> None:
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(gzip.compress(record("https://lib.example/", b"\0" * 9_000_000)))
    with open_export(path, Limits(floor=1 << 20)) as export:
        [capture], [rejected] = items_of(export)
    assert len(capture.raw) < 2 << 20
    assert "unpacks" in rejected.reason


def test_a_body_that_swells_keeps_its_record_without_its_text(tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        record(
            "https://lib.example/",
            gzip.compress(b"x" * 2_000_000),
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip",
        ),
    )
    with open_export(path, Limits(item=100_000)) as export:
        [capture], _ = items_of(export)
    assert capture.text == ""
    assert capture.notes == ("its text could not be read: it unpacks to more than 100000 bytes",)


def test_a_record_of_no_known_type_is_rejected(tmp_path: Path) -> None:
    whole = record("https://lib.example/", b"x")
    strange = whole.replace(b"WARC-Type: response", b"WARC-Type: novel")
    none = whole.replace(b"WARC-Type: response\r\n", b"")
    captures, rejected = read(archive(tmp_path, whole, strange, none), "x")
    assert len(captures) == 1
    assert [one.raw for one in rejected] == [strange, none]


@pytest.mark.parametrize("cut", [40, 100])
def test_a_record_that_is_no_page_is_rejected_when_it_is_cut_short(
    tmp_path: Path, cut: int
) -> None:
    whole = record("https://lib.example/", b"GET it").replace(b"Type: response", b"Type: metadata")
    page_before = record("https://lib.example/", b"words")
    path = archive(tmp_path, page_before, whole)
    path.write_bytes(path.read_bytes()[:-cut])
    captures, [rejected] = read(path)
    assert [one.raw for one in captures] == [page_before]
    assert rejected.raw == (whole + b"\r\n\r\n")[:-cut]


def test_a_page_inside_a_record_that_is_none_is_rejected(tmp_path: Path) -> None:
    page_inside = record("https://lib.example/b", b"words")
    request = page_inside.replace(b"Type: response", b"Type: request").replace(b"HTTP", b"GET", 1)
    swallowed = request.replace(b"Length: ", b"Length: 1") + b"\r\n\r\n" + page_inside
    path = archive(tmp_path, record("https://lib.example/a", b"words"), swallowed)
    captures, rejected = read(path)
    assert [one.url for one in captures] == ["https://lib.example/a"]
    assert page_inside in b"".join(one.raw for one in rejected)


def test_an_address_that_is_none_names_no_account(tmp_path: Path) -> None:
    path = archive(tmp_path, record("http://[bad/", b"x"), record("https://lib.example/", b"x"))
    with open_export(path) as export:
        assert reader_for(export).read(export, Told()).account.handle == "lib.example"
    long = tmp_path / "long.arc"
    line = b"http://a.example/ 127.0.0.1 20140102000000 text/plain "
    long.write_bytes(b"filedesc://x" + line[16:] + b"9" * 5000 + b"\n\n" + line + b"1\nx\n")
    captures, rejected = read(long, "x")
    assert (len(captures), len(rejected)) == (1, 1)


def test_title_language_and_charset_of_a_page(tmp_path: Path) -> None:
    body = (
        '<!doctype html><html lang="fr"><head><meta charset="iso-8859-1">'
        "<title>Biblioth\xe8que &amp; ville</title><style>a</style></head>"
        "<body><p>Horaires d'\xe9t\xe9</p><script>no()</script></body></html>"
    )
    capture = page(tmp_path, body.encode("latin-1"))
    assert capture.title == "Bibliothèque & ville"
    assert capture.text == "Horaires d'été"
    assert capture.language == "fr"
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Language: en"
    capture = page(tmp_path, "<p>é".encode(), head)
    assert (capture.text, capture.language) == ("é", "en")


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        ("HTTP/1.1 200 OK\r\nContent-Type: image/png", b"\x89PNG", ""),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/css", b"p {}", ""),
        ("HTTP/1.1 200 OK\r\nContent-Type: application/json", b'{"a": 1}', '{"a": 1}'),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=no-such", b"a < b", "a < b"),
        ("HTTP/1.1 200 OK", b"<p>nothing says what it is", ""),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/html", b"<head><p>never closed", "never closed"),
    ],
)
def test_the_text_is_that_of_texts(tmp_path: Path, head: str, body: bytes, text: str) -> None:
    capture = page(tmp_path, body, head)
    assert capture.text == text
    assert capture.raw.endswith(body)


def test_in_a_zip_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "crawl.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.write(CITY, "crawl/city.warc.gz")
        out.writestr("crawl/pages.txt", "x")
    captures, rejected = read(path)
    assert (len(captures), rejected) == (12, [])


def test_a_web_archive_that_ends_in_a_zip_is_no_zip(tmp_path: Path) -> None:
    other = tmp_path / "b.zip"
    with zipfile.ZipFile(other, "w") as out:
        out.writestr("tweets.js", "x")
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/zip"
    assert page(tmp_path, other.read_bytes(), head).raw.endswith(other.read_bytes())


def test_taking_an_archive_twice_adds_nothing(room: Room) -> None:
    first = room.take(CITY)
    assert (first.new, first.changed) == (6, 6)
    again = room.take(CITY)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 12)
    assert {one.versions for one in room.records()} == {2}
