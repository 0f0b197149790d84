"""The page of a bundle in a real browser: what it shows, what it verifies, what it never lets out.

It is opened as its reader opens it, as a file. One browser and one bundle serve all of this.
"""

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import orjson
import pytest

from archive import accounts, timestamps
from exports.bundle import Issue, verify_bundle
from tests import chromium
from tests.conftest import Clock
from tests.exports.bundle.answer import Answer, member, repacked
from tests.exports.bundle.conftest import main_street
from tests.tsa import Authority

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = (
    "</script><script>document.title='run'</script>\u2028"
    "<!-- <img src=x onerror=\"document.title='run'\">"
    " &amp; \u202egnp.exe\u2066 ]]> `${document.title='run'}`"
)


def _library(answer: Answer) -> Answer:
    """Main Street, and a conversation in which an answer is captured before what it answers."""
    with answer.archive.write(answer.agent) as writer:
        handle, name = "@library@example.social", "Cook Memorial Library"
        answer.account = accounts.find_or_add(writer, "mastodon", handle, name=name)
    main_street(answer)
    for text, native, parent, author, posted in (
        ("Second answer, below the first", "c2", "c1", "Bo", "24T09"),
        ("The library opens late on Monday", "p1", "", "Library", "22T09"),
        ("A later answer", "c3", "p1", "Cy", "23T10"),
        ("First answer", "c1", "p1", "Al", "23T09"),
    ):
        item = {"text": text, "native_id": native, "parent": parent, "author/name": author}
        answer.decide({**item, "occurred_at": f"2026-02-{posted}:00:00.000000Z"})
    hostile = {"text": HOSTILE, "title": HOSTILE, "author/name": "<b>Bob</b>\u202e"}
    answer.decide({**hostile, "parent": "no", "attachment/0/name": "<i>.txt", "file": b"\xff"})
    return answer


def _stamp(answer: Answer, authority: Authority) -> None:
    with answer.archive.read() as reader:
        asked = timestamps.query(reader)
    reply = authority.reply(asked.der)
    timestamps.add(answer.archive, answer.agent, reply, asked, [authority.root])
    answer.authorities = (authority.root,)


@dataclass(frozen=True)
class Opened:
    """The bundle, the folder that it was unpacked to, and a browser's tab to open it in."""

    bundle: Path
    folder: Path
    tab: "Page"

    def page(self, change: Callable[[bytes], bytes] | None = None) -> "Page":
        """The bundle's page, opened anew; altered first where `change` says so."""
        path = self.folder / "data" / "index.html"
        if change is not None:
            content = path.read_bytes()
            altered = change(content)
            assert altered != content
            path = self.bundle.with_name("altered.html")
            path.write_bytes(altered)
        self.tab.goto(path.as_uri())
        return self.tab

    def zipped(self, changed: dict[str, bytes | None]) -> Path:
        altered = self.bundle.with_name("altered.zip")
        altered.write_bytes(repacked(self.bundle, changed))
        return altered


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with chromium.running() as browser:
        folder = tmp_path_factory.mktemp("page")
        clock = Clock(datetime(2026, 3, 2, tzinfo=UTC))
        answer = Answer.found(folder / "library", clock)
        with answer.archive:
            _library(answer)
            _stamp(answer, Authority(folder / "tsa"))
            answer.load_file = answer.warc = True
            answer.supersedes = Issue("ab" * 32, clock.now, answer.request.id)
            answer.export(folder / "bundle.zip")
        with zipfile.ZipFile(folder / "bundle.zip") as bag:
            bag.extractall(folder / "bag")
        yield Opened(folder / "bundle.zip", folder / "bag", browser.new_page())


@pytest.fixture
def page(opened: Opened) -> "Page":
    return opened.page()


def verified(page: "Page") -> str:
    """What the page says after it has verified itself."""
    page.click("#verify")
    page.wait_for_selector("#result p")
    return page.inner_text("#result") + "\n" + page.inner_text("#details")


def handed(page: "Page", picker: str, path: Path) -> str:
    """What the page says about the files that are handed to it."""
    if picker == "#zip":
        page.set_input_files(picker, [])
    page.evaluate("say('file-result', '', '')")
    page.set_input_files(picker, path)
    page.wait_for_selector("#file-result.good, #file-result.bad, #file-result.part")
    return page.inner_text("#file-result") + "\n" + page.inner_text("#file-details")


def numbers(page: "Page") -> list[int]:
    found = page.eval_on_selector_all("#list article", "all => all.map((one) => one.id)")
    return [int(name.removeprefix("record-")) for name in found]


def filtered(page: "Page") -> list[int]:
    page.evaluate("filter()")
    return numbers(page)


def test_a_good_bundle_verifies_and_says_what_is_hidden(page: "Page") -> None:
    said = verified(page)
    assert said.startswith("✓ All 10 records are what was captured")
    assert re.search(r"3 of \d+ parts hidden under 7\(1\)\(b\) in 1 record: Private inf", said)
    assert "1 record withheld as a whole under 7.5(b)" in said
    assert re.search(
        r"parts not shown \(\d+ hidden by exemptions, \d+ kept back as the archive's own", said
    )
    assert "The bundle's files, 2 attachments among them" in said.partition("not checked")[2]
    assert "Town Time Stamps stamped the log" in said.partition("not checked")[2]
    assert "Whether a record was left out" in said.partition("not checked")[2]
    assert page.locator("article .check.good").count() == 10
    second = page.inner_text("#record-2")
    assert "✓ verified: 12 of 18 parts shown" in second
    assert "4 of 18 parts hidden, 1 under 7(1)(c), 3 under 7(1)(b)" in second
    assert "Names a private person" in second
    assert "All parts, under 7.5(b)" in page.inner_text("#record-4")


def test_files_are_checked_from_the_zip_and_from_a_folder(opened: Opened, page: "Page") -> None:
    assert "The bundle's files" in verified(page)
    for picker, path in (("#zip", opened.bundle), ("#folder", opened.folder)):
        said = handed(page, picker, path)
        assert said.startswith("✓ All "), said
        assert "2 attachments against the digests in the records" in said
        assert "Whether response.pdf" in said.partition("not checked")[2]
        assert "The bundle's files" not in page.inner_text("#details")


def test_what_is_superseded_is_shown_and_compared(opened: Opened, page: "Page") -> None:
    assert f"SHA-256 {'ab' * 32}" in page.inner_text("#supersedes")
    info = member(opened.bundle, "bag-info.txt").replace(b"abab", b"baba", 1)
    said = handed(page, "#zip", opened.zipped({"bag-info.txt": info}))
    assert "bag-info.txt: not what this page says that the bundle supersedes" in said


def test_the_key_is_shown_to_be_compared(opened: Opened, page: "Page") -> None:
    report = verify_bundle(opened.bundle)
    shown = page.inner_text("#fingerprint")
    for published, expected in (
        (shown, "✓"),
        (report.key, "✓"),
        (shown.replace(" ", "").upper(), "✓"),
        (shown[:-1], "✗"),
        (report.key.swapcase(), "✗"),
    ):
        page.fill("#published", published)
        assert page.inner_text("#key-result").startswith(expected), published


def _flip(pattern: bytes, bit: int = 1) -> Callable[[bytes], bytes]:
    """One bit flipped in the byte that is group 1 of the pattern's first match in the data."""

    def change(content: bytes) -> bytes:
        match = re.compile(pattern).search(content, content.index(b'<script id="bundle"'))
        assert match is not None
        at = match.start(1)
        return content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]

    return change


PARTS = "Record 1: its parts are not what was captured"
UNREADABLE = "Record 1: its parts cannot be read"
LEADS = "Record 1: it does not lead to the log's head"
ROOT = rb'"checkpoint":"[^"\\]+\\n[0-9]+\\n.*?([b-yB-Y])'
KEY = rb'"key":"[^"+]+\+[0-9a-f]{8}\+A.{8}.*?([b-yB-Y])'
SIGNED = "The signature of the log's head is wrong"
DAMAGE = {
    "part value": (_flip(rb'"value":"(M)ain '), PARTS),
    "salt": (_flip(rb'"salt":"[a-f]*([0-9])'), PARTS),
    "case of a salt": (_flip(rb'"salt":"[0-9]*([a-f])', bit=0x20), UNREADABLE),
    "path of a part": (_flip(rb'"path":"(t)itle/0"'), PARTS),
    "digest": (_flip(rb'"digest":"[a-f]*([0-9])'), PARTS),
    "header": (_flip(rb'\\"kind\\":\\"(c)omment'), LEADS),
    "commitment": (_flip(rb'\\"commitment\\":\\"[a-f]*([0-9])'), PARTS),
    "proof": (_flip(rb'"path":\["[^"]*?([b-yB-Y])'), LEADS),
    "index": (_flip(rb'"index":([0-9])'), LEADS),
    "outcome": (_flip(rb'"number":2,"record":"[^"]+","(o)utcome"'), "Record 2: it cannot be read"),
    "record": (_flip(rb'"record":"([0-9a-f])'), "Record 1: its header is of another record"),
    "member": (_flip(rb'"(p)arts":\['), "Record 1: it cannot be read"),
    "checkpoint size": (_flip(rb'"checkpoint":"[^"\\]+\\n([0-9])'), SIGNED),
    "checkpoint root": (_flip(ROOT), "Record 10: it does not"),
    "signature": (_flip(rb'\\n\\n[^"]+ .{20}.*?([b-yB-Y])'), SIGNED),
    "key": (_flip(KEY), "The log's key cannot be read"),
    "key's name": (_flip(rb'"key":"(.)'), "The log's key cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
def test_one_flipped_byte_of_the_evidence_shows(opened: Opened, kind: str) -> None:
    change, expected = DAMAGE[kind]
    page = opened.page(change)
    said = verified(page)
    assert said.startswith("✗ This bundle does not verify"), said
    assert expected in said, said
    if expected.startswith("Record"):
        number = expected.split()[1].rstrip(":")
        assert "✗" in page.inner_text(f"#record-{number} .check")
        page.select_option("#state", "bad")
        assert int(number) in filtered(page)


def test_data_that_cannot_be_read_is_said_to_be_damaged(opened: Opened) -> None:
    page = opened.page(_flip(rb'"records"(:)'))
    assert "This page is damaged" in page.inner_text("[role=alert]")
    assert not page.is_visible("#verify")


FILES = {
    "VERIFY.md": "not the file that is listed in tagmanifest-sha256.txt",
    "bag-info.txt": "not the file that is listed in tagmanifest-sha512.txt",
    "bagit.txt": "not the declaration",
    "data/attachments/000005-0-detour-map.txt": "not the attachment that record 5 names",
    "data/index.html": "not the file that is listed in manifest-sha256.txt",
    "data/proofs/000002.tlog-proof": "not the proof of record 2",
    "data/proofs/checkpoint": "not the log's head that this page holds",
    "data/proofs/log-key.pem": "not the key that this page holds",
    "data/proofs/log-key.pub": "not the key that this page holds",
    "data/records.csv": "not the file that is listed in manifest-sha512.txt",
    "data/records.jsonl": "record 5 is not what this page shows",
    "data/response.pdf": "not the file that is listed",
    "data/withheld.csv": "not the file that is listed",
    "manifest-sha256.txt": "listed in",
    "manifest-sha512.txt": "not the file that is listed in tagmanifest-sha256.txt",
    "tagmanifest-sha256.txt": "listed in",
    "tagmanifest-sha512.txt": "listed in",
}


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_of_a_file_shows(opened: Opened, page: "Page", name: str) -> None:
    content = member(opened.bundle, name)
    at = content.index(b"detour-map") if name.endswith("jsonl") else len(content) // 2
    flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    said = handed(page, "#zip", opened.zipped({name: flipped}))
    assert said.startswith("✗"), said
    assert FILES[name] in said, said
    assert any(name in line for line in said.splitlines()), said


def drop(page: "Page", path: Path) -> str:
    """What the page says about a file or a folder that is dropped on it."""
    page.evaluate("say('file-result', '', '')")
    page.locator("#drop").scroll_into_view_if_needed()
    box = page.locator("#drop").bounding_box()
    assert box is not None
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    browser = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
        assert ("over" in (page.get_attribute("#drop", "class") or "")) == (kind != "drop")
    page.wait_for_selector("#file-result.good, #file-result.bad")
    return page.inner_text("#file-result")


def test_a_zip_and_a_folder_may_be_dropped(opened: Opened, page: "Page") -> None:
    assert drop(page, opened.bundle).startswith("✓ All ")
    altered = opened.zipped({"data/records.csv": b"number"})
    assert drop(page, altered).startswith("✗ ")
    # Chromium hands over no folder below /dev, where temporary files may lie.
    with TemporaryDirectory(dir="/var/tmp") as folder:
        shutil.copytree(opened.folder, bag := Path(folder) / "bag")
        assert drop(page, bag).startswith("✓ All ")
        (bag / "data/records.csv").unlink()
        assert drop(page, bag).startswith("✗ ")


def test_the_zip_is_reached_by_keyboard(opened: Opened, page: "Page") -> None:
    page.focus("#verify")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "zip"
    page.set_input_files("#zip", opened.bundle)
    page.wait_for_selector("#file-result.good")


def test_what_is_missing_or_does_not_belong_shows(opened: Opened, page: "Page") -> None:
    name = "data/attachments/000005-0-detour-map.txt"
    said = handed(page, "#zip", opened.zipped({name: None, "data/more.txt": b"more"}))
    assert f"{name}: listed in manifest-sha256.txt, but not there" in said
    assert "data/more.txt: a file that no bundle has" in said


def test_zips_that_are_not_as_issued_are_refused(opened: Opened, page: "Page") -> None:
    whole = opened.bundle.read_bytes()
    altered = opened.bundle.with_name("altered.zip")
    compressed = io.BytesIO()
    with zipfile.ZipFile(compressed, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("bagit.txt", "again " * 99)
    for content, why in (
        (whole + b"more", "something was added behind its end"),
        (b"no zip at all", "it is no zip file"),
        (compressed.getvalue(), "its files are compressed"),
        (whole[:-22], "it is no zip file"),
        (b"", "it is no zip file"),
    ):
        altered.write_bytes(content)
        said = handed(page, "#zip", altered)
        assert said.startswith("✗ This is not the bundle as it was issued"), said
        assert why in said, said


def test_hostile_text_is_text(page: "Page", opened: Opened) -> None:
    tenth = page.locator("#record-10")
    assert tenth.locator(".text").first.text_content() == HOSTILE
    assert "<b>Bob</b>" in tenth.inner_text()
    page.fill("#words", "</SCRIPT>")
    assert filtered(page) == [10]
    assert page.locator("#record-10 mark").first.text_content() == "</script>"
    assert page.title() == "Response to public records request 2026-014"
    assert page.locator("#list img, #list script, #list b, #list i").count() == 0
    content = member(opened.bundle, "data/index.html")
    assert content.count(b"<script") == content.count(b"</script") == 2
    for text in page.locator("#record-10 .text, #record-10 dd").all():
        assert text.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"


WAYS_OUT = [
    *("connect-src", "img-src", "frame-src"),
    *("script-src-elem", "script-src-attr", "style-src-elem"),
]


def test_nothing_leaves_the_page(opened: Opened) -> None:
    """Its policy refuses every way out, and the page itself tries none."""
    asked: list[str] = []
    opened.tab.on("request", lambda request: asked.append(request.url))
    page = opened.page()
    verified(page)
    handed(page, "#zip", opened.bundle)
    assert asked == [page.url]
    refused = page.evaluate(
        """async (wanted) => {
        const refused = [];
        document.addEventListener(
          "securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
        await fetch("http://127.0.0.1:9/").catch(() => {});
        new Image().src = "http://127.0.0.1:9/x.png";
        for (const [tag, more] of [["script", {textContent: "document.title = 'run'"}],
            ["style", {textContent: "body { color: red }"}], ["iframe", {src: "http://127.0.0.1:9/"}],
            ["div", {innerHTML: "<i onclick=\\"document.title = 'run'\\"></i>"}]]) {
          const made = Object.assign(document.createElement(tag), more);
          document.body.append(made);
          made.firstChild?.click?.();
        }
        try { new WebSocket("ws://127.0.0.1:9/"); } catch {}
        try { navigator.sendBeacon("http://127.0.0.1:9/"); } catch {}
        for (let i = 0; i < 200 && !wanted.every((one) => refused.includes(one)); i += 1) {
          await new Promise((done) => setTimeout(done, 25));
        }
        return [document.title, ...wanted.filter((one) => !refused.includes(one))];
      }""",
        WAYS_OUT,
    )
    assert refused == ["Response to public records request 2026-014"]


def test_records_are_searched_and_filtered(page: "Page") -> None:
    assert numbers(page) == list(range(1, 11))
    page.fill("#words", "ANSWER first")
    assert filtered(page) == [6, 9]
    assert page.inner_text("#count") == "2 of 10 records"
    page.click("#clear")
    page.select_option("#exemption", "7(1)(c)")
    assert filtered(page) == [2, 3]
    page.uncheck("[value=redact]")
    assert filtered(page) == []
    assert "No record fits" in page.inner_text("#list")
    page.click("#clear")
    page.fill("#from", "2026-02-22")
    page.fill("#to", "2026-02-23")
    assert filtered(page) == [7, 8, 9]
    page.click("#clear")
    page.select_option("#account", label="Cook Memorial Library")
    page.select_option("#kind", "comment")
    assert filtered(page) == list(range(1, 11))
    page.click("[aria-label='Show the records under 7.5(b)']")
    assert numbers(page) == [4]


def test_conversations_stand_in_order_with_what_they_answer(page: "Page") -> None:
    page.select_option("#order", "thread")
    assert filtered(page) == [1, 2, 3, 4, 5, 7, 9, 6, 8, 10]
    depths = [page.get_attribute(f"#record-{number}", "class") for number in (7, 9, 6, 8)]
    assert depths == [None, "depth-1", "depth-2", "depth-1"]
    page.fill("#words", "below")
    assert filtered(page) == [7, 9, 6]
    assert page.inner_text("#count") == "1 of 10 records, and 2 that they answer"
    assert "a record below answers it" in page.inner_text("#record-7")
    assert "a record that is not in this bundle" not in page.inner_text("#list")
    page.click("#record-6 a[href='#record-9']")
    page.wait_for_selector("#record-9:focus")
    page.click("#clear")
    assert "In reply to\na record that is not in this bundle" in page.inner_text("#record-10")


def test_the_page_is_worked_by_keyboard_alone(page: "Page") -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "list"
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.type || ''")
        )
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none" or reached[-1] in ("", "list"), reached[-1]
    wanted = ["verify", "zip", "folder", "published", "words", "exemption", "from", "clear"]
    assert list(dict.fromkeys(name for name in reached if name in wanted)) == wanted
    page.focus("#verify")
    page.keyboard.press("Enter")
    page.wait_for_selector("#result.good")


@pytest.mark.parametrize(("scheme", "width"), [("dark", 360), ("light", 1200)])
def test_axe_finds_nothing(opened: Opened, scheme: Literal["dark", "light"], width: int) -> None:
    """Every rule of WCAG 2.2 A and AA and of good practice that axe can check."""
    from axe_playwright_python.sync_playwright import Axe

    opened.tab.emulate_media(color_scheme=scheme)
    opened.tab.set_viewport_size({"width": width, "height": 800})
    page = opened.page(_flip(rb'"value":"(M)ain '))
    page.select_option("#order", "thread")
    page.fill("#words", "e")
    filtered(page)
    verified(page)
    handed(page, "#zip", opened.bundle)
    page.fill("#published", "another")
    page.click("#record-2 summary")
    found = Axe().run(page).response
    problems = {v["id"]: [n["html"][:200] for n in v["nodes"]] for v in found["violations"]}
    assert not problems
    assert {"color-contrast", "landmark-one-main", "heading-order", "label"} <= {
        rule["id"] for rule in found["passes"]
    }
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


def test_thousands_of_records_are_shown_a_page_at_a_time(opened: Opened) -> None:
    """Records 1 to 10 again and again; their numbers alone differ."""

    def many(content: bytes) -> bytes:
        head, _, rest = content.partition(b',"records":[\n')
        lines, end, tail = rest.partition(b"\n]}")
        held = [orjson.loads(line) for line in lines.split(b",\n")]
        more = [{**held[n % 10], "number": n + 1} for n in range(1_000)]
        safe = b",\n".join(map(orjson.dumps, more)).replace(b"<", b"\\u003c")
        return head + b',"records":[\n' + safe + end + tail

    page = opened.page(many)
    assert numbers(page) == list(range(1, 51))
    page.click("#later")
    assert numbers(page) == list(range(51, 101))
    assert page.inner_text("#place") == "51 to 100 of 1,000"
    page.evaluate("location.hash = 'record-777'")
    page.wait_for_selector("#record-777:focus")
    page.click("#earlier")
    assert numbers(page)[0] == 701
    assert verified(page).startswith("✓ All 1,000 records")
