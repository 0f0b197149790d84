"""A corrected bundle says what it corrects, and two bundles are compared by what they show."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from archive import UsageError, VerificationError
from exports.bundle import Issue, compare, verify_bundle
from tests.conftest import Clock
from tests.exports.bundle.answer import Answer, member
from tests.exports.bundle.conftest import main_street


@pytest.fixture
def database() -> str:
    """SQLite alone: bundles are compared without an archive."""
    return ""


def test_letter_and_bag_name_what_is_corrected(answer: Answer, tmp_path: Path) -> None:
    earlier = Issue("ab" * 32, datetime(2026, 3, 2, 9, 30, tzinfo=UTC), answer.request.id)
    answer.supersedes = earlier
    issued = answer.export(out := tmp_path / "corrected.zip")
    assert verify_bundle(out).ok
    assert issued.supersedes == earlier.sha256
    line = f"Supersedes: issued 2026-03-02T09:30:00.000000Z, SHA-256 {earlier.sha256}\n"
    assert line in member(out, "bag-info.txt").decode()
    letter = PdfReader(io.BytesIO(member(out, "data/response.pdf"))).pages[0].extract_text()
    assert "answer issued on 2026-03-02 09:30 UTC" in letter
    assert earlier.sha256 in "".join(letter.split())


def test_what_a_later_bundle_shows_more_or_less(answer: Answer, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    before = answer.export(first)
    kept = answer.decided
    answer.decided = [
        kept[0],
        replace(kept[1], hide={"Wilhelmina": "7(1)(c)", "url": "7(1)(c)"}),
        replace(kept[2], reason="Asked for it."),
        kept[4],
    ]
    answer.decide({"text": "New here"})
    answer.supersedes = Issue(before.sha256, datetime(2026, 3, 2, tzinfo=UTC), answer.request.id)
    answer.export(second)
    found = compare(first, second)
    assert found.supersedes
    removed, redacted, reasoned, added = found.changes
    assert (removed.kind, removed.record, removed.after) == ("removed", kept[3].record, None)
    assert (added.kind, added.before, added.decided_anew) == ("added", None, True)
    assert redacted.record == kept[1].record
    assert redacted.hidden == ("url",)
    assert {path.partition("/")[0] for path in redacted.shown} == {"text"}
    assert len(redacted.shown) == 3
    assert (reasoned.record, reasoned.shown, reasoned.hidden) == (kept[2].record, (), ())
    assert reasoned.decided_anew
    assert not compare(second, first).supersedes


def test_only_verified_bundles_of_one_log_are_compared(
    answer: Answer, bundle: Path, tmp_path: Path, clock: Clock
) -> None:
    other = Answer.found(tmp_path / "other", clock)
    with other.archive:
        main_street(other).export(tmp_path / "other.zip")
    with pytest.raises(UsageError, match="two different logs"):
        compare(bundle, tmp_path / "other.zip")
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(bundle.read_bytes().replace(b"Main Street", b"Main Sweet!"))
    with pytest.raises(VerificationError, match=r"damaged\.zip does not verify"):
        compare(bundle, damaged)
