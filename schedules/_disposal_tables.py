"""The tables of disposals, kept from the log. Times and days are text, as everywhere."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()
_seq = BigInteger().with_variant(Integer, "sqlite")

disposal = Table(
    "disposal",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", _seq, nullable=False),
    Column("schedule_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("as_of", Text, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("struck", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", Text, nullable=False),
    Column("started_seq", _seq),
    Column("finished_seq", _seq),
    Column("withdrawn_seq", _seq),
    Column("number", Text),
    Column("packaged_seq", _seq),
    Column("acknowledged_seq", _seq),
)
"""`digest` is that of the list as it stands, without the records that were struck off it.

`number` is that of the certificate; `acknowledged_seq` is of the package of `packaged_seq`."""

approval = Table(
    "disposal_approval",
    metadata,
    Column("seq", _seq, primary_key=True),
    Column("disposal_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("expires", Text, nullable=False),
    Column("used", Integer, nullable=False),
    Index("disposal_approval_by_disposal", "disposal_id"),
)
"""`used` is 1 for those that the newest run relied on."""

authorization = Table(
    "disposal_authorization",
    metadata,
    Column("seq", _seq, primary_key=True),
    Column("disposal_id", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("filed", Text, nullable=False),
    Column("approved", Text, nullable=False),
    Index("disposal_authorization_by_disposal", "disposal_id"),
)
"""What authorities approved; the newest of a document holds. What was not asked for is empty."""

item = Table(
    "disposal_item",
    metadata,
    Column("disposal_id", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("series", Text, nullable=False),
    Column("version", _seq, nullable=False),
    Column("dated", Text, nullable=False),
    Column("size", _seq, nullable=False),
    Column("due", Text, nullable=False),
    Column("struck_seq", _seq),
    Column("packaged", Integer, nullable=False),
    Column("disposed_seq", _seq),
    Index("disposal_item_by_record", "record_id"),
)
"""The list of a disposal. `version` is the position of the content version that was listed.

`packaged` is 1 for what the newest package holds."""
