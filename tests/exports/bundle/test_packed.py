"""What office documents and zip files say is read, and what is closed is named."""

import io
import zipfile
from collections.abc import Iterator

import pytest
from pypdf import PdfWriter

from exports.bundle import _attached
from exports.bundle._leaks import words_of


def zipped(files: dict[str, str | bytes]) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def office(files: dict[str, str | bytes]) -> bytes:
    return zipped({"[Content_Types].xml": "<Types/>", **files})


def said() -> Iterator[tuple[str, bytes]]:
    """Files that say a name where no reader looks first."""
    word, sheet, odf = (f'xmlns:w="urn:{name}"' for name in ("word", "sheet", "odf"))
    runs = "<w:r><w:rPr><w:b/></w:rPr><w:t>Jaros</w:t></w:r><w:r><w:t>lava Quintero</w:t></w:r>"
    yield (
        "f.docx",
        office({"word/document.xml": f"<w:document {word}><w:p>{runs}</w:p></w:document>"}),
    )
    taken = "<w:del><w:r><w:delText>Jaroslava Quintero</w:delText></w:r></w:del>"
    yield "g.docx", office({"word/comments.xml": f"<w:comments {word}>{taken}</w:comments>"})
    book = '<workbook><sheets><sheet name="Jaroslava Quintero" state="hidden"/></sheets></workbook>'
    yield "h.xlsx", office({"xl/workbook.xml": book})
    cells = "<sst><si><r><t>Jaroslava Qui</t></r><r><t>ntero,</t></r></si><si><t>x</t></si></sst>"
    yield "i.xlsx", office({"xl/workbook.xml": "<workbook/>", "xl/sharedStrings.xml": cells})
    slide = f"<w:notes {sheet}><w:p><w:t>Ask Jaro&#115;lava Quintero</w:t></w:p></w:notes>"
    yield "j.pptx", office({"ppt/notesSlides/notesSlide1.xml": slide})
    text = f"<w:text {odf}><w:p>Jaro<w:span>slava</w:span><w:s/>Quintero</w:p></w:text>"
    yield (
        "k.odt",
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": text}),
    )
    yield "l.ods", zipped({"mimetype": "x", "content.xml": text.encode("utf-16")})
    yield "m.zip", zipped({"inner/notes.zip": zipped({"a.txt": "Jaroslava Quintero " * 9})})
    yield "n.zip", zipped({"Jaroslava Quintero.txt": "x"})
    yield "o.fodt", f'<?xml version="1.0"?>{text}'.encode()
    yield (
        "p.docx",
        office({"docProps/app.xml": "<a>x</a>", "word/a.xml": "<p>Jaroslava Quintero <b>"}),
    )


def closed() -> Iterator[tuple[str, bytes, str]]:
    """Files that nobody can search, and what is said of them."""
    yield "a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old office file"
    manifest = "<manifest><encryption-data/></manifest>"
    yield "b.odt", zipped({"META-INF/manifest.xml": manifest}), "protected by a password"
    bomb = bytearray(zipped({"a.txt": "x"}))
    bomb[bomb.index(b"PK\1\2") + 27] = 0x70
    yield "c.zip", bytes(bomb), "a.txt in it, more than can be unpacked"
    secret = bytearray(zipped({"a.txt": "x"}))
    secret[secret.index(b"PK\1\2") + 8] |= 1
    yield "d.zip", bytes(secret), "a.txt in it, protected by a password"
    deep = zipped({"a.txt": "x"})
    for _ in range(5):
        deep = zipped({"deeper.zip": deep})
    yield "e.zip", deep, "too deep"
    damaged = bytearray(zipped({"a.txt": "a long text " * 9}))
    damaged[damaged.index(b"a.txt") + 8] ^= 0xFF
    yield "f.zip", bytes(damaged), "a.txt in it, which is damaged"
    document = PdfWriter()
    document.add_blank_page(72, 72)
    document.encrypt("secret", algorithm="RC4-128")
    document.write(out := io.BytesIO())
    yield "g.pdf", out.getvalue(), "protected by a password"
    yield "h.gz", b"\x1f\x8b\x08" + bytes(40), "packed as gzip"


def read(content: bytes) -> tuple[list[str], list[str]]:
    """The readings of every text of a file, and what is said to be closed."""
    unread: list[str] = []
    texts = [*_attached.texts(io.BytesIO(content), unread.append)]
    return [" ".join(words) for text in texts for words in words_of(text)], unread


@pytest.mark.parametrize(("name", "content"), [*said()])
def test_what_is_packed_is_read(name: str, content: bytes) -> None:
    found, unread = read(content)
    assert any("jaroslava quintero" in text for text in found), found
    assert unread == []


@pytest.mark.parametrize(("name", "content", "why"), [*closed()])
def test_what_is_closed_is_named(name: str, content: bytes, why: str) -> None:
    _, unread = read(content)
    assert any(why in line for line in unread), unread


def test_the_markup_of_an_office_document_is_no_text() -> None:
    slide = '<p xmlns="http://x/presentationml/main" type="presentationml"><t>Hello</t></p>'
    found, _ = read(office({"ppt/a.xml": slide}))
    assert "hello" in " ".join(found)
    assert "presentationml" not in " ".join(found)


def test_no_entity_is_looked_up() -> None:
    laughs = '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b SYSTEM "file:///etc/passwd">]><p>&a;&b;</p>'
    found, _ = read(office({"word/a.xml": laughs}))
    assert "root" not in " ".join(found)
