import shutil
import socket
import subprocess
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from archive import (
    KeyProblem,
    MunimentError,
    NotFound,
    Refused,
    SourceError,
    UsageError,
    VerificationError,
    _rfc3161,
    times,
    timestamps,
)
from archive._tsa import MAX_ANSWER
from archive.timestamps import Query, ask
from tests.archive.library import Library, places
from tests.tsa import Answer, Authority, answering, endless, rejection, serving, silent

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command")

PAST = datetime(2019, 5, 6, 7, 8, 9, tzinfo=UTC)
LONG_AGO = (PAST - timedelta(days=1), PAST + timedelta(days=1))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "a")


@pytest.fixture(scope="module")
def retired(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority whose certificate expired years ago."""
    return Authority(tmp_path_factory.mktemp("tsa") / "retired", valid=LONG_AGO)


@pytest.fixture
def asked(library: Library) -> Query:
    with library.archive.read() as reader:
        return timestamps.query(reader)


def note_of(library: Library, size: int | None = None) -> bytes:
    with library.archive.read() as reader:
        return reader.checkpoint(size).encode()


def check(library: Library, position: int) -> None:
    with library.archive.snapshot() as reader:
        timestamps.check(library.archive, reader, reader.entry(position))


def openssl_says(folder: Path, note: bytes, token: bytes, ca: Path, *more: str) -> str:
    (folder / "checkpoint").write_bytes(note)
    (folder / "token.tsr").write_bytes(token)
    command = ["openssl", "ts", "-verify", "-data", "checkpoint", "-in", "token.tsr"]
    command += ["-CAfile", str(ca), *more]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_a_real_authority_stamps_the_head(
    library: Library, authority: Authority, asked: Query, tmp_path: Path
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    note = note_of(library)
    assert asked.imprint == sha256(note).digest()
    with serving(answering(authority.reply)) as url:
        answer = ask(url, asked.der)
    stamp = timestamps.add(library.archive, library.ada, answer, asked, [authority.root])
    assert (stamp.size, stamp.position) == (2, 2)
    assert before <= stamp.time <= datetime.now(UTC)
    assert timestamps.authority(stamp) == "Town Time Stamps"
    check(library, stamp.position)
    with library.archive.read() as reader:
        assert timestamps.every(reader, library.archive.config.id) == [stamp]
        entry = reader.entry(stamp.position)
    assert entry.type == "log.timestamped"
    assert entry.subject == library.archive.config.id
    assert entry.data == {
        "size": 2,
        "sha256": sha256(note).hexdigest(),
        "time": times.to_text(stamp.time),
        "token": b64encode(answer).decode(),
    }
    assert timestamps.trusted(library.archive) == (authority.root,)
    assert openssl_says(tmp_path, note, stamp.token, authority.ca) == "Verification: OK\n"


def test_a_chain_that_has_expired_since_still_holds(
    library: Library, retired: Authority, asked: Query, tmp_path: Path
) -> None:
    answer = retired.stamp(asked.der, PAST)
    stamp = timestamps.add(library.archive, library.ada, answer, asked, [retired.root])
    assert stamp.time == PAST
    check(library, stamp.position)
    note = note_of(library, stamp.size)
    at = ("-attime", str(int(PAST.timestamp())))
    assert openssl_says(tmp_path, note, answer, retired.ca, *at) == "Verification: OK\n"
    assert "OK" not in openssl_says(tmp_path, note, answer, retired.ca)


@pytest.mark.parametrize(
    ("moved", "problem"),
    [(timedelta(days=2), "had expired at its time"), (-timedelta(days=2), "not valid yet")],
)
def test_a_chain_that_did_not_hold_at_the_token_s_time_is_refused(
    sqlite_library: Library, retired: Authority, moved: timedelta, problem: str
) -> None:
    asked = Query.of(note_of(sqlite_library))
    answer = retired.stamp(asked.der, PAST + moved)
    refused(sqlite_library, answer, asked, retired, problem)


def refused(
    library: Library, answer: bytes, asked: Query | None, trusted: Authority, problem: str
) -> None:
    """The answer is refused for this reason and nothing of it is kept."""
    with pytest.raises(VerificationError, match=problem):
        timestamps.add(library.archive, library.ada, answer, asked, [trusted.root])
    assert library.size() == 2
    assert timestamps.trusted(library.archive) == ()


@pytest.mark.parametrize("own_clock", [True, False])
def test_an_answer_to_another_query_is_refused(
    sqlite_library: Library, authority: Authority, own_clock: bool
) -> None:
    asked, other = (Query.of(note_of(sqlite_library)) for _ in range(2))
    if own_clock:
        answer = authority.stamp(asked.der, datetime.now(UTC), nonce=other.nonce)
    else:
        answer = authority.reply(other.der)
    refused(sqlite_library, answer, asked, authority, "wrong nonce")


def test_a_token_over_something_else_is_refused(
    sqlite_library: Library, authority: Authority
) -> None:
    asked = Query.of(note_of(sqlite_library))
    answer = authority.stamp(asked.der, datetime.now(UTC), imprint=bytes(32))
    refused(sqlite_library, answer, asked, authority, "wrong imprint")
    with pytest.raises(NotFound, match="no checkpoint of this log"):
        timestamps.add(sqlite_library.archive, sqlite_library.ada, answer, None, [authority.root])


def test_a_token_of_another_hash_is_refused(sqlite_library: Library, authority: Authority) -> None:
    asked = Query.of(note_of(sqlite_library))
    answer = authority.stamp(asked.der, datetime.now(UTC))
    assert answer.count(SHA256_OID) > 1
    for wrong in (
        answer.replace(SHA256_OID, SHA256_OID[:-1] + b"\x03", 1),
        answer[:-40] + bytes(40),
    ):
        with pytest.raises(VerificationError):
            timestamps.add(
                sqlite_library.archive, sqlite_library.ada, wrong, asked, [authority.root]
            )


SHA256_OID = bytes.fromhex("608648016503040201")


def test_another_root_is_refused(
    sqlite_library: Library, authority: Authority, retired: Authority
) -> None:
    asked = Query.of(note_of(sqlite_library))
    refused(sqlite_library, authority.reply(asked.der), asked, retired, "root certificate is not")


def test_without_a_root_nothing_is_kept(sqlite_library: Library, authority: Authority) -> None:
    asked = Query.of(note_of(sqlite_library))
    with pytest.raises(KeyProblem, match="root certificate") as problem:
        timestamps.add(
            sqlite_library.archive, sqlite_library.ada, authority.reply(asked.der), asked
        )
    assert "--ca" in problem.value.hint


@pytest.mark.parametrize(
    ("usage", "critical"),
    [
        ((), True),
        ((ExtendedKeyUsageOID.TIME_STAMPING,), False),
        ((ExtendedKeyUsageOID.SERVER_AUTH,), True),
        ((ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.SERVER_AUTH), True),
    ],
)
def test_a_certificate_for_other_uses_is_refused(
    sqlite_library: Library,
    tmp_path: Path,
    usage: tuple[ObjectIdentifier, ...],
    critical: bool,
) -> None:
    wrong = Authority(tmp_path / "wrong", usage=usage, critical=critical)
    asked = Query.of(note_of(sqlite_library))
    answer = wrong.stamp(asked.der, datetime.now(UTC))
    refused(sqlite_library, answer, asked, wrong, "for time stamping alone|do not hold")


def test_a_rejection_says_why(sqlite_library: Library, authority: Authority) -> None:
    asked = Query.of(note_of(sqlite_library))
    refused(sqlite_library, rejection("out of order"), asked, authority, "out of order")
    sha1 = asked.der.replace(SHA256_OID, SHA256_OID[:-1] + b"\x03")
    refused(sqlite_library, authority.reply(sha1), asked, authority, "did not grant it")


def test_a_truncated_answer_is_refused(sqlite_library: Library, authority: Authority) -> None:
    asked = Query.of(note_of(sqlite_library))
    answer = authority.reply(asked.der)
    for wrong in (b"", answer[:1], answer[:500], answer[:-1], answer + b"\0", b"<html>"):
        refused(sqlite_library, wrong, asked, authority, "not a time-stamp answer")


def test_a_new_root_is_added_and_none_is_replaced(
    sqlite_library: Library, authority: Authority, retired: Authority
) -> None:
    for one, at in ((retired, PAST), (authority, datetime.now(UTC)), (retired, PAST)):
        asked = Query.of(note_of(sqlite_library))
        answer = one.stamp(asked.der, at)
        timestamps.add(
            sqlite_library.archive, sqlite_library.ada, answer, asked, [one.root, one.root]
        )
    assert timestamps.trusted(sqlite_library.archive) == (retired.root, authority.root)


def test_the_same_answer_is_kept_once(sqlite_library: Library, authority: Authority) -> None:
    asked = Query.of(note_of(sqlite_library))
    answer = authority.reply(asked.der)
    archive, ada = sqlite_library.archive, sqlite_library.ada
    stamp = timestamps.add(archive, ada, answer, None, [authority.root])
    assert stamp.size == 2
    with pytest.raises(Refused, match="already"):
        timestamps.add(archive, ada, answer)


def forged(library: Library, **changes: object) -> int:
    """A second entry with the first time stamp's data, changed."""
    with library.archive.read() as reader:
        data = dict(reader.entry(2).data) | changes
    archive_id = library.archive.config.id
    return library.decide("log.timestamped", archive_id, data).seq


def test_a_stored_stamp_that_does_not_hold_is_found(
    library: Library, authority: Authority, retired: Authority, asked: Query
) -> None:
    answer = authority.reply(asked.der)
    archive, ada = library.archive, library.ada
    stamp = timestamps.add(archive, ada, answer, asked, [authority.root])
    other = Query.of(note_of(library))
    for changes in (
        {"size": 99},
        {"size": True},
        {"size": -1},
        {"size": "2"},
        {"size": 3},
        {"sha256": "00" * 32},
        {"sha256": "no"},
        {"sha256": 7},
        {"time": "2026-03-02T15:00:00.000000Z"},
        {"time": "now"},
        {"token": "no base64"},
        {"token": b64encode(b"no token").decode()},
        {"token": b64encode(authority.reply(other.der)).decode()},
        {"token": b64encode(retired.stamp(asked.der, PAST)).decode()},
    ):
        with pytest.raises(VerificationError, match="time stamp"):
            check(library, forged(library, **changes))
    check(library, forged(library))
    elsewhere = library.decide("log.timestamped", library.account, {"size": 2}).seq
    with pytest.raises(VerificationError, match="time stamp"):
        check(library, elsewhere)
    check(library, stamp.position)
    (library.folder / "keys" / "tsa.pem").unlink()
    with pytest.raises(VerificationError, match=r"tsa\.pem is missing"):
        check(library, stamp.position)


def test_a_changed_checkpoint_no_longer_bears_its_stamp(
    library: Library, authority: Authority, asked: Query
) -> None:
    answer = authority.reply(asked.der)
    stamp = timestamps.add(library.archive, library.ada, answer, asked, [authority.root])
    library.tamper("UPDATE checkpoint SET note = note || '-' WHERE size = 2")
    with pytest.raises(VerificationError, match="not over checkpoint 2 as stored"):
        check(library, stamp.position)
    library.tamper("DELETE FROM checkpoint WHERE size = 2")
    with pytest.raises(VerificationError, match="there is no checkpoint 2"):
        check(library, stamp.position)


def test_verification_checks_every_stamp(
    library: Library, authority: Authority, retired: Authority, asked: Query
) -> None:
    archive, ada = library.archive, library.ada
    timestamps.add(archive, ada, authority.reply(asked.der), asked, [authority.root])
    timestamps.add(archive, ada, retired.stamp(asked.der, PAST), asked, [retired.root])
    report = library.verify()
    assert (report.findings, report.timestamps) == ((), 2)
    (library.folder / "keys" / "tsa.pem").write_bytes(authority.ca.read_bytes())
    assert "entry 3" in places(library.verify())
    wrong = forged(library, time="2026-03-02T15:00:00.000000Z")
    assert {"entry 3", f"entry {wrong}"} <= set(places(library.verify()))


def test_a_file_of_certificates(tmp_path: Path, authority: Authority) -> None:
    path = tmp_path / "ca.pem"
    for missing in (path, tmp_path):
        with pytest.raises(KeyProblem, match="cannot be read"):
            timestamps.certificates(missing)
    for data in (b"", b"no certificate", authority.ca.read_bytes()[:200]):
        path.write_bytes(data)
        with pytest.raises(KeyProblem, match="no certificates"):
            timestamps.certificates(path)
    path.write_bytes(authority.ca.read_bytes() * 2)
    assert timestamps.certificates(path) == (authority.root, authority.root)


def test_a_query_is_read_as_it_was_written(tmp_path: Path, authority: Authority) -> None:
    asked = Query.of(b"hello")
    assert Query.parse(asked.der) == asked
    assert asked.imprint == sha256(b"hello").digest()
    assert Query.of(b"hello").nonce != asked.nonce
    for wrong in (b"", asked.der[:-1], asked.der + b"\0", authority.reply(asked.der)):
        with pytest.raises(SourceError, match="not a time-stamp query"):
            Query.parse(wrong)
    (tmp_path / "data").write_bytes(b"hello")
    for option in ("-sha256 -no_nonce", "-sha512"):
        command = f"openssl ts -query -data data {option} -cert -out other.tsq"
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
        with pytest.raises(SourceError, match="not a query of this program"):
            Query.parse((tmp_path / "other.tsq").read_bytes())


@given(st.data())
def test_a_damaged_answer_is_a_verification_error_or_says_the_same(
    authority: Authority, answer: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(answer) - 1))
    cut, put = data.draw(st.integers(0, 4)), data.draw(st.binary(max_size=4))
    damaged = answer[:at] + put + answer[at + cut :]
    with suppress(VerificationError):
        token = _rfc3161.verified(damaged, [authority.root])
        assert token == _rfc3161.verified(answer, [authority.root])


@pytest.fixture(scope="module")
def answer(authority: Authority) -> bytes:
    return authority.stamp(Query.of(b"hello").der, datetime.now(UTC))


@given(st.binary())
def test_anything_at_all_is_no_answer(data: bytes) -> None:
    with pytest.raises(MunimentError):
        _rfc3161.verified(data, [])
    with pytest.raises(SourceError):
        Query.parse(data)


# --- asking over HTTP -----------------------------------------------------------------------------


def moved(to: str, code: int = 307) -> Answer:
    def answer(request: BaseHTTPRequestHandler, _query: bytes) -> None:
        request.send_response(code)
        request.send_header("Location", to)
        request.end_headers()

    return answer


def test_an_authority_that_cannot_be_reached() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(SourceError, match="cannot be reached") as problem:
            ask(f"http://127.0.0.1:{port}/", b"query")
    assert "--request" in problem.value.hint


def test_an_authority_that_says_nothing() -> None:
    with silent() as url, pytest.raises(SourceError, match="does not answer in time"):
        ask(url, b"query", timeout=0.05)


def test_an_endless_answer_is_cut_off() -> None:
    with serving(endless) as url, pytest.raises(SourceError, match="sends more than 256 KiB"):
        ask(url, b"query")


def test_an_answer_of_the_most_that_is_allowed() -> None:
    with serving(answering(lambda _: bytes(MAX_ANSWER))) as url:
        assert len(ask(url, b"query")) == MAX_ANSWER


def test_an_answer_that_breaks_off() -> None:
    cut = answering(lambda _: b"half", headers={"Content-Length": "8"})
    with serving(cut) as url, pytest.raises(SourceError, match="broke off"):
        ask(url, b"query")


def test_a_web_page_is_no_answer() -> None:
    page = answering(lambda _: b"<html>", "text/html; charset=utf-8")
    with serving(page) as url, pytest.raises(SourceError, match="but text/html"):
        ask(url, b"query")


def test_an_authority_that_fails() -> None:
    def fail(request: BaseHTTPRequestHandler, _query: bytes) -> None:
        request.send_error(503)

    with serving(fail) as url, pytest.raises(SourceError, match="answers 503"):
        ask(url, b"query")


def test_one_that_does_not_speak_http() -> None:
    def babble(request: BaseHTTPRequestHandler, _query: bytes) -> None:
        request.wfile.write(b"220 mail.example ESMTP\r\n")

    with serving(babble) as url, pytest.raises(SourceError, match="broke off"):
        ask(url, b"query")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_carries_the_query_along(code: int) -> None:
    echo = answering(lambda query: query)
    with serving(echo) as target, serving(moved(target, code)) as url:
        assert ask(url, b"query") == b"query"


def test_redirects_have_an_end() -> None:
    def loop(request: BaseHTTPRequestHandler, _query: bytes) -> None:
        request.send_response(307)
        request.send_header("Location", request.path + "x")
        request.end_headers()

    with serving(loop) as url, pytest.raises(SourceError, match="answers 307"):
        ask(url, b"query")


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/x", "file:///etc/passwd", "gopher:x"])
def test_a_redirect_to_another_scheme_is_not_followed(to: str) -> None:
    with serving(moved(to)) as url, pytest.raises(SourceError, match=r"not followed|answers 307"):
        ask(url, b"query")


@pytest.mark.parametrize(
    "url",
    ["", "tsa.example", "ftp://tsa.example", "file:///etc/passwd", "http://", "http://a b/",
     "http://tsa.example:x/", "http://[::1", "http://tsa.example/\n", "http://tsä.example/"],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match="not the address"):
        ask(url, b"query")


def test_a_password_does_not_belong_into_an_address() -> None:
    with pytest.raises(UsageError, match="read by others"):
        ask("https://me:secret@tsa.example/", b"query")
