"""Files of any size are read in stretches, and nothing falls between two of them."""

import base64
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from exports.bundle import _attached, _pdf_text
from exports.bundle._leaks import words_of

SECRET = ["jaroslava", "quintero", "larchmont"]


def texts(data: bytes, stretch: int = 400, overlap: int = 100) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_attached, "_STRETCH", stretch)
        patch.setattr(_attached, "_OVERLAP", overlap)
        return list(_attached.texts(io.BytesIO(data), lambda _: None))


def holds(texts: list[str], run: list[str]) -> bool:
    found = [" ".join(reading) for text in texts for reading in words_of(text)]
    return any(f" {' '.join(run)} " in f" {text} " for text in found)


@settings(max_examples=60)
@given(
    st.integers(0, 1300),
    st.sampled_from(["utf-8", "cp1252", "utf-16", "utf-16-be"]),
    st.sampled_from(["a b ", "Grüße \n", "x" * 37 + " "]),
)
def test_a_run_of_words_stands_whole_in_a_stretch(before: int, encoding: str, filler: str) -> None:
    text = (filler * 1400)[:before] + " Jaroslava Quintero, Larchmont " + (filler * 900)[:900]
    data = text.encode(encoding)
    data = b"\xfe\xff" + data if encoding == "utf-16-be" else data
    assert holds(texts(data), SECRET)


@settings(max_examples=30)
@given(st.integers(0, 900))
def test_base64_is_cut_between_its_groups(before: int) -> None:
    spoken = "q" * before + " Jaroslava Quintero, Larchmont " + "q" * 900
    assert holds(texts(b"\xff" + base64.b64encode(spoken.encode())), SECRET)


def test_strings_of_a_pdf_are_the_same_in_pieces_of_any_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = PdfWriter()
    page = document.add_blank_page(72, 72)
    document.add_outline_item(title="Jaroslava Quintero", page_number=page.page_number)
    document.add_metadata({"/Author": "Larchmont"})
    document.write(out := io.BytesIO())
    whole = list(_pdf_text.strings(out)), list(_pdf_text.metadata(out))
    assert "Jaroslava Quintero" in whole[0]
    for size in (1, 16, 100):
        monkeypatch.setattr(_pdf_text, "_PIECE", size)
        assert (list(_pdf_text.strings(out)), list(_pdf_text.metadata(out))) == whole


def test_texts_are_joined_in_stretches_that_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_attached, "_STRETCH", 100)
    monkeypatch.setattr(_attached, "_OVERLAP", 40)
    for before in range(0, 120, 7):
        said = list(_attached.joined(["a " * before, *map(str.title, SECRET), *["b"] * 90]))
        assert len(said) > 1
        assert holds(said, SECRET)


@given(st.lists(st.sampled_from([b"a", b"ab", b"\0", b"a\0" * 3, b"b\0\0", b"\xff", b"\x1f"])))
def test_readable_runs_are_those_that_their_patterns_find(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    said = list(_attached._plain(b"\xff\0" + data))
    assert said[-2].encode() == b"\n".join(re.findall(rb"[ -~]{8,}", data))
    assert said[-1].encode("utf-16-le") == b"\n\0".join(re.findall(rb"(?:[ -~]\0){4,}", data))
