"""Who moderates."""

import sqlalchemy as sql

from commentdesk.database import Moment
from commentdesk.ledger.tables.base import metadata

accounts = sql.Table(
    "accounts",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("login", sql.Text, nullable=False, unique=True),
    # Empty while an invite is out, and for good where another provider says who somebody is.
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
    # To some minutes, so that not every request writes.
    sql.Column("seen_at", Moment, nullable=False, server_default="0"),
    sql.Column("browser", sql.Text, nullable=False, server_default=""),
    # Masked.
    sql.Column("address", sql.Text, nullable=False, server_default=""),
)
sql.Index("sessions_by_account", sessions.c.account)

# What lets whoever holds it do one thing once: set a password, go on to the second factor.
tickets = sql.Table(
    "tickets",
    metadata,
    sql.Column("token_hash", sql.LargeBinary, primary_key=True),
    sql.Column("kind", sql.Text, nullable=False),
    sql.Column("account", sql.ForeignKey("accounts.id"), nullable=False),
    sql.Column("created_at", Moment, nullable=False),
    sql.Column("expires_at", Moment, nullable=False),
    sql.Column("tries", sql.Integer, nullable=False, server_default="0"),
)
sql.Index("tickets_by_account", tickets.c.account)

second_factors = sql.Table(
    "second_factors",
    metadata,
    sql.Column("account", sql.ForeignKey("accounts.id"), primary_key=True),
    # Sealed for the account.
    sql.Column("secret", sql.LargeBinary, nullable=False),
    sql.Column("created_at", Moment, nullable=False),
    # Counts from then on.
    sql.Column("confirmed_at", Moment),
    # The step of time of the last code that was accepted; none up to it is accepted again.
    sql.Column("last_step", sql.BigInteger, nullable=False, server_default="0"),
)

recovery_codes = sql.Table(
    "recovery_codes",
    metadata,
    sql.Column("account", sql.ForeignKey("accounts.id"), primary_key=True),
    sql.Column("code_hash", sql.LargeBinary, primary_key=True),
)

# Who somebody is at an OpenID provider.
identities = sql.Table(
    "identities",
    metadata,
    sql.Column("issuer", sql.Text, primary_key=True),
    sql.Column("subject", sql.Text, primary_key=True),
    sql.Column("account", sql.ForeignKey("accounts.id"), nullable=False),
    sql.Column("at", Moment, nullable=False),
    sql.UniqueConstraint("account", "issuer", name="identities_one_an_issuer"),
)
