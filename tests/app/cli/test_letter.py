"""`muniment letter` and `muniment fee`, as a person meets them."""

import json
import re
from pathlib import Path

from exports.letters import KINDS
from tests.conftest import Muniment


def test_a_letter_from_draft_to_the_file(sqlite_library: Muniment, tmp_path: Path) -> None:
    library, text, pdf = sqlite_library, tmp_path / "letter.txt", tmp_path / "letter.pdf"
    library.ok("request", "open", "--requester", "Pat Public", "--subject", "Parking")
    said = library.ok("letter", "draft", "2026-0001", "acknowledgement", "-o", text)
    assert "letter send 2026-0001 acknowledgement" in said
    text.write_text(text.read_text() + "\nWe look forward to it.\n")
    sent = ("letter", "send", "2026-0001", "acknowledgement", "--text", text, "-o", pdf)
    facts = json.loads(library.ok(*sent, "--json"))
    assert pdf.read_bytes().startswith(b"%PDF")
    [kept] = json.loads(library.ok("letter", "list", "2026-0001", "--json"))
    assert kept["sha256"] == facts["sha256"]
    assert "is there already" in library.fails(2, *sent)
    assert "KIND" in library.fails(2, "letter", "draft", "2026-0001", "nonsense")
    for command in ("draft", "send"):
        assert set(KINDS) <= set(re.split(r"[\s,.]+", library.ok("letter", command, "--help")))
    assert len(json.loads(library.ok("letter", "list", "2026-0001", "--json"))) == 1
    assert json.loads(library.ok("letter", "denials", "--json")) == []
    library.ok("verify")


def test_what_a_body_can_change(sqlite_library: Muniment, tmp_path: Path) -> None:
    library = sqlite_library
    library.ok("request", "open", "--requester", "Pat Public")
    library.ok("letter", "wording", "-o", tmp_path / "letters.toml")
    own = (tmp_path / "letters.toml").read_text().replace("Dear $requester", "Hello $requester")
    (library.folder / "letters.toml").write_text(own)
    assert "Hello Pat Public" in library.ok("letter", "draft", "2026-0001", "acknowledgement")


def test_fees_by_the_law_s_scales(sqlite_library: Muniment) -> None:
    library = sqlite_library
    library.ok("request", "open", "--requester", "Pat Public")
    said = library.ok(
        "fee", "estimate", "2026-0001", "--pages", "120", "--actual", "a disc", "2.50"
    )
    assert "estimate: $13.00" in said
    assert "nothing to charge for" in library.fails(2, "fee", "invoice", "2026-0001")
    refused = library.fails(6, "fee", "estimate", "2026-0001", "--hours", "3")
    assert "nobody may charge for hours of work" in refused
    assert "no amount" in library.fails(2, "fee", "invoice", "2026-0001", "--actual", "x", "1.5")
    library.ok("request", "open", "--requester", "A Firm", "--purpose", "commercial")
    assert "$20.00" in library.ok("fee", "invoice", "2026-0002", "--hours", "10")
    [line] = json.loads(library.ok("fee", "list", "2026-0002", "--json"))
    assert (line["kind"], line["amount"]) == ("invoice", "$20.00")
