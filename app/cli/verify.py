"""`muniment verify`: does everything still hold?"""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._output import emit, emit_facts, json_option, note, progress, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Archive
    from archive.notes import NoteKey

_COUNTS = {
    "entries": "entries",
    "checkpoints": "checkpoints",
    "signatures": "signatures",
    "contents": "contents",
    "disposed_of": "erased",
    "attachments": "blobs",
    "time_stamps": "timestamps",
    "cosignatures": "cosignatures",
}
_STEPS = 1000
_IN_LOG = ("entries", "checkpoints", "signatures", "time_stamps", "cosignatures")

_UNPROVEN = """\
No proof covers that no record was left out, the exemptions and reasons, or what response.pdf says.
The log of the public body holds the SHA-256 of the zip that was issued: ask for it, and compare."""


@click.command()
@click.argument("bundle", required=False, type=click.Path(path_type=Path))
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Also check that the log extends these checkpoints, kept elsewhere since then.",
)
@click.option(
    "--log-only",
    is_flag=True,
    help="Check what needs no key: headers, signatures, tree, checkpoints, witnesses.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The log's public key (log.pub) as its owner publishes it, for a bundle or a proof.",
)
@click.option(
    "--ca",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The root certificate (PEM) of the authority that stamped a bundle's log.",
)
@click.option(
    "--header",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The header of the entry that a proof is for; else the .json file beside it.",
)
@json_option
@pass_session
def verify(
    session: Session,
    bundle: Path | None,
    since: Path | None,
    log_only: bool,
    key: Path | None,
    ca: Path | None,
    header: Path | None,
    as_json: bool,
) -> None:
    """Check the archive, a bundle, or the proof of an entry.

    The archive: every entry, signature, checkpoint, content and attachment, every table against a
    replay of the log, key files and settings, and the files of the search index; with --log-only
    what can be checked without the vault key, which then need not be there. A bundle, or a package
    for an archives (a zip file): every file, record and proof in it. A proof (a .tlog-proof file):
    that its entry stands in the log; for these no archive is needed. When anything does not hold,
    the status is 8.

    \b
    Example:
      muniment verify
      muniment verify --since 2026-03-02.checkpoint
      muniment verify --log-only
      muniment verify bundle.zip --key log.pub
      muniment verify entry-4711.tlog-proof --key log.pub
    """
    if log_only and bundle is not None:
        raise click.UsageError("--log-only is for an archive")
    if (since if bundle is not None else key) is not None:
        raise click.UsageError("--since is for an archive, --key for a bundle or a proof")
    if ca is not None and (bundle is None or bundle.suffix == ".tlog-proof"):
        raise click.UsageError("--ca is for a bundle")
    if bundle is not None and bundle.suffix == ".tlog-proof":
        _proof(bundle, header, key, as_json)
        return
    if header is not None:
        raise click.UsageError("--header is for a proof, a .tlog-proof file")
    if bundle is not None:
        _bundle(bundle, key, ca, as_json)
        return
    _archive(session, since, log_only, as_json)


def _archive(session: Session, since: Path | None, log_only: bool, as_json: bool) -> None:
    from archive import Archive, StorageError, VerificationError
    from archive import verify as check

    with ExitStack() as stack:
        if log_only:
            archive = stack.enter_context(Archive.open_log(session.folder))
        else:
            archive = session.archive()
        with progress("verifying", _STEPS) as advance:
            done = 0

            def told(now: int, of: int) -> None:
                nonlocal done
                advance(_STEPS * now // of - done)
                done = _STEPS * now // of

            report = check(archive, told, log_only=log_only)
        findings = [(one.place, one.problem) for one in report.findings]
        extended: list[int] = []
        if report.ok:
            findings = [] if log_only else _index(archive)
        if since is not None:
            try:
                extended = _extended(archive, since)
            except (StorageError, VerificationError) as error:
                if report.ok:
                    raise
                findings.append((str(since), str(error)))
    facts = {
        name: getattr(report, field)
        for name, field in _COUNTS.items()
        if not log_only or name in _IN_LOG
    }
    if as_json:
        _emit_report(facts, findings, report.unlisted)
    elif not findings:
        what = "The log holds" if log_only else "Everything holds"
        say(f"{what}: {report.entries} entries.")
        emit_facts(facts)
        if extended:
            many = f", and {len(extended) - 1} older" if len(extended) > 1 else ""
            say(f"The log extends the checkpoint of {extended[-1]} entries{many} in {since}.")
    if report.leftovers:
        note(
            f"{report.leftovers} attachment files are left of writes that never committed; "
            "nobody can read them, and the next disposal removes them"
        )
    _fail(findings, as_json, _advice(findings), report.unlisted)


def _advice(findings: list[tuple[str, str]]) -> str:
    if all(place.startswith(("table ", "projection ", "search index ")) for place, _ in findings):
        return "the log holds; run muniment rebuild, and find out who could write to the archive"
    return "put back a good copy, and find out who could write to the archive"


def _emit_report(facts: dict[str, Any], findings: list[tuple[str, str]], unlisted: int = 0) -> None:
    listed = [{"place": place, "problem": problem} for place, problem in findings]
    found = {"ok": not findings, **facts, "findings": listed, "unlisted": unlisted}
    emit_facts(found, as_json=True)


def _index(archive: "Archive") -> list[tuple[str, str]]:
    """What is wrong with the search index, whose files are derived from the log."""
    from search import SearchIndex

    with SearchIndex.open(archive) as index:
        damaged = index.damaged()
        if index.rebuilt:
            note(f"the search index has been built anew: {index.rebuilt}")
    return [(f"search index {name}", "not as it was written") for name in damaged]


def _extended(archive: "Archive", path: Path) -> list[int]:
    """The sizes of the checkpoints of this log that are kept in a file or folder, ascending.

    UsageError when it cannot be read; VerificationError when the log does not extend one of them.
    """
    from archive.checkpoints import check_kept

    with archive.read() as reader:
        return sorted(one.size for one in check_kept(archive, reader, path))


def _proof(path: Path, header: Path | None, key: Path | None, as_json: bool) -> None:
    from app.cli.proof import check_proof
    from archive.errors import UsageError

    if key is None:
        raise UsageError(
            "a proof is checked against the log's public key",
            hint="name it by --key: log.pub, as the archive's owner publishes it",
        )
    check_proof(path, header, key, as_json)


def _bundle(bundle: Path, key: Path | None, ca: Path | None, as_json: bool) -> None:
    from archive import timestamps
    from exports.bundle import verify_bundle
    from exports.transfer import is_package

    if is_package(bundle):
        _package(bundle, key, as_json)
        return
    report = verify_bundle(
        bundle,
        key=_log_key(key) if key is not None else None,
        authorities=timestamps.certificates(ca) if ca is not None else (),
    )
    findings = [(one.place, one.what) for one in report.findings]
    facts: dict[str, Any] = {
        "files": report.files,
        "records": report.records,
        "outcomes": dict(report.outcomes),
        "redactions": report.redactions,
        "origin": report.origin,
        "entries": report.size,
        "root": report.root,
        "key": report.key,
        "sha256": report.sha256,
        "time_stamp": str(report.stamped or ""),
        "supersedes": report.supersedes,
    }
    if as_json:
        _emit_report(facts, findings)
    elif report.ok:
        said = ", ".join(f"{count} {outcome}" for outcome, count in report.outcomes.items())
        say(f"Everything in {bundle} holds: {report.records} records ({said}).")
        shown = [*("files", "redactions", "origin", "entries", "key", "sha256", "time_stamp")]
        shown += ["supersedes"]
        emit_facts({name: facts[name] for name in shown if facts[name] != ""})
        if report.stamped is not None:
            say(f"{report.covered} of {report.records} records were in the log by the time stamp.")
            if ca is None:
                say("Its root certificate is the bundle's own: give the authority's by --ca.")
        if key is None:
            say("Compare the key with the one that the public body publishes, or give it by --key.")
        say(_UNPROVEN)
    _fail(findings, as_json, "ask whoever issued the bundle for a good copy")


def _package(path: Path, key: Path | None, as_json: bool) -> None:
    from exports.transfer import check_package

    report = check_package(path, key=_log_key(key) if key is not None else None)
    findings = [(one.place, one.what) for one in report.findings]
    names = ("files", "records", "entries", "origin", "size", "key", "sha256")
    facts = {name: getattr(report, name) for name in names}
    if as_json:
        _emit_report(facts, findings)
    elif not findings:
        say(f"Everything in {path} holds: {report.records} records, {report.entries} entries.")
        emit_facts({name: value for name, value in facts.items() if value != ""})
        if key is None:
            say("Compare the key with the one that the public body publishes, or give it by --key.")
    _fail(findings, as_json, "ask whoever packed it for a good copy")


def _fail(findings: list[tuple[str, str]], as_json: bool, hint: str, unlisted: int = 0) -> None:
    """Show what does not hold and raise VerificationError; nothing when everything does."""
    if not findings:
        return
    from archive.errors import VerificationError

    if not as_json:
        rows = ({"place": place, "problem": problem} for place, problem in findings)
        emit(rows, ["place", "problem"])
    others = len(findings) - 1 + unlisted
    more = f", and {others} more" if others else ""
    raise VerificationError(
        f"verification failed: {findings[0][0]}: {findings[0][1]}{more}", hint=hint
    )


def _log_key(path: Path) -> "NoteKey":
    from archive.errors import KeyProblem
    from archive.notes import NoteKey

    try:
        return NoteKey.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise KeyProblem(
            f"{path} cannot be read as a log's key", hint="name a copy of the archive's log.pub"
        ) from error
