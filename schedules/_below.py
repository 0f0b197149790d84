"""Of every record at once, in SQL: when it was last answered, and when its thread was last active.

It is what `schedules._threads` says of single records, and is tested to be. Answers are first
taken together by what they answer directly; only what was itself answered is followed further.
"""

from typing import Any

from sqlalchemy import Subquery, and_, case, func, or_, select

from archive.records import record_table
from schedules import _tables as t
from schedules._newest import newest

_c, _past, _talk = record_table.c, t.disposed_activity.c, t.conversation
_written = case((_c.status != "disposed", func.coalesce(_c.occurred_at, _c.captured_at)))

NODE = func.coalesce(_c.parent_lookup, _c.lookup)
"""Where in its thread a record stands: under what it answers, or at the top."""

APPEALS = (
    select(t.freeze_appeal.c.record_id, func.max(t.freeze_appeal.c.decided_at).label("moment"))
    .where(t.freeze_appeal.c.record_id.is_not(None))
    .group_by(t.freeze_appeal.c.record_id)
    .subquery("appeals")
)
"""Per record with appeals the moment of the last decision."""

_active = newest(_written, _c.edited_at, _c.removed_at, _c.vanished_at, APPEALS.c.moment)
_gone = _past.record_id == case((_c.status == "disposed", _c.id))
_records = record_table.outerjoin(t.disposed_activity, _gone).outerjoin(
    APPEALS, APPEALS.c.record_id == _c.id
)

_answers = (
    select(
        _c.parent_lookup.label("node"),
        func.count().label("count"),
        func.max(_written).label("written"),
        func.max(_past.written).label("past_written"),
        func.max(_active).label("active"),
        func.max(_past.active).label("past_active"),
    )
    .select_from(_records)
    .where(_c.parent_lookup.is_not(None))
    .group_by(_c.parent_lookup)
    .cte("answers")
)
"""What was answered, with its direct answers taken together."""

_up = (
    select(_c.lookup.label("node"), _c.parent_lookup.label("up"))
    .join_from(_answers, record_table, _c.lookup == _answers.c.node)
    .where(_c.parent_lookup.is_not(None))
    .cte("up")
)
"""What was answered and is itself an answer, and to what."""


def _within() -> Any:
    """Every pair of one that was answered, and one that was answered at or below it.

    UNION, not UNION ALL: a source may claim that two records answer each other.
    """
    top = _answers.c.node
    pairs = select(top.label("top"), top.label("node")).cte("pairs", recursive=True)
    return pairs.union(select(pairs.c.top, _up.c.node).where(_up.c.up == pairs.c.node))


_pairs = _within()
_own = _up.alias("own")


_but_it = (
    select(func.max(_written))
    .select_from(_records)
    .where(_c.parent_lookup == _pairs.c.node, _c.lookup != _pairs.c.top)
    .correlate(_pairs)
    .scalar_subquery()
)
"""The newest among the answers without the record itself, which stands below itself there."""

BELOW: Subquery = (
    select(
        _pairs.c.top,
        func.max(case((_own.c.node.is_not(None), _but_it), else_=_answers.c.written)).label(
            "moment"
        ),
        func.max(_answers.c.past_written).label("day"),
    )
    .join_from(_pairs, _answers, _answers.c.node == _pairs.c.node)
    .outerjoin(_own, and_(_own.c.node == _pairs.c.top, _own.c.up == _pairs.c.node))
    .group_by(_pairs.c.top)
    .subquery("below")
)
"""Per lookup of what was answered, and is not disposed of, the last answer at any depth: the
moment, and the day of those that were disposed of.
"""

_ring = select(_own.c.node).join_from(
    _pairs, _own, and_(_own.c.node == _pairs.c.top, _own.c.up == _pairs.c.node)
)
_heads = (
    select(_pairs.c.node, func.min(_pairs.c.top).label("head"))
    .join_from(_pairs, _up, _up.c.node == _pairs.c.top, isouter=True)
    .where(or_(_up.c.up.is_(None), _pairs.c.top.in_(_ring)))
    .group_by(_pairs.c.node)
    .cte("heads")
)
"""The top of the thread of each that was answered; of those that answer each other, one of them."""

_threads = (
    select(
        _heads.c.head,
        func.sum(_answers.c.count).label("count"),
        func.max(_answers.c.active).label("active"),
        func.max(_answers.c.past_active).label("past_active"),
    )
    .join_from(_heads, _answers, _answers.c.node == _heads.c.node)
    .group_by(_heads.c.head)
    .subquery("threads")
)
THREAD: Subquery = (
    select(
        _heads.c.node,
        newest(_threads.c.active, _active).label("moment"),
        newest(_threads.c.past_active, _past.active).label("day"),
    )
    .select_from(
        _heads.join(_threads, _threads.c.head == _heads.c.head)
        .outerjoin(record_table, and_(_c.lookup == _heads.c.head, _c.parent_lookup.is_(None)))
        .outerjoin(t.disposed_activity, _gone)
        .outerjoin(APPEALS, APPEALS.c.record_id == _c.id)
    )
    .where(or_(_threads.c.count > 1, _c.id.is_not(None)))
    .subquery("thread")
)
"""Per `NODE` of a thread with several records the last activity anywhere in it."""

_talks = (
    select(
        _talk.c.key,
        func.max(_active).label("moment"),
        func.max(_past.active).label("day"),
    )
    .select_from(_records.join(_talk, _talk.c.record_id == _c.id))
    .group_by(_talk.c.key)
    .having(func.count() > 1)
    .subquery("talks")
)
CONVERSATION: Subquery = (
    select(_talk.c.record_id, _talks.c.moment, _talks.c.day)
    .join_from(_talk, _talks, _talks.c.key == _talk.c.key)
    .subquery("talk")
)
"""Per direct message the last activity in its conversation, where others are in it."""
