"""The one writer: groups, what cannot be archived, and a second process."""

from typing import Any

import pytest

from archive import Refused, StorageError, Writer
from ingest._capture import AccountName, Capture
from ingest._pipeline import take_all
from ingest.live import _capture, _keeper
from ingest.live._keeper import Keeper, Work
from ingest.live._reading import Reading
from ingest.live.platforms import platform_named
from ingest.readers import reader_named
from tests.ingest.live.server import Recorded
from tests.ingest.live.test_mastodon import once
from tests.ingest.live.town import shows, status
from tests.ingest.live.watching import Watching


def work(account: str, *texts: str, **more: Any) -> Work:
    """Posts of an account, whose ids are their texts."""
    reader = reader_named("mastodon-api")
    items = [Capture(one, "post", one.encode(), text=one, source_file="x.json") for one in texts]
    named = AccountName(account)
    nothing = Reading(reader, "mastodon", named, (), {})
    readings = (Reading(reader, "mastodon", named, items, {}),) if items else ()
    return Work(account, "https://town.example", nothing, readings, **more)


@pytest.fixture
def keeper(watching: Watching) -> Keeper:
    return Keeper(watching.room.archive, watching.room.signer)


def test_a_group_is_one_transaction_and_one_batch_for_each_account(
    watching: Watching, keeper: Keeper
) -> None:
    kept = keeper.commit([work("a", "1"), work("b", "2"), work("a", "3", cursor={"n": "3"})])
    assert (kept["a"].new, kept["b"].new) == (2, 1)
    assert len(watching.entries("capture.batch")) == 2
    with watching.room.archive.read() as reader:
        sizes = reader.checkpoint().splitlines()[1]
    assert int(sizes) == len(watching.entries())
    again = Keeper(watching.room.archive, watching.room.signer)
    assert (again.cursor("a"), again.cursor("b")) == ({"n": "3"}, {})


def test_a_cursor_alone_waits_for_a_heartbeat_or_the_end(
    watching: Watching, keeper: Keeper
) -> None:
    keeper.commit([work("a", "1", cursor={"n": "1"})])
    size = len(watching.entries())
    keeper.commit([work("a", cursor={"n": "2"})])
    assert len(watching.entries()) == size
    keeper.finish()
    assert Keeper(watching.room.archive, watching.room.signer).cursor("a") == {"n": "2"}
    watching.room.archive.rebuild()
    assert Keeper(watching.room.archive, watching.room.signer).cursor("a") == {"n": "2"}


def test_what_cannot_be_archived_is_set_aside_and_nothing_else(
    watching: Watching, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(writer: Writer, takings: list[tuple[Any, list[Any]]]) -> None:
        if any(getattr(one, "text", "") == "poison" for _, items in takings for one in items):
            raise ValueError("it is poison")
        take_all(writer, takings)

    monkeypatch.setattr(_keeper, "take_all", odd)
    kept = keeper.commit([work("a", "1"), work("a", "poison", cursor={"n": "2"}), work("b", "3")])
    assert (kept["a"].new, kept["a"].rejected, kept["b"].new) == (1, 1, 1)
    [rejected] = watching.entries("capture.rejected")
    assert watching.sealed(rejected).bytes_of("raw") == b"poison"
    assert "poison" in watching.sealed(rejected).text("reason")
    assert keeper.cursor("a") == {"n": "2"}


def test_a_group_that_fails_leaves_nothing(
    watching: Watching, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.commit([work("a", "1", cursor={"n": "1"})])
    before = len(watching.entries())

    def full(*_: object) -> None:
        raise OSError("no room")

    more = [work("a", "2", cursor={"n": "2"})]
    with monkeypatch.context() as broken:
        broken.setattr(_keeper, "take_all", full)
        with pytest.raises(StorageError, match="no room"):
            keeper.commit(more)
    assert len(watching.entries()) == before
    assert keeper.cursor("a") == {"n": "1"}
    assert keeper.commit(more)["a"].new == 1
    keeper.finish()
    assert watching.entries("ingest.finished")[0].data["new"] == 2


def test_the_newest_process_wins(watching: Watching, keeper: Keeper) -> None:
    keeper.commit([work("a", "1")])
    newer = Keeper(watching.room.archive, watching.room.signer)
    newer.commit([work("a", "2")])
    with pytest.raises(Refused, match="another muniment capture run"):
        keeper.commit([work("a", "3")])


def test_an_account_may_fill_the_queue_and_nothing_is_lost(
    town: Recorded, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_capture, "_QUEUED_BYTES", 1)
    monkeypatch.setattr(_capture, "_GROUP_BYTES", 1)
    shows(town, *(status(number) for number in range(100, 220)))
    once(watching)
    assert sum(one.startswith("post ") for one in watching.texts()) == 120


def test_a_handle_says_where_its_server_is() -> None:
    assert platform_named("mastodon").address("@library@town.example") == "https://town.example"
