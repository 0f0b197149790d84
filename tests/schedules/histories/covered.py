"""What must stay whatever is due: holds, and requests for records."""

from datetime import date, timedelta
from typing import Any

import schedules
from archive import Writer, accounts, records
from exports import requests
from schedules import Criteria, HoldKind
from tests.schedules.histories.story import ACCOUNTS, AUTHORS, PLATFORM, WORDS, Story
from tests.schedules.model import Hold, Terms


class Covered(Story):
    def hold(self) -> None:
        held = self.model.holds
        draw = self.random.random()
        if held and (draw < 0.45 or len(held) > 2):
            name = self.random.choice(list(held))
            self.step("hold released", name)

            def release(writer: Writer) -> None:
                schedules.release(writer, schedules.find_hold(writer, name), "settled")

            self.expect(True, self.writing(self.officer(), release))
            del held[name]
        elif held and draw < 0.65:
            self.cover(self.random.choice(list(held)), widen=True)
        else:
            self.numbers += 1
            self.cover(f"Matter {self.numbers}", widen=False)

    def cover(self, name: str, *, widen: bool) -> None:
        named, terms = set[str](), Terms()
        if self.random.random() < 0.5 and self.model.things:
            named = {one.name for one in self.some(self.model.things.values(), 3)}
        else:
            since = self.day - timedelta(self.random.choice([5, 100, 400]))
            until = since + timedelta(self.random.choice([0, 5, 40]))
            choices: list[dict[str, Any]] = [
                {"word": self.random.choice(WORDS)},
                {"account": self.random.choice(ACCOUNTS), "word": self.random.choice(WORDS)},
                {"author": self.random.choice(AUTHORS), "account": self.random.choice(ACCOUNTS)},
                {"author": self.random.choice(AUTHORS), "since": since},
                {"since": since, "until": until},
                {"until": since - timedelta(300)},
            ]
            terms = Terms(**self.random.choice(choices))
        self.step("hold widened" if widen else "hold placed", name, sorted(named), terms)
        allowed = not any(self.model.things[one].gone for one in named)
        ids = [self.ids[one] for one in sorted(named)]

        def place(writer: Writer) -> bool:
            criteria = self._criteria(writer, terms)
            if widen:
                hold = schedules.find_hold(writer, name)
                schedules.widen(self.archive, writer, hold, record_ids=ids, criteria=criteria)
            else:
                kind = HoldKind.LITIGATION
                schedules.place(self.archive, writer, name, kind, record_ids=ids, criteria=criteria)
            return True

        if self.expect(allowed, self.writing(self.officer(), place)):
            hold = self.model.holds.setdefault(name, Hold(set(), []))
            hold.named |= named
            hold.terms += [terms] if terms != Terms() else []

    def _criteria(self, writer: Writer, terms: Terms) -> Criteria:
        author = terms.author and records.author_key_of(writer, PLATFORM, terms.author)
        return Criteria(
            query=terms.word or "",
            account=terms.account and accounts.find(writer, PLATFORM, terms.account),
            author_key=author,
            since=terms.since if terms.since != date.min else None,
            until=terms.until if terms.until != date.max else None,
        )

    def request(self) -> None:
        opened, draw = self.model.requests, self.random.random()
        if not opened or (draw < 0.15 and len(opened) < 2):
            self._open_request()
            return
        number = self.random.choice(list(opened))
        if opened[number] is None or draw < 0.5:
            word = self.random.choice(WORDS)
            self.step("request searched", number, word)
            found, _ = requests.search_for(
                self.archive, self.people[self.officer()].key, number, word
            )
            fit = {one.name for one in self.living() if Terms(word).fit(one)}
            assert set(found.found) == {self.ids[name] for name in fit}
            opened[number] = (opened[number] or set()) | self.model.with_what_they_answer(fit)
        elif draw < 0.6 and self.model.things:
            self._add(number)
        else:
            self.step("request closed", number)

            def close(writer: Writer) -> None:
                requests.close(writer, requests.find_request(writer, number), withdrawn=True)

            self.expect(True, self.writing(self.officer(), close))
            del opened[number]

    def _open_request(self) -> None:
        intake = requests.Intake("Pat", "pat@example.org", "records", "All of them", self.today)

        def open_one(writer: Writer) -> str:
            one, _ = requests.open_request(
                writer, intake, self.rules, body="Town", today=self.today
            )
            return one.number

        number = self.writing(self.officer(), open_one)()
        self.step("request opened", number)
        self.model.requests[number] = None

    def _add(self, number: str) -> None:
        added = self.some(self.model.things.values(), 2)
        self.step("records added to a request", number, *(one.name for one in added))

        def add(writer: Writer) -> bool:
            ids = [self.ids[one.name] for one in added]
            requests.add_records(writer, requests.find_request(writer, number), ids)
            return True

        if self.expect(not any(one.gone for one in added), self.writing(self.officer(), add)):
            asked = self.model.requests[number]
            assert asked is not None
            asked |= self.model.with_what_they_answer(one.name for one in added)
