"""`muniment policy`: the policies that say what may be removed."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from app.cli._decision import DAY, day_or_today
from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, json_option, say
from app.cli._session import Session, pass_session

_COLUMNS = ("code", "version", "state", "id")
_CLAUSES = ("clause", "article", "gist")


@click.group(cls=Noun)
def policy() -> None:
    """Policies that say what may be removed.

    \b
    Example:
      muniment policy adopt cook-memorial
      muniment policy show cook-memorial
    """


@policy.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the adopted versions of policies, and those that come with Muniment.

    \b
    Example:
      muniment policy list
    """
    from ingest import moderation

    today = day_or_today(session, None).isoformat()
    with session.archive().read() as reader:
        adopted = moderation.adopted_policies(reader)
    in_force = {one.code: one.id for one in adopted if one.adopted <= today}
    rows: list[dict[str, Any]] = []
    for one in adopted:
        later = "later" if one.adopted > today else "superseded"
        state = "in force" if in_force.get(one.code) == one.id else later
        rows.append({"code": one.code, "version": one.version, "state": state, "id": one.id})
    rows += [
        {"code": name, "version": "", "state": "can be adopted", "id": ""}
        for name, text in moderation.built_in().items()
        if moderation.policy_code(text) not in {one.code for one in adopted}
    ]
    emit(rows, _COLUMNS, as_json)


@policy.command()
@click.argument("code", required=False, default="")
@click.option("--on", "day", type=DAY, help="As in force on this day; else today.")
@json_option
@pass_session
def show(session: Session, code: str, day: datetime | None, as_json: bool) -> None:
    """Show a policy and its clauses, as in force on a day.

    CODE may be left out when only one policy is adopted. One that comes with Muniment is shown
    before it is adopted, too.

    \b
    Example:
      muniment policy show
      muniment policy show cook-memorial --on 2018-05-01 --json
    """
    from ingest import moderation

    with session.archive().read() as reader:
        codes = {one.code for one in moderation.adopted_policies(reader)}
        proposed = code in moderation.built_in() and code not in codes
        choose = moderation.offered if proposed else partial(moderation.policy_in_force, reader)
        found = choose(code, day_or_today(session, day))
    clauses = [
        {"clause": one.code, "article": one.article, "gist": one.gist} for one in found.clauses
    ]
    facts: dict[str, Any] = {
        "code": found.code,
        "title": found.title,
        "body": found.body,
        "version": None if proposed else found.version,
        "state": f"not adopted; to adopt it: muniment policy adopt {code}" if proposed else None,
        "clauses_as_of": found.clauses_as_of.isoformat() if found.clauses_as_of else None,
        "days_to_decide_an_appeal": found.appeal_days,
        "appeals_go_to": found.appeal_to or None,
        "violations_before_a_ban": found.ban_violations,
        "business_days_to_answer": found.answer_days,
        "notice": "; ".join(found.notice) or None,
    }
    if as_json:
        emit_facts(facts | {"clauses": clauses}, as_json=True)
        return
    emit_facts({name: value for name, value in facts.items() if value is not None})
    say()
    emit(clauses, _CLAUSES)


@policy.command()
@click.argument("name")
@click.option("--adopted", type=DAY, help="When it was adopted, if its file does not say.")
@pass_session
def adopt(session: Session, name: str, adopted: datetime | None) -> None:
    """Adopt a policy: a TOML file, or the name of one that comes with Muniment.

    \b
    Example:
      muniment policy adopt cook-memorial
      muniment policy adopt our-policy.toml --adopted 2024-05-01
    """
    from ingest import moderation

    text = _text(Path(name)) if name.endswith(".toml") else moderation.built_in_text(name)
    with session.archive().write(session.signer()) as writer:
        done = moderation.adopt_policy(writer, text, adopted.date() if adopted else None)
    for one in done:
        say(f"{one.code} of {one.version} is adopted: {one.id}")
    if not done:
        say("it is adopted already")


def _text(path: Path) -> str:
    from archive import UsageError

    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {path}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text in UTF-8") from error
