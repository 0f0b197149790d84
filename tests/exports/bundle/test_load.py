"""The load file says what the letter shows, with the numbers of its pages, and nothing hidden."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from archive import Refused
from exports.bundle import _letter, _load, verify_bundle
from tests.conftest import Clock
from tests.exports.bundle.answer import Answer, member
from tests.exports.bundle.conftest import main_street

HIDDEN = ("Wilhelmina", "Larchmont", "Jaroslava", "jquintero", "Petterssen", "divorce", "nosy")


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answer]:
    """SQLite alone: what is tested is made from what was read."""
    folder = tmp_path_factory.mktemp("load")
    answer = Answer.found(folder / "library", Clock(datetime(2026, 3, 2, 15, tzinfo=UTC)))
    with answer.archive:
        main_street(answer)
        answer.decide({"text": "þorn ® two\nlines\x14 of 18 o'clock", "title": "Long " * 900})
        answer.load_file = True
        yield answer


@pytest.fixture(scope="module")
def bundle(answer: Answer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    answer.export(out := tmp_path_factory.mktemp("out") / "bundle.zip")
    return out


def rows(bundle: Path) -> list[dict[str, str]]:
    data = member(bundle, _load.DAT)
    assert data.startswith(b"\xef\xbb\xbf\xc3\xbeBEGBATES\xc3\xbe\x14\xc3\xbeENDBATES")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines.pop() == ""
    head, *others = ([cell[1:-1] for cell in line.split("\x14")] for line in lines)
    return [dict(zip(head, line, strict=True)) for line in others]


def records(bundle: Path) -> list[dict[str, str]]:
    """The rows but for those of attachments."""
    return [row for row in rows(bundle) if not row["NATIVEPATH"]]


def test_an_attachment_has_a_row_below_its_record(bundle: Path) -> None:
    *_, record, file, _ = rows(bundle)
    assert file["NATIVEPATH"] == "data\\attachments\\000005-0-detour-map.txt"
    assert file["BEGBATES"] == file["ENDBATES"] == f"{record['BEGBATES']}.0001"
    assert file["PARENTID"] == record["BEGBATES"]
    for same in ("BEGATTACH", "ENDATTACH", "CUSTODIAN", "RECORDID", "LOGINDEX"):
        assert file[same] == record[same]


def labels(bundle: Path, volumes: int = 1) -> dict[str, str]:
    """The text of every page by its number."""
    names = map(_letter.volume_name, range(1, volumes + 1))
    pages = [p for name in names for p in PdfReader(io.BytesIO(member(bundle, name))).pages]
    return {text.split()[-1]: text for text in (page.extract_text() for page in pages)}


def test_a_row_for_each_record_with_the_numbers_of_its_pages(bundle: Path) -> None:
    assert verify_bundle(bundle).findings == ()
    pages, found = labels(bundle), records(bundle)
    assert len(found) == 6
    for number, row in enumerate(found, 1):
        assert f"Record {number} of 6" in pages[row["BEGBATES"]]
        assert "Record" not in pages[row["ENDBATES"]] or row["ENDBATES"] == row["BEGBATES"]
    assert found[-1]["ENDBATES"] == max(pages)
    assert found[-1]["BEGBATES"] < found[-1]["ENDBATES"]
    one, two, three, four, five, six = found
    assert (one["REDACTED"], one["OUTCOME"], one["HANDLE"]) == (
        "N",
        "Released",
        "@city@example.social",
    )
    assert (two["REDACTED"], two["EXEMPTIONS"]) == ("Y", "7(1)(b); 7(1)(c)")
    assert (three["AUTHOR"], three["URL"]) == ("[7(1)(c)]", "[7(1)(c)]")
    assert (four["OUTCOME"], four["AUTHOR"], four["DATESENT"]) == ("Withheld", "", "")
    assert (five["BEGATTACH"], five["ENDATTACH"]) == (five["BEGBATES"], f"{five['BEGBATES']}.0001")
    assert (six["BEGATTACH"], six["ENDATTACH"]) == (six["BEGBATES"], six["ENDBATES"])
    assert six["TEXTPATH"] == "data\\load\\text\\000006.txt"


def test_texts_and_delimiters(bundle: Path) -> None:
    text = member(bundle, "data/load/text/000002.txt").decode()
    assert text == "My mother [7(1)(c)] lives at [7(1)(b)] and cannot drive. Call [7(1)(b)]\n"
    assert member(bundle, "data/load/text/000004.txt") == b"[7.5(b)]\n"
    assert "þorn ® two\nlines\x14 of" in member(bundle, "data/load/text/000006.txt").decode()
    for name in (_load.DAT, *(f"data/load/text/{n:06d}.txt" for n in range(1, 7))):
        for hidden in HIDDEN:
            assert hidden.encode() not in member(bundle, name)


def test_the_opt_has_a_line_for_each_page(bundle: Path) -> None:
    lines = member(bundle, _load.OPT).decode().split("\r\n")[:-1]
    fields = [line.split(",") for line in lines]
    assert [field[0] for field in fields] == sorted(labels(bundle))
    assert {field[2] for field in fields} == {"data\\response.pdf"}
    begun = {field[0] for field in fields if field[3] == "Y"}
    assert begun == {fields[0][0], *(row["BEGBATES"] for row in records(bundle))}


def test_numbers_go_on_through_volumes(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_letter, "VOLUME", 4)
    answer.export(out := tmp_path / "bundle.zip")
    assert verify_bundle(out).ok
    pages, found = labels(out, 2), records(out)
    for number, row in enumerate(found, 1):
        assert f"Record {number} of 6" in pages[row["BEGBATES"]]
    assert found[4]["PDFPATH"] == "data\\response-2.pdf"
    assert [row["PDFPATH"] for row in found].count("data\\response.pdf") == 4


@pytest.mark.parametrize("place", ["row", "text"])
def test_a_leak_into_the_load_file_is_found(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    text_of, dat_line = _load.text_of, _load._line
    if place == "text":
        monkeypatch.setattr(_load, "text_of", lambda item: text_of(item) + "Larchmont")
    else:
        monkeypatch.setattr(_load, "_line", lambda cells: dat_line([*cells[:-2], "Osgood", "1"]))
    with pytest.raises(Refused, match="data/load/"):
        answer.export(tmp_path / "bundle.zip")


def test_what_is_replied_to_is_told_unless_it_is_hidden(answer: Answer, tmp_path: Path) -> None:
    kept = list(answer.decided)
    answer.decide({"text": "Open", "parent": "1001"})
    answer.decide({"text": "Not told", "parent": "1001"}, "redact", {"parent": "7(1)(c)"}, "Why.")
    answered = [
        replace(one, answers=1 if one.number > len(kept) else None) for one in answer.produced_all()
    ]
    answer.export_these(answered, out := tmp_path / "bundle.zip")
    answer.decided = kept
    *_, told, hidden = rows(out)
    assert (told["INREPLYTO"], hidden["INREPLYTO"]) == (rows(out)[0]["BEGBATES"], "")
    pages = labels(out)
    assert "Record 1" in pages[told["BEGBATES"]]
    assert "Record 1" not in pages[hidden["BEGBATES"]].replace("Record 1 of", "")
