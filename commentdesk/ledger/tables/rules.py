"""What the newsroom lays down: words, bans, orders, policies, reasons, the learned layer."""

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
    # The submission it was made from, where that stood alone: all it advertises is meant.
    sql.Column("alone", sql.Text),
)

# What the site, or one article, wants otherwise than the settings; NULL is as the wider has it.
policies = sql.Table(
    "policies",
    metadata,
    sql.Column("scope", sql.Text, primary_key=True),
    sql.Column("hold_one_in", sql.Integer),
    sql.Column("reject_one_in", sql.Integer),
    sql.Column("publish_clean", sql.Boolean),
    # "open" or "closed" over what the article store says.
    sql.Column("comments", sql.Text),
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

# Breaking stories: where everything is tightened, and until when.
tightenings = sql.Table(
    "tightenings",
    metadata,
    sql.Column("scope", sql.Text, primary_key=True),
    sql.Column("until", Moment, nullable=False),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)

# Why moderators reject and remove. One that is retired keeps its row: decisions name it.
reasons = sql.Table(
    "reasons",
    metadata,
    sql.Column("code", sql.Text, primary_key=True),
    # By language; none where the console's own text for the code is used.
    sql.Column("words", sql.JSON, nullable=False, server_default="{}"),
    # How readers are told it, by language; where not, in the product's own words.
    sql.Column("reader_words", sql.JSON, nullable=False, server_default="{}"),
    sql.Column("place", sql.Integer, nullable=False),
    # What is rejected for it teaches the spam check.
    sql.Column("spam", sql.Boolean, nullable=False),
    sql.Column("retired_at", Moment),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)

# Rules tried on what came lately; for a day.
rehearsals = sql.Table(
    "rehearsals",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("rule", sql.JSON, nullable=False),
    sql.Column("state", sql.Text, nullable=False),
    # How many submissions there are to look at, and how many have been.
    sql.Column("total", sql.Integer, nullable=False),
    sql.Column("seen", sql.Integer, nullable=False),
    sql.Column("result", sql.JSON, nullable=False),
    sql.Column("attempts", sql.Integer, nullable=False),
    sql.Column("lease_until", Moment),
    sql.Column("at", Moment, nullable=False),
    sql.Column("ended_at", Moment),
)
_UNFINISHED = rehearsals.c.state.in_(["waiting", "running"])
sql.Index(
    "rehearsals_one_each",
    rehearsals.c.actor,
    unique=True,
    sqlite_where=_UNFINISHED,
    postgresql_where=_UNFINISHED,
)
