"""The commands that the campaigns disturb."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.cli._keyring import Keyring
from archive import check_backup, checkpoints, keys, verify
from ingest import rejections, runs
from search._settings import load
from tests.crash.scene import HANDLE, Scene

Words = Sequence[str]


def _nothing_else(_scene: Scene, _finished: bool) -> list[str]:
    return []


@dataclass(frozen=True)
class Job:
    """Commands in order. `done` are words of a refusal that says that it is done already.

    `also` says what else is wrong, after the commands were stopped or are finished. `extends`:
    the archive only ever gains entries. `anywhere`: on PostgreSQL as well. `anew`: what it writes
    is something whole of its own, one transaction or one folder, whatever the single statement.
    `alike`: it writes as other jobs do, and without --all-faults a few of its points fail.
    """

    commands: Callable[[Scene], Sequence[Words]]
    done: tuple[str, ...] = ()
    also: Callable[[Scene, bool], list[str]] = _nothing_else
    extends: bool = True
    anywhere: bool = True
    anew: bool = False
    alike: bool = False


def _moderation(scene: Scene) -> list[Words]:
    first, second, third, fourth = scene.posts[:4]
    why = ("--reason", "An insult, as everybody could read")
    appeal = ("--appellant", "Pat Public", "--text", "I was on topic.")
    return [
        ("moderate", "remove", first, "--clause", "IV.5", *why),
        (
            "moderate",
            "hide",
            second,
            "--clause",
            "IV.5",
            *why,
            "--evidence",
            str(scene.later_export),
        ),
        ("moderate", "remove", third, "--clause", "IV.5", "--part", *why),
        ("moderate", "ban", first, "--clause", "IV.5", *why),
        ("moderate", "restore", second, *why),
        ("appeal", "file", first, *appeal),
        ("moderate", "remove", fourth, "--clause", "IV.5", *why),
    ]


def _restriction(scene: Scene) -> list[Words]:
    first, second = scene.posts[4:6]
    why = ("--reason", "It may be unlawful to show")
    return [
        ("moderate", "restrict", first, "--to", "ada", *why),
        ("moderate", "restrict", second, "--to", "ben", *why),
        ("moderate", "lift", first, *why),
    ]


def _forgotten(scene: Scene, finished: bool) -> list[str]:
    if not finished:
        return []
    with scene.open() as archive:
        settings = load(archive.index_folder)
    stale = settings is None or settings.stale
    return ["the search index remembers what is restricted"] if stale else []


def _accounts(scene: Scene) -> list[Words]:
    return [
        ("account", "add", "facebook", "townlibrary", "--poster", "Jane Roe"),
        ("account", "change", HANDLE, "--purpose", "Closures", "--notice", "All is public"),
        ("account", "answered", scene.comment, "--reason", "By telephone"),
    ]


def _read_again(scene: Scene, finished: bool) -> list[str]:
    with scene.open() as archive, archive.read() as reader:
        left = list(rejections(reader)) if finished else []
        ends = Counter(run.finished_at is None for run in runs(reader) if run.retried)
    wrong = [f"not read again: {one.reason}" for one in left]
    return [*wrong, "a finished retry has no end"] if finished and not ends[False] else wrong


def _published(scene: Scene, finished: bool) -> list[str]:
    with scene.open() as archive, archive.read() as reader:
        wrong = []
        for path in (scene.kept, scene.root / "clerk"):
            if finished and path.exists():
                kept = checkpoints.check_kept(archive, reader, path)
                if kept[-1].size != reader.head.size:
                    wrong.append(f"{path.name} ends with {kept[-1].size}")
            elif finished:
                wrong.append(f"{path.name} is not there")
    return wrong + [f"left behind: {path}" for path in scene.root.glob("clerk/.*") if finished]


def _copied(scene: Scene, finished: bool) -> list[str]:
    copy = scene.root / "copy"
    if not copy.exists():
        return ["there is no backup"] if finished else []
    return [str(finding) for finding in check_backup(copy)] + _beside(copy, finished)


def _founded(scene: Scene, finished: bool) -> list[str]:
    second = replace(scene, place="second")
    if not second.folder.exists():
        return ["there is no archive"] if finished else []
    with second.open() as archive:
        wrong = [str(finding) for finding in verify(archive).findings]
        Keyring(scene.keys / archive.config.id).signer(archive, "ada", lambda _: None)
    return wrong + _beside(second.folder, finished)


def _restored(scene: Scene, finished: bool) -> list[str]:
    return _beside(scene.folder, finished)


def _beside(folder: Path, finished: bool) -> list[str]:
    """What is left beside a folder that was made; an empty folder may be, where none goes away."""
    left = [path.name for path in folder.parent.glob(f".{folder.name}*") if any(path.iterdir())]
    return [f"left behind: {name}" for name in left] if finished else []


def _log_key_replaced(scene: Scene, finished: bool) -> list[str]:
    if not finished:
        return []
    with scene.open() as archive:
        known = archive.log_keys()
        held = archive.key_files.load("log.key")
    wrong = [] if len(known) > 1 else ["the log key is still the first one"]
    public = keys.public_bytes(Ed25519PrivateKey.from_private_bytes(held))
    return wrong if public == known[-1].public else [*wrong, "log.key is not the log's newest"]


def _vault_key_replaced(scene: Scene, finished: bool) -> list[str]:
    if not finished:
        return []
    with scene.open() as archive, archive.read() as reader:
        named = [entry.data["key"] for entry in reader.entries(types={"vault.rekeyed"})]
        held = keys.name_of(archive.key_files.load("vault.key"))
    return [] if named and named[-1] == held else ["vault.key is not the one that the log names"]


JOBS = {
    "ingest": Job(lambda scene: [("ingest", str(scene.later_export), "--complete")]),
    "ingest together": Job(
        lambda scene: [("ingest", "--together", *map(str, scene.parts))],
        anywhere=False,
        alike=True,
    ),
    "ingest again": Job(
        lambda scene: [
            ("ingest", "rejected", "retry"),
            ("ingest", str(scene.deletions), "--account", HANDLE),
        ],
        also=_read_again,
        anywhere=False,
        alike=True,
    ),
    "restriction": Job(
        _restriction, ("is not restricted",), also=_forgotten, anywhere=False, alike=True
    ),
    "accounts": Job(_accounts, ("already",), anywhere=False, alike=True),
    "moderation": Job(_moderation, ("already", "no removal")),
    "disposal": Job(lambda scene: [("disposal", "run", scene.disposal)], ("is finished",)),
    "day": Job(lambda scene: [("--as", "nightly", "schedule", "run", "--due")], alike=True),
    "day of a list": Job(
        lambda scene: [
            ("disposal", "withdraw", scene.disposal, "--reason", "Not now"),
            ("--as", "nightly", "schedule", "run", "--due"),
        ],
        ("already withdrawn",),
        anywhere=False,
        alike=True,
    ),
    "rebuild": Job(lambda scene: [("rebuild",)], anew=True),
    "search": Job(
        lambda scene: [
            ("ingest", str(scene.later_export), "--complete"),
            ("saved", "add", "words", "words OR other"),
            ("search", "--saved", "words"),
        ],
        anywhere=False,
        alike=True,
    ),
    "log key": Job(lambda scene: [("key", "rotate", "log")], also=_log_key_replaced),
    "vault key": Job(lambda scene: [("key", "rotate", "vault")], also=_vault_key_replaced),
    "backup": Job(
        lambda scene: [("backup", str(scene.root / "copy"))],
        ("is not empty",),
        also=_copied,
        anew=True,
    ),
    "publishing": Job(
        lambda scene: [
            ("checkpoint", "--publish", str(scene.kept)),
            ("checkpoint", "--publish", f"{scene.root}/clerk/"),
        ],
        also=_published,
        anywhere=False,
    ),
    "restore": Job(
        lambda scene: [("restore", str(scene.backup))],
        also=_restored,
        extends=False,
        anywhere=False,
        anew=True,
    ),
    "init": Job(
        lambda scene: [
            ("init", str(scene.root / "second"), "--name", "Second", "--actor", "ada",
             "--no-passphrase"),
        ],
        ("is not empty",),
        also=_founded,
        anywhere=False,
        anew=True,
    ),
}  # fmt: skip
