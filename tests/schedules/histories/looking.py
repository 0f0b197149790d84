"""What must be so at any time: all is there that must be, and nothing is left of what is gone."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import column, select, table

from archive import verify
from search import SearchIndex
from tests.schedules.histories.story import BEHIND, WORDS, Story
from tests.schedules.model import Terms
from tests.search.test_index import terms_of

ROWS = """SELECT id, status, edited_at, removed_at, vanished_at,
    occurred_at, visibility, author_key, fingerprint, size FROM record"""
STORED = (
    "SELECT subject FROM data_key",
    "SELECT e.subject FROM sealed s JOIN entry e ON e.seq = s.seq",
    "SELECT subject FROM blob",
)


_key = table("data_key", column("subject"), column("wrapped"))
_sealed = table("sealed", column("seq"), column("ciphertext"))


class Looking(Story):
    def agree(self) -> None:
        """After every turn: what may not be destroyed is there, what was is not, all as it was."""
        with self.archive.read() as reader:
            rows = {row[0]: row for row in reader.conn.exec_driver_sql(ROWS)}
            opened, sealed, attached = (
                set(reader.conn.exec_driver_sql(query).scalars()) for query in STORED
            )
        assert len(rows) == len(self.model.things)
        whole = opened & sealed
        for name, thing in self.model.things.items():
            (record, status, *content), moments = rows[self.ids[name]], []
            if thing.gone:
                left = record in opened or record in sealed or record in attached
                assert not left, f"{name} was destroyed, and something is left"
                assert (status, any(content)) == ("disposed", False), (name, status, content)
                continue
            assert record in whole, f"{name} is gone"
            assert ("attachments" in self.rows[name]) == (record in attached), name
            moments = [None if at is None else day_of(at) for at in content[:3]]
            known = [thing.edited, thing.removed, thing.vanished]
            assert (status, moments) == (thing.status, known), (name, status, moments, thing)

    def agree_wholly(self) -> None:
        """At intervals: every word can be read or cannot, and the log verifies."""
        self.agree()
        said = defaultdict[str, list[str]](list)
        with self.archive.read() as reader:
            versions = reader.entries(types={"record.captured", "record.edited"})
            for entry, parts in reader.open(list(versions)):
                if parts is not None:
                    said[entry.subject].append(parts.text("text"))
        for name, thing in self.model.things.items():
            assert said[self.ids[name]] == ([] if thing.gone else thing.said), name
        with SearchIndex.open(self.archive) as index:
            index.catch_up()
            for word in WORDS:
                fit = {one.name for one in self.living() if Terms(word).fit(one)}
                assert set(index.ids(word)) == {self.ids[name] for name in fit}, word
        self.nothing_left(
            {
                f"{thing.name} said {text}": secret(text)
                for thing in self.model.things.values()
                if thing.gone and thing.name not in self.half_done
                for text in thing.said
            }
        )
        report = verify(self.archive)
        assert not report.findings, report.findings

    def secrets(self, name: str) -> dict[str, bytes]:
        """Stretches of what is stored of a record, and what it says that nothing else does."""
        thing, record = self.model.things[name], self.ids[name]
        found = {f"{name} said {number}": secret(text) for number, text in enumerate(thing.said)}
        with self.archive.read() as reader:
            key = select(_key.c.wrapped).where(_key.c.subject == record)
            wrapped = reader.conn.execute(key).scalar_one()
            found[f"{name} key"] = wrapped[12:44]
            sealed = select(_sealed).where(
                _sealed.c.seq.in_([entry.seq for entry in reader.history(record)])
            )
            for seq, data in reader.conn.execute(sealed):
                found[f"{name} entry {seq}"] = data[12:44]
        return found

    def nothing_left(self, secrets: Mapping[str, bytes]) -> None:
        """No file of the archive has any of these bytes, and the index none of the words."""
        if not secrets:
            return
        anything = re.compile(b"|".join(map(re.escape, secrets.values())))
        for path in self.archive.folder.rglob("*"):
            if path.is_file() and (found := anything.search(path.read_bytes())):
                left = [what for what, secret in secrets.items() if secret == found[0]]
                raise AssertionError(f"{path.name} still has {left}")
        with SearchIndex.open(self.archive) as index:
            for what, word in secrets.items():
                if " said " in what:
                    assert terms_of(index, word.decode()[:8]) == [], f"the index lists what {what}"


def day_of(moment: str) -> date:
    return (datetime.fromisoformat(moment) - BEHIND).date()


def secret(text: str) -> bytes:
    """The word that no other text has."""
    return text.rsplit(maxsplit=1)[-1].encode()
