"""What the newsroom lays down: word lists, bans, orders, policies, the learned layer."""

import sqlalchemy as sql

from commentdesk.database import Moment
from commentdesk.ledger.tables.base import metadata

bans = sql.Table(
    "bans",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("kind", sql.Text, nullable=False),
    sql.Column("value_hash", sql.LargeBinary, nullable=False),
    sql.Column("submission", sql.Text, nullable=False),
    sql.Column("until", Moment),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
    sql.Column("note", sql.Text, nullable=False),
    sql.UniqueConstraint("kind", "value_hash"),
)

# What is to be done with the next ones of a campaign, known by its first member's id.
campaign_orders = sql.Table(
    "campaign_orders",
    metadata,
    sql.Column("campaign", sql.Text, primary_key=True),
    sql.Column("action", sql.Text, nullable=False),
    sql.Column("until", Moment, nullable=False),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)

# What the site, or one article, wants otherwise than the settings; NULL is as the wider has it.
policies = sql.Table(
    "policies",
    metadata,
    sql.Column("scope", sql.Text, primary_key=True),
    sql.Column("hold_one_in", sql.Integer),
    sql.Column("reject_one_in", sql.Integer),
    sql.Column("publish_clean", sql.Boolean),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)

words = sql.Table(
    "words",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("kind", sql.Text, nullable=False),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("folded", sql.Text, nullable=False, unique=True),
    sql.Column("match", sql.Text, nullable=False, server_default="word"),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)

learned = sql.Table(
    "learned",
    metadata,
    sql.Column("version", sql.Integer, primary_key=True),
    sql.Column("weights", sql.LargeBinary, nullable=False),
    sql.Column("facts", sql.JSON, nullable=False),
    sql.Column("pinned", sql.Boolean, nullable=False),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)
