"""The dates of requests and the body's closures, as a records officer works with them."""

import json
from pathlib import Path

from icalendar import Calendar

from tests.app.test_cli_request import adopted, opened
from tests.conftest import BOTH, Muniment


@BOTH
def test_a_draft_is_corrected_adopted_and_moves_a_due_date(library: Muniment) -> None:
    opened(library, "--received", "2026-03-02")
    file = library.folder.parent / "2026.toml"
    new = ("calendar", "new", "--year", "2026")
    assert "correct it, then muniment calendar adopt" in library.ok(*new, "-o", str(file))
    assert library.ok(*new) == file.read_text(encoding="utf-8")
    assert "is there already" in library.fails(2, *new, "-o", str(file))
    with file.open("a", encoding="utf-8") as more:
        more.write('\n[[closure]]\ndate = 2026-03-05\nname = "Staff day"\n')
    adopt = ("calendar", "adopt", str(file))
    assert library.ok(*adopt, "--dry-run") == (
        "2026-0001\t2026-03-09\t2026-03-10\n"
        "closures-2026 version 1 would be in force from 2026-01-01 to 2026-12-31; "
        "nothing was adopted\n"
        "it says verified = false: nobody has compared it with the body's decision\n"
    )
    assert library.ok("calendar", "list") == ""
    (moved,) = json.loads(library.ok(*adopt, "--json"))
    assert moved == {"number": "2026-0001", "due": "2026-03-09", "becomes": "2026-03-10"}
    assert "was already adopted" in library.fails(6, *adopt)
    (listed,) = json.loads(library.ok("calendar", "list", "--json"))
    assert (listed["code"], listed["effective_to"]) == ("closures-2026", "2026-12-31")
    shown = json.loads(library.ok("calendar", "show", "--json"))
    staff = next(one for one in shown if one["name"] == "Staff day")
    assert (staff["day"], staff["calendar"]) == ("2026-03-05", "closures-2026 version 1")
    assert adopted(library, "Staff day", "2026-03-06").startswith(
        "no due date moves\nown version 1 is adopted, in force from 2026-01-01\n"
    )


def test_steps_tracks_and_attachments_are_shown(library: Muniment) -> None:
    opened(library, "--channel", "e-mail", "--format", "CSV")
    letter = library.folder.parent / "request.eml"
    letter.write_bytes(b"Dear library")
    said = library.ok(
        "request", "attach", "2026-0001", str(letter), "--direction", "in",
        "--received", "2026-03-02", "--note", "As it came",
    )  # fmt: skip
    assert said.startswith("request 2026-0001: attachment 1, 12 bytes, ")
    assert "is voluminous; due on Monday 30 March 2026" in library.ok(
        "request", "treat", "2026-0001", "voluminous"
    )
    assert "steps: noticed, amended" in library.fails(2, "request", "step", "2026-0001", "told")
    noticed = library.ok("request", "step", "2026-0001", "noticed", "--note", "By e-mail")
    assert noticed == ("request 2026-0001: noticed on 2026-03-02; due on Monday 23 March 2026\n")
    shown = library.ok("request", "show", "2026-0001")
    assert "format        CSV\n" in shown
    assert "channel       e-mail\n" in shown
    assert (
        "2026-03-16  amended (requester): Amend the request, or say that it stands "
        "[5 ILCS 140/3.6]\n"
    ) in shown
    assert "attachment 1, received 2026-03-02, request.eml (12 bytes): As it came\n" in shown
    back = library.folder.parent / "back.eml"
    fetch = ("request", "attachment", "2026-0001", "1", "-o", str(back))
    assert library.ok(*fetch).startswith("request.eml is in ")
    assert back.read_bytes() == b"Dear library"
    assert "is there already" in library.fails(2, *fetch)
    assert "nothing stops it" in library.fails(
        2, "request", "pause", "2026-0001", "--ground", "fees"
    )


def test_what_is_overdue_is_said_wherever_somebody_looks(library: Muniment, tmp_path: Path) -> None:
    opened(library)
    opened(library)
    library.ok("request", "extend", "2026-0002", "--agreed-until", "2026-03-12")
    library.clock.advance(days=8)
    status = json.loads(library.ok("status", "--quick", "--json"))
    assert (status["requests_overdue"], status["requests_due_soon"]) == (
        ["2026-0001"],
        ["2026-0002"],
    )
    assert "requests overdue" in library.ok("status", "--quick")
    library.ok("schedule", "adopt", "us-grs-6.4")
    daily = library.run("schedule", "run", "--due")
    assert daily.exit_code == 1
    assert "request 2026-0001: Answer the request by 2026-03-09 (overdue)\n" in daily.stderr
    assert "request 2026-0002: Answer the request by 2026-03-12\n" in daily.stderr
    file = tmp_path / "requests.ics"
    assert library.ok("request", "calendar", "--ics", str(file)) == f"5 dates are in {file}\n"
    names = [str(e["summary"]) for e in Calendar.from_ical(file.read_bytes()).walk("VEVENT")]
    assert "Request 2026-0002: Answer the request (extended: agreement)" in names
    assert b"Pat" not in file.read_bytes()


def test_the_seventh_request_within_a_week_is_pointed_out(library: Muniment) -> None:
    for _ in range(6):
        opened(library)
    result = library.run("request", "open", "--requester", "Pat Public")
    assert result.stderr == (
        "request number 7 of this person within 7 days: 5 ILCS 140/2(g) may make them recurrent; "
        "if so: muniment request treat 2026-0007 recurrent\n"
    )
