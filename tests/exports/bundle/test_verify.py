"""Verification names what does not hold, and hostile bundles raise nothing else."""

import contextlib
import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import VerificationError
from archive.keys import public_bytes
from archive.notes import NoteKey
from exports._shown import pem
from exports.bundle import Issue, Report, _verify, verify_bundle
from tests.conftest import Clock
from tests.exports.bundle.answer import Answer, member, repacked
from tests.exports.bundle.conftest import main_street


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answer]:
    """SQLite alone: whoever verifies a bundle has no database; test_export makes it on each."""
    clock = Clock(datetime(2026, 3, 2, 15, tzinfo=UTC))
    answer = Answer.found(tmp_path_factory.mktemp("answer") / "library", clock)
    with answer.archive:
        yield main_street(answer)


@pytest.fixture(scope="module")
def exported(answer: Answer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exported") / "bundle.zip"
    answer.export(out)
    return out


@pytest.fixture
def bundle(exported: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copy(exported, tmp_path / "bundle.zip"))


FILES = (
    "VERIFY.md",
    "bag-info.txt",
    "bagit.txt",
    "data/attachments/000005-0-detour-map.txt",
    "data/index.html",
    "data/proofs/000002.tlog-proof",
    "data/proofs/checkpoint",
    "data/proofs/log-key.pem",
    "data/proofs/log-key.pub",
    "data/records.csv",
    "data/records.jsonl",
    "data/response.pdf",
    "data/withheld.csv",
    "manifest-sha256.txt",
    "manifest-sha512.txt",
    "tagmanifest-sha256.txt",
    "tagmanifest-sha512.txt",
)


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def places(report: Report) -> str:
    return "\n".join(map(str, report.findings))


def checked(bundle: Path, changed: dict[str, bytes | None]) -> Report:
    altered = bundle.with_name("altered.zip")
    altered.write_bytes(repacked(bundle, changed))
    return verify_bundle(altered)


def rebagged(bundle: Path, changed: dict[str, bytes | None]) -> Report:
    """A forger's bundle: files are changed and every manifest made to fit again."""
    with zipfile.ZipFile(bundle) as opened:
        files: dict[str, bytes] = {name: opened.read(name) for name in opened.namelist()}
    files |= {name: content for name, content in changed.items() if content is not None}
    for name, content in changed.items():
        if content is None:
            del files[name]
    payload = sorted(name for name in files if name.startswith("data/"))
    total = sum(len(files[name]) for name in payload)
    files["bag-info.txt"] = re.sub(
        rb"Oxum: .*", f"Oxum: {total}.{len(payload)}".encode(), files["bag-info.txt"]
    )
    for kind in ("manifest", "tagmanifest"):
        listed = (
            payload
            if kind == "manifest"
            else sorted(n for n in files if not n.startswith(("data/", "tagmanifest")))
        )
        for algorithm in ("sha256", "sha512"):
            files[f"{kind}-{algorithm}.txt"] = b"".join(
                f"{hashlib.new(algorithm, files[name]).hexdigest()}  {name}\n".encode()
                for name in listed
            )
    return checked(bundle, dict(files) | dict.fromkeys(n for n, c in changed.items() if c is None))


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_bit_is_found_and_its_file_named(bundle: Path, name: str) -> None:
    content = member(bundle, name)
    for at in (0, len(content) // 2, len(content) - 1):
        report = checked(bundle, {name: flipped(content, at)})
        assert not report.ok
        assert name in places(report), (at, places(report))


def test_a_second_process_finds_the_same(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    altered = bundle.with_name("altered.zip")
    page = member(bundle, "data/index.html").replace(b'"value":"Resident"', b'"value":"Restless"')
    changed = {"data/index.html": page, "data/proofs/000002.tlog-proof": b"none"}
    altered.write_bytes(repacked(bundle, {**changed}))
    alone = verify_bundle(altered, alone=True)
    monkeypatch.setattr(_verify, "_MANY", 0)
    assert verify_bundle(altered) == alone
    assert "data/index.html, record 2, part author/name" in places(alone)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(bundle: Path, name: str) -> None:
    report = checked(bundle, {name: None})
    assert name in places(report)


def test_every_byte_of_the_zip_itself_counts(bundle: Path) -> None:
    whole = bundle.read_bytes()
    altered = bundle.with_name("altered.zip")
    step = max(1, len(whole) // 150)
    with zipfile.ZipFile(bundle) as opened:
        directory = range(opened.start_dir, len(whole), 97)
    for at in [*range(0, len(whole), step), *directory]:
        altered.write_bytes(flipped(whole, at))
        try:
            assert not verify_bundle(altered).ok, at
        except VerificationError:
            continue


def test_a_zip_that_was_only_packed_anew_is_told_from_a_damaged_one(bundle: Path) -> None:
    altered = bundle.with_name("altered.zip")
    with zipfile.ZipFile(bundle) as given, zipfile.ZipFile(altered, "w") as packed:
        for name in given.namelist():
            packed.writestr(name, given.read(name))
    [finding] = verify_bundle(altered).findings
    assert "its files hold" in str(finding)


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_else(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("hostile") / "bundle.zip"
    path.write_bytes(data)
    with pytest.raises(VerificationError):
        verify_bundle(path)


@settings(max_examples=40)
@given(data=st.data())
def test_no_content_raises_anything_else(
    exported: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(FILES))
    content = data.draw(
        st.binary(max_size=200)
        | st.sampled_from([b"{}\n", b"[]\n", b"null\n", b'{"number":1}\n', b"\n\n", b"1\n"])
    )
    altered = tmp_path_factory.mktemp("hostile") / "bundle.zip"
    altered.write_bytes(repacked(exported, {name: content}))
    with contextlib.suppress(VerificationError):
        assert not verify_bundle(altered).ok


Forge = Callable[[dict[str, object]], None]


def _of_record(bundle: Path, number: int, forge: Forge) -> bytes:
    lines = member(bundle, "data/records.jsonl").splitlines()
    record = orjson.loads(lines[number - 1])
    forge(record)
    lines[number - 1] = orjson.dumps(record)
    return b"\n".join(lines) + b"\n"


def _set(path: str, member_name: str, value: object) -> Forge:
    def forge(record: dict[str, object]) -> None:
        parts = record["parts"]
        assert isinstance(parts, list)
        next(part for part in parts if part["path"] == path)[member_name] = value

    return forge


@pytest.mark.parametrize(
    ("number", "forge", "said"),
    [
        (1, _set("text/0", "value", "Side "), "header commits to"),
        (1, _set("text/0", "salt", "00" * 16), "header commits to"),
        (2, _set("text/2", "digest", "00" * 32), "header commits to"),
        (1, lambda r: r["parts"].pop(3), "header commits to"),
        (1, lambda r: r.update(header=str(r["header"]).replace("comment", "cement")), "root"),
        (1, lambda r: r.update(index=3), "another entry"),
        (4, lambda r: r.update(outcome="release"), "header commits to"),
        (1, lambda r: r.update(number=7), "not a disclosed record"),
        (3, lambda r: r.update(extra=1), "not a disclosed record"),
    ],
)  # fmt: skip
def test_a_forged_record_is_named(bundle: Path, number: int, forge: Forge, said: str) -> None:
    report = rebagged(bundle, {"data/records.jsonl": _of_record(bundle, number, forge)})
    named = [str(finding) for finding in report.findings if f"record {number}" in finding.place]
    assert any(said in text for text in named), places(report)


def test_a_forged_part_of_the_page_is_named(bundle: Path) -> None:
    page = member(bundle, "data/index.html").replace(b'"value":"Resident"', b'"value":"Restless"')
    report = rebagged(bundle, {"data/index.html": page})
    assert "data/index.html, record 2, part author/name" in places(report)


@pytest.mark.parametrize(
    ("given", "forged"),
    [
        (b'"records":[\n', b'"records":['),
        (b'"records":[\n', b'"records":[\n</script>'),
        (b"\n]}</script>", b"\n] }</script>"),
        (b"\n]}</script>", b",\n]}</script>"),
        (b"},\n{", b"}\n{"),
        (b"},\n{", b"}\n]}</script>\n,{"),
        (b'<script id="bundle"', b'<script id="bungle"'),
    ],
)
def test_a_page_whose_data_is_not_in_its_form_is_named(
    bundle: Path, given: bytes, forged: bytes
) -> None:
    page = member(bundle, "data/index.html")
    assert given in page
    report = rebagged(bundle, {"data/index.html": page.replace(given, forged, 1)})
    assert "data/index.html" in places(report)


@pytest.fixture(scope="module")
def corrected(answer: Answer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with everything that can go along, which supersedes another one."""
    out = tmp_path_factory.mktemp("corrected") / "bundle.zip"
    earlier = Issue("ab" * 32, datetime(2026, 3, 1, 9, tzinfo=UTC), answer.request.id)
    answer.load_file, answer.warc, answer.supersedes = True, True, earlier
    answer.export(out)
    answer.load_file, answer.warc, answer.supersedes = False, False, None
    return out


FORGED = {
    "data/records.csv": (b"Friday", b"Monday", "data/records.csv, record 1"),
    "data/records.csv, its end": (b"", b"6,release\r\n", "data/records.csv: more than"),
    "data/withheld.csv": (b"patron", b"nobody", "data/withheld.csv, record 4"),
    "data/withheld.csv, a title": (b"Private inf", b"Pirate info", "data/withheld.csv, record 2"),
    "data/records.warc": (b"[7(1)(b)]", b"[7(1)(x)]", "data/records.warc, record 2"),
    "data/records.warc, its head": (b"warcinfo", b"metadata", "data/records.warc: not what"),
    "data/load/text/000003.txt": (b"reopen", b"close", "data/load/text/000003.txt: not what"),
    "data/load/records.dat": (b"@city", b"@town", "data/load/records.dat, record 1"),
    "data/load/records.dat, a file": (b".0001", b".0002", "data/load/records.dat, record 5"),
    "data/load/records.dat, a page": (b"CML000009", b"CML900009", "record 1: begins on no page"),
    "data/load/records.dat, its end": (b"", b"more\r\n", "data/load/records.dat, record 6: begins"),
    "data/load/records.opt": (b"VOL001", b"VOL002", "data/load/records.opt: not what"),
    "bag-info.txt": (b"2026-014", b"2026-015", "bag-info.txt: not what the page says"),
    "bag-info.txt, superseded": (b"abab", b"baba", "bag-info.txt: not what the page says"),
}


@pytest.mark.parametrize("kind", FORGED)
def test_what_is_told_twice_is_told_alike(corrected: Path, tmp_path: Path, kind: str) -> None:
    before, after, said = FORGED[kind]
    bundle, name = Path(shutil.copy(corrected, tmp_path / "bundle.zip")), kind.partition(",")[0]
    content = member(bundle, name)
    forged = content.replace(before, after, 1) if before else content + after
    assert forged != content
    assert said in places(rebagged(bundle, {name: forged}))


def test_a_record_without_a_row_or_pages_of_its_own_is_named(
    corrected: Path, tmp_path: Path
) -> None:
    bundle, name = Path(shutil.copy(corrected, tmp_path / "bundle.zip")), "data/load/records.dat"
    *lines, record, file = member(bundle, name).splitlines(keepends=True)
    report = rebagged(bundle, {name: b"".join(lines)})
    assert f"{name}, record 5: missing" in places(report)
    report = rebagged(bundle, {name: b"".join([*lines, lines[1], record, file])})
    assert f"{name}, record 5: begins where another does" in places(report)


def test_it_says_what_it_supersedes(corrected: Path, bundle: Path) -> None:
    report = verify_bundle(corrected)
    assert report.findings == ()
    assert report.supersedes == f"issued 2026-03-01T09:00:00.000000Z, SHA-256 {'ab' * 32}"
    assert verify_bundle(bundle).supersedes == ""


def test_another_key_for_openssl_is_named(bundle: Path) -> None:
    name = "data/proofs/log-key.pem"
    other = pem(NoteKey("other", public_bytes(Ed25519PrivateKey.generate())))
    assert name in places(rebagged(bundle, {name: other.encode()}))


def test_a_forged_attachment_is_named(bundle: Path) -> None:
    name = "data/attachments/000005-0-detour-map.txt"
    assert name in places(rebagged(bundle, {name: b"from Side Street\n"}))


def test_a_file_that_does_not_belong_is_named(bundle: Path) -> None:
    assert "data/more.txt" in places(rebagged(bundle, {"data/more.txt": b"more"}))


def test_a_head_signed_by_another_key_is_found(bundle: Path, answer: Answer) -> None:
    other = NoteKey(answer.archive.origin, public_bytes(Ed25519PrivateKey.generate()))
    report = rebagged(bundle, {"data/proofs/log-key.pub": f"{other}\n".encode()})
    assert "data/proofs/checkpoint" in places(report)
    known = verify_bundle(bundle, key=other)
    assert "not the key that was given" in places(known)
    assert verify_bundle(bundle, key=answer.archive.log_key).ok


def _with_entry(bundle: Path, info: zipfile.ZipInfo, content: bytes) -> Path:
    out = io.BytesIO(bundle.read_bytes())
    with zipfile.ZipFile(out, "a") as opened:
        opened.writestr(info, content)
    altered = bundle.with_name("altered.zip")
    altered.write_bytes(out.getvalue())
    return altered


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", "data/../../x", "data\\x", "C:x", "data//x", "data/x\x1b"]
)
def test_names_that_leave_the_bundle_are_refused(bundle: Path, name: str) -> None:
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    with pytest.raises(VerificationError, match="stays within"):
        verify_bundle(_with_entry(bundle, info, b"x"))


@pytest.mark.parametrize("name", ["data/records.csv", "data/RECORDS.csv"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(bundle: Path, name: str) -> None:
    with pytest.raises(VerificationError, match="two files of one name"):
        verify_bundle(_with_entry(bundle, zipfile.ZipInfo(name), b"x"))


def test_links_are_refused(bundle: Path) -> None:
    info = zipfile.ZipInfo("data/link")
    info.external_attr = 0o120777 << 16
    with pytest.raises(VerificationError, match="a link"):
        verify_bundle(_with_entry(bundle, info, b"/etc/passwd"))


def test_a_zip_bomb_is_refused(bundle: Path) -> None:
    info = zipfile.ZipInfo("data/bomb")
    info.compress_type = zipfile.ZIP_DEFLATED
    with pytest.raises(VerificationError, match="claims to unpack"):
        verify_bundle(_with_entry(bundle, info, bytes(30_000_000)))


def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="no such file"):
        verify_bundle(tmp_path / "nowhere.zip")
    (tmp_path / "empty").mkdir()
    assert not verify_bundle(tmp_path / "empty").ok
