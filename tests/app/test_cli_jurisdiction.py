"""An officer outside Illinois is told nothing of Illinois."""

import json

import pytest

from tests.app.test_cli_request import comment, opened, writing
from tests.conftest import Muniment


@pytest.fixture
def texas(sqlite_library: Muniment, monkeypatch: pytest.MonkeyPatch) -> tuple[Muniment, str]:
    """A Texan library with an open request to which one comment is responsive; its id."""
    settings = sqlite_library.folder / "muniment.toml"
    content = settings.read_text(encoding="utf-8")
    settings.write_text(content.replace("US-IL", "US-TX"), encoding="utf-8")
    with writing(sqlite_library, monkeypatch) as writer:
        record = comment(writer, "Call 630-555-0142, I have a hold on Dune")
    opened(sqlite_library)
    sqlite_library.ok("request", "add", "2026-0001", record)
    return sqlite_library, record


def test_suggestions_cite_the_state_s_own_law(texas: tuple[Muniment, str]) -> None:
    library, record = texas
    rows = json.loads(library.ok("request", "suggest", "2026-0001", "--json"))
    assert [(row["kind"], row["exemption"]) for row in rows] == [
        ("phone", ""),
        ("patron", "552.124"),
    ]
    accept = ("request", "suggest", "2026-0001", "--reason", "Private", "--accept")
    said = library.fails(2, *accept, "phone")
    assert said.startswith("muniment: no exemption is usual for phone under this act — name one")
    library.ok(*accept, "patron")
    library.ok(*accept, "phone", "--exemption", "552.101")
    assert "552.124" in library.ok("request", "show", "2026-0001", "--records")
    assert library.fails(2, "request", "determine", "2026-0001", record, "withhold").endswith(
        'as in --exemption "552.101"'
    )


def test_exemptions_are_listed_and_written_out(texas: tuple[Muniment, str]) -> None:
    library, _ = texas
    assert library.ok("request", "exemptions", "library").startswith("552.124")
    assert "put it into" in library.run("request", "exemptions", "nosuch").stderr
    target = library.folder / "exemptions.csv"
    library.ok("request", "exemptions", "-o", str(target))
    target.write_text(
        target.read_text(encoding="utf-8") + "Charter-7,Patrons,Charter 7,the charter,\n",
        encoding="utf-8",
    )
    (own,) = json.loads(library.ok("request", "exemptions", "charter", "--json"))
    assert (own["code"], own["checked"]) == ("Charter-7", "yes")
    assert "is there already" in library.fails(2, "request", "exemptions", "-o", str(target))


def test_a_denial_and_its_price_are_those_of_texas(texas: tuple[Muniment, str]) -> None:
    library, record = texas
    cited = ("--exemption", "552.124", "--reason", "A patron")
    library.ok("request", "determine", "2026-0001", record, "withhold", *cited)
    draft = ("letter", "draft", "2026-0001", "denial", "--responsible", "Ada", "--contact", "x")
    drafted = library.run(*draft)
    assert "Texas Public Information Act (Tex. Gov't Code ch. 552)" in drafted.stdout
    ruling, copy, title, unread = drafted.stderr.splitlines()
    assert "muniment request step NUMBER ruling-asked" in ruling
    assert copy.endswith("(Tex. Gov't Code 552.301(d), not verified)")
    assert title == "the title of 552.124 was not checked against the act: check it"
    assert unread.startswith("compare with the law before you send it, this was not read there: ")
    library.ok("request", "step", "2026-0001", "ruling-asked")
    assert "Attorney General of Texas" in library.ok(*draft)
    fee = ("fee", "estimate", "2026-0001", "--pages", "60", "--hours", "1")
    charged = library.run(*fee)
    assert "60 pages at $0.10: $6.00 (1 Tex. Admin. Code 70.3)" in charged.stdout
    assert charged.stdout.endswith("estimate: $21.00\n")
    assert "was not read in its source" in charged.stderr
    target = library.folder / "fees.toml"
    library.ok("fee", "scales", "-o", str(target))
    target.write_text(target.read_text(encoding="utf-8").replace("page = 10", "page = 5"))
    assert library.ok(*fee).endswith("estimate: $18.00\n")
    sent = library.folder / "denial.pdf"
    library.ok("letter", "send", *draft[2:], "-o", str(sent))
    assert library.ok("letter", "denials").startswith("552.124\t2026-0001\t")
    wording = library.ok("letter", "wording")
    assert "[no-records]" in wording
    assert "llinois" not in wording
