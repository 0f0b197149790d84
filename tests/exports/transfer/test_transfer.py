"""Handing records over: the package verifies, and nothing goes before it is acknowledged."""

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import bagit
import pytest

from archive import VerificationError, new_id, restrictions, verify
from archive.errors import Refused, UsageError
from exports.bundle import verify_bundle
from exports.transfer import check_package, is_package, make_package
from schedules import (
    Action,
    Package,
    acknowledge_package,
    approve,
    as_text,
    certificate,
    find_disposal,
    obstacles,
    propose,
    record_package,
    rehearse,
    run,
    to_package,
)
from tests.schedules.town import Town

TODAY = date(2026, 3, 2)


def listed(town: Town) -> str:
    proposal = propose(town.archive, town.ada, action=Action.TRANSFER)
    assert proposal is not None
    for officer in (town.ada, town.ben):
        with town.archive.write(officer) as writer:
            approve(writer, find_disposal(writer, proposal.id), TODAY)
    return proposal.id


def packed(town: Town, disposal: str, path: Path) -> Package:
    with town.archive.read() as reader:
        found = find_disposal(reader, disposal)
        chosen = to_package(town.archive, reader, found)
        made = make_package(town.archive, reader, found, chosen, path)
    with town.archive.write(town.ada) as writer:
        record_package(writer, find_disposal(writer, disposal), made, TODAY)
    return made


def acknowledged(town: Town, disposal: str, receipt: bytes = b"received") -> None:
    with town.archive.write(town.ada) as writer:
        found = find_disposal(writer, disposal)
        acknowledge_package(
            writer, found, "Jo Ray", "Accession 7", TODAY, ("receipt.txt", [receipt])
        )


def test_from_the_list_to_the_certificate(town: Town, tmp_path: Path) -> None:
    gone = town.capture("=words of a post", kind="post", attachment=b"picture " * 400)
    town.edit(gone, "other words of a post")
    kept = town.capture("held", kind="post")
    comment = town.capture("a comment")
    disposal = listed(town)
    town.hold("Doe", kept)
    path = tmp_path / "transfer.zip"
    with pytest.raises(Refused, match="no archives has acknowledged a package yet"):
        run(town.archive, town.ada, disposal)
    made = packed(town, disposal, path)
    assert (made.records, made.left_out) == (1, (kept,))
    assert made.sha256 == sha256(path.read_bytes()).hexdigest()
    with pytest.raises(Refused, match="no archives has acknowledged its package yet"):
        run(town.archive, town.ada, disposal)
    assert town.status(gone) == "live"

    acknowledged(town, disposal)
    rehearsed = rehearse(town.archive, disposal)
    done = run(town.archive, town.ada, disposal)
    assert (rehearsed.disposed, rehearsed.kept) == (done.disposed, done.kept)
    assert (done.disposed, [one.record for one in done.kept]) == (1, [kept])
    assert [town.status(one) for one in (gone, kept, comment)] == ["disposed", "live", "live"]
    with town.archive.read() as reader:
        (entry,) = reader.history(gone, {"record.disposed"})
        assert entry.data["transferred"] == made.sha256
        one = certificate(town.archive, reader, find_disposal(reader, disposal))
    assert one.transferred is not None
    assert (one.action, one.transferred.by, one.transferred.package) == (
        "transfer", "Jo Ray", made.sha256,
    )  # fmt: skip
    assert one.transferred.receipt == sha256(b"received").hexdigest()
    assert "acknowledged by Jo Ray, Accession 7" in as_text(one)
    assert not verify(town.archive).findings
    assert not check_package(path, key=town.archive.log_key).findings


def test_what_a_package_holds(town: Town, tmp_path: Path) -> None:
    record = town.capture("=words", kind="post", attachment=b"picture " * 400, author="Ann & Bo")
    town.edit(record, "others")
    town.tell("record.removed", record, {"policy": "p", "policy_version": "1", "clause": "c",
              "extent": "part", "removal": new_id(), "by": "staff"}, reason="Why <so>")  # fmt: skip
    path = tmp_path / "transfer.zip"
    packed(town, listed(town), path)
    assert is_package(path)
    with zipfile.ZipFile(path) as box:
        box.extractall(tmp_path / "bag")
    bag = tmp_path / "bag"
    assert bagit.Bag(str(bag)).is_valid()
    assert is_package(bag)
    lines = [json.loads(line) for line in (bag / "data/records.jsonl").read_bytes().splitlines()]
    assert [json.loads(line["header"])["type"] for line in lines] == [
        "record.captured", "record.edited", "record.removed",
    ]  # fmt: skip
    parts = {part["path"]: part["value"] for part in lines[0]["parts"]}
    assert parts["raw"] == "=words"
    ((_, name),) = lines[0]["files"].items()
    assert (bag / name).read_bytes() == b"picture " * 400
    (row,) = csv.DictReader(io.StringIO((bag / "data/records.csv").read_text("utf-8-sig")))
    assert (row["series"], row["text"], row["versions"]) == ("POST", "others", "2")
    space = {"p": "http://www.loc.gov/premis/v3"}
    premis = ET.parse(bag / "data/premis.xml").getroot()
    events = [one.text for one in premis.findall("p:event/p:eventType", space)]
    assert events == ["capture", "modification", "redaction"]
    assert {one.text for one in premis.findall("p:agent/p:agentName", space)} == {"agent", "ada"}
    assert len(premis.findall("p:object", space)) == 2
    about = json.loads((bag / "data/disposal.json").read_text("utf-8"))
    assert (about["records"], about["series"]) == (1, {"POST": 1})
    assert [one["name"] for one in about["approvals"]] == ["ada", "ben"]


CHANGES: dict[str, Callable[[Path], object]] = {
    "a value": lambda bag: _replace(
        bag / "data/records.jsonl", b'"value":"hello', b'"value":"hullo'
    ),
    "a header": lambda bag: _replace(bag / "data/records.jsonl", b"mastodon", b"mastodoN"),
    "a file": lambda bag: next((bag / "data/files").glob("*/*")).write_bytes(b"x"),
    "one more": lambda bag: (bag / "data/files/more").write_bytes(b"x"),
    "one less": lambda bag: (bag / "data/premis.xml").unlink(),
    "the head": lambda bag: _replace(bag / "data/proofs/checkpoint", b"\n\n", b"\nx\n\n"),
}


def _replace(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_is_found(town: Town, tmp_path: Path, change: str) -> None:
    town.capture(kind="post", attachment=b"picture " * 400)
    path, bag = tmp_path / "transfer.zip", tmp_path / "bag"
    packed(town, listed(town), path)
    with zipfile.ZipFile(path) as box:
        box.extractall(bag)
    assert not check_package(bag).findings
    CHANGES[change](bag)
    assert check_package(bag).findings


def test_another_key_for_openssl_is_found(town: Town, tmp_path: Path) -> None:
    town.capture(kind="post")
    path, bag = tmp_path / "transfer.zip", tmp_path / "bag"
    packed(town, listed(town), path)
    with zipfile.ZipFile(path) as box:
        box.extractall(bag)
    _replace(bag / "data/proofs/log-key.pem", b"MCow", b"mCow")
    found = {(one.place, one.what) for one in check_package(bag).findings}
    assert ("data/proofs/log-key.pem", "not the key of log-key.pub") in found


def test_only_what_was_handed_over_goes(town: Town, tmp_path: Path) -> None:
    plain, told, freed = (town.capture(text, kind="post") for text in ("1", "2", "3"))
    disposal = listed(town)
    hold = town.hold("Doe", freed)
    packed(town, disposal, tmp_path / "transfer.zip")
    town.release(hold)
    removal = {"policy": "p", "policy_version": "1", "clause": "c", "extent": "part",
               "removal": new_id(), "by": "staff"}  # fmt: skip
    town.tell("record.removed", told, removal, reason="spam")
    acknowledged(town, disposal)
    done = run(town.archive, town.ada, disposal)
    assert {one.record: one.reason for one in done.kept} == {
        told: "Something was recorded about it after it was packaged.",
        freed: "It is not in the package that was acknowledged.",
    }
    assert (done.disposed, town.status(plain)) == (1, "disposed")


def test_a_new_package_needs_a_new_acknowledgement(town: Town, tmp_path: Path) -> None:
    town.capture(kind="post")
    disposal = listed(town)
    with (
        pytest.raises(Refused, match="there is no package"),
        town.archive.write(town.ada) as writer,
    ):
        acknowledge_package(writer, find_disposal(writer, disposal), "Jo", "7", TODAY)
    packed(town, disposal, tmp_path / "one.zip")
    with pytest.raises(UsageError, match="names who"), town.archive.write(town.ada) as writer:
        acknowledge_package(writer, find_disposal(writer, disposal), "Jo", "", TODAY)
    acknowledged(town, disposal)
    packed(town, disposal, tmp_path / "two.zip")
    with town.archive.read() as reader:
        assert obstacles(reader, find_disposal(reader, disposal), TODAY) == [
            "no archives has acknowledged its package yet"
        ]


def test_what_is_restricted_stays(town: Town, tmp_path: Path) -> None:
    town.capture("one", kind="post")
    closed = town.capture("two", kind="post")
    disposal = listed(town)
    with town.archive.write(town.ada) as writer:
        restrictions.restrict(writer, closed, ["ada"], reason="It may be unlawful")
    assert packed(town, disposal, tmp_path / "transfer.zip").left_out == (closed,)


def test_a_list_to_destroy_is_no_list_to_transfer(town: Town) -> None:
    town.capture()
    disposal = town.approved()
    with town.archive.read() as reader, pytest.raises(Refused, match="to destroy, not to transfer"):
        to_package(town.archive, reader, find_disposal(reader, disposal))


def test_a_package_is_no_bundle(town: Town, tmp_path: Path) -> None:
    town.capture(kind="post")
    path = tmp_path / "transfer.zip"
    packed(town, listed(town), path)
    assert verify_bundle(path).findings
    (tmp_path / "no.zip").write_bytes(b"PK")
    assert not is_package(tmp_path / "no.zip")
    with pytest.raises(VerificationError):
        check_package(tmp_path / "no.zip")


def test_an_agent_hands_nothing_over(town: Town, tmp_path: Path) -> None:
    town.capture(kind="post")
    disposal = listed(town)
    package = packed(town, disposal, tmp_path / "transfer.zip")
    with (
        pytest.raises(Refused, match="agent is agent and cannot hand records over"),
        town.archive.write(town.agent) as writer,
    ):
        record_package(writer, find_disposal(writer, disposal), package, TODAY)
