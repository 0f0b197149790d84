import json

from tests.conftest import BOTH, Muniment


@BOTH
def test_a_new_archive(library: Muniment) -> None:
    facts = json.loads(library.ok("status", "--json"))
    assert facts["name"] == "Cook Memorial Library"
    assert facts["entries"] == 2
    assert facts["actors"] == ["ada"]
    assert facts["records"] == {}
    assert (facts["schedule"], facts["due"], facts["next_due"]) == (None, None, None)
    assert facts["index"]["covers"] == 2
    shown = library.ok("status")
    assert "Cook Memorial Library" in shown
    assert "2026-03-02 09:00" in shown
    assert "schedule" not in shown


@BOTH
def test_quick_leaves_out_what_takes_long(library: Muniment) -> None:
    facts = json.loads(library.ok("status", "--quick", "--json"))
    assert "index" not in facts
    assert not any((library.folder / "index").iterdir())


@BOTH
def test_what_needs_attention(library: Muniment) -> None:
    library.ok("request", "open", "--requester", "Pat Public", "--subject", "Parking")
    library.ok("schedule", "adopt", "us-il-local-library")
    facts = json.loads(library.ok("status", "--json"))
    assert len(facts["open_requests"]) == 1
    assert facts["next_due"] == "2026-03-09"
    assert facts["due"] == 0
    assert facts["schedule"]
