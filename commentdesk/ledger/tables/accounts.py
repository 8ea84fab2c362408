"""Who moderates."""

import sqlalchemy as sql

from commentdesk.database import Moment
from commentdesk.ledger.tables.base import metadata

accounts = sql.Table(
    "accounts",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("login", sql.Text, nullable=False, unique=True),
    sql.Column("password_hash", sql.Text, nullable=False),
    sql.Column("role", sql.Text, nullable=False),
    # The sections a moderator is there for; none is all of them.
    sql.Column("sections", sql.JSON, nullable=False, server_default="[]"),
    sql.Column("created_at", Moment, nullable=False),
    sql.Column("disabled_at", Moment),
)

sessions = sql.Table(
    "sessions",
    metadata,
    sql.Column("token_hash", sql.LargeBinary, primary_key=True),
    sql.Column("account", sql.ForeignKey("accounts.id"), nullable=False),
    sql.Column("csrf", sql.Text, nullable=False),
    sql.Column("created_at", Moment, nullable=False),
    sql.Column("expires_at", Moment, nullable=False),
)
