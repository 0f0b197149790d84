"""A bundle issued once verifies for ever."""

from pathlib import Path

from exports.bundle import verify_bundle

VECTOR = Path(__file__).resolve().parents[2] / "vectors" / "bundle" / "main-street.zip"


def test_an_issued_bundle_still_verifies() -> None:
    report = verify_bundle(VECTOR)
    assert report.findings == ()
    assert report.outcomes == {"release": 2, "redact": 2, "withhold": 1}
    assert report.redactions == 7
