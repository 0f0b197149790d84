"""A capture's parts."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ingest import Attachment, Capture


@given(st.text(), st.text(max_size=40), st.binary(min_size=1))
def test_text_parts_join_back_exactly(text: str, title: str, raw: bytes) -> None:
    parts = Capture("1", "post", raw, text=text, title=title).parts("lib")
    as_utf8 = text.encode(errors="replace").decode()
    if text.isprintable():
        assert parts.text() == text
    assert len(parts.text()) == len(as_utf8)
    assert parts.bytes_of("raw") == raw


def test_parts_stand_in_the_order_of_the_format_and_empty_ones_are_left_out() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    capture = Capture(
        native_id="7",
        kind="comment",
        raw=b"{}",
        text="two words",
        author_name="Ann",
        parent="6",
        occurred_at=moment,
        state="removed",
        attachments=(Attachment(name="a.jpg", sha256="00", blob="11"),),
        source_file="x.json",
    )
    assert capture.parts("lib").paths == (
        "text/0",
        "text/1",
        "author/name",
        "native_id",
        "parent",
        "occurred_at",
        "account",
        "visibility",
        "status",
        "attachment/0/name",
        "attachment/0/sha256",
        "attachment/0/blob",
        "source_file",
        "raw",
    )
    assert capture.parts("lib").get("occurred_at") == "2026-01-02T03:04:05.000000Z"
    assert capture.parts("lib").get("status") == "removed"
