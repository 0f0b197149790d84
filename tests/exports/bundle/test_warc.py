"""The web archive holds what is shown, and nothing hidden, not even packed."""

import gzip
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive import Refused
from exports import ProducedRecord
from exports.bundle import _load, _warc, verify_bundle
from tests.conftest import Clock
from tests.exports.bundle.answer import Answer, member
from tests.exports.bundle.conftest import main_street

HIDDEN = (b"Wilhelmina", b"Larchmont", b"Jaroslava", b"Petterssen", b"divorce", b"nosy")


def page(text: bytes) -> bytes:
    """A captured page, packed by its server, as a WARC record."""
    body = gzip.compress(b"<p>" + text, mtime=0)
    block = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + body
    head = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:%s>\r\n" % (b"0" * 36)
    head += b"WARC-Date: 2026-02-20T16:30:00Z\r\nWARC-Target-URI: https://example.org/\r\n"
    head += b"Content-Type: application/http; msgtype=response\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(block) + block


@pytest.fixture
def answer(tmp_path: Path) -> Iterator[Answer]:
    answer = Answer.found(tmp_path / "library", Clock(datetime(2026, 3, 2, 15, tzinfo=UTC)))
    with answer.archive:
        answer.warc = True
        yield main_street(answer)


def with_source(answer: Answer) -> list[ProducedRecord]:
    """The records, the last with its source item."""
    *others, last = answer.produced_all()
    raw = last.sealed.paths.index("raw")
    return [*others, replace(last, hidden={i: c for i, c in last.hidden.items() if i != raw})]


def test_every_record_stands_in_it_as_it_is_shown(answer: Answer, tmp_path: Path) -> None:
    answer.decide({"text": "Opening hours", "raw": page(b"Opening hours")})
    answer.export_these(with_source(answer), out := tmp_path / "bundle.zip")
    assert verify_bundle(out).findings == ()
    data = member(out, _warc.NAME)
    assert not any(hidden in data for hidden in HIDDEN)
    found = [
        (one.rec_type, one.rec_headers["WARC-Target-URI"], one.content_stream().read())
        for one in ArchiveIterator(io.BytesIO(data), check_digests="raise")
    ]
    assert [kind for kind, *_ in found] == ["warcinfo", *["resource"] * 5, "response"]
    assert found[1][1] == "https://example.social/@city/1001"
    assert found[2][2].startswith(b"My mother [7(1)(c)] lives at [7(1)(b)]")
    assert found[3][1].startswith("urn:uuid:")
    assert found[4][2] == b"[7.5(b)]\n"
    assert found[6][2] == b"<p>Opening hours"
    assert page(b"Opening hours") in data


def test_a_leak_is_found_even_packed(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer.decide({"text": "Opening hours", "raw": page(b"Ask Jaroslava Quintero")})
    with pytest.raises(Refused, match=r"data/records\.warc, record 6 holds what record 3 hides"):
        answer.export_these(with_source(answer), tmp_path / "bundle.zip")
    answer.decided.pop()
    text_of = _load.text_of
    monkeypatch.setattr(_load, "text_of", lambda item: text_of(item) + "Larchmont")
    with pytest.raises(Refused, match=r"data/records\.warc, record"):
        answer.export(tmp_path / "bundle.zip")
