"""The bundle as a whole: made again it is the same, it verifies, and nothing hidden is in it."""

import csv
import io
import re
import zipfile
from pathlib import Path

import bagit
import orjson
import pytest
from pypdf import PdfReader
from pypdf.generic import StreamObject

from archive import Refused, StorageError
from exports.bundle import _letter, verify_bundle
from tests.exports.bundle.answer import Answer, member, page_records

HIDDEN = (
    "Wilhelmina", "1427", "Larchmont", "555-0134", "Jaroslava", "Quintero", "jquintero",
    "Osgood", "Petterssen", "divorce", "nosy",
)  # fmt: skip


def test_same_answer_gives_same_bytes(answer: Answer, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    one, two = answer.export(first), answer.export(second)
    assert first.read_bytes() == second.read_bytes()
    assert one == two


def test_a_long_answer_is_verified_beside_the_attack(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = answer.export(tmp_path / "alone.zip")
    monkeypatch.setattr("exports.bundle._export._ALONE", 0)
    assert answer.export(tmp_path / "beside.zip") == alone


def test_says_what_it_issued(answer: Answer, tmp_path: Path) -> None:
    out = tmp_path / "bundle.zip"
    issued = answer.export(out)
    report = verify_bundle(out)
    assert report.ok
    assert (issued.sha256, issued.size) == (report.sha256, out.stat().st_size)
    assert issued.outcomes == report.outcomes == {"release": 2, "redact": 2, "withhold": 1}
    assert issued.records == report.records == 5
    assert issued.redactions == report.redactions == 7
    assert issued.position == report.size


def test_unpacked_it_verifies_too_and_satisfies_bagit(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as opened:
        opened.extractall(tmp_path / "unpacked")
    assert verify_bundle(tmp_path / "unpacked").ok
    bag = bagit.Bag(str(tmp_path / "unpacked"))
    bag.validate()
    assert bag.version == "1.0"
    assert bag.info["Bagging-Date"] == "2026-03-02"


def test_nothing_hidden_is_in_any_file(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as opened:
        for name in opened.namelist():
            content = opened.read(name)
            texts = [content.decode(errors="replace")]
            if name.endswith(".pdf"):
                reader = PdfReader(io.BytesIO(content))
                texts += [page.extract_text() for page in reader.pages]
            for hidden in HIDDEN:
                found = re.compile(rf"(?<![^\W_]){hidden}(?![^\W_])", re.IGNORECASE).search
                assert not any(map(found, texts)), (hidden, name)


def test_files_say_what_is_shown(bundle: Path) -> None:
    reader = PdfReader(io.BytesIO(member(bundle, "data/response.pdf")))
    letter = " ".join(page.extract_text() for page in reader.pages)
    for shown in ("Cook Memorial Library", "Pat Q. Public", "Main Street closes on Friday",
                  "🚧", "地図", "7(1)(b)", "Record 4 of 5", "Library circulation records",
                  "withheld as a whole"):  # fmt: skip
        assert shown in letter
    records = [orjson.loads(line) for line in member(bundle, "data/records.jsonl").splitlines()]
    assert [record["number"] for record in records] == [1, 2, 3, 4, 5]
    assert records[3]["parts"] == []
    assert [record["number"] for record in page_records(bundle)] == [1, 2, 3, 4, 5]
    table = member(bundle, "data/records.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    redacted = "My mother [7(1)(c)] lives at [7(1)(b)] and cannot drive. Call [7(1)(b)]"
    assert rows[1]["text"] == redacted
    withheld = member(bundle, "data/withheld.csv").decode("utf-8-sig")
    assert [row["number"] for row in csv.DictReader(io.StringIO(withheld, newline=""))] == [
        "2", "3", "4",
    ]  # fmt: skip
    assert member(bundle, "data/attachments/000005-0-detour-map.txt").startswith(b"from Main")


def test_letter_is_tagged_pdf_a(bundle: Path) -> None:
    reader = PdfReader(io.BytesIO(member(bundle, "data/response.pdf")))
    packet = reader.root_object["/Metadata"].get_object()
    assert isinstance(packet, StreamObject)
    assert b"<pdfaid:part>2</pdfaid:part>" in packet.get_data()
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in packet.get_data()
    assert "/StructTreeRoot" in reader.root_object


def test_page_reaches_no_network_and_runs_only_its_own_script(bundle: Path) -> None:
    page = member(bundle, "data/index.html").decode()
    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert "https://example.social" in page
    outside = page.replace(
        page[page.index('type="application/json">') : page.rindex("<script>")], ""
    )
    assert "http" not in outside.replace("http-equiv", "")


def test_text_is_never_markup(answer: Answer, tmp_path: Path) -> None:
    hostile = (
        "</script><script>alert(1)</script> #panic(1) $x$ *bold* <!-- {{data}} \\u003c "
        "\u2028 \u202e \ue000 \x07 =cmd|' /C calc'!A0 ]]> & <b>"
    )
    answer.decide({"text": hostile, "title": "=1+1", "author/name": "{{script}}"})
    answer.export(out := tmp_path / "hostile.zip")
    page = member(out, "data/index.html")
    assert page.count(b"</script>") == 2
    record = page_records(out)[-1]
    shown = "".join(part["value"] for part in record["parts"] if part["path"].startswith("text/"))
    assert shown == hostile


def test_long_unbroken_text_and_many_scripts_are_set(answer: Answer, tmp_path: Path) -> None:
    answer.decide(
        {"text": "x" * 3000 + " 漢字仮名 👩‍👩‍👧‍👦👍🏽 עברית हिन्दी ไทย a\u0301\u20dd \U0001fae9"}
    )
    answer.export(tmp_path / "scripts.zip")


def test_a_released_source_item_may_be_no_text(answer: Answer, tmp_path: Path) -> None:
    answer.decide({"text": "plain", "raw": b"\xff\xfe\x00raw"})
    answer.export(out := tmp_path / "bytes.zip")
    assert verify_bundle(out).ok


def test_existing_file_stays_when_the_export_is_refused(answer: Answer, tmp_path: Path) -> None:
    out = tmp_path / "bundle.zip"
    out.write_text("before")
    answer.decide(
        {"text": "by me", "author/handle": "kowalska", "url": "https://example.social/kowalska/1"},
        "redact",
        {"author/handle": "7(1)(c)"},
    )
    with pytest.raises(Refused, match="record 6 hides author/handle"):
        answer.export(out)
    assert out.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_long_answer_is_set_in_volumes(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_letter, "VOLUME", 2)
    out = tmp_path / "bundle.zip"
    answer.export(out)
    assert verify_bundle(out).ok
    headings = []
    for name in ("data/response.pdf", "data/response-2.pdf", "data/response-3.pdf"):
        pages = PdfReader(io.BytesIO(member(out, name))).pages
        text = "".join(page.extract_text() for page in pages)
        headings.append(re.findall(r"Record (\d) of 5", text))
        assert ("Pat Q. Public" in text) == (name == "data/response.pdf")
    assert headings == [["1", "2"], ["3", "4"], ["5"]]


def test_a_place_that_cannot_be_written_is_a_storage_error(answer: Answer, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such file or folder") as raised:
        answer.export(tmp_path / "nowhere" / "bundle.zip")
    assert raised.value.hint == "check the name"


def test_an_answer_without_records_is_a_bundle(answer: Answer, tmp_path: Path) -> None:
    answer.decided.clear()
    answer.export(out := tmp_path / "none.zip")
    assert verify_bundle(out).records == 0


def test_others_words_polls_and_places_leave_unless_hidden(answer: Answer, tmp_path: Path) -> None:
    item: dict[str, str | bytes] = {
        "text": "Look at this",
        "shared/text": "Tulips bloom beside Thorvald today",
        "shared/author/name": "City Hall",
        "poll/0/answer": "Roses",
        "removal_reason": "Commercial matters",
        "location": "Osprey Park",
        "observed/poll/0/votes": "12",
        "observed/reactions/like": "7",
        "raw": b"{}",
    }
    answer.decide(item, "redact", {"Thorvald": "7(1)(b)", "Osprey Park": "7(1)(c)"})
    out = tmp_path / "bundle.zip"
    answer.export(out)
    assert verify_bundle(out).ok
    reader = PdfReader(io.BytesIO(member(out, "data/response.pdf")))
    letter = " ".join(page.extract_text() for page in reader.pages)
    for shown in ("Look at this", "Tulips bloom beside", "City Hall", "Roses", "Commercial matters",
                  "Poll, votes 1", "Reactions, like"):  # fmt: skip
        assert shown in letter
    table = member(out, "data/records.csv").decode("utf-8-sig")
    assert "Look at this\n\n> Tulips bloom beside [7(1)(b)] today" in table
    with zipfile.ZipFile(out) as opened:
        for name in opened.namelist():
            assert b"Thorvald" not in opened.read(name)
            assert b"Osprey" not in opened.read(name)
