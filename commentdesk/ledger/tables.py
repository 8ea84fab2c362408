"""The ledger's tables."""

import sqlalchemy as sql

from commentdesk.database import Moment

metadata = sql.MetaData()

articles = sql.Table(
    "articles",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("title", sql.Text, nullable=False),
    sql.Column("language", sql.Text, nullable=False),
    sql.Column("url", sql.Text, nullable=False),
    sql.Column("comments", sql.Text, nullable=False),
    sql.Column("seen_at", Moment, nullable=False),
)

submissions = sql.Table(
    "submissions",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("article", sql.Text, nullable=False),
    sql.Column("parent", sql.Text),
    sql.Column("name", sql.Text, nullable=False),
    sql.Column("title", sql.Text, nullable=False),
    sql.Column("content", sql.Text, nullable=False),
    sql.Column("language", sql.Text, nullable=False),
    sql.Column("consent", sql.Boolean, nullable=False),
    sql.Column("phone_sealed", sql.LargeBinary),
    sql.Column("phone_hash", sql.LargeBinary),
    sql.Column("phone_masked", sql.Text),
    sql.Column("address_sealed", sql.LargeBinary),
    sql.Column("address_hash", sql.LargeBinary),
    sql.Column("address_masked", sql.Text),
    sql.Column("client", sql.JSON, nullable=False),
    sql.Column("received_at", Moment, nullable=False),
    # One captcha, one comment: this constraint is what spends a captcha.
    sql.Column("captcha_nonce", sql.LargeBinary, nullable=False, unique=True),
    sql.Column("form_hash", sql.LargeBinary, nullable=False),
    sql.Column("folded", sql.Text, nullable=False),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("version", sql.Integer, nullable=False),
    # What a worker still has to do, who holds it until when, and when to hint it again.
    sql.Column("work", sql.Text),
    sql.Column("due_at", Moment),
    sql.Column("lease_until", Moment),
    sql.Column("fence", sql.Integer, nullable=False),
    sql.Column("attempts", sql.Integer, nullable=False),
    sql.Column("hints", sql.Integer, nullable=False),
    sql.Column("error", sql.Text),
    sql.Column("stuck_at", Moment),
)
sql.Index("submissions_by_state", submissions.c.state, submissions.c.received_at, submissions.c.id)
sql.Index("submissions_by_article", submissions.c.article, submissions.c.received_at)
sql.Index("submissions_by_phone", submissions.c.phone_hash)
sql.Index("submissions_by_address", submissions.c.address_hash)
sql.Index(
    "submissions_due",
    submissions.c.due_at,
    sqlite_where=submissions.c.work.is_not(None),
    postgresql_where=submissions.c.work.is_not(None),
)

verdicts = sql.Table(
    "verdicts",
    metadata,
    sql.Column("submission", sql.ForeignKey("submissions.id"), primary_key=True),
    sql.Column("action", sql.Text, nullable=False),
    sql.Column("score", sql.Float, nullable=False),
    sql.Column("findings", sql.JSON, nullable=False),
    sql.Column("at", Moment, nullable=False),
)

decisions = sql.Table(
    "decisions",
    metadata,
    sql.Column("submission", sql.ForeignKey("submissions.id"), primary_key=True),
    sql.Column("version", sql.Integer, primary_key=True),
    sql.Column("action", sql.Text, nullable=False),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("note", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)

events = sql.Table(
    "events",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("submission", sql.Text, nullable=False),
    sql.Column("article", sql.Text, nullable=False),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("version", sql.Integer, nullable=False),
    sql.Column("at", Moment, nullable=False),
)
sql.Index("events_by_submission", events.c.submission)

audit = sql.Table(
    "audit",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("at", Moment, nullable=False),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("action", sql.Text, nullable=False),
    sql.Column("submission", sql.Text),
    sql.Column("detail", sql.JSON, nullable=False),
)
sql.Index("audit_by_submission", audit.c.submission)

words = sql.Table(
    "words",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("kind", sql.Text, nullable=False),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("folded", sql.Text, nullable=False, unique=True),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)

accounts = sql.Table(
    "accounts",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("login", sql.Text, nullable=False, unique=True),
    sql.Column("password_hash", sql.Text, nullable=False),
    sql.Column("role", sql.Text, nullable=False),
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
