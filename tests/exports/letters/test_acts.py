"""Letters under every act: what they have to say, and that none speaks of another act."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from archive import UsageError
from exports.letters import (
    KINDS,
    Kind,
    Quantities,
    Said,
    Templates,
    draft,
    letter_pdf,
    load_fees,
    load_templates,
    record_bill,
    values_of,
    wording_of,
)
from exports.letters._templates import GIVEN
from exports.requests import (
    Rules,
    add_records,
    agree,
    find_request,
    load_rules,
    open_request,
    release,
    take_step,
    withhold,
)
from tests.exports.requests.conftest import INTAKE, TODAY, Office

ACTS = sorted(
    Path(str(one)).stem for one in files("exports").joinpath("data/jurisdictions").iterdir()
)
NEEDED: dict[Kind, tuple[str, ...]] = {
    "grant": ("release",),
    "partial-denial": ("release", "withhold"),
    "denial": ("withhold",),
}
SAYS: dict[str, list[tuple[Kind, str]]] = {
    "us": [("denial", "within 90 days"), ("grant", "Office of Government Information Services")],
    "us-ca": [("denial", "7923.000")],
    "us-fl": [("partial-denial", "119.11")],
    "us-il": [("no-records", "Public Access Counselor"), ("denial", "5 ILCS 140/11")],
    "us-ny": [("denial", "within 30 days"), ("no-records", "diligent search")],
    "us-tx": [("denial", "writ of mandamus")],
    "us-wa": [
        ("denial", "- Record 1 (comment, mastodon), withheld: 42.56.310"),
        ("denial", "one year"),
    ],
}
SAID = Said("What we note", ("Ada Byron, records officer",), "records@library.example")
ILLINOIS = re.compile(r"ILCS|Illinois|\bPAC\b|Public Access Counselor")


@pytest.fixture
def database() -> str:
    """What a letter says does not depend on the database."""
    return ""


def asked(office: Office, rules: Rules, kind: Kind, step: str = "") -> tuple[str, dict[str, str]]:
    """A letter of the kind, under an act, and its values; `step` was taken before."""
    outcomes = NEEDED.get(kind, ())
    found = [office.comments[name] for name in list(office.comments)[: len(outcomes)]]
    with office.archive.write(office.signer) as writer:
        request, _ = open_request(writer, INTAKE, rules, body="Library", today=TODAY)
        if found:
            add_records(writer, request, found)
        for record, outcome in zip(found, outcomes, strict=True):
            if outcome == "release":
                release(writer, request, record)
            else:
                code = rules.suggestions.code("patron")
                withhold(writer, request, record, rules.exemptions, [code], reason="A patron")
        if kind == "extension":
            agree(writer, request, TODAY + timedelta(days=60))
        if kind == "fee-estimate":
            quantities = Quantities(actual=[("a USB drive", 650)])
            lines = load_fees(rules.jurisdiction.code, request.received).lines(quantities)
            record_bill(writer, request, "estimate", lines)
        if step:
            take_step(writer, request, rules, step, on=TODAY, today=TODAY)
        templates = templates_of(rules)
        request = find_request(writer, request.id)
        values = values_of(writer, request, rules, templates.given, kind, SAID, TODAY)
    return draft(templates, kind, values), values


def templates_of(rules: Rules, folder: Path | None = None) -> Templates:
    return load_templates(rules.jurisdiction.code, INTAKE.received, folder)


@pytest.mark.parametrize("code", ACTS)
def test_every_kind_of_letter_speaks_of_its_own_act_alone(office: Office, code: str) -> None:
    rules = load_rules(code)
    letters = {kind: asked(office, rules, kind)[0] for kind in KINDS}
    assert letters.keys() == set(get_args(Kind))
    for text in letters.values():
        assert f"{rules.jurisdiction.title} ({rules.jurisdiction.citation})" in text
        assert "$" not in text.replace("$6.50", "")
        assert SAID.note in text
        assert code == "us-il" or not ILLINOIS.search(text)
    for kind, said in SAYS[code]:
        assert said in letters[kind]
    exemption = rules.exemptions.get(rules.suggestions.code("patron"))
    for said in (exemption.code, exemption.section, "A patron", *SAID.responsible):
        assert said in letters["denial"]
        assert said in letters["partial-denial"]
    pdf = letter_pdf(
        letters["denial"],
        body="Library",
        address=["Pat"],
        contact=SAID.contact,
        day=date(2026, 12, 1),
        zone=ZoneInfo("UTC"),
    )
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf


def test_texas_says_that_a_ruling_was_asked_for_or_reminds_of_it(office: Office) -> None:
    rules = load_rules("us-tx")
    templates = templates_of(rules)
    without, values = asked(office, rules, "denial")
    assert "Attorney General" not in without
    assert [one.unless for one in templates.reminded("denial", values)] == ["on_ruling_asked", ""]
    asked_for, values = asked(office, rules, "denial", "ruling-asked")
    assert "Attorney General of Texas on Monday, November 23, 2026" in asked_for
    assert [one.unless for one in templates.reminded("denial", values)] == [""]
    assert templates.reminded("grant", values) == []


def reminders() -> Iterator[tuple[str, str]]:
    for code in ACTS:
        for one in templates_of(load_rules(code)).reminders:
            yield from ((code, kind) for kind in one.kinds)


def test_reminders_are_of_letters_that_there_are() -> None:
    assert {kind for _, kind in reminders()} <= set(KINDS)
    assert all(templates_of(load_rules(code)).given.keys() <= set(GIVEN) for code in ACTS)


def test_what_was_not_read_counts_once_a_body_says_it(office: Office, tmp_path: Path) -> None:
    rules = load_rules("us-ny")
    _, values = asked(office, rules, "denial")
    assert [one.source for one in templates_of(rules).unread("denial", values)] == [
        "N.Y. Pub. Off. Law 89(4)(b)"
    ]
    own = tmp_path / "letters.toml"
    written = wording_of("us-ny", INTAKE.received)
    own.write_text(written, encoding="utf-8")
    again = templates_of(rules, tmp_path)
    assert {n: one.text for n, one in again.given.items()} == {
        n: one.text for n, one in templates_of(rules).given.items()
    }
    assert {k: w.filled(values) for k, w in again.kinds.items()} == {
        k: w.filled(values) for k, w in templates_of(rules).kinds.items()
    }
    assert [one.source for one in again.unread("denial", values)] == ["N.Y. Pub. Off. Law 89(4)(b)"]
    own.write_text(written.replace("# court", "court").replace('# appeals = ""', 'appeals = "$x"'))
    again = templates_of(rules, tmp_path)
    assert again.unread("denial", values) == []
    with office.archive.read() as reader:
        request = find_request(reader, "2026-0001")
        with pytest.raises(UsageError, match=r"appeals names \$x"):
            values_of(reader, request, rules, again.given, "acknowledgement", SAID, TODAY)
