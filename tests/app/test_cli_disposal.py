"""`muniment disposal` from the command line: from the proposal to the certificate."""

import csv
import io
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from app.cli._rooms import projections
from archive import Archive
from tests.conftest import BOTH, Muniment
from tests.schedules.sample import TOML
from tests.schedules.town import Town


@pytest.fixture
def office(library: Muniment, tmp_path: Path) -> Muniment:
    """The library with a second officer and a schedule that asks for Illinois's certificate."""
    library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    path = tmp_path / "town.toml"
    path.write_text(TOML.replace("required = false", "required = true"), encoding="utf-8")
    library.ok("--as", "ada", "schedule", "adopt", path)
    return library


@pytest.fixture
def town(office: Muniment) -> Iterator[Town]:
    with Archive.open(office.folder, projections=projections(), clock=office.clock) as archive:
        yield Town.at(archive, office.clock, office.keys)


def proposed(office: Muniment) -> str:
    return str(json.loads(office.ok("--as", "ada", "disposal", "propose", "--json"))["disposal"])


@BOTH
def test_nothing_due(office: Muniment) -> None:
    result = office.run("--as", "ada", "disposal", "propose")
    assert result.exit_code == 0
    assert "Nothing is due" in result.stderr


def test_from_proposal_to_certificate(office: Muniment, town: Town, tmp_path: Path) -> None:
    gone, held = town.capture("one"), town.capture("two")
    disposal = proposed(office)
    short = disposal[-8:]
    assert gone in office.ok("disposal", "show", short, "--list")
    office.fails(6, "--as", "ada", "disposal", "run", short)
    office.ok("--as", "ada", "disposal", "approve", short)
    said = office.fails(6, "--as", "ada", "disposal", "approve", short)
    assert "ada has already approved" in said
    office.ok("--as", "ben", "disposal", "approve", short)
    said = office.fails(6, "--as", "ada", "disposal", "run", short)
    assert "no certificate approved by the Local Records Commission" in said
    office.ok(
        "--as", "ada", "disposal", "authorize", short,
        "--certificate", "26-0417", "--filed", "2026-01-05", "--approved", "2026-02-03",
    )  # fmt: skip
    (recorded,) = json.loads(office.ok("disposal", "show", short, "--json"))["authorized"]
    assert (recorded["number"], recorded["filed"]) == ("26-0417", "2026-01-05")
    office.ok("--as", "ada", "hold", "place", "doe", "--record", held, "--matter", "Doe")

    rehearsed = json.loads(office.ok("disposal", "run", short, "--dry-run", "--json"))
    assert (rehearsed["disposed"], rehearsed["dry_run"]) == (1, True)
    assert json.loads(office.ok("disposal", "show", short, "--json"))["state"] == "approved"
    done = office.ok("--as", "ben", "disposal", "run", short)
    assert f'{held}\tHeld: under the hold "doe" (litigation).' in done
    assert "1 disposed of" in done

    facts = json.loads(office.ok("disposal", "show", short, "--json"))
    assert (facts["state"], facts["disposed"], facts["kept"]) == ("finished", 1, 1)
    (row,) = json.loads(office.ok("disposal", "list", "--json"))
    assert row["approvals"] == 2
    number = json.loads(office.ok("disposal", "list", "--json"))[0]["number"]
    assert f"CERTIFICATE OF DISPOSAL {number}" in office.ok("disposal", "certificate", number)
    certificate = json.loads(office.ok("disposal", "certificate", short, "--format", "json"))
    assert certificate["authorizations"][0]["number"] == "26-0417"
    assert [one["name"] for one in certificate["approvals"]] == ["ada", "ben"]
    path = tmp_path / "certificate.pdf"
    office.ok("disposal", "certificate", short, "--format", "pdf", "-o", path)
    assert path.read_bytes().startswith(b"%PDF")
    office.fails(6, "--as", "ada", "disposal", "run", short)


def test_the_archive_verifies_after_a_disposal(office: Muniment, town: Town) -> None:
    town.capture("one")
    town.adopt(TOML.replace("version = 1", "version = 2"))
    disposal = proposed(office)
    for officer in ("ada", "ben"):
        office.ok("--as", officer, "disposal", "approve", disposal)
    office.ok("--as", "ada", "disposal", "run", disposal)
    office.ok("verify")


def test_mistakes(office: Muniment, town: Town) -> None:
    town.capture()
    disposal = proposed(office)
    office.fails(5, "disposal", "show", "ffffffff")
    office.fails(6, "disposal", "certificate", disposal)
    office.fails(2, "disposal", "certificate", disposal, "--format", "pdf")
    office.fails(6, "--as", "ada", "disposal", "propose", "--as-of", "2099-01-01")
    office.fails(
        2, "--as", "ada", "disposal", "authorize", disposal,
        "--certificate", "26-0417", "--filed", "2026-02-05", "--approved", "2026-02-03",
    )  # fmt: skip


def test_a_list_for_a_meeting(office: Muniment, town: Town, tmp_path: Path) -> None:
    town.capture("one")
    struck, held = town.capture("two"), town.capture("three")
    office.ok("--as", "ada", "hold", "place", "doe", "--record", held, "--matter", "Doe")
    disposal = proposed(office)
    office.ok("--as", "ada", "disposal", "approve", disposal)
    said = office.run(
        "--as", "ben", "disposal", "strike", disposal, struck[-12:], "--reason", "=Ask the board"
    )
    assert said.exit_code == 0
    assert "1 struck off, 1 remain" in said.stdout
    assert "were of another list" in said.stderr

    rows = list(csv.DictReader(io.StringIO(office.ok("disposal", "show", disposal, "--csv"))))
    assert [row["standing"] for row in rows] == ["listed", "struck off", "excluded"]
    assert rows[1]["reason"] == "'=Ask the board"
    facts = json.loads(office.ok("disposal", "show", disposal, "--json"))
    assert (facts["struck"], facts["excluded"], facts["approvals"]) == (1, 1, [])
    listed = office.run("disposal", "show", disposal, "--file").stdout_bytes
    assert sha256(listed).hexdigest() == facts["digest"]
    path = tmp_path / "list.pdf"
    office.ok("disposal", "sheet", disposal, "-o", path)
    assert path.read_bytes().startswith(b"%PDF")

    office.fails(2, "--as", "ben", "disposal", "withdraw", disposal)
    office.ok("--as", "ben", "disposal", "withdraw", disposal, "--reason", "Not now")
    office.fails(6, "--as", "ada", "disposal", "approve", disposal)
    (row,) = json.loads(office.ok("disposal", "list", "--json"))
    assert row["state"] == "withdrawn"


def test_one_series(office: Muniment, town: Town) -> None:
    town.capture("one")
    office.fails(5, "--as", "ada", "disposal", "propose", "--series", "NONE")
    made = office.ok("--as", "ada", "disposal", "propose", "--series", "COMMENT", "--json")
    assert json.loads(made)["listed"] == 1


def test_handing_over(office: Muniment, town: Town, tmp_path: Path) -> None:
    text = TOML.replace('action = "permanent"', 'period = "P1Y"\naction = "transfer"')
    town.adopt(text.replace("version = 1", "version = 2"))
    gone, held = town.capture("one", kind="post"), town.capture("two", kind="post")
    office.ok("--as", "ada", "hold", "place", "doe", "--record", held, "--matter", "Doe")
    made = office.ok("--as", "ada", "disposal", "propose", "--transfer", "--json")
    disposal = json.loads(made)["disposal"]
    path, receipt = tmp_path / "transfer.zip", tmp_path / "receipt.txt"
    receipt.write_text("received")
    package = ("--as", "ada", "disposal", "package", disposal, "-o", path)
    assert "2 more approvals" in office.fails(6, *package)
    for officer in ("ada", "ben"):
        office.ok("--as", officer, "disposal", "approve", disposal)
    facts = json.loads(office.ok(*package, "--json"))
    assert (facts["records"], facts["left_out"]) == (1, [])
    office.fails(2, *package)
    assert "1 records" in office.ok("verify", path)
    office.fails(6, "--as", "ada", "disposal", "run", disposal)
    office.fails(2, "--as", "ada", "disposal", "acknowledge", disposal, "--by", "Jo Ray")
    office.ok(
        "--as", "ada", "disposal", "acknowledge", disposal, "--by", "Jo Ray", "--receipt", receipt
    )  # fmt: skip
    office.ok("--as", "ada", "disposal", "run", disposal)
    assert town.status(gone) == "disposed"
    assert "acknowledged by Jo Ray" in office.ok("disposal", "certificate", disposal)
    path.write_bytes(path.read_bytes().replace(b"hello", b"hullo").replace(b"one", b"two"))
    office.fails(8, "verify", path)
