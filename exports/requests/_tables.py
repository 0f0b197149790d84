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
    Column("first_due", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("extended", Text),
    Column("closed_at", Text),
    Column("outcome", Text),
)
"""`first_due` is the date before any extension; `extended` the ground of the latest one."""

request_search = Table(
    "request_search",
    metadata,
    Column("id", Text, primary_key=True),
    Column("request_id", Text, nullable=False),
    Column("seq", _seq, nullable=False),
    Column("position", _seq, nullable=False),
    Column("engine", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Index("request_search_by_request", "request_id", "seq"),
)

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
