"""What a schedule asks about records, in SQL: to choose records, and to count those that are alike.

The evaluator has the last word (`schedules._evaluate`). What is said here must be the same, or,
where records are only chosen for it, leave out none.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select

from archive.records import record_table
from schedules import _tables as t
from schedules._schedule import Rule, Trigger

_c, _reply, _appeal = record_table.c, record_table.alias("reply"), t.freeze_appeal.c

PRESENT = _c.disposed_at.is_(None)

WORDS: Mapping[str, ColumnElement[Any]] = {
    "kind": _c.kind,
    "platform": _c.platform,
    "account": _c.account,
    "status": _c.status,
    "visibility": func.coalesce(_c.visibility, "unknown"),
}

FLAGS: Mapping[str, ColumnElement[bool]] = {
    "edited": _c.edited_at.is_not(None),
    "replied": exists().where(_reply.c.parent_lookup == _c.lookup, _reply.c.lookup != _c.lookup),
    "appealed": exists().where(_appeal.record_id == _c.id),
}

MOMENTS: Mapping[str, ColumnElement[Any]] = {
    "captured": _c.captured_at,
    "published": _c.occurred_at,
    "edited_on": _c.edited_at,
    "removed": _c.removed_at,
    "vanished": _c.vanished_at,
}
"""Facts that are days, as the columns with the moments that they are taken from."""

_ACTIVITY = frozenset({"published", "edited_on", "removed", "vanished", "appeal_decided"})

OWN_DAYS: Mapping[Trigger, frozenset[str]] = {
    Trigger.CAPTURED: frozenset({"captured"}),
    Trigger.PUBLISHED: frozenset({"published"}),
    Trigger.LAST_EDITED: frozenset({"published", "edited_on"}),
    Trigger.LAST_REPLY: frozenset({"published"}),
    Trigger.LAST_ACTIVITY: _ACTIVITY,
    Trigger.THREAD_ACTIVITY: _ACTIVITY,
    Trigger.REMOVED: frozenset({"removed"}),
    Trigger.VANISHED: frozenset({"vanished"}),
    Trigger.APPEAL_DECIDED: frozenset({"appeal_decided"}),
    Trigger.ACCOUNT_CLOSED: frozenset(),
    Trigger.REQUEST_CLOSED: frozenset(),
}
"""The days of a record itself that a trigger is the latest of."""

FROZEN: ColumnElement[bool] = or_(
    exists().where(t.freeze.c.record_id == _c.id),
    and_(
        _c.author_key.is_not(None),
        _c.author_key.in_(
            select(_appeal.author_key).where(
                _appeal.author_key.is_not(None), _appeal.decided_at.is_(None)
            )
        ),
    ),
)
"""Whether anything forbids the disposal; what it is, `schedules._guard.frozen` says."""


def fits(rule: Rule) -> ColumnElement[bool]:
    """Whether every condition of a rule holds for a record. No record is a request's own file."""
    if not rule.among.keys() <= WORDS.keys():
        return false()
    among = [WORDS[fact].in_(sorted(allowed)) for fact, allowed in rule.among.items()]
    flags = [FLAGS[flag] if wanted else not_(FLAGS[flag]) for flag, wanted in rule.flags.items()]
    return and_(PRESENT, *among, *flags)
