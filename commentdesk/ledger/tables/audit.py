"""The audit of what was done, chained (commentdesk/ledger/chain.py), and the chain's head."""

import sqlalchemy as sql

from commentdesk.database import Moment
from commentdesk.ledger.tables.base import metadata

audit = sql.Table(
    "audit",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("at", Moment, nullable=False),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("action", sql.Text, nullable=False),
    sql.Column("submission", sql.Text),
    sql.Column("detail", sql.JSON, nullable=False),
    # From 1, without a gap.
    sql.Column("number", sql.BigInteger, nullable=False),
    sql.Column("mac", sql.LargeBinary, nullable=False),
    # Both NULL without a note; the salt alone once it is erased.
    sql.Column("note_digest", sql.LargeBinary),
    sql.Column("note_salt", sql.LargeBinary),
    # The detail as it is searched.
    sql.Column("folded", sql.Text, nullable=False),
)
sql.Index("audit_by_number", audit.c.number, unique=True)
sql.Index("audit_by_submission", audit.c.submission)
sql.Index("audit_by_actor", audit.c.actor, audit.c.number)
sql.Index("audit_by_action", audit.c.action, audit.c.number)
sql.Index("audit_by_time", audit.c.at)

# One row.
audit_head = sql.Table(
    "audit_head",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("number", sql.BigInteger, nullable=False),
    sql.Column("mac", sql.LargeBinary, nullable=False),
    sql.Column("seal", sql.LargeBinary, nullable=False),
)
