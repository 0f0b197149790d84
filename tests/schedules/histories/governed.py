"""Schedules that are adopted, accounts given up, keys that change hands, and the clock."""

import json
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import schedules
from archive import Writer, accounts, actors, keys
from tests.schedules.histories.story import ACCOUNTS, Story
from tests.schedules.model import Plan, Series

TRIGGERS = (
    *("captured", "published", "last_edited", "last_reply", "last_activity", "thread_activity"),
    *("removed", "vanished", "appeal_decided", "account_closed"),
)
PERIODS = ((0, 0, 1), (0, 0, 20), (0, 1, 0), (0, 2, 0), (0, 5, 3), (0, 7, 0), (1, 0, 0), (2, 1, 0))
RULES: tuple[dict[str, object], ...] = (
    {"kind": ["comment"]},
    {"kind": ["post"]},
    {"kind": ["post", "comment"]},
    {"status": ["removed"]},
    {"status": ["live"]},
    {"status": ["vanished", "removed"], "kind": ["comment"]},
    {"edited": True},
    {"edited": False, "kind": ["comment"]},
    {"appealed": True},
    {"replied": True},
    {"replied": False, "status": ["live"]},
)


class Governed(Story):
    def adopt(self) -> None:
        drawn = [*self.random.sample(RULES, self.random.randint(1, 3)), RULES[0]]
        series = tuple(
            Series(
                f"S{number}",
                rule,
                self.random.choice(TRIGGERS[:6] if number % 2 else TRIGGERS),
                self.random.random() < 0.15,
                self.random.choice(PERIODS),
                self.random.choice(["destroy"] * 8 + ["review"]),
            )
            for number, rule in enumerate(drawn)
        )
        effective = self.today + timedelta(self.random.choice([-900, -900, -900, -30, 0, 10, 100]))
        last = self.random.choice([1, 30, 90])
        plan = Plan(len(self.model.plans) + 1, effective, series, last)
        self.step("schedule adopted", plan)
        text = in_toml(plan)
        self.writing(self.officer(), lambda writer: schedules.adopt(writer, text, "plan.toml"))()
        self.model.plans.append(plan)

    def account(self) -> None:
        handle, closed = self.random.choice(ACCOUNTS), self.model.closed
        day = self.day - timedelta(self.random.choice([0, 100, 500]))
        reopen = handle in closed and self.random.random() < 0.5
        if closed.get(handle) == day:
            return
        self.step("account reopened" if reopen else "account closed", handle)

        def change(writer: Writer) -> None:
            one = next(one for one in accounts.every(writer) if one.handle == handle)
            if reopen:
                accounts.reopen(writer, one, "in use again")
            else:
                accounts.close(writer, one, day)

        self.writing(self.officer(), change)()
        if reopen:
            del closed[handle]
        else:
            closed[handle] = day

    def people_change(self) -> None:
        """Somebody's key is taken away or replaced; one who was revoked gets a new one."""
        who, person = "cleo", self.people["cleo"]
        revoke = person.signs and self.random.random() < 0.5
        self.step("key revoked" if revoke else "key replaced", who)
        key = Ed25519PrivateKey.generate()

        def change(writer: Writer) -> None:
            actor = actors.get(writer, person.key.actor)
            if revoke:
                actors.revoke(writer, actor, "has left")
            else:
                actors.rekey(writer, actor, keys.public_bytes(key), "a new machine")

        self.writing("ada", change)()
        person.signs = not revoke
        if not revoke:
            person.key = keys.ActorKey(person.key.actor, key)
        for disposal in self.model.disposals.values():
            disposal.approved.pop(who, None)

    def move_clock(self) -> None:
        days = self.random.choice(
            [0.2, 1, 3, 10, 31, 31, 60, 60, 120, 120, 200, 400, 700, -1, -40, -400]
        )
        if days < 0:
            with self.archive.read() as reader:
                self.newest = reader.head.at
        self.clock.advance(days=days)
        self.step("clock set back" if days < 0 else "clock moved on", days)


def in_toml(plan: Plan) -> str:
    """The plan as a schedule's file."""
    lines = [
        'code = "town"',
        f"version = {plan.version}",
        'title = "Town library"',
        'jurisdiction = "US-IL"',
        f"effective = {plan.effective}",
        f'approvals_expire = "P{plan.approvals_last}D"',
        "commission_certificate_required = false",
    ]
    for one in plan.series:
        rule = ", ".join(f"{fact} = {json.dumps(wanted)}" for fact, wanted in one.rule.items())
        years, months, days = one.period
        period = "".join(
            f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n
        )
        lines += [
            "[[series]]",
            f'code = "{one.code}"',
            f'title = "Series {one.code}"',
            f'trigger = "{one.trigger}"',
            f'counts_from = "{"calendar_year_end" if one.year_end else "trigger"}"',
            f'period = "P{period}"',
            f'action = "{one.action}"',
            'authority = { application = "1", item = "1", citation = "LRA", verified = true }',
            f"rule = {{ {rule} }}",
        ]
    return "\n".join(lines) + "\n"
