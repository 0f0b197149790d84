"""What sources show: new items, edited, deleted, gone, there again, and disposed of before."""

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from archive import accounts, records
from ingest import ingest
from tests.schedules.histories.story import ACCOUNTS, AUTHORS, BEHIND, PLATFORM, Story
from tests.schedules.model import Thing


class Sources(Story):
    def listing(self) -> None:
        """An export: new items, edited, deleted, shown again, and some that were disposed of."""
        account = self.random.choice(ACCOUNTS)
        mine = [one for one in self.model.things.values() if one.account == account]
        lines: list[dict[str, Any]] = []
        for _ in range(self.random.randint(10, 24)):
            draw = self.random.random()
            if draw < 0.55 or not mine:
                thing = self._new(account, mine)
                mine.append(thing)
                lines.append(self.rows[thing.name])
                continue
            thing = self.random.choice(mine)
            if draw < 0.75:
                lines.append(self._edited(thing))
            elif draw < 0.87:
                lines.append(self._deleted(thing))
            else:
                lines.append(self._shown(thing))
        self._ingest(account, lines, complete=False)

    def complete(self) -> None:
        """An export of all that is there; what is not in it has vanished."""
        account = self.random.choice(ACCOUNTS)
        live = [one for one in self.living() if one.account == account and one.status == "live"]
        if not live:
            return
        missing = {one.name for one in self.some(live, 4)}
        lines = [self.rows[one.name] for one in live if one.name not in missing]
        if not lines:
            return
        for name in missing:
            thing = self.model.things[name]
            thing.status, thing.vanished = "vanished", self.day
            self.step("vanished", name)
        self._ingest(account, lines, complete=True)

    def _new(self, account: str, mine: Sequence[Thing]) -> Thing:
        self.numbers += 1
        name = f"n{self.numbers}"
        kind = self.random.choice(["post", "comment", "comment"])
        parent = None
        if kind == "comment" and mine and self.random.random() < 0.7:
            parent = self.random.choice(mine[-8:]).name
        published = self.day - timedelta(self.random.choice([0, 3, 30, 200, 500, -5]))
        dated = self.random.random() < 0.9
        thing = Thing(
            name, kind, account, self.random.choice(AUTHORS), parent,
            published if dated else None, self.day, [self.text()],
        )  # fmt: skip
        row: dict[str, Any] = {
            "id": name,
            "kind": kind,
            "handle": thing.author,
            "text": thing.said[0],
        }
        if dated:
            noon = datetime.combine(published, time(12), UTC) + BEHIND
            row["occurred_at"] = noon.isoformat()
        if parent:
            row["parent"] = parent
            self.model.answers[parent].append(name)
        if self.random.random() < 0.15:
            row["attachments"] = [{"file": f"media/{name}.bin"}]
        self.model.things[name], self.rows[name] = thing, row
        self.step("captured", name, f"after {parent}" if parent else "")
        return thing

    def _edited(self, thing: Thing) -> dict[str, Any]:
        row = self.rows[thing.name] | {"text": self.text()}
        if thing.gone:
            self.step("disposed of, brought again", thing.name)
            return row
        self.rows[thing.name] = row
        thing.said.append(row["text"])
        thing.edited = self.day
        thing.shown()
        self.step("edited", thing.name)
        return row

    def _deleted(self, thing: Thing) -> dict[str, Any]:
        self.numbers += 1
        row = {"id": thing.name, "kind": thing.kind, "deleted": True, "word": self.numbers}
        if not thing.gone and thing.status != "removed":
            thing.status, thing.removed, thing.vanished = "removed", self.day, None
        self.step("deleted by its source", thing.name)
        return row

    def _shown(self, thing: Thing) -> dict[str, Any]:
        if not thing.gone and not thing.by_staff:
            thing.shown()
        self.step("disposed of, brought again" if thing.gone else "shown again", thing.name)
        return self.rows[thing.name]

    def _ingest(self, account: str, lines: Sequence[Mapping[str, Any]], *, complete: bool) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        (self.scratch / "media").mkdir(parents=True)
        for line in lines:
            if "attachments" in line:
                (self.scratch / "media" / f"{line['id']}.bin").write_bytes(attachment(line["id"]))
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (self.scratch / "items.jsonl").write_text(text)
        found = ingest(
            self.archive,
            self.people["agent"].key,
            self.scratch,
            source="jsonl",
            account=account,
            platform=PLATFORM,
            complete=complete,
        )
        assert not found.rejected, found
        unknown = [name for name in self.rows if name not in self.ids]
        with self.archive.read() as reader:
            own = accounts.find(reader, PLATFORM, account)
            assert own is not None
            sought = {records.lookup_of(reader, PLATFORM, own, name): name for name in unknown}
            for lookup, record in records.by_lookup(reader, list(sought)).items():
                self.ids[sought[lookup]] = record.id
        assert self.ids.keys() == self.rows.keys()


def attachment(name: str) -> bytes:
    return f"the picture of {name} ".encode() * 9
