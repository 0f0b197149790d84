"""Removals, bans and appeals."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from archive import Draft, NotFound, Refused, UsageError, Writer, records
from ingest import moderation
from ingest.moderation import Removal
from tests.ingest.conftest import Room

DAY = date(2026, 3, 2)
REASON = "A link to a pill shop, sent by Mallory"


@pytest.fixture
def library(room: Room, lines: Callable[..., Path]) -> Room:
    """Three comments by Mallory and one by Ann, under the policy of Cook Memorial."""
    authors = ("mallory", "mallory", "mallory", "ann")
    rows = [
        json.dumps({"id": i, "kind": "comment", "handle": name, "text": f"words {i}"})
        for i, name in enumerate(authors)
    ]
    room.take(lines(*rows), account="lib")
    with room.archive.write(room.signer) as writer:
        moderation.adopt_policy(writer, moderation.built_in_text("cook-memorial"))
    return room


def ids(room: Room) -> list[str]:
    return [record.id for record in room.records()]


def remove(writer: Writer, record: str, **changes: object) -> Removal:
    options = {"clause": "IV.5", "reason": REASON, "day": DAY, **changes}
    return moderation.remove(writer, record, **options)  # type: ignore[arg-type]  # varied by tests


def test_a_removal_names_policy_version_clause_actor_and_reason(library: Room) -> None:
    record = ids(library)[0]
    with library.archive.write(library.signer) as writer:
        removal = remove(writer, record[-12:])
        assert removal == moderation.find_removal(writer, removal.id)
        assert (removal.policy, removal.policy_version, removal.clause) == (
            "cook-memorial", "2021-02-16", "IV.5",
        )  # fmt: skip
        assert removal.actor == library.signer.actor
        assert records.get(writer, record).status == "removed"
        said = moderation.reason_of(writer, record, "record.removed", "removal", removal.id)
        assert said == REASON
        [entry] = writer.history(record, {"record.removed"})
        assert entry.signature is not None
        assert b"pill" not in entry.header


def test_the_version_is_that_of_the_day(library: Room) -> None:
    with library.archive.write(library.signer) as writer:
        assert remove(writer, ids(library)[0], day=date(2018, 1, 1)).policy_version == "2016-06-21"


def test_what_a_removal_needs(library: Room) -> None:
    first = ids(library)[0]
    with library.archive.write(library.signer) as writer:
        for options in ({"reason": " "}, {"clause": "IX"}):
            with pytest.raises(UsageError):
                remove(writer, first, **options)
        for missing in ({"policy": "none"}, {"day": date(2000, 1, 1)}):
            with pytest.raises(NotFound):
                remove(writer, first, **missing)
        with pytest.raises(NotFound):
            remove(writer, "0" * 12)
        remove(writer, first, extent="part")
        assert records.get(writer, first).status == "live"
        with pytest.raises(Refused):
            remove(writer, first, extent="part")
        remove(writer, first)
        with pytest.raises(Refused, match="removed already"):
            remove(writer, first)
        writer.append([Draft("record.disposed", first, {"disposal": "d", "series": "s"})])
        with pytest.raises(Refused, match="disposed of"):
            remove(writer, first)
        with pytest.raises(Refused, match="disposed of"):
            moderation.restore(writer, first, reason="by mistake")
        with pytest.raises(Refused, match="disposed of"):
            moderation.file_appeal(
                writer, first, appellant="Mallory", text="Look again", received=DAY
            )
        assert records.get(writer, first).status == "disposed"


def test_a_restoration_ends_every_removal_and_needs_a_reason(library: Room) -> None:
    first = ids(library)[0]
    with library.archive.write(library.signer) as writer:
        with pytest.raises(Refused, match="no removal"):
            moderation.restore(writer, first, reason="x")
        remove(writer, first, extent="part")
        remove(writer, first)
        with pytest.raises(UsageError):
            moderation.restore(writer, first, reason="")
        assert len(moderation.restore(writer, first, reason="by mistake")) == 2
        assert moderation.removals(writer, open_only=True) == []
        assert len(moderation.removals(writer)) == 2
        assert records.get(writer, first).status == "live"
        remove(writer, first)


def test_a_ban_needs_more_violations_than_one(library: Room) -> None:
    first, second, third, ann = ids(library)
    options = {"clause": "IV.5", "reason": REASON, "day": DAY}
    with library.archive.write(library.signer) as writer:
        author, platform = moderation.author_of(writer, third)
        assert author == "mallory"
        remove(writer, first)
        remove(writer, ann)
        with pytest.raises(Refused, match="needs 2 recorded violations, there are 1"):
            moderation.ban(writer, author, platform, **options)  # type: ignore[arg-type]
        remove(writer, second)
        moderation.restore(writer, second, reason="on topic")
        with pytest.raises(Refused, match="there are 1"):
            moderation.ban(writer, author, platform, **options)  # type: ignore[arg-type]
        remove(writer, second)
        ban = moderation.ban(writer, author, platform, **options)  # type: ignore[arg-type]
        assert moderation.banned(writer, ban) == ("mallory", REASON)
        with pytest.raises(Refused, match="banned already"):
            moderation.ban(writer, author, platform, **options)  # type: ignore[arg-type]
        ended = moderation.unban(writer, ban.id[-12:], day=DAY, reason="promised")
        assert ended.unbanned_at is not None
        with pytest.raises(Refused, match="ended already"):
            moderation.unban(writer, ban.id, day=DAY, reason="again")
        [entry] = writer.history(ban.id, {"author.banned"})
        assert b"mallory" not in entry.header


def test_a_ban_by_exception_says_that_it_is_one(library: Room) -> None:
    with library.archive.write(library.signer) as writer:
        author, platform = moderation.author_of(writer, ids(library)[3])
        ban = moderation.ban(
            writer, author, platform, clause="IV.3", reason="a threat", day=DAY, exception=True
        )
        assert ban.exception == "yes"


def test_a_policy_without_bans_bans_nobody(library: Room) -> None:
    with library.archive.write(library.signer) as writer:
        moderation.adopt_policy(writer, moderation.built_in_text("westmont"), date(2019, 1, 1))
        with pytest.raises(Refused, match="knows no ban"):
            moderation.ban(
                writer, "a", "jsonl", clause="PC.4", reason="r", day=DAY, policy="westmont"
            )


def test_a_ban_names_a_platform_that_is_kept(library: Room) -> None:
    with (
        library.archive.write(library.signer) as writer,
        pytest.raises(NotFound, match="no account on Mallory is kept"),
    ):
        moderation.ban(
            writer, "jsonl", "Mallory", clause="IV.5", reason="r", day=DAY, exception=True
        )


def test_a_reversed_appeal_puts_the_record_back_in_the_same_breath(library: Room) -> None:
    first = ids(library)[0]
    with library.archive.write(library.signer) as writer:
        removal = remove(writer, first)
        appeal = moderation.file_appeal(
            writer, first, appellant="Mallory M.", text="I was on topic.", received=DAY
        )
        assert (appeal.removal, appeal.due) == (removal.id, "2026-04-01")
        assert moderation.appeal_words(writer, appeal) == ("Mallory M.", "I was on topic.")
    with library.archive.write(library.signer) as writer:
        decided = moderation.decide_appeal(
            writer, appeal.id, outcome="reversed", day=DAY, reason="It was."
        )
        assert decided.outcome == "reversed"
        assert records.get(writer, first).status == "live"
        assert moderation.open_removals(writer, first) == []
        types = {"appeal.decided", "record.restored"}
        last = writer.history(first, types)
    assert [entry.type for entry in last] == ["appeal.decided", "record.restored"]
    assert last[0].at == last[1].at
    assert last[1].data == {"removal": removal.id, "appeal": appeal.id}
    assert b"Mallory" not in b"".join(entry.header for entry in last)


def test_what_another_decision_removed_stays_so_when_an_appeal_is_reversed(library: Room) -> None:
    first = ids(library)[0]
    with library.archive.write(library.signer) as writer:
        remove(writer, first, extent="part")
        appeal = moderation.file_appeal(
            writer, first, appellant="Mallory M.", text="I was on topic.", received=DAY
        )
        whole = remove(writer, first)
        before = records.get(writer, first)
        moderation.decide_appeal(writer, appeal.id, outcome="reversed", day=DAY, reason="It was.")
        assert moderation.open_removals(writer, first) == [whole]
        assert records.get(writer, first) == before
        assert before.status == "removed"


def test_an_affirmed_appeal_leaves_it_removed(library: Room) -> None:
    first = ids(library)[0]
    with library.archive.write(library.signer) as writer:
        remove(writer, first)
        appeal = moderation.file_appeal(writer, first, appellant="M", text="t", received=DAY)
        moderation.decide_appeal(
            writer, appeal.id, outcome="affirmed", day=DAY, reason="Spam it is."
        )
        assert records.get(writer, first).status == "removed"
        with pytest.raises(Refused, match="affirmed already"):
            moderation.decide_appeal(writer, appeal.id, outcome="reversed", day=DAY, reason="x")
        with pytest.raises(Refused, match="decided already"):
            moderation.file_appeal(writer, first, appellant="M", text="t", received=DAY)


def test_what_an_appeal_needs(library: Room) -> None:
    first = ids(library)[0]
    with library.archive.write(library.signer) as writer:
        with pytest.raises(Refused, match="nothing to appeal"):
            moderation.file_appeal(writer, first, appellant="M", text="t", received=DAY)
        remove(writer, first)
        with pytest.raises(UsageError):
            moderation.file_appeal(writer, first, appellant=" ", text="t", received=DAY)
        appeal = moderation.file_appeal(writer, first, appellant="M", text="t", received=DAY)
        with pytest.raises(Refused, match="open already"):
            moderation.file_appeal(writer, first, appellant="M", text="t", received=DAY)
        with pytest.raises(UsageError):
            moderation.decide_appeal(writer, appeal.id, outcome="affirmed", day=DAY, reason="")
        assert moderation.appeals(writer, open_only=True) == [appeal]


def test_the_tables_are_the_same_when_they_are_computed_anew(library: Room) -> None:
    first, second, *_ = ids(library)
    with library.archive.write(library.signer) as writer:
        remove(writer, first)
        remove(writer, second)
        author, platform = moderation.author_of(writer, first)
        moderation.ban(writer, author, platform, clause="IV.5", reason=REASON, day=DAY)
        appeal = moderation.file_appeal(writer, first, appellant="M", text="t", received=DAY)
        moderation.decide_appeal(writer, appeal.id, outcome="reversed", day=DAY, reason="x")

    def tables() -> list[object]:
        with library.archive.read() as reader:
            return [
                moderation.adopted_policies(reader),
                moderation.removals(reader),
                moderation.bans(reader),
                moderation.appeals(reader),
            ]

    before = tables()
    library.archive.rebuild()
    assert tables() == before
