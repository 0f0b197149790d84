"""Bluesky repositories."""

import io
import shutil
import tarfile
import zipfile
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import libipld
import pytest

from archive import SourceError
from ingest import Capture, Rejected, Remark, Told, open_export, reader_for
from ingest._car import Blocks, CarStream, Damage
from ingest._source import Item
from tests.ingest.conftest import SAMPLES, read

CITY = SAMPLES / "bluesky/pds-local/city-repo.car"
FAKER = SAMPLES / "bluesky/indigo/fakermaker.repo.car"
PAUL = SAMPLES / "bluesky/indigo/paul_staging.repo.car"
BRYAN = SAMPLES / "bluesky/indigo/bnewbold.robocracy.org.20250310005405.car"
DID = "did:plc:r4kxvneo2uw7o27ctz56ty3x"
MAP = "bafkreidlp6sdj6jkroakvmbntpy2clsj77foijheae5byt3iwz7d2k542a"


def all_of(path: Path, account: str = "") -> list[Item]:
    with open_export(path) as export:
        reader = reader_for(export)
        assert reader.name == "bluesky-car"
        return list(reader.read(export, Told(account)).items)


def number(value: int) -> bytes:
    """An unsigned LEB128 number."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def cid_of(block: bytes) -> bytes:
    return b"\x01\x71\x12\x20" + sha256(block).digest()


def car(path: Path, root: bytes, *blocks: bytes, cids: list[bytes] | None = None) -> Path:
    """A CAR of blocks under their CIDs."""
    header = b"\xa2eroots\x81\xd8\x2a\x58\x25\x00" + root + b"gversion\x01"
    with path.open("wb") as out:
        out.write(number(len(header)) + header)
        for cid, block in zip(cids or map(cid_of, blocks), blocks, strict=True):
            out.write(number(len(cid + block)) + cid + block)
    return path


def cbor(value: Any) -> bytes:
    """DAG-CBOR, with links where `Link` stands."""
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: (len(item[0]), item[0]))
        return bytes((0xA0 + len(value),)) + b"".join(cbor(k) + cbor(v) for k, v in ordered)
    if isinstance(value, list):
        return bytes((0x80 + len(value),)) + b"".join(map(cbor, value))
    if isinstance(value, Link):
        return b"\xd8\x2a\x58\x25\x00" + value
    return bytes(libipld.encode_dag_cbor(value))


class Link(bytes):
    """A CID that a block links to."""


def repository(path: Path, records: dict[str, Any], *more: bytes, drop: str = "") -> Path:
    """A repository of one node."""
    blocks = {key: cbor(value) for key, value in records.items()}
    entries = [
        {"k": key.encode(), "p": 0, "t": None, "v": Link(cid_of(block))}
        for key, block in sorted(blocks.items())
    ]
    node = cbor({"e": entries, "l": None})
    commit = cbor({"did": DID, "data": Link(cid_of(node)), "version": 3})
    kept = [block for key, block in blocks.items() if key != drop]
    return car(path, cid_of(commit), commit, node, *kept, *more)


def test_the_present_state_of_a_repository_is_read() -> None:
    first, reply, pictured = all_of(CITY)
    assert isinstance(first, Capture)
    assert first.native_id == f"at://{DID}/app.bsky.feed.post/3n2wjzorzmc2v"
    assert first.revision == "bafyreih3oxjjqclapv74sno65qle6dp4jxjzl4gtg2j7qf3cr34t5uc7ti"
    assert first.text == "CORRECTED: Road closure on Main St 🚧"
    assert (first.kind, first.language, first.author_handle) == ("post", "en", DID)
    assert str(first.occurred_at) == "2026-11-22 21:16:57.367000+00:00"
    assert libipld.decode_dag_cbor(first.raw)["text"] == first.text
    assert first.raw in CITY.read_bytes()
    assert isinstance(reply, Capture)
    assert (reply.kind, reply.thread) == ("comment", first.native_id)
    assert reply.parent.endswith("/3n2wjzosp3s2v")
    assert isinstance(pictured, Capture)
    [picture] = pictured.attachments
    assert (picture.name, picture.type, picture.alt, picture.member) == (
        MAP, "image/png", "map", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "kinds", "remark"),
    [
        (
            FAKER,
            {"post": 3, "comment": 23, "share": 15, "profile": 1},
            "not captured: app.bsky.feed.like (22), app.bsky.graph.follow (78)",
        ),
        (
            PAUL,
            {"post": 82, "comment": 19, "share": 15, "profile": 1},
            "app.bsky.feed.vote of earlier states (54)",
        ),
        (
            BRYAN,
            {"post": 21, "comment": 2, "share": 1, "profile": 1},
            "com.atproto.lexicon.schema (5)",
        ),
    ],
)
def test_real_repositories_are_read_whole(path: Path, kinds: dict[str, int], remark: str) -> None:
    *captures, last = all_of(path)
    found = [one for one in captures if isinstance(one, Capture)]
    assert len(found) == len(captures) == len({one.native_id for one in found})
    assert Counter(one.kind for one in found) == kinds
    assert isinstance(last, Remark)
    assert remark in last.text
    assert all(one.revision.startswith("bafyrei") and not one.notes for one in found)
    shares = [one for one in found if one.kind == "share"]
    assert all(one.shared and one.shared.native_id == one.parent for one in shares)


def test_quotes_links_and_the_profile_of_a_real_repository() -> None:
    captures, _ = read(BRYAN)
    [profile] = [one for one in captures if one.kind == "profile"]
    assert (profile.native_id, profile.text) == ("profile", "yup")
    assert profile.title == "now roaming free"
    [linked] = [one for one in captures if one.text == "github.com/bluesky-soci..."]
    assert linked.attachments[1].link
    assert linked.attachments[1].url.startswith("https://github.com/bluesky-social/indigo/")
    captures, _ = read(PAUL)
    [quote] = [one for one in captures if one.text == "Big quote poastin"]
    assert quote.shared is not None
    assert quote.shared.native_id.endswith("/3js42zzaies2f")
    assert quote.attachments[0].type == "image/jpeg"


def test_a_repository_in_a_folder_zip_or_tar_comes_with_its_blobs(tmp_path: Path) -> None:
    folder = tmp_path / "download"
    (folder / "blobs").mkdir(parents=True)
    shutil.copy(CITY, folder / "repo.car")
    (folder / "blobs" / MAP).write_bytes(b"png")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(CITY, "repo.car")
        packed.writestr(f"blobs/{MAP}", b"png")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(folder, ".")
    for path in (folder, tmp_path / "a.zip", tmp_path / "a.tar.gz"):
        *_, pictured = all_of(path, "city-springfield.test")
        assert isinstance(pictured, Capture)
        assert pictured.attachments[0].member.endswith(f"blobs/{MAP}")
        assert pictured.author_handle == "city-springfield.test"


@pytest.mark.parametrize("path_of", [PAUL, BRYAN], ids=["old", "new"])
def test_wherever_a_repository_is_cut_what_is_there_is_kept(tmp_path: Path, path_of: Path) -> None:
    whole = path_of.read_bytes()
    seen = 0
    for end in range(0, len(whole), len(whole) // 30):
        path = tmp_path / "cut.car"
        path.write_bytes(whole[:end])
        try:
            items = all_of(path)
        except SourceError:
            continue
        seen += 1
        assert any(isinstance(one, Rejected) for one in items)
        posts = whole[:end].count(b"$type\x72app.bsky.feed.post")
        kept = sum(
            b"$type\x72app.bsky.feed.post" in one.raw
            for one in items
            if isinstance(one, Capture | Rejected)
        )
        assert kept in (posts, posts + 1)
    assert seen > 3


def test_a_block_that_is_not_what_its_name_says_is_rejected(tmp_path: Path) -> None:
    data = CITY.read_bytes().replace(b"Friday 5pm", b"Friday 6pm")
    path = tmp_path / "forged.car"
    path.write_bytes(data)
    items = all_of(path)
    reasons = {one.reason: one.raw for one in items if isinstance(one, Rejected)}
    assert b"Friday 6pm" in reasons["a block is not what its CID says"]
    assert sum(isinstance(one, Capture) for one in items) == 2


def test_records_of_odd_shapes_are_rejected_alone(tmp_path: Path) -> None:
    post = {"$type": "app.bsky.feed.post", "text": "Hi", "createdAt": "2024-01-01T00:00:00"}
    odd: dict[str, Any] = {
        "app.bsky.feed.post/1": {"$type": "app.bsky.feed.like"},
        "app.bsky.feed.post/2": [],
        "app.bsky.feed.post/3": {"$type": "app.bsky.feed.post"},
        "app.bsky.feed.repost/4": {"$type": "app.bsky.feed.repost", "subject": 7},
        "app.bsky.feed.post/a/b": post,
    }
    strange = cbor({**post, "text": "stray"})
    path = repository(tmp_path / "a.car", {**odd, "app.bsky.feed.post/5": post}, strange)
    (
        *rejected,
        stray,
    ) = [one for one in all_of(path) if isinstance(one, Rejected)]
    assert [one.raw for one in rejected] == [cbor(odd[key]) for key in sorted(odd)]
    assert "an earlier or deleted state" in stray.reason
    assert stray.raw == strange
    [capture] = read(path)[0]
    assert (capture.text, capture.naive) == ("Hi", True)


def test_a_record_that_is_missing_is_said_to_be(tmp_path: Path) -> None:
    post = {"$type": "app.bsky.feed.post", "text": "Hi"}
    path = repository(
        tmp_path / "a.car", {"app.bsky.feed.post/1": post}, drop="app.bsky.feed.post/1"
    )
    [rejected] = all_of(path)
    assert isinstance(rejected, Rejected)
    assert "app.bsky.feed.post/1 is not in the archive" in rejected.reason


def test_an_id_that_disagrees_with_the_claimed_time_is_noted(tmp_path: Path) -> None:
    post = {"$type": "app.bsky.feed.post", "text": "Hi", "createdAt": "2001-01-01T00:00:00Z"}
    path = repository(tmp_path / "a.car", {"app.bsky.feed.post/3n2wjzorzmc2v": post})
    [capture] = read(path)[0]
    assert "2026-11-22" in capture.notes[0]


def test_a_tree_that_comes_back_to_a_part_ends(tmp_path: Path) -> None:
    """Each of many nodes links twice to the next: two to the thirtieth paths."""
    node = cbor({"e": [], "l": None})
    nodes = [node]
    for index in range(30):
        link = Link(cid_of(node))
        entry = {"k": bytes((97 + index,)), "p": 0, "t": link, "v": link}
        node = cbor({"e": [entry], "l": link})
        nodes.append(node)
    commit = cbor({"did": DID, "data": Link(cid_of(node)), "version": 3})
    items = all_of(car(tmp_path / "a.car", cid_of(commit), commit, *nodes))
    reasons = {one.reason for one in items if isinstance(one, Rejected)}
    assert "the tree of the repository comes back to itself" in reasons
    assert len(items) < 200


@pytest.mark.parametrize(
    "header",
    [b"", b"\x00", b"\xff" * 20, b"\x05hello", number(40) + b"eroots gversion\x01" + b"x" * 30],
)
def test_what_is_no_car_is_an_error(header: bytes) -> None:
    with pytest.raises(SourceError, match="no CAR"):
        CarStream(io.BytesIO(header), 1000)


def test_a_root_that_is_no_commit_is_an_error(tmp_path: Path) -> None:
    for block in (cbor({"did": 7}), cbor([]), b"\xff"):
        with pytest.raises(SourceError, match="commit"):
            all_of(car(tmp_path / "a.car", cid_of(block), block))
    with pytest.raises(SourceError, match="commit"):
        all_of(car(tmp_path / "b.car", cid_of(b"x")))


def test_a_block_longer_than_the_limit_is_damage_in_pieces() -> None:
    block = b"x" * 2000
    data = io.BytesIO()
    header = b"\xa2eroots\x80gversion\x01"
    data.write(number(len(header)) + header + number(36 + len(block)) + cid_of(block) + block)
    data.seek(0)
    with Blocks(CarStream(data, 1000)) as blocks:
        found = list(blocks.damage())
    assert b"".join(one.raw for one in found).endswith(cid_of(block) + block)
    assert all(isinstance(one, Damage) for one in found)


def test_the_last_commit_says_of_when_the_state_is() -> None:
    found = {}
    for path in (CITY, PAUL):
        with open_export(path) as export:
            found[path] = reader_for(export).read(export, Told()).made_at
    assert str(found[CITY]).startswith("2026-11-22 21:16:57")
    assert found[PAUL] is None
