"""Disposals: proposed, approved, struck, withdrawn, rehearsed, run, stopped half-way."""

from datetime import timedelta

import schedules
from archive import Writer, records
from tests.schedules.histories.covered import Covered
from tests.schedules.histories.looking import Looking
from tests.schedules.model import Disposal


class Stopped(Exception):
    """The power goes in the middle of a run."""


class Disposals(Covered, Looking):
    def propose(self) -> None:
        back = self.random.choice([0, 0, 0, 0, 0, 0, 0, 0, 0, 30, 365, -1])
        day = self.today - timedelta(back)
        plan = self.model.plan(day) if back >= 0 else None
        self.step("disposal proposed", day)
        expected = {}
        for thing in self.living() if plan else ():
            series = self.model.destroyed(thing, plan, day) if plan else None
            if series and not self.model.frozen(thing):
                expected[thing.name] = (series, len(thing.said))
        proposal = self.expect(
            plan is not None,
            lambda: schedules.propose(self.archive, self.people[self.officer()].key, day),
        )
        items = proposal.listing.items if proposal else ()
        assert {one.record: one.series for one in items} == {
            self.ids[name]: series for name, (series, _) in expected.items()
        }
        if proposal and plan:
            self.model.disposals[proposal.id] = Disposal(plan, expected)

    def dispose(self) -> None:
        """Somebody does something about a list: approves it, strikes some off, runs it."""
        ids = list(self.model.disposals)[-4:]
        if not ids:
            return
        chosen, draw = self.random.choice(ids), self.random.random()
        if draw < 0.4:
            for who in self.some(self.people, 3):
                self.approve(chosen, who)
        elif draw < 0.6:
            self._strike(chosen)
        elif draw < 0.65:
            self._withdraw(chosen)
        else:
            self.run(chosen)

    def approve(self, chosen: str, who: str) -> None:
        disposal, person = self.model.disposals[chosen], self.people[who]
        self.step("disposal approved", chosen[-6:], who)
        allowed = (
            person.decides
            and disposal.state in ("proposed", "started")
            and who not in self.model.approvals(disposal, self.today)
        )

        def approve(writer: Writer) -> bool:
            schedules.approve(writer, schedules.find_disposal(writer, chosen), self.today)
            return True

        if self.expect(allowed, self.writing(who, approve)):
            until = self.today + timedelta(disposal.plan.approvals_last)
            disposal.approved[who] = until

    def _strike(self, chosen: str) -> None:
        disposal = self.model.disposals[chosen]
        off = self.some(disposal.listed, 2)
        self.step("records struck off", chosen[-6:], *off)
        allowed = disposal.state == "proposed" and len(off) < len(disposal.listed)

        def strike(writer: Writer) -> bool:
            found, ids = schedules.find_disposal(writer, chosen), [self.ids[one] for one in off]
            schedules.strike(writer, found, ids, "Ask the board", self.today)
            return True

        if self.expect(allowed, self.writing(self.officer(), strike)):
            disposal.approved.clear()
            for one in off:
                del disposal.listed[one]

    def _withdraw(self, chosen: str) -> None:
        disposal = self.model.disposals[chosen]
        self.step("disposal withdrawn", chosen[-6:])

        def withdraw(writer: Writer) -> bool:
            found = schedules.find_disposal(writer, chosen)
            schedules.withdraw(writer, found, "Too early", self.today)
            return True

        if self.expect(disposal.state == "proposed", self.writing(self.officer(), withdraw)):
            disposal.state = "withdrawn"

    def run(self, chosen: str) -> None:
        """Rehearsed and run, now and then with somebody in between, or stopped half-way."""
        disposal, who = self.model.disposals[chosen], self.officer()
        allowed = self.model.runs(disposal, self.today)
        going = self.model.may_go(disposal, self.today)
        draw = self.random.random()
        if draw < 0.4:
            self.step("disposal rehearsed", chosen[-6:])
            rehearsed = self.expect(allowed, lambda: schedules.rehearse(self.archive, chosen))
            assert rehearsed is None or rehearsed.disposed == len(going)
        self.step("disposal run", chosen[-6:], len(going), "due" if allowed else "not allowed")
        secrets = {name: self.secrets(name) for name in sorted(going)[:6]}
        meddled = draw < 0.2 or draw > 0.7

        def between(_: int) -> None:
            nonlocal going, meddled
            if not meddled:
                return
            self._gone(disposal)
            if draw < 0.2:
                raise Stopped
            self.numbers += 1
            self.cover(f"Late {self.numbers}", widen=False)
            going, meddled = self.model.may_go(disposal, self.today), False

        try:
            self.expect(
                allowed,
                lambda: schedules.run(
                    self.archive,
                    self.people[who].key,
                    chosen,
                    batch=2 if meddled else 500,
                    progress=between,
                ),
            )
        except Stopped:
            self.step("disposal interrupted", chosen[-6:])
            disposal.state = "started"
            return
        if allowed:
            for name in going:
                self._destroy(name)
            disposal.state = "finished"
            self.half_done.clear()
            gone = [found for name, found in secrets.items() if self.model.things[name].gone]
            self.nothing_left({what: one for found in gone for what, one in found.items()})

    def _gone(self, disposal: Disposal) -> None:
        """What a run has destroyed by now: only what it may, and it is so in the model, too."""
        may = self.model.may_go(disposal, self.today)
        with self.archive.read() as reader:
            rows = records.get_many(reader, [self.ids[name] for name in may])
        for name in may:
            if rows[self.ids[name]].status == "disposed":
                self._destroy(name)

    def _destroy(self, name: str) -> None:
        self.note("records destroyed")
        self.model.destroy(name)
        self.half_done.add(name)
