"""Policies in force: adopting them, and choosing the version of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from archive import Draft, NotFound, Parts, Reader, Refused, Writer, new_id
from ingest.moderation._policy import Policy, parse_policy
from ingest.moderation._tables import policy_table

_c = policy_table.c


@dataclass(frozen=True, slots=True)
class Adopted:
    """An adopted version of a policy, in force from `adopted` (a date) on."""

    id: str
    code: str
    version: str
    adopted: str
    digest: str


def adopt_policy(writer: Writer, text: str, adopted: date | None = None) -> list[Adopted]:
    """Adopt every version of a policy file that is not adopted yet; those are returned.

    Raises UsageError for a file that is no policy, Refused when a version that was adopted before
    now says something else: a new text is a new version.
    """
    known = {(one.code, one.version): one for one in adopted_policies(writer)}
    fresh: list[tuple[str, Policy]] = []
    for policy in parse_policy(text, adopted):
        earlier = known.get((policy.code, policy.version))
        if earlier is None:
            fresh.append((new_id(), policy))
        elif earlier.digest != policy.digest:
            raise Refused(
                f"{policy.code} of {policy.version} was adopted with another text",
                hint="give the changed text a version of its own, with the day of its adoption",
            )
    writer.append(
        Draft(
            "policy.adopted",
            policy_id,
            {
                "code": policy.code,
                "version": policy.version,
                "adopted": policy.version,
                "digest": policy.digest,
            },
            Parts.of([("file", text)]),
        )
        for policy_id, policy in fresh
    )
    return [
        Adopted(policy_id, one.code, one.version, one.version, one.digest)
        for policy_id, one in fresh
    ]


def adopted_policies(reader: Reader) -> list[Adopted]:
    """All adopted versions, by code and date."""
    query = select(policy_table).order_by(_c.code, _c.adopted)
    return [Adopted(**row) for row in reader.conn.execute(query).mappings()]


def adopted_policy(reader: Reader, adopted: Adopted) -> Policy:
    """What an adopted version says, from the file that was adopted."""
    entries = reader.history(adopted.id, {"policy.adopted"})
    for _, sealed in reader.open(entries):
        text = (sealed.get("file") if sealed else None) or ""
        for policy in parse_policy(text, date.fromisoformat(adopted.adopted)):
            if policy.version == adopted.version:
                return policy
    raise NotFound(f"the text of {adopted.code} of {adopted.version} is gone")


def policy_in_force(reader: Reader, code: str, day: date) -> Policy:
    """The version of a policy that is in force on a day. `code` may be "" when only one is known.

    NotFound says which there are, or from when on.
    """
    every = adopted_policies(reader)
    codes = sorted({one.code for one in every})
    code = code or (codes[0] if len(codes) == 1 else "")
    mine = [one for one in every if one.code == code]
    if not mine:
        raise NotFound(
            f"no policy {code} is adopted"
            if code
            else "say which policy applies"
            if codes
            else "no policy is adopted",
            hint=_which(codes),
        )
    held = [one for one in mine if one.adopted <= day.isoformat()]
    if not held:
        raise NotFound(f"{code} was first adopted on {mine[0].adopted}, after {day.isoformat()}")
    return adopted_policy(reader, held[-1])


def _which(codes: Sequence[str]) -> str:
    if not codes:
        return "adopt one: muniment policy adopt cook-memorial"
    return f"adopted policies: {', '.join(codes)}"
