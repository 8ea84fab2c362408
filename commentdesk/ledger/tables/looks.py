"""Second looks: decisions that come back blind to another moderator."""

import sqlalchemy as sql

from commentdesk.database import Moment
from commentdesk.ledger.tables.base import metadata

# Without a foreign key to the submission: its locks would cross those of moderators' decisions.
second_looks = sql.Table(
    "second_looks",
    metadata,
    # Random: a look is known by it before it is answered, and it tells nothing.
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("submission", sql.Text, nullable=False),
    # The version that the decision made.
    sql.Column("version", sql.Integer, nullable=False),
    # What was decided (publish, reject), by what (machine, order, person), by whom and why.
    sql.Column("decided_by", sql.Text, nullable=False),
    sql.Column("actor", sql.Text),
    sql.Column("decided", sql.Text, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
    # The checks that had a doubt.
    sql.Column("checks", sql.JSON, nullable=False),
    sql.Column("picked_at", Moment, nullable=False),
    # The other moderator, and what that one would have done; NULL until then.
    sql.Column("looker", sql.Text),
    sql.Column("answer", sql.Text),
    sql.Column("answer_reason", sql.Text, nullable=False, server_default=""),
    sql.Column("answered_at", Moment),
    sql.UniqueConstraint("submission", "version"),
)
sql.Index("second_looks_answered", second_looks.c.answered_at)

second_look_skips = sql.Table(
    "second_look_skips",
    metadata,
    sql.Column("look", sql.ForeignKey("second_looks.id"), primary_key=True),
    sql.Column("actor", sql.Text, primary_key=True),
)
