"""Redacted images, from the determination to the bundle that they leave in."""

import base64
import io
import random
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from archive import Refused, UsageError, new_id
from exports import Box, ProducedRecord, Request, production
from exports.bundle import Issued, Numbering, _page, export, verify_bundle
from exports.requests import ImageMark, mark_field, preview, redact, release, withhold
from tests.exports.bundle.answer import member, repacked
from tests.exports.requests.conftest import Office, draft

CODE, OTHER = "7(1)(c)", "7(1)(b)"
FACE, PLATE = Box(8, 8, 20, 20, CODE), Box(40, 30, 20, 10, OTHER)
ADDRESS = "https://files.example.social/boy.png"


def photograph() -> bytes:
    data = random.Random(1).randbytes(64 * 48 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (64, 48), data).save(out, "PNG")
    return out.getvalue()


PHOTOGRAPH = photograph()
DIGEST = sha256(PHOTOGRAPH).hexdigest()


def picture(office: Office, name: str = "picture") -> Request:
    """An open request for a comment with a photograph."""
    with office.archive.write(office.signer) as writer:
        record = office.comments[name] = new_id()
        fields = {
            "attachment/0/name": "boy at home.png",
            "attachment/0/type": "image/png",
            "attachment/0/url": ADDRESS,
            "attachment/0/sha256": DIGEST,
            "attachment/0/blob": writer.put_blob(record, [PHOTOGRAPH]).name,
        }
        writer.capture([draft(writer, record, name, "My boy", False, fields)], new_id(), {})
    return office.request(name)


def paint(office: Office, request: Request, *boxes: Box, name: str = "picture") -> None:
    with office.archive.write(office.signer) as writer:
        redact(
            writer,
            request,
            office.comments[name],
            [],
            office.rules.exemptions,
            reason="A child's face",
            images=[ImageMark(0, boxes)],
        )


def produced(office: Office, request: Request) -> list[ProducedRecord]:
    with office.archive.read() as reader:
        return list(production(reader, request).records)


def issue(office: Office, request: Request, out: Path) -> Issued:
    with office.archive.read() as reader:
        made = production(reader, request)
        return export(
            reader, made, out, key=office.archive.log_key, titles={}, numbering=Numbering("P", 1)
        )


@pytest.fixture
def database() -> str:
    """Images lie outside of the database, and determinations are tested on both."""
    return ""


def test_the_bundle_has_the_painted_image_and_nothing_of_the_original(
    office: Office, tmp_path: Path
) -> None:
    request = picture(office)
    paint(office, request, FACE)
    out = tmp_path / "answer.zip"
    issue(office, request, out)
    report = verify_bundle(out)
    assert (report.ok, report.outcomes) == (True, {"redact": 1})
    name = "data/attachments/000001-0-boy-at-home-redacted.png"
    image = Image.open(io.BytesIO(member(out, name))).convert("RGB")
    assert image.getpixel((8, 8)) == (0, 0, 0)
    assert image.getpixel((0, 0)) != (0, 0, 0)
    line = member(out, "data/records.jsonl").decode()
    assert sha256(member(out, name)).hexdigest() in line
    assert DIGEST not in line
    assert ADDRESS not in line
    (item,) = produced(office, request)
    assert item.sealed.disclose(item.shown).commitment == item.entry.commitment


def test_rectangles_add_up_and_name_their_exemptions(office: Office) -> None:
    request = picture(office)
    paint(office, request, FACE)
    first = produced(office, request)[0].images[0]
    paint(office, request, FACE)
    assert produced(office, request)[0].images[0] == first
    paint(office, request, PLATE)
    (item,) = produced(office, request)
    assert item.images[0].boxes == (FACE, PLATE)
    assert set(item.exemptions) == {CODE, OTHER}
    assert item.images[0].sha256 != first.sha256
    with office.archive.read() as reader:
        shown = preview(reader, request, office.comments["picture"], 0, [])
        assert sha256(shown.content).hexdigest() == item.images[0].sha256


def test_words_may_be_hidden_afterwards_and_the_image_stays(office: Office) -> None:
    request = picture(office)
    paint(office, request, FACE)
    with office.archive.write(office.signer) as writer:
        hide = [mark_field("author", CODE)]
        redact(writer, request, None, hide, office.rules.exemptions, reason="A name")
    (item,) = produced(office, request)
    assert item.images.keys() == {0}
    assert item.reason == "A child's face; A name"


def test_an_attachment_that_is_hidden_as_a_whole_does_not_leave(
    office: Office, tmp_path: Path
) -> None:
    request = picture(office)
    paint(office, request, FACE)
    with office.archive.write(office.signer) as writer:
        hide = [mark_field("attachment/0", CODE)]
        redact(writer, request, None, hide, office.rules.exemptions, reason="The whole")
    assert produced(office, request)[0].images == {}
    issue(office, request, tmp_path / "answer.zip")
    with zipfile.ZipFile(tmp_path / "answer.zip") as opened:
        assert not any("attachments" in name for name in opened.namelist())
    with pytest.raises(Refused, match=r"attachment 0 of .* is hidden as a whole"):
        paint(office, request, PLATE)


def test_a_release_or_a_denial_in_its_place_forgets_the_painted_image(office: Office) -> None:
    request = picture(office)
    paint(office, request, FACE)
    with office.archive.write(office.signer) as writer:
        withhold(writer, request, None, office.rules.exemptions, [CODE], reason="All", replace=True)
    assert produced(office, request)[0].images == {}
    with office.archive.write(office.signer) as writer:
        release(writer, request, None, replace=True)
    assert produced(office, request)[0].images == {}


def test_the_painted_image_is_destroyed_with_its_record(office: Office) -> None:
    request = picture(office)
    paint(office, request, FACE)
    blobs = office.archive.folder / "blobs"
    assert sum(path.is_file() for path in blobs.rglob("*")) == 2
    with office.archive.write(office.signer) as writer:
        writer.erase([office.comments["picture"]])
    assert not any(path.is_file() for path in blobs.rglob("*"))


def test_what_has_no_such_attachment_is_refused(office: Office) -> None:
    request = office.request("phone")
    with pytest.raises(UsageError, match="has no attachment 0 that the archive holds"):
        paint(office, request, FACE, name="phone")
    request = picture(office)
    with pytest.raises(UsageError, match="does not lie within"):
        paint(office, request, Box(60, 0, 20, 20, CODE))
    with (
        office.archive.write(office.signer) as writer,
        pytest.raises(UsageError, match="in one record"),
    ):
        redact(
            writer,
            request,
            None,
            [],
            office.rules.exemptions,
            reason="x",
            images=[ImageMark(0, (FACE,))],
        )


@pytest.mark.parametrize("disguise", [bytes, base64.b64encode, lambda b: b"PDF" + b + b"x" * 99])
def test_the_original_is_found_wherever_it_is_planted(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disguise: object
) -> None:
    request = picture(office)
    paint(office, request, FACE)
    planted = disguise(PHOTOGRAPH)  # type: ignore[operator]
    original = _page.page

    def leaking(*args: object) -> object:
        yield from original(*args)  # type: ignore[arg-type]
        yield b"<!--" + planted + b"-->"

    monkeypatch.setattr(_page, "page", leaking)
    with pytest.raises(Refused, match=r"data/index.html holds what record 1 hides"):
        issue(office, request, tmp_path / "answer.zip")


def test_the_original_under_the_painted_one_s_name_is_found(office: Office, tmp_path: Path) -> None:
    request = picture(office)
    paint(office, request, FACE)
    (item,) = produced(office, request)
    stored = item.sealed.get("attachment/0/blob") or ""
    swapped = replace(item, images={0: replace(item.images[0], blob=stored, sha256=DIGEST)})
    with office.archive.read() as reader:
        made = production(reader, request)
        with pytest.raises(Refused, match=r"boy-at-home-redacted\.png holds what record 1 hides"):
            export(
                reader,
                replace(made, records=[swapped]),
                tmp_path / "answer.zip",
                key=office.archive.log_key,
                titles={},
                numbering=Numbering("P", 1),
            )


def test_another_file_in_the_painted_one_s_place_does_not_verify(
    office: Office, tmp_path: Path
) -> None:
    request = picture(office)
    paint(office, request, FACE)
    out = tmp_path / "answer.zip"
    issue(office, request, out)
    name = "data/attachments/000001-0-boy-at-home-redacted.png"
    out.write_bytes(repacked(out, {name: PHOTOGRAPH}))
    places = {finding.place for finding in verify_bundle(out).findings}
    assert name in places
