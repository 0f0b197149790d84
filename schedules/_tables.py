"""The tables that this room keeps from the log. Times and days are text, as everywhere."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()
_seq = BigInteger().with_variant(Integer, "sqlite")

schedule = Table(
    "schedule",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", _seq, nullable=False, unique=True),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("effective", Text, nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

hold = Table(
    "hold",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", _seq, nullable=False),
    Column("kind", Text, nullable=False),
    Column("placed_at", Text, nullable=False),
    Column("released_at", Text),
    Column("records", Integer, nullable=False),
    Column("remind", Text),
    Column("every", Text),
)
"""Holds. `remind` is the day on which one is to be looked at again, `every` the period after that.

Names, matters, custodians and queries stay sealed in the entries.
"""

hold_terms = Table(
    "hold_terms",
    metadata,
    Column("seq", _seq, primary_key=True),
    Column("hold_id", Text, nullable=False),
)
"""The entries that placed and widened a hold: they say what it covers, and who answers for it."""

hold_custodian = Table(
    "hold_custodian",
    metadata,
    Column("hold_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("acknowledged_at", Text),
)
"""The custodians of a hold, numbered in the order of its entries, and when each acknowledged it as
it is now.
"""

freeze = Table(
    "freeze",
    metadata,
    Column("record_id", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("source_id", Text, primary_key=True),
    Index("freeze_by_source", "source", "source_id"),
)
"""What must not be disposed of, now: one row for each hold, open request, undecided appeal."""

freeze_request = Table(
    "freeze_request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("searched", Integer, nullable=False),
    Column("closed", Integer, nullable=False),
    Column("closed_at", Text),
    Column("outcome", Text),
)

account_closed = Table(
    "account_closed",
    metadata,
    Column("account", Text, primary_key=True),
    Column("day", Text, nullable=False),
)

conversation = Table(
    "conversation",
    metadata,
    Column("record_id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Index("conversation_by_key", "key"),
)
"""Which direct messages are of one conversation: a keyed hash of the name that its source gives."""

disposed_activity = Table(
    "disposed_activity",
    metadata,
    Column("record_id", Text, primary_key=True),
    Column("written", Text, nullable=False),
    Column("active", Text, nullable=False),
)
"""When what was disposed of had been written, and was last active: days, for its thread."""

freeze_appeal = Table(
    "freeze_appeal",
    metadata,
    Column("id", Text, primary_key=True),
    Column("record_id", Text),
    Column("author_key", Text),
    Column("filed_at", Text, nullable=False),
    Column("decided_at", Text),
    Index("freeze_appeal_by_record", "record_id"),
)
"""Appeals against the removal of a record, or against the ban of an author: one of the two."""
