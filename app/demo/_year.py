"""The story: what a records officer does with the archive in a year."""

import shlex
import shutil
import sys
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from app.cli._output import SHORT_ID
from app.demo._look import damage_bundle, damage_database, files_holding, stored_bytes
from app.demo._stage import Stage

BEN = ("--as", "ben")
DUE_BY = "2025-09-30"
CARD = "21234000963684"


def run(folder: Path, today: date) -> None:
    """Work through the year in `folder`, which must not exist yet, and leave everything there.

    The request that is answered was received two days before `today`.
    """
    folder.mkdir(parents=True)
    with as_file(files("app.demo") / "data") as shipped:
        exports = folder / "exports"
        shutil.copytree(shipped, exports)
    stage = Stage()
    stage.tell(f"Everything happens in {folder} and stays there.")
    library = folder / "library"
    setting = {
        "MUNIMENT_ARCHIVE": str(library),
        "MUNIMENT_KEYS": str(folder / "keys"),
        "MUNIMENT_ACTOR": "ada",
    }
    with stage.setting(setting):
        _open(stage, library)
        _capture(stage, exports)
        _moderate(stage)
        _search(stage)
        _retain(stage, exports)
        _dispose(stage, library)
        _answer(stage, folder, today)
        _keep(stage, folder, library)
        _verify(stage, folder, library)
    activate = Path(sys.prefix) / "bin" / "activate"
    stage.tell(
        f"Look around: the archive is {library}, the answer is {folder / 'answer.zip'}.\n"
        f"To give commands yourself: . {shlex.quote(str(activate))}, then the exports at the top."
    )


def _open(stage: Stage, library: Path) -> None:
    stage.chapter("An archive, and two people who answer for it")
    stage.run(
        *("init", library, "--name", "Maple Grove Public Library"),
        *("--actor", "ada", "--no-passphrase"),
    )
    stage.run("actor", "add", "ben", "--role", "director", "--no-passphrase")
    stage.run("actor", "list")


def _capture(stage: Stage, exports: Path) -> None:
    stage.chapter("What the platforms give: exports, as they came")
    mastodon = exports / "mastodon-2026-01-05.tar.gz"
    account = ("--account", "Maple Grove Public Library")
    stage.run("ingest", mastodon)
    stage.run("ingest", exports / "facebook-2026-01-02.zip", *account)
    stage.run("ingest", exports / "wordpress.wxr.xml")
    stage.tell("The same export once more: nothing is taken in twice.")
    stage.run("ingest", mastodon)
    stage.tell("The website a week later: one post was edited, and one comment is gone.")
    stage.run("ingest", exports / "wordpress-later.wxr.xml", "--complete")
    edited = _first(stage, "status:edited AND platform:wordpress")
    stage.run("record", "history", edited)


def _moderate(stage: Stage) -> None:
    stage.chapter("Two comments are taken down, under the policy, with the reason")
    stage.run("policy", "adopt", "cook-memorial")
    sale = _first(stage, '"garage sale" AND "630-555-0170"')
    slur = _first(stage, '"go back where you came from"')
    stage.run(
        *("moderate", "remove", sale, "--clause", "IV.7"),
        *("--reason", "Sells household goods; the author was pointed to the notice board"),
    )
    stage.run(
        *("moderate", "remove", slur, "--clause", "IV.2"),
        *("--reason", "Tells a patron to leave because of where the patron comes from"),
    )
    stage.tell("The first author appeals in writing; the director decides.")
    stage.run(
        *("appeal", "file", sale, "--appellant", "Chloé Abara"),
        *("--text", "The sale pays for books that I give to the library. Please look again."),
    )
    appeal = stage.ask("appeal", "list")[0]["appeal"][-SHORT_ID:]
    stage.run(
        *(*BEN, "appeal", "decide", appeal, "affirmed"),
        *("--reason", "A private sale, whatever the proceeds are for"),
    )
    stage.run("moderate", "list")


def _search(stage: Stage) -> None:
    stage.chapter("Everything can be found, and is counted")
    stage.run("search", "parking", "--limit", "3")
    stage.run("search", '"Sunday hours"', "--limit", "3")
    stage.run("search", 'author:"Ana Pereira"')
    stage.run("search", "status:removed AND platform:facebook")
    stage.run("search", "storytime date:[2025-03-01 TO 2025-05-31]", "--limit", "3")
    stage.tell("What could be misread is refused, with the place that is wrong.")
    stage.fails("search", "agenda nosuch:minutes")


def _retain(stage: Stage, exports: Path) -> None:
    stage.chapter("A schedule says how long; a hold says not yet")
    stage.run("schedule", "adopt", exports / "schedule.toml")
    stage.run("schedule", "due", "--as-of", DUE_BY)
    stage.run(
        *("hold", "place", "Varga v. Maple Grove", "--query", '"Sunday hours"'),
        *("--matter", "Case 25 L 114", "--custodian", "Ada Reyes"),
    )
    held = _first(stage, '"Sunday hours" date:2025-01')
    stage.run("record", "why", held)


def _dispose(stage: Stage, library: Path) -> None:
    stage.chapter("What is due goes, by two people's decision; what is held stays")
    doomed = _first(stage, CARD)
    stored = stored_bytes(library, doomed)
    stage.run("record", "show", doomed)
    stage.tell(
        "That comment is due. Its card number, its encrypted bytes and its wrapped key,\n"
        f"looked for in every file of the archive: {_found(library, [CARD.encode(), *stored])}."
    )
    stage.run("disposal", "propose", "--as-of", DUE_BY)
    disposal = stage.ask("disposal", "list")[0]["id"][-SHORT_ID:]
    stage.run("disposal", "approve", disposal)
    stage.tell("Nobody approves twice.")
    stage.fails("disposal", "approve", disposal)
    stage.run(*BEN, "disposal", "approve", disposal)
    stage.tell("A hold that comes after the approval still wins.")
    late = _first(stage, '"found a wallet" date:2025-02')
    stage.run("hold", "place", "Lost wallet", "--record", late, "--matter", "Police report 25-0311")
    stage.run("disposal", "run", disposal)
    stage.run("record", "why", late)
    stage.run("disposal", "certificate", disposal)
    stage.tell(
        "Is it gone? The card number, the encrypted bytes and the wrapped key,\n"
        f"looked for in every file of the archive: {_found(library, [CARD.encode(), *stored])}."
    )
    stage.run("record", "show", doomed)


def _answer(stage: Stage, folder: Path, today: date) -> None:
    stage.chapter("A request, and an answer that its reader can check")
    received = today - timedelta(days=2)
    stage.run(
        *("request", "open", "--requester", "Robin Castellano", "--contact", "robin@example.org"),
        *("--subject", "Comments about telephones", "--received", str(received)),
    )
    number = stage.ask("request", "list")[0]["number"]
    asked = '("my number is" OR "her phone is" OR "answer the phone") AND platform:facebook'
    stage.run("request", "search", number, asked)
    seat = _first(stage, '"630-555-0157"')
    stage.run(
        *("request", "redact", number, seat, "--text", "630-555-0157"),
        *("--exemption", "7(1)(b)", "--reason", "A private telephone number"),
    )
    stage.run(
        *("request", "redact", number, seat, "--author"),
        *("--exemption", "7(1)(c)", "--reason", "Names a patron with what the patron reserved"),
    )
    for private in _all(stage, '"her phone is"'):
        stage.run(
            *("request", "determine", number, private, "withhold", "--exemption", "7(1)(c)"),
            *("--reason", "Publishes a private person's address and calls for harassment"),
        )
    stage.tell("Nothing leaves undetermined.")
    stage.fails("export", number, "--output", folder / "answer.zip")
    stage.run(
        *("request", "suggest", number, "--accept", "phone"),
        *("--reason", "Private telephone numbers"),
    )
    stage.tell("What is left holds nothing that the law exempts.")
    stage.run("request", "determine", number, "undetermined", "release")
    stage.run("request", "show", number)
    stage.run("export", number, "--output", folder / "answer.zip")


def _keep(stage: Stage, folder: Path, library: Path) -> None:
    stage.chapter("What others keep: a checkpoint, a proof, and a copy")
    clerk, proofs = folder / "clerk.checkpoints", folder / "proof"
    stage.run("checkpoint", "--publish", clerk)
    stage.run("verify", "--since", clerk)
    stage.run("proof", "1", "--output", proofs)
    stage.run("verify", proofs / "entry-1.tlog-proof", "--key", library / "keys" / "log.pub")
    stage.run("backup", folder / "backup")
    stage.run("backup", "--check", folder / "backup")
    stage.run("restore", folder / "backup", "--dry-run")


def _verify(stage: Stage, folder: Path, library: Path) -> None:
    stage.chapter("Does it all hold? And would anybody notice if it did not?")
    stage.run("verify", folder / "answer.zip")
    damaged = folder / "library-damaged"
    stage.tell(f"One byte is flipped in a copy of the archive, {damaged}.")
    shutil.copytree(library, damaged)
    damage_database(damaged)
    stage.fails("--archive", damaged, "verify")
    bundle = folder / "answer-damaged.zip"
    stage.tell(f"One byte is flipped in a copy of the answer, {bundle}.")
    shutil.copy(folder / "answer.zip", bundle)
    damage_bundle(bundle)
    stage.fails("verify", bundle)


def _first(stage: Stage, query: str) -> str:
    """The oldest record that a query finds."""
    return _all(stage, query)[0]


def _all(stage: Stage, query: str) -> list[str]:
    """All records that a query finds, the oldest first."""
    found: dict[str, Any] = stage.ask("search", query, "--sort", "date", "--all")
    return [str(hit["id"])[-SHORT_ID:] for hit in found["hits"]]


def _found(library: Path, wanted: list[bytes]) -> str:
    searched, holding = files_holding(library, wanted)
    named = ", ".join(str(path.relative_to(library)) for path in holding)
    return f"{searched} files searched, found in {named or 'none'}"
