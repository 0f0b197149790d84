"""`muniment request`, as a records officer works with it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.cli._keyring import Keyring
from app.cli._rooms import projections
from archive import Archive, Draft, Parts, Writer, new_id
from tests.conftest import BOTH, Muniment, comment_header

REASON = ("--reason", "Private information")
PRIVATE = ("--exemption", "7(1)(b)", *REASON)


@contextmanager
def writing(muniment: Muniment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    """The archive of the command line, opened for writing by ada."""
    monkeypatch.setenv("MUNIMENT_KEYS", str(muniment.keys))
    with Archive.open(muniment.folder, projections=projections(), clock=muniment.clock) as archive:
        signer = Keyring.of(archive.config.id).signer(archive, "ada", lambda _: None)
        with archive.write(signer) as writer:
            yield writer


def comment(writer: Writer, text: str, **more: str) -> str:
    """A captured comment; its id."""
    record = new_id()
    data = comment_header(writer, record)
    fields = {
        "author/name": "Jane Roe",
        "url": "https://example.social/@janeroe/1",
        "visibility": "public",
        "raw": text,
    }
    parts = Parts.of([("text", text), *(fields | more).items()])
    writer.capture([Draft("record.captured", record, data, parts)], new_id(), {})
    return record


@pytest.fixture
def office(library: Muniment, monkeypatch: pytest.MonkeyPatch) -> tuple[Muniment, str, str]:
    """A library with an open request, to which two comments are responsive; their ids."""
    with writing(library, monkeypatch) as writer:
        phone = comment(writer, "Parking? Call 630-555-0142, says Jane Roe")
        reply = comment(writer, "Thank you, Jane Roe", **{"author/name": "Library"})
    opened(library)
    assert library.ok("request", "add", "2026-0001", phone, reply) == "2 added\n"
    return library, phone, reply


def opened(library: Muniment, *more: str) -> str:
    """A request about parking; what the command says."""
    return library.ok(
        "request", "open", "--requester", "Pat Public", "--contact", "pat@example.org",
        "--subject", "Parking", *more,
    )  # fmt: skip


@BOTH
def test_open_says_when_it_is_due_and_how_that_was_counted(library: Muniment) -> None:
    assert opened(library, "--received", "2026-02-09") == (
        "request 2026-0001 is due on Wednesday 18 February 2026\n"
        "5 business days after Monday 9 February 2026, that day not counted; closed: 12 February "
        "Lincoln's Birthday, 16 February Washington's Birthday (5 ILCS 140/3(d); "
        "calendar: Illinois State office closures (CMS list), not verified)\n"
    )
    commercial = json.loads(
        opened(library, "--received", "2026-02-09", "--purpose", "commercial", "--json")
    )
    assert (commercial["number"], commercial["due"]) == ("2026-0002", "2026-03-12")
    assert commercial["counted"].startswith("21 working days after")


def test_open_warns_of_a_date_that_has_passed(library: Muniment) -> None:
    result = library.run("request", "open", "--requester", "Pat", "--received", "2026-02-09")
    assert result.stderr == (
        "it was due before today: without an answer it counts as denied (5 ILCS 140/3(d), 9(c))\n"
    )


def test_the_body_s_own_calendar_counts(library: Muniment) -> None:
    adopted(library, "Staff day", "2026-03-05")
    said = opened(library)
    assert "is due on Tuesday 10 March 2026" in said
    assert "closed: 5 March Staff day" in said


def adopted(library: Muniment, name: str, day: str, version: int = 1) -> str:
    """Adopt a calendar with one closure; what the command says."""
    file = library.folder.parent / "calendar.toml"
    file.write_text(
        f'code = "own"\nversion = {version}\ntitle = "Our closures"\nsource = "Board"\n'
        "verified = true\neffective_from = 2026-01-01\n"
        f'[[closure]]\ndate = {day}\nname = "{name}"\n'
    )
    return library.ok("calendar", "adopt", str(file))


def test_list_and_show(office: tuple[Muniment, str, str]) -> None:
    library, phone, _ = office
    assert library.ok("request", "list").split("\t") == [
        "2026-0001", "2026-03-09", "5", "answer", "running", "2\n",
    ]  # fmt: skip
    shown = json.loads(library.ok("request", "show", "2026-0001", "--json"))
    assert (shown["requester"], shown["contact"]) == ("Pat Public", "pat@example.org")
    assert shown["undetermined"] == 2
    rows = json.loads(library.ok("request", "show", "2026-0001", "--undetermined", "--json"))
    assert rows[0]["record"] == phone
    assert rows[0]["outcome"] == "undetermined"
    library.clock.advance(days=8)
    shown = library.ok("request", "show", "2026-0001")
    assert "standing      overdue\n" in shown
    assert "2026-03-10  silence (law): Without an answer it counts as denied" in shown


def test_search_is_kept_as_evidence(office: tuple[Muniment, str, str]) -> None:
    library, _, _ = office
    opened(library)
    search = ("request", "search", "2026-0002")
    said = library.ok(*search, "parking OR roe")
    assert said.startswith("2 found, 2 new; the index covers ")
    assert library.ok(*search, "parking").startswith("1 found, 0 new; ")
    assert "muniment: " in library.fails(2, *search, "(parking OR")
    assert library.fails(5, "request", "search", "2026-0009", "parking")
    shown = json.loads(library.ok("request", "show", "2026-0002", "--json"))
    assert (shown["records"], shown["undetermined"]) == (2, 2)
    evidence = [(one["query"], one["count"]) for one in shown["searches"]]
    assert evidence == [("parking OR roe", 2), ("parking", 1)]
    for one in shown["searches"]:
        assert one["engine"].startswith("tantivy 0.")
        assert one["position"] > 0
        assert (one["actor"], one["restricted"]) == ("ada", 0)
        assert one["at"].endswith("Z")
    first, second = shown["searches"]
    assert (first["parsed"], second["parsed"]) == ("(text:park OR text:roe)", "text:park")
    found = json.loads(library.ok("search", "parking OR roe", "--json"))["hits"]
    lines = "".join(f"{record}\n" for record in sorted(hit["id"] for hit in found))
    assert first["digest"] == sha256(lines.encode()).hexdigest() != second["digest"]
    said = library.ok("request", "show", "2026-0002")
    assert (
        f" by ada: parking\n  understood as text:park\n  1 found in {second['position']} " in said
    )
    assert f"\n  SHA-256 of the ids found: {second['digest']}\n" in said
    assert "restricted" not in said


def test_a_word_that_is_nowhere_is_named(office: tuple[Muniment, str, str]) -> None:
    library, _, _ = office
    result = library.run("request", "search", "2026-0001", "parkng")
    assert result.stdout.startswith("0 found")
    assert result.stderr == "no record has parkng; did you mean parking (1 record)?\n"
    found = json.loads(library.ok("request", "search", "2026-0001", "parkng", "--json"))
    assert found["nowhere"] == [{"word": "parkng", "near": [{"word": "parking", "records": 1}]}]


def test_evidence_says_what_no_search_finds(office: tuple[Muniment, str, str]) -> None:
    library, phone, _ = office
    library.ok("moderate", "restrict", phone, "--to", "ada", "--reason", "May be unlawful")
    library.ok("request", "search", "2026-0001", "parking OR roe")
    (search,) = json.loads(library.ok("request", "show", "2026-0001", "--json"))["searches"]
    assert (search["count"], search["restricted"]) == (1, 1)
    said = library.ok("request", "show", "2026-0001")
    assert "\n  1 restricted and not searched\n" in said
    library.ok("rebuild")
    assert library.ok("request", "show", "2026-0001") == said


def test_determine(office: tuple[Muniment, str, str]) -> None:
    library, phone, reply = office
    withhold = ("request", "determine", "2026-0001", phone, "withhold")
    assert "an exemption is needed" in library.fails(2, *withhold)
    said = library.fails(2, *withhold, "--exemption", "7(c)", *REASON)
    assert said.startswith("muniment: no exemption has the code 7(c) — near: ")
    assert "7(1)(c)" in said
    assert library.ok(*withhold, *PRIVATE) == f"{phone} withhold\n"
    assert "--replace" in library.fails(6, "request", "determine", "2026-0001", phone, "release")
    released = library.ok("request", "determine", "2026-0001", "undetermined", "release")
    assert released == "1 item: release\n"
    rows = json.loads(library.ok("request", "show", "2026-0001", "--records", "--json"))
    assert {row["record"]: row["outcome"] for row in rows} == {phone: "withhold", reply: "release"}
    assert "what is released is not exempt" in library.fails(
        2, "request", "determine", "2026-0001", reply, "release", "--exemption", "7(1)(c)"
    )


def test_an_unchecked_title_is_pointed_out(office: tuple[Muniment, str, str]) -> None:
    library, phone, _ = office
    result = library.run(
        "request", "determine", "2026-0001", phone, "withhold", "--exemption", "7(1)(f)", *REASON
    )
    assert result.stderr == "the title of 7(1)(f) was not checked against the act: check it\n"


def test_redact_text_and_author(office: tuple[Muniment, str, str]) -> None:
    library, phone, reply = office
    redact = ("request", "redact", "2026-0001", phone)
    assert "say what to hide" in library.fails(2, *redact, *PRIVATE)
    assert "nothing of the kind" in library.fails(2, *redact, "--text", "nowhere", *PRIVATE)
    assert library.ok(*redact, "--text", "630-555-0142", *PRIVATE) == (
        f"{phone} redact: hidden 630-555-0142,\n"
    )
    result = library.run(*redact, "--text", "630-555-0142", "--exemption", "7(c)", *REASON)
    assert (result.exit_code, result.stdout) == (2, "")
    result = library.run(*redact, "--author", "--exemption", "7(1)(c)", *REASON)
    assert result.stdout == (
        f"{phone} redact: hidden Jane | Roe | Jane Roe | https://example.social/@janeroe/1\n"
    )
    assert result.stderr == f"{reply} has the same words, and shows them\n"
    rows = json.loads(library.ok("request", "show", "2026-0001", "--records", "--json"))
    assert [row["exemptions"] for row in rows] == [["7(1)(b)", "7(1)(c)"], []]


def test_many_other_records_with_the_same_words_are_counted(
    library: Muniment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(library, monkeypatch) as writer:
        ids = [comment(writer, f"Ask Ann, {n}") for n in range(8)]
    opened(library)
    library.ok("request", "add", "2026-0001", *ids)
    result = library.run("request", "redact", "2026-0001", ids[0], "--text", "Ann", *PRIVATE)
    assert result.stderr.count("has the same words, and shows them\n") == 5
    assert result.stderr.endswith("so have 2 other responsive records\n")


def test_redact_a_span_and_a_field(office: tuple[Muniment, str, str]) -> None:
    library, phone, _ = office
    redact = ("request", "redact", "2026-0001", phone)
    assert "--span needs --version" in library.fails(2, *redact, "--span", "9", "12", *PRIVATE)
    assert library.ok(*redact, "--span", "9", "12", "--version", "1", *PRIVATE) == (
        f"{phone} redact: hidden Call\n"
    )
    assert library.ok(*redact, "--field", "url", *PRIVATE).endswith("@janeroe/1\n")


def test_suggest_and_redact_what_is_suggested(office: tuple[Muniment, str, str]) -> None:
    library, phone, _ = office
    line = [phone, "undetermined", "phone", "630-555-0142", "7(1)(b)\n"]
    assert library.ok("request", "suggest", "2026-0001").split("\t") == line
    done = library.ok("request", "suggest", "2026-0001", "--accept", "phone", *REASON)
    assert done == f"{phone} redact: hidden 630-555-0142,\n"
    assert library.ok("request", "suggest", "2026-0001", phone) == ""


def test_a_direct_message_needs_a_word(library: Muniment, monkeypatch: pytest.MonkeyPatch) -> None:
    with writing(library, monkeypatch) as writer:
        direct = comment(writer, "For your eyes", visibility="direct")
    opened(library)
    library.ok("request", "add", "2026-0001", direct)
    release = ("request", "determine", "2026-0001", direct, "release")
    assert "not public" in library.fails(6, *release)
    assert library.ok(*release, "--although-private") == f"{direct} release\n"


def test_set_aside(office: tuple[Muniment, str, str]) -> None:
    library, phone, reply = office
    aside = ("request", "set-aside", "2026-0001", reply)
    assert "a reason is needed" in library.fails(2, *aside)
    assert library.ok(*aside, "--reason", "Not about parking") == "1 set aside\n"
    shown = json.loads(library.ok("request", "show", "2026-0001", "--json"))
    assert (shown["records"], shown["set_aside"], shown["undetermined"]) == (1, 1, 1)
    library.ok("request", "determine", "2026-0001", phone, "release")
    assert "closed: granted" in library.ok("request", "close", "2026-0001")


def test_extend(library: Muniment) -> None:
    opened(library)
    extend = ("request", "extend", "2026-0001")
    assert "give one of them" in library.fails(2, *extend)
    assert "grounds: stored-elsewhere" in library.fails(2, *extend, "--ground", "busy")
    assert library.ok(*extend, "--ground", "consultation") == (
        "request 2026-0001 is now due on Monday 16 March 2026\n"
        "5 business days after Monday 9 March 2026, that day not counted (5 ILCS 140/3(e), (f))\n"
    )
    assert "now due on Friday 1 May 2026" in library.ok(*extend, "--agreed-until", "2026-05-01")


def test_close(office: tuple[Muniment, str, str]) -> None:
    library, _, _ = office
    assert "2 responsive items are not determined yet" in library.fails(
        6, "request", "close", "2026-0001"
    )
    library.ok("request", "determine", "2026-0001", "undetermined", "release")
    assert library.ok("request", "close", "2026-0001") == "request 2026-0001 is closed: granted\n"
    assert library.ok("request", "list", "--open") == ""
    assert library.fails(5, "request", "show", "2026-0007").endswith(
        "there is no request 2026-0007 — muniment request list shows them all"
    )


def test_a_query_determines_and_redacts_in_bulk(office: tuple[Muniment, str, str]) -> None:
    library, phone, _ = office
    determine = ("request", "determine", "2026-0001")
    assert "--query takes some of all" in library.fails(
        2, *determine, phone, "release", "--query", "parking"
    )
    said = library.ok(*determine, "undetermined", "release", "--query", "author:Library")
    assert said == "1 item: release\n"
    redact = ("request", "redact", "2026-0001", "every", "--text", "Jane Roe", *PRIVATE)
    assert "no such record" in library.fails(6, *redact, "--query", "author:Library AND zoo")
    assert library.ok(*redact, "--query", "parking").startswith(f"{phone} redact: hidden Jane")


def test_a_second_person_signs_off(office: tuple[Muniment, str, str]) -> None:
    library, _, _ = office
    settings = library.folder / "muniment.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace('sign_off = ""', 'sign_off = "required"')
    )
    library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    ada = ("--as", "ada")
    library.ok(*ada, "request", "determine", "2026-0001", "undetermined", "release")
    export = (*ada, "export", "2026-0001", "--dry-run")
    assert "request sign-off 2026-0001" in library.fails(6, *export)
    assert "you determined 2 of these" in library.fails(6, *ada, "request", "sign-off", "2026-0001")
    said = library.ok("--as", "ben", "request", "sign-off", "2026-0001")
    assert said == "request 2026-0001 is signed off: 2 items\n"
    assert "  by ben\n" in library.ok(*ada, "request", "show", "2026-0001")
    assert library.ok(*export).startswith("Nothing was issued")


def test_an_image_is_painted_over(
    library: Muniment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = BytesIO()
    Image.new("RGB", (64, 48), "white").save(out, "PNG")
    with writing(library, monkeypatch) as writer:
        record = new_id()
        stored = writer.put_blob(record, [out.getvalue()])
        fields = {
            "text": "My boy",
            "visibility": "public",
            "attachment/0/alt": "Tim at home",
            "attachment/0/sha256": stored.sha256,
            "attachment/0/blob": stored.name,
        }
        parts = Parts.of(list(fields.items()))
        header = comment_header(writer, record)
        writer.capture([Draft("record.captured", record, header, parts)], new_id(), {})
    opened(library)
    library.ok("request", "add", "2026-0001", record)
    redact = ("request", "redact", "2026-0001", record)
    box = ("--attachment", "0", "--box", "4,4,20,10")
    shown = tmp_path / "shown.png"
    assert "by --attachment with --box" in library.fails(2, *redact, "--box", "1,1,2,2", *PRIVATE)
    assert "by --attachment with --box" in library.fails(2, *redact, "--attachment", "0", *PRIVATE)
    assert library.ok(*redact, "--attachment", "0", "--preview", shown) == (
        f"{shown}: 64 x 48 pixels; nothing was decided\n"
    )
    assert "has no attachment 1" in library.fails(
        2, *redact, "--attachment", "1", *box[2:], *PRIVATE
    )
    assert "an exemption is needed" in library.fails(2, *redact, *box, *REASON)
    result = library.run(*redact, *box, *PRIVATE)
    assert result.stdout == f"{record} redact: hidden 1 places of attachment 0\n"
    assert result.stderr == "attachment 0: its alt is shown: Tim at home\n"
    library.ok(*redact, "--attachment", "0", "--preview", shown)
    assert Image.open(shown).convert("RGB").getpixel((4, 4)) == (0, 0, 0)
    assert "released in part  1" in library.ok("export", "2026-0001", "--dry-run")
