"""The tables that requests keep from the log: ids, dates, codes and counts, nothing personal."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()
_seq = BigInteger().with_variant(Integer, "sqlite")

request = Table(
    "request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", _seq, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("year", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("received", Text, nullable=False),
    Column("first_due", Text),
    Column("due", Text),
    Column("channel", Text),
    Column("purpose", Text, nullable=False),
    Column("track", Text, nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("extended", Text),
    Column("extension_days", Integer),
    Column("extension_from", Text),
    Column("closed_at", Text),
    Column("outcome", Text),
)
"""`first_due` is the date before any extension, None like `due` where the law sets none; `extended`
is the ground of the latest one, `extension_days` how many days it added, None where it named a day,
and `extension_from` the day that they are counted from, None for `first_due`."""

request_step = Table(
    "request_step",
    metadata,
    Column("seq", _seq, primary_key=True, autoincrement=False),
    Column("request_id", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("day", Text, nullable=False),
    Index("request_step_by_request", "request_id", "seq"),
)

request_pause = Table(
    "request_pause",
    metadata,
    Column("seq", _seq, primary_key=True, autoincrement=False),
    Column("request_id", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("until", Text),
    Index("request_pause_by_request", "request_id", "seq"),
)
"""When a request's clock stood still; `until` is None while it does."""

calendar = Table(
    "calendar",
    metadata,
    Column("seq", _seq, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("effective_from", Text, nullable=False),
    Column("effective_to", Text),
    Column("digest", Text, nullable=False),
)
"""The calendars that were adopted; the files are sealed."""

request_record = Table(
    "request_record",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("through", _seq, nullable=False),
    Column("set_aside", _seq),
)
"""The responsive set. `through` is the entry that last added the record: versions captured before
it are responsive. `set_aside` is the entry by which an officer found that it is not responsive."""

determination = Table(
    "determination",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("version", _seq, primary_key=True),
    Column("record_id", Text, nullable=False),
    Column("outcome", Text),
    Column("exemptions", Text),
    Column("seq", _seq),
    Index("determination_by_record", "request_id", "record_id"),
)
"""One row per responsive version (the position of its entry) with the latest determination; no
outcome: not determined yet. `seq` is the entry that says which parts are hidden."""
