"""A small archive that is made once, and copied for every round of a campaign."""

import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import make_url

import ingest
import schedules
from app.cli import cli
from app.cli._keyring import Keyring
from app.cli._rooms import projections
from archive import Archive, Signer, records
from tests.conftest import Clock
from tests.postgres import libpq

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
BATCH = 8
DISPOSED_AT_ONCE = 5
HANDLE = "library@social.example"
_HOST = "https://social.example"
_SCHEDULE = """\
code = "town"
version = 1
title = "Town library"
jurisdiction = "US-IL"
effective = 2020-01-01
commission_certificate_required = false

[[series]]
code = "POST"
title = "Posts"
trigger = "published"
period = "P1Y"
action = "destroy"
authority = { application = "20:001", item = "1", citation = "LRA", verified = true }
rule = { kind = ["post"] }
"""


@dataclass(frozen=True)
class Scene:
    """An archive's folder, its actors' keys, and what its commands are about.

    `url` is the PostgreSQL database, "" for SQLite.
    """

    root: Path
    url: str
    disposal: str
    posts: tuple[str, ...]
    comment: str = ""
    place: str = "archive"

    @property
    def folder(self) -> Path:
        return self.root / self.place

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def later_export(self) -> Path:
        return self.root / "later.zip"

    @property
    def parts(self) -> tuple[Path, Path]:
        """A download in two parts, the pictures in the second."""
        return self.root / "posts.zip", self.root / "pictures.zip"

    @property
    def deletions(self) -> Path:
        """Word that posts were deleted; nobody has captured the last of them."""
        return self.root / "deletions.json"

    @property
    def backup(self) -> Path:
        """A backup of when there was no disposal yet."""
        return self.root / "backup"

    @property
    def kept(self) -> Path:
        """A file of checkpoints that somebody keeps, with an earlier one in it."""
        return self.root / "kept.checkpoints"

    def copy(self, root: Path) -> "Scene":
        """The same in another folder, and in a database of its own."""
        shutil.copytree(self.root, root)
        if not self.url:
            return replace(self, root=root)
        name = f"muniment_{uuid4().hex}"
        address = make_url(self.url)
        _tell(self.url, f"CREATE DATABASE {name} TEMPLATE {address.database} STRATEGY file_copy")
        url = address.set(database=name).render_as_string(hide_password=False)
        settings = root / "archive" / "muniment.toml"
        text = settings.read_text()
        assert str(address.database) in text
        settings.write_text(text.replace(str(address.database), name))
        return replace(self, root=root, url=url)

    def remove(self) -> None:
        """Forget a copy."""
        shutil.rmtree(self.root, ignore_errors=True)
        if self.url:
            _tell(self.url, f"DROP DATABASE {make_url(self.url).database} WITH (FORCE)")

    def open(self) -> Archive:
        return Archive.open(self.folder, projections=projections(), clock=Clock(NOW))

    def run(self, *words: str, actor: str = "ada") -> int:
        """A command in this process, as a person would give it; its exit status."""
        os.environ["MUNIMENT_ARCHIVE"] = str(self.folder)
        os.environ["MUNIMENT_KEYS"] = str(self.keys)
        os.environ["MUNIMENT_ACTOR"] = actor
        os.environ.pop("MUNIMENT_DEBUG", None)
        for function, batch in ((ingest.ingest, BATCH), (schedules.run, DISPOSED_AT_ONCE)):
            assert function.__kwdefaults__ is not None
            function.__kwdefaults__["batch"] = batch
        try:
            cli.main(list(words), prog_name="muniment", obj=Clock(NOW))
        except SystemExit as left:
            sys.stderr.flush()
            return int(left.code or 0)
        return 0


def make_scene(root: Path, url: str) -> Scene:
    """A new scene: two officers, a policy, a schedule, 36 posts, an approved disposal of 20."""
    root.mkdir(parents=True)
    scene = Scene(root, url, "", ())
    where = ("--database", url) if url else ()
    ok = _insist(scene)
    ok(
        "init",
        str(scene.folder),
        "--name",
        "Town Library",
        "--actor",
        "ada",
        "--no-passphrase",
        *where,
    )
    ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    ok("actor", "add", "nightly", "--role", "agent", "--no-passphrase")
    ok("policy", "adopt", "cook-memorial")
    (root / "schedule.toml").write_text(_SCHEDULE)
    ok("schedule", "adopt", str(root / "schedule.toml"))
    old = [_post(n, 2024 if n < 20 else 2026, "first words") for n in range(36)]
    _export(root / "earlier.zip", old, (2026, 1, 5, 12, 0, 0), {0: 3000, 1: 70_000, 25: 3000})
    ok("ingest", str(root / "earlier.zip"))
    ok("backup", str(scene.backup))
    ok("checkpoint", "--publish", str(scene.kept))
    later = [_post(n, 2024 if n < 20 else 2026, "first words") for n in range(34)]
    later[30:34] = [_post(n, 2026, "other words") for n in range(30, 34)]
    later += [_post(n, 2026, "new words") for n in range(40, 52)]
    files = {0: 3000, 1: 70_000, 25: 3000, 33: 5000, 41: 200_000, 45: 10, 46: 3000}
    _export(scene.later_export, later, (2026, 2, 5, 12, 0, 0), files)
    with scene.open() as archive:
        with archive.read() as reader:
            posts = [one.id for one in records.stream(reader)][20:]
        proposal = schedules.propose(archive, _signer(scene, archive))
        assert proposal is not None
    comment = _more_to_ingest(scene, ok)
    for officer in ("ada", "ben"):
        assert scene.run("disposal", "approve", proposal.id, actor=officer) == 0
    ok("search", "words")
    return replace(scene, disposal=proposal.id, posts=tuple(posts), comment=comment)


def _more_to_ingest(scene: Scene, ok: Callable[..., None]) -> str:
    """Files for the jobs, and three items that can be read only again; the comment before them."""
    further = [_post(n, 2026, "further words") for n in range(60, 70)]
    files = {60: 3000, 64: 90_000, 69: 3000}
    whole = scene.root / "further.zip"
    _export(whole, further, (2026, 2, 6, 12, 0, 0), files)
    with zipfile.ZipFile(whole) as box:
        for path, wanted in zip(scene.parts, (False, True), strict=True):
            with zipfile.ZipFile(path, "w") as part:
                for info in box.infolist():
                    if info.filename.startswith("media/") == wanted:
                        part.writestr(info, box.read(info))
    whole.unlink()
    gone = [
        {"type": "Delete", "object": f"{_HOST}/notes/{n}", "published": "2026-02-07T12:00:00Z"}
        for n in (26, 27, 28, 99)
    ]
    context = "https://www.w3.org/ns/activitystreams"
    collection = {"@context": context, "type": "OrderedCollection", "orderedItems": gone}
    scene.deletions.write_text(json.dumps(collection))
    first, *rest = (json.dumps(_remark(number)) for number in range(1, 5))
    odd = scene.root / "comments.json"
    odd.write_text(f"[{first}] {', '.join(rest)}")
    assert scene.run("ingest", str(odd)) == 1
    with scene.open() as archive, archive.read() as reader:
        return next(one.id for one in records.stream(reader) if one.kind == "comment")


def _signer(scene: Scene, archive: Archive) -> Signer:
    return Keyring(scene.keys / archive.config.id).signer(archive, "ada", lambda _: None)


def _insist(scene: Scene) -> Callable[..., None]:
    def insist(*words: str) -> None:
        assert scene.run(*words) == 0, words

    return insist


def _tell(url: str, statement: str) -> None:
    import psycopg

    server = make_url(url).set(database="postgres")
    with psycopg.connect(libpq(server), autocommit=True) as connection:
        connection.execute(statement)


def _post(number: int, year: int, words: str) -> dict[str, object]:
    at = f"{year}-01-{number % 28 + 1:02}T12:00:00Z"
    text = f"<p>{words} of post {number}, " + "which goes on for a while " * 12 + "</p>"
    return {
        "id": f"{_HOST}/create/{number}",
        "type": "Create",
        "published": at,
        "object": {
            "id": f"{_HOST}/notes/{number}",
            "type": "Note",
            "published": at,
            "content": text,
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "attachment": [],
        },
    }


def _remark(number: int) -> dict[str, object]:
    """A comment as WordPress' interface answers."""
    return {
        "id": number,
        "post": 7,
        "author_name": "Pat Public",
        "date_gmt": f"2026-01-0{number}T12:00:00",
        "content": {"rendered": f"<p>Remark {number}</p>"},
        "link": f"https://blog.example/7#comment-{number}",
        "status": "approved",
    }


def _export(
    path: Path,
    posts: Sequence[dict[str, object]],
    made: tuple[int, int, int, int, int, int],
    files: dict[int, int],
) -> None:
    """A Mastodon archive; `files` gives the size of the picture that hangs on a post, by number."""
    actor = {"id": f"{_HOST}/users/library", "preferredUsername": "library", "name": "Library"}
    with zipfile.ZipFile(path, "w") as box:

        def add(name: str, data: bytes) -> None:
            box.writestr(zipfile.ZipInfo(name, made), data)

        for number, size in files.items():
            note = next(one["object"] for one in posts if str(one["id"]).endswith(f"/{number}"))
            assert isinstance(note, dict)
            url = f"/media/{number}.png"
            note["attachment"] = [{"url": url, "mediaType": "image/png", "name": "A picture"}]
            add(url.lstrip("/"), (f"picture {number} ".encode() * size)[:size])
        outbox = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": "OrderedCollection",
            "orderedItems": list(posts),
        }
        add("actor.json", json.dumps(actor).encode())
        add("outbox.json", json.dumps(outbox).encode())
