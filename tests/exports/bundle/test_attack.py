"""The self-attack finds what would leak, wherever it is planted, and lets the rest through."""

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfWriter

from archive import Refused
from archive.notes import NoteKey
from exports import _shown
from exports.bundle import _export, _letter, _page, _stage, _tables
from exports.bundle._disclosed import Item
from exports.bundle._leaks import Fragment, Watch, joined, words
from tests.exports.bundle.answer import Answer
from tests.exports.bundle.test_packed import closed, office

SECRETS = ("Wilhelmina", "Larchmont", "555-0134", "Jaroslava Quintero", "book about divorce")


@pytest.fixture
def database() -> str:
    """SQLite alone: the attack reads the files of a bundle; test_export makes it on each."""
    return ""


def refused(answer: Answer, out: Path) -> str:
    with pytest.raises(Refused) as error:
        answer.export(out)
    assert not out.exists()
    return str(error.value)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_leak_into_the_letter_is_found(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    original = _letter.record_data

    def leaking(item: Item, titles: dict[str, str], answers: int | None) -> object:
        record = original(item, titles, answers)
        if item.number == 5:
            record["bodies"].append(("", _letter.Text(secret), "ltr"))
        return record

    monkeypatch.setattr(_letter, "record_data", leaking)
    assert "data/response.pdf, record 5" in refused(answer, tmp_path / "bundle.zip")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_leak_into_the_page_is_found(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    original = _page._about
    monkeypatch.setattr(_page, "_about", lambda *given: {**original(*given), "more": secret})
    assert "data/index.html, its data" in refused(answer, tmp_path / "bundle.zip")


def test_a_leak_into_the_records_is_found(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Item.to_line

    def leaking(item: Item) -> bytes:
        line = original(item)
        return line[:-2] + b',"more":"Larchmont"}\n' if item.number == 5 else line

    monkeypatch.setattr(Item, "to_line", leaking)
    assert "data/records.jsonl, record 5 holds" in refused(answer, tmp_path / "bundle.zip")


def test_a_leak_into_a_record_of_the_page_is_found(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = _page.page_record

    def leaking(item: Item, path: tuple[bytes, ...], answers: str) -> bytes:
        line = original(item, path, answers)
        return line[:-1] + b',"answers":"Larchmont"}' if item.number == 5 else line

    monkeypatch.setattr(_page, "page_record", leaking)
    assert "data/index.html, record 5 holds" in refused(answer, tmp_path / "bundle.zip")


def test_a_leak_is_found_where_another_process_verifies_beside(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = _letter.record_data

    def leaking(item: Item, titles: dict[str, str], answers: int | None) -> object:
        record = original(item, titles, answers)
        record["bodies"].append(("", _letter.Text(SECRETS[item.number - 1]), "ltr"))
        return record

    monkeypatch.setattr(_export, "_ALONE", 0)
    monkeypatch.setattr(_letter, "VOLUME", 3)
    monkeypatch.setattr(_letter, "record_data", leaking)
    said = refused(answer, tmp_path / "bundle.zip")
    assert "data/response.pdf, record 1 holds what record 2 hides" in said
    assert "data/response-2.pdf, record 4 holds what record 3 hides" in said


@pytest.mark.parametrize(
    "disguise",
    [
        str.upper,
        lambda s: "".join(f"&#{ord(c)};" for c in s),
        "\u200b".join,
        lambda s: "-\n".join(s[i : i + 4] for i in range(0, len(s), 4)),
    ],
)
def test_a_disguised_leak_is_found(
    answer: Answer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    disguise: Callable[[str], str],
) -> None:
    original = _stage._instructions
    leak = disguise("Jaroslava Quintero")
    name = "VERIFY.md"
    if leak.startswith("&#"):
        asset = _page.asset
        monkeypatch.setattr(
            _page, "asset", lambda n: asset(n) + (leak.encode() if n == "page.html" else b"")
        )
        name = "data/index.html"
    else:
        monkeypatch.setattr(_stage, "_instructions", lambda summary: original(summary) + leak)
    assert name in refused(answer, tmp_path / "bundle.zip")


def test_a_leak_into_the_tables_is_found(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = _tables.withheld_row
    monkeypatch.setattr(
        _tables, "withheld_row", lambda item, titles: original(item, titles)[:-2] + ",Osgood\r\n"
    )
    assert "data/withheld.csv, record" in refused(answer, tmp_path / "bundle.zip")


def test_a_leak_into_the_metadata_is_found(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = _letter.letter_data
    answered = iter([False])

    def leaking(*given: object) -> dict[str, object]:
        data = original(*given)  # type: ignore[arg-type]
        return data if not next(answered, True) else data | {"body-plain": "Wilhelmina Petterssen"}

    monkeypatch.setattr(_letter, "letter_data", leaking)
    assert "data/response.pdf, its" in refused(answer, tmp_path / "bundle.zip")


def test_a_leak_in_a_file_name_is_found(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = _shown.write_log

    def leaking(proofs: Path, checkpoint: str, key: NoteKey) -> None:
        original(proofs, checkpoint, key)
        (proofs / "Larchmont.txt").write_text("x")

    monkeypatch.setattr(_stage, "write_log", leaking)
    assert "the name data/proofs/Larchmont.txt" in refused(answer, tmp_path / "bundle.zip")


def test_a_reason_that_tells_what_it_hides_is_found(answer: Answer, tmp_path: Path) -> None:
    answer.decide(
        {"text": "I met Thaddeus there"}, "redact", {"Thaddeus": "7(1)(c)"}, "Names Thaddeus."
    )
    assert "record 6 hides" in refused(answer, tmp_path / "bundle.zip")


def test_a_word_may_be_hidden_here_and_shown_there(answer: Answer, tmp_path: Path) -> None:
    answer.decide({"text": "Call the library on Friday"}, "redact", {"library": "7(1)(c)"}, "Why.")
    answer.decide({"text": "The library opens"})
    answer.decide(
        {"text": "a Street name of the record page"}, "withhold", {"*": "7(1)(c)"}, "Why."
    )
    answer.export(tmp_path / "bundle.zip")


def test_a_word_shown_there_is_still_looked_for_here() -> None:
    watch = Watch()
    watch.hide(1, ["Larchmont"], "lives at")
    watch.hide(2, [], "Larchmont is a street")
    watch.allow_shown()
    shown = Fragment("a", "Larchmont", 2)
    assert list(watch.leaks([shown])) == []
    [leak] = watch.leaks([Fragment("b", "lives at Larchmont", 1)])
    assert str(leak) == "b holds what record 1 hides"


def test_runs_are_joined() -> None:
    paths = [*(f"text/{i}" for i in range(4)), "title/0"]
    assert list(joined({0: "a ", 1: "b", 3: "c", 4: "d"}, paths)) == ["a b", "c", "d"]
    assert words("Ｌarchmont STRASSE straße") == ["larchmont", "strasse", "strasse"]


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_plain_text_is_split_like_any_other(text: str) -> None:
    assert words(f"{text} é") == [*words(text), "e"]


def test_a_shown_source_item_beside_hidden_parts_is_refused(answer: Answer, tmp_path: Path) -> None:
    answer.decide({"text": "by Ottoline", "raw": b"by Ottoline"}, "redact", {"Ottoline": "7(1)(c)"})
    produced = list(answer.produced_all())
    hidden = {i: c for i, c in produced[-1].hidden.items() if produced[-1].sealed.paths[i] != "raw"}
    with pytest.raises(Refused, match="shows its source item"):
        answer.export_these(
            [
                *produced[:-1],
                produced[-1].__class__(
                    produced[-1].number,
                    produced[-1].record,
                    produced[-1].entry,
                    produced[-1].sealed,
                    "redact",
                    hidden,
                    ("7(1)(c)",),
                    "",
                ),
            ],
            tmp_path / "bundle.zip",
        )


def test_encoded_text_is_not_mistaken_for_machine_values() -> None:
    from exports.bundle._extract import without_machine_values

    digest = base64.b64encode(bytes(32)).decode()
    assert without_machine_values(f"a {digest} b").split() == ["a", "b"]
    path = "https://example.org/some/long/path/with/many/words/in/it/and/more"
    assert without_machine_values(path) == path


def attach(answer: Answer, name: str, content: bytes) -> None:
    answer.decide({"text": "See the file", "attachment/0/name": name, "file": content})


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.html", "a.pdf", "a.tlog-proof", "a.png"])
def test_a_file_that_is_not_what_its_name_says_stops_nothing(
    answer: Answer, tmp_path: Path, name: str
) -> None:
    attach(answer, name, b'\xff{"number": \n"an open quote\n%PDF-1.7 Record 3 of 9')
    answer.export(tmp_path / "bundle.zip")
    answer.decided.pop()
    attach(answer, name, b'{"number": "Ask Wilhel\\u006dina"')
    assert f"{name} holds what record 2 hides" in refused(answer, tmp_path / "leaking.zip")


def pictured(**said: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, **said)  # type: ignore[arg-type]
    return out.getvalue()


def unsaid() -> Iterator[tuple[str, bytes]]:
    """Files that say a hidden name where no reader looks first."""
    exif, chunks = Image.Exif(), PngInfo()
    exif[0x010E] = "Jaroslava Quintero"
    chunks.add_text("Comment", "by Jaroslava Quintero, " * 20, zip=True)
    yield "a.jpg", pictured(format="JPEG", exif=exif)
    yield "b.png", pictured(format="PNG", pnginfo=chunks)
    yield "c.txt", "Grüße an Jaroslava Quintero".encode("cp1252")
    yield "d.txt", "Grüße an Jaroslava Quintero".encode("utf-16")
    document = PdfWriter()
    document.add_blank_page(72, 72)
    document.add_metadata({"/Author": "Jaroslava Quintero"})
    document.write(out := io.BytesIO())
    yield "e.pdf", out.getvalue()
    runs = "<r><t>Jaros</t></r><r><t>lava Quintero</t></r>"
    yield "f.docx", office({"word/document.xml": f"<document><p>{runs}</p></document>"})


@pytest.mark.parametrize(("name", "content"), [*unsaid()])
def test_what_a_file_says_besides_is_read(
    answer: Answer, tmp_path: Path, name: str, content: bytes
) -> None:
    attach(answer, name, content)
    assert f"000006-0-{name} holds what record 3 hides" in refused(answer, tmp_path / "bundle.zip")


def test_what_cannot_be_searched_is_named(answer: Answer, tmp_path: Path) -> None:
    name, content, why = next(closed())
    attach(answer, name, content)
    [said] = answer.export(tmp_path / "bundle.zip").unread
    assert said.startswith(f"data/attachments/000006-0-{name}: {why}")
