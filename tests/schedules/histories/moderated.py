"""What is decided about what was written: removals, restorations, bans, appeals."""

from typing import Literal

from ingest import moderation
from tests.schedules.histories.story import AUTHORS, PLATFORM, Story

OUTCOMES: tuple[Literal["affirmed", "reversed"], ...] = ("affirmed", "reversed")


class Moderated(Story):
    def moderate(self) -> None:
        for _ in range(self.random.randint(1, 3)):
            self.random.choice(
                [*[self._remove] * 6, *[self._restore] * 3, *[self._appeal] * 4,
                 *[self._decide] * 6, self._ban]
            )()  # fmt: skip

    def _remove(self) -> None:
        if not self.model.things:
            return
        thing = self.random.choice(list(self.model.things.values()))
        part = thing.status != "removed" and self.random.random() < 0.3
        extent: Literal["all", "part"] = "part" if part else "all"
        self.step("removed by the staff", thing.name, extent)
        allowed = not (thing.gone or thing.by_staff or (part and thing.held))
        done = self.expect(
            allowed,
            self.writing(
                self.officer(),
                lambda writer: moderation.remove(
                    writer, self.ids[thing.name], clause="IV.7", reason=self.text(), day=self.day,
                    extent=extent,
                ),
            ),
        )  # fmt: skip
        if done:
            thing.removed, thing.held[done.id] = self.day, (not part, self.day)
            thing.status = thing.status if part else "removed"

    def _restore(self) -> None:
        staff = [one for one in self.model.things.values() if one.held]
        thing = self.random.choice(staff) if staff else None
        if thing is None:
            return
        self.step("restored", thing.name)
        done = self.expect(
            not thing.gone,
            self.writing(
                self.officer(),
                lambda writer: moderation.restore(writer, self.ids[thing.name], reason=self.text()),
            ),
        )
        if done:
            thing.put_back(list(thing.held))

    def _appeal(self) -> None:
        if self.bans and self.random.random() < 0.15:
            self._appeal_ban()
            return
        staff = [one for one in self.model.things.values() if one.held]
        if not staff:
            return
        thing = self.random.choice(staff)
        newest = list(thing.held)[-1]
        self.step("appeal filed", thing.name)
        done = self.expect(
            not thing.gone and newest not in self.appealed_removals,
            self.writing(
                self.officer(),
                lambda writer: moderation.file_appeal(
                    writer, self.ids[thing.name],
                    appellant="Somebody", text=self.text(), received=self.day,
                ),
            ),
        )  # fmt: skip
        if done:
            thing.appealed = True
            thing.appeals[done.id] = newest
            self.appealed_removals.add(newest)

    def _decide(self) -> None:
        pending = [one for one in self.model.things.values() if one.appeals]
        if self.ban_appeals and (not pending or self.random.random() < 0.5):
            self._decide_ban()
            return
        if not pending:
            return
        thing, who = self.random.choice(pending), self.random.choice(["ben", self.officer()])
        appeal, outcome = self.random.choice(list(thing.appeals)), self.random.choice(OUTCOMES)
        self.step("appeal decided", thing.name, outcome)
        done = self.expect(
            self.people[who].role == "director",
            self.writing(
                who,
                lambda writer: moderation.decide_appeal(
                    writer, appeal, outcome=outcome, reason=self.text(), day=self.day
                ),
            ),
        )
        if done:
            thing.decided = self.day
            removal = thing.appeals.pop(appeal)
            if outcome == "reversed" and removal in thing.held:
                thing.put_back([removal])

    def _ban(self) -> None:
        author = self.random.choice(AUTHORS)
        self.step("author banned", author)
        done = self.expect(
            author not in self.bans,
            self.writing(
                self.officer(),
                lambda writer: moderation.ban(
                    writer, author, PLATFORM, clause="IV.7", reason="Again and again",
                    day=self.day, exception=True,
                ),
            ),
        )  # fmt: skip
        if done:
            self.bans[author] = done.id

    def _appeal_ban(self) -> None:
        author = self.random.choice(list(self.bans))
        ban = self.bans[author]
        self.step("appeal filed against a ban", author)
        done = self.expect(
            ban not in self.appealed_removals,
            self.writing(
                self.officer(),
                lambda writer: moderation.file_appeal(
                    writer, ban_id=ban, appellant=author, text="Why?", received=self.day
                ),
            ),
        )
        if done:
            self.ban_appeals[author] = done.id
            self.appealed_removals.add(ban)
            self.model.banned_appeal.add(author)

    def _decide_ban(self) -> None:
        author = self.random.choice(list(self.ban_appeals))
        appeal = self.ban_appeals.pop(author)
        outcome = self.random.choice(OUTCOMES)
        self.step("appeal against a ban decided", author, outcome)
        self.writing(
            "ben",
            lambda writer: moderation.decide_appeal(
                writer, appeal, outcome=outcome, reason="Enough", day=self.day
            ),
        )()
        self.model.banned_appeal.remove(author)
        if outcome == "reversed":
            del self.bans[author]
