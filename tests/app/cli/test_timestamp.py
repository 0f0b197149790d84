import json
import shutil
import subprocess
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import BOTH, Muniment
from tests.tsa import Authority, answering, rejection, serving, silent

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One whose clock is the machine's."""
    return Authority(tmp_path_factory.mktemp("tsa") / "a")


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One whose certificate is valid on the tests' day."""
    day = datetime(2026, 3, 2, tzinfo=UTC)
    valid = (day - timedelta(days=1), day + timedelta(days=2))
    return Authority(tmp_path_factory.mktemp("tsa") / "b", name="Exact", valid=valid)


def stamped(muniment: Muniment, authority: Authority, *more: str | Path) -> str:
    """What the command says when the authority's clock is the archive's."""
    answer = answering(lambda query: authority.stamp(query, muniment.clock()))
    with serving(answer) as url:
        result = muniment.run("timestamp", "--tsa", url, "--ca", authority.ca, *more)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


@BOTH
def test_an_authority_is_named_once(library: Muniment, authority: Authority) -> None:
    with serving(answering(authority.reply)) as url:
        result = library.run("timestamp", "--tsa", url, "--ca", authority.ca)
        assert result.exit_code == 0, result.output
        assert "Town Time Stamps has stamped the log of 2 entries" in result.stdout
        assert f"from now on {url} is asked" in result.stdout
        assert "this machine's clock is behind" in result.stderr
        assert "has stamped the log of 3 entries" in library.ok("timestamp")
    config = tomllib.loads((library.folder / "muniment.toml").read_text())
    assert config["tsa"] == url
    rows = json.loads(library.ok("timestamp", "--list", "--json"))
    assert [(row["size"], row["authority"]) for row in rows] == [
        (2, "Town Time Stamps"), (3, "Town Time Stamps"),
    ]  # fmt: skip
    library.ok("verify")


def test_another_authority_does_not_take_the_first_one_s_place(
    library: Muniment, exact: Authority, authority: Authority
) -> None:
    assert "from now on" in stamped(library, exact)
    first = (library.folder / "muniment.toml").read_text()
    with serving(answering(authority.reply)) as url:
        said = library.ok("timestamp", "--tsa", url, "--ca", authority.ca)
    assert "from now on" not in said
    assert (library.folder / "muniment.toml").read_text() == first
    pem = (library.folder / "keys" / "tsa.pem").read_bytes()
    assert pem == exact.ca.read_bytes() + authority.ca.read_bytes()


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(4, ""), (-4, ""), (60, "is behind: it differs"), (-60, "is ahead: it differs")],
)
def test_the_clocks_are_compared(
    library: Muniment, exact: Authority, minutes: int, said: str
) -> None:
    at = library.clock() + timedelta(minutes=minutes)
    with serving(answering(lambda query: exact.stamp(query, at))) as url:
        result = library.run("timestamp", "--tsa", url, "--ca", exact.ca)
    assert result.exit_code == 0, result.output
    assert said in result.stderr
    assert ("by 60 minutes" in result.stderr) == bool(said) == bool(result.stderr)


def test_a_machine_without_a_way_out(library: Muniment, exact: Authority, tmp_path: Path) -> None:
    query, answer = tmp_path / "ask.tsq", tmp_path / "ask.tsr"
    said = library.ok("timestamp", "--request", query)
    assert f"--response {answer}" in said
    assert "name another file" in library.fails(2, "timestamp", "--request", query)
    library.ok("account", "add", "mastodon", "@library")
    answer.write_bytes(exact.stamp(query.read_bytes(), library.clock()))
    library.clock.advance(days=3)
    result = library.run("timestamp", "--response", answer, "--ca", exact.ca)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    assert "Exact Stamps has stamped the log of 2 entries: 2026-03-02 09:00" in result.stdout
    assert "already" in library.fails(6, "timestamp", "--response", answer)
    library.ok("verify")


def test_an_answer_to_another_query(library: Muniment, exact: Authority, tmp_path: Path) -> None:
    for name in ("one", "two"):
        library.ok("timestamp", "--request", tmp_path / f"{name}.tsq")
    answer = tmp_path / "two.tsr"
    answer.write_bytes(exact.stamp((tmp_path / "one.tsq").read_bytes(), library.clock()))
    take = ("timestamp", "--response", answer, "--ca", exact.ca)
    assert "wrong nonce" in library.fails(8, *take)
    library.fails(8, *take, "--request", tmp_path / "two.tsq")
    assert "not a time-stamp query" in library.fails(7, *take, "--request", answer)
    library.ok(*take, "--request", tmp_path / "one.tsq")
    alone = tmp_path / "alone.tsr"
    alone.write_bytes(exact.stamp((tmp_path / "two.tsq").read_bytes(), library.clock()))
    result = library.run("timestamp", "--response", alone)
    assert result.exit_code == 0
    assert "the query was not at hand" in result.stderr


def test_openssl_verifies_what_is_exported(
    library: Muniment, exact: Authority, tmp_path: Path
) -> None:
    assert "--list" in library.fails(5, "timestamp", "--export", tmp_path / "none")
    stamped(library, exact)
    stamped(library, exact)
    said = library.ok("timestamp", "--export", tmp_path / "newest")
    library.ok("timestamp", "--export", tmp_path / "first", "--size", "2")
    assert "of 99 entries" in library.fails(5, "timestamp", "--export", "x", "--size", "99")
    command = said.splitlines()[-1].split()
    assert command[0] == "openssl"
    for name, size in (("newest", "3"), ("first", "2")):
        run = subprocess.run(
            command, cwd=tmp_path / name, capture_output=True, text=True, check=False
        )
        assert run.stdout == "Verification: OK\n", run.stderr
        assert (tmp_path / name / "checkpoint").read_text().split("\n")[1] == size
    library.fails(6, "timestamp", "--export", tmp_path / "first")


def test_what_is_missing_is_said(library: Muniment, exact: Authority, tmp_path: Path) -> None:
    assert "--tsa URL" in library.fails(2, "timestamp")
    url = "http://127.0.0.1:9/"
    assert "--ca" in library.fails(4, "timestamp", "--tsa", url)
    library.fails(4, "timestamp", "--tsa", url, "--ca", tmp_path / "none")
    library.fails(2, "timestamp", "--response", tmp_path / "none")
    library.fails(2, "timestamp", "--tsa", "tsa.example", "--ca", exact.ca)
    library.fails(9, "timestamp", "--request", tmp_path / "none" / "x.tsq")
    assert library.ok("timestamp", "--list") == ""
    for wrong in (
        ("--list", "--tsa", url),
        ("--json",),
        ("--size", "2"),
        ("--list", "--ca", exact.ca),
        ("--request", tmp_path / "x", "--ca", exact.ca),
        ("--request", tmp_path / "x", "--export", tmp_path / "y"),
    ):
        library.fails(2, "timestamp", *wrong)


def test_each_failure_is_one_line_and_keeps_nothing(
    library: Muniment, authority: Authority, exact: Authority
) -> None:
    before = library.ok("checkpoint")
    now = datetime.now(UTC)
    for status, problem, answer in (
        (8, "no thanks", answering(lambda _: rejection("no thanks"))),
        (8, "wrong nonce", answering(lambda query: authority.stamp(query, now, nonce=1))),
        (8, "wrong imprint", answering(lambda q: authority.stamp(q, now, imprint=bytes(32)))),
        (8, "root certificate is not known", answering(lambda q: exact.stamp(q, library.clock()))),
        (8, "not a time-stamp answer", answering(lambda query: authority.reply(query)[:-9])),
        (8, "not a time-stamp answer", answering(lambda _: b"")),
        (7, "but text/html", answering(lambda _: b"<html>", "text/html")),
    ):
        with serving(answer) as url:
            line = library.fails(status, "timestamp", "--tsa", url, "--ca", authority.ca)
        assert problem in line
    assert library.ok("checkpoint") == before
    assert 'tsa = ""' in (library.folder / "muniment.toml").read_text()
    assert not (library.folder / "keys" / "tsa.pem").exists()


def test_an_authority_that_says_nothing(
    library: Muniment, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archive import timestamps

    ask = timestamps.ask
    monkeypatch.setattr(timestamps, "ask", lambda url, query: ask(url, query, timeout=0.05))
    with silent() as url:
        line = library.fails(7, "timestamp", "--tsa", url, "--ca", authority.ca)
    assert "does not answer in time" in line
