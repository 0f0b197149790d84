"""The certificate: what it says, that it verifies on its own, and its three forms."""

import io
from datetime import date
from hashlib import sha256

import pypdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive import Entry, notes
from archive.errors import Refused
from schedules._authorize import authorize
from schedules._certificate import Certificate, Signed, as_text, certificate
from schedules._certificate_pdf import as_pdf
from schedules._disposal import find_disposal
from schedules._run import run
from tests.schedules.sample import TOML
from tests.schedules.town import Town


def certified(town: Town, disposal: str) -> Certificate:
    with town.archive.read() as reader:
        return certificate(town.archive, reader, find_disposal(reader, disposal))


@pytest.fixture
def finished(town: Town) -> Certificate:
    town.adopt(TOML.replace("required = false", "required = true"))
    town.capture("one", date(2024, 1, 1))
    town.capture("two", date(2024, 2, 2), kind="message")
    held = town.capture("three", date(2024, 1, 3))
    disposal = town.approved()
    with town.archive.write(town.ada) as writer:
        found = find_disposal(writer, disposal)
        approved, filed = date(2026, 2, 1), date(2026, 1, 1)
        authorize(writer, found, approved, date(2026, 3, 2), number="26-0417", filed=filed)
    town.hold("Doe", held)
    run(town.archive, town.ben, disposal)
    return certified(town, disposal)


def test_what_it_says(finished: Certificate) -> None:
    assert finished.number == "2026-D-0001"
    assert (finished.disposed_on, finished.transferred) == ("2026-03-02", None)
    assert finished.agency == "Town Library"
    assert finished.schedule == "town version 1"
    (series,) = finished.series
    assert (series.code, series.application, series.item) == ("COMMENT", "20:001", "1")
    assert (series.first, series.last, series.records) == ("2024-01-01", "2024-02-02", 2)
    assert (finished.first, finished.last, finished.records) == ("2024-01-01", "2024-02-02", 2)
    assert finished.size_bytes == series.size_bytes > 0
    assert (finished.kept, finished.listed) == (1, 3)
    assert "800-88r2" in finished.method
    assert [approval.name for approval in finished.approvals] == ["ada", "ben"]
    assert (finished.proposed.name, finished.finished.name) == ("ada", "ben")
    (commission,) = finished.authorizations
    assert (commission.by, commission.number) == ("Local Records Commission", "26-0417")


def signature_holds(signed: Signed) -> None:
    entry = Entry.parse(signed.position, signed.header.encode())
    assert entry.actor == signed.actor
    assert entry.signature == bytes.fromhex(signed.signature)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.public_key))
    key.verify(bytes.fromhex(signed.signature), entry.signed_message)


def test_it_verifies_on_its_own(town: Town, finished: Certificate) -> None:
    for signed in (finished.proposed, *finished.approvals, finished.started, finished.finished):
        signature_holds(signed)
    for approval in finished.approvals:
        header = Entry.parse(0, approval.header.encode())
        assert header.data["digest"] == finished.list_digest
    proof = notes.EntryProof.parse(finished.proof)
    leaf = sha256(b"\x00" + finished.finished.header.encode()).digest()
    proof.verify(leaf, [town.archive.log_key])
    assert proof.index == finished.finished.position


def test_as_text(finished: Certificate) -> None:
    text = as_text(finished)
    for said in (
        "CERTIFICATE OF DISPOSAL 2026-D-0001",
        "No legal hold, open request",
        "Town Library",
        "application 20:001, item 1",
        "2024-01-01 to 2024-02-02",
        "certificate 26-0417, filed 2026-01-01, approved 2026-02-01",
        "Kept             1 of 3 listed records",
        "approved by ben",
        finished.proof.splitlines()[-1],
    ):
        assert said in text


def test_as_pdf(finished: Certificate) -> None:
    pdf = as_pdf(finished)
    assert as_pdf(finished) == pdf
    document = pypdf.PdfReader(io.BytesIO(pdf))
    text = "\n".join(page.extract_text() for page in document.pages)
    assert "Certificate of disposal" in text
    assert "20:001" in text
    assert b"pdfaid:part" in pdf


def test_no_certificate_before_the_end(town: Town) -> None:
    town.adopt()
    town.capture()
    disposal = town.approved()
    with pytest.raises(Refused, match="is approved, not finished"):
        certified(town, disposal)


def test_numbers_count_by_the_year_and_are_never_given_twice(town: Town) -> None:
    town.adopt()
    numbers = []
    for days in (0, 1, 365):
        town.clock.advance(days=days)
        town.capture(f"{days}")
        disposal = town.approved()
        done = run(town.archive, town.ben, disposal)
        numbers.append(done.number)
        with town.archive.read() as reader:
            assert find_disposal(reader, done.number).id == disposal
        if days == 1:
            town.tell("archive.restored", town.archive.config.id, {"size": 1, "root": "00"})
            town.clock.advance(minutes=1)
    assert numbers == ["2026-D-0001", "2026-D-0002", "2027-D-0001-R20260303T1500"]
