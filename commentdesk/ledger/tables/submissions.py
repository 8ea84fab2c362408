"""Submissions and what became of each; with them their articles, and what they are compared by."""

from typing import Any

import sqlalchemy as sql

from commentdesk.database import Moment
from commentdesk.ledger.tables.base import metadata

articles = sql.Table(
    "articles",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("title", sql.Text, nullable=False),
    sql.Column("language", sql.Text, nullable=False),
    sql.Column("url", sql.Text, nullable=False),
    sql.Column("comments", sql.Text, nullable=False),
    # Empty where its newsroom has none.
    sql.Column("section", sql.Text, nullable=False, server_default=""),
    # The title as searched for.
    sql.Column("folded", sql.Text, nullable=False, server_default=""),
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
    # The version of what was agreed to; NULL where nobody asked.
    sql.Column("consent_version", sql.Text),
    sql.Column("phone_sealed", sql.LargeBinary),
    sql.Column("phone_hash", sql.LargeBinary),
    sql.Column("phone_masked", sql.Text),
    # Its reader typed the code that was sent to it.
    sql.Column("phone_proven", sql.Boolean, nullable=False, server_default=sql.false()),
    sql.Column("address_sealed", sql.LargeBinary),
    sql.Column("address_hash", sql.LargeBinary),
    sql.Column("address_masked", sql.Text),
    # Of the address, or the /64 it lies in; and of the browser as it shows itself from there.
    sql.Column("network_hash", sql.LargeBinary),
    sql.Column("browser_hash", sql.LargeBinary),
    sql.Column("client", sql.JSON, nullable=False),
    sql.Column("received_at", Moment, nullable=False),
    # One captcha, one comment: this constraint is what spends a captcha.
    sql.Column("captcha_nonce", sql.LargeBinary, nullable=False, unique=True),
    sql.Column("form_hash", sql.LargeBinary, nullable=False),
    # By which the code of its receipt is known, and which nobody can turn into the code.
    sql.Column("receipt_hash", sql.LargeBinary),
    sql.Column("folded", sql.Text, nullable=False),
    sql.Column("folded_name", sql.Text, nullable=False, server_default=""),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("version", sql.Integer, nullable=False),
    # Of its verdict, beside the state it is listed by: the score, and what was not found clean
    # (` check check:code `; empty for nothing).
    sql.Column("risk", sql.Float, nullable=False, server_default="0"),
    sql.Column("doubts", sql.Text, nullable=False, server_default=""),
    # Of the latest decision: whose it was, and why; NULL where no moderator decided.
    sql.Column("decided_by", sql.Text),
    sql.Column("decided_reason", sql.Text),
    # The colleague it waits for.
    sql.Column("held_for", sql.Text),
    # What a worker still has to do, who holds it until when, and when to hint it again.
    sql.Column("work", sql.Text),
    sql.Column("due_at", Moment),
    sql.Column("lease_until", Moment),
    sql.Column("fence", sql.Integer, nullable=False),
    sql.Column("attempts", sql.Integer, nullable=False),
    sql.Column("hints", sql.Integer, nullable=False),
    sql.Column("error", sql.Text),
    sql.Column("stuck_at", Moment),
    # No worker may publish it before; until then its moderator can take that back unseen.
    sql.Column("not_before", Moment),
    # A worker was given it to publish, and nobody has it retracted since.
    sql.Column("may_stand", sql.Boolean, nullable=False, server_default=sql.false()),
)
# Written out, for a database takes a partial index only where it sees the value.
IS_HELD = submissions.c.state == sql.literal_column("'held'")
HAS_DOUBTS = submissions.c.doubts != sql.literal_column("''")
IS_STUCK = submissions.c.stuck_at.is_not(None)
# True of all: whoever says it is given the index by risk, and nobody else.
HAS_RISK = submissions.c.risk >= sql.literal_column("0")


def _partial(
    name: str, *columns: sql.ColumnElement[Any], where: sql.ColumnElement[bool]
) -> sql.Index:
    return sql.Index(name, *columns, sqlite_where=where, postgresql_where=where)


# By id, which is by time: it is made at admission and begins with the milliseconds (UUIDv7).
sql.Index("submissions_by_state", submissions.c.state, submissions.c.id, submissions.c.received_at)
# The state first, though it is the same in all: SQLite weighs nothing but = without statistics.
_partial(
    "submissions_by_risk",
    *(submissions.c.state, submissions.c.risk.desc(), submissions.c.id),
    where=sql.and_(IS_HELD, HAS_RISK),
)
_partial(
    "submissions_suspect",
    *(submissions.c.state, submissions.c.id, submissions.c.article),
    where=sql.and_(IS_HELD, HAS_DOUBTS),
)
_partial("submissions_stuck", submissions.c.id, where=IS_STUCK)
_partial(
    "submissions_held_for",
    submissions.c.held_for,
    submissions.c.id,
    where=submissions.c.held_for.is_not(None),
)
_partial(
    "submissions_decided",
    submissions.c.decided_by,
    submissions.c.id,
    where=submissions.c.decided_by.is_not(None),
)
sql.Index("submissions_by_article", submissions.c.article, submissions.c.state, submissions.c.id)
sql.Index("submissions_by_phone", submissions.c.phone_hash)
sql.Index("submissions_by_network", submissions.c.network_hash)
sql.Index("submissions_by_browser", submissions.c.browser_hash)
sql.Index("submissions_by_receipt", submissions.c.receipt_hash, unique=True)
_partial("submissions_due", submissions.c.due_at, where=submissions.c.work.is_not(None))

# What floods are known by, for some days. Without a foreign key: its locks would cross those of
# moderators' decisions.
fingerprints = sql.Table(
    "fingerprints",
    metadata,
    sql.Column("submission", sql.Text, primary_key=True),
    sql.Column("at", Moment, nullable=False),
    sql.Column("article", sql.Text, nullable=False),
    sql.Column("phone_hash", sql.LargeBinary),
    sql.Column("network_hash", sql.LargeBinary),
    sql.Column("name_hash", sql.LargeBinary),
    # Of the text, where it is long enough: a keyed hash of the whole, its SimHash, and the least
    # hashes of its shingles (MinHash), by which texts like it are looked up.
    sql.Column("exact_hash", sql.LargeBinary),
    sql.Column("simhash", sql.BigInteger),
    sql.Column("least1", sql.BigInteger),
    sql.Column("least2", sql.BigInteger),
    sql.Column("least3", sql.BigInteger),
    sql.Column("least4", sql.BigInteger),
    sql.Column("campaign", sql.Text),
    # What it has in common with others of its campaign (domain/memory.py, Tie); NULL is the text.
    sql.Column("tie", sql.Text),
    # Of the submission it was taken of: none overwrites a later one's.
    sql.Column("version", sql.Integer, nullable=False, server_default="0"),
)
sql.Index("fingerprints_by_time", fingerprints.c.at)
sql.Index("fingerprints_by_article", fingerprints.c.article, fingerprints.c.at)
sql.Index("fingerprints_by_phone", fingerprints.c.phone_hash, fingerprints.c.at)
sql.Index("fingerprints_by_network", fingerprints.c.network_hash, fingerprints.c.at)
sql.Index("fingerprints_by_least1", fingerprints.c.least1)
sql.Index("fingerprints_by_least2", fingerprints.c.least2)
sql.Index("fingerprints_by_least3", fingerprints.c.least3)
sql.Index("fingerprints_by_least4", fingerprints.c.least4)
sql.Index("fingerprints_by_campaign", fingerprints.c.campaign, fingerprints.c.submission)

# What texts advertise: hosts, numbers, contacts, each as a keyed hash and, sealed, as it may be
# shown. Forgotten with the fingerprint.
ways_out = sql.Table(
    "ways_out",
    metadata,
    sql.Column("submission", sql.Text, primary_key=True),
    sql.Column("mark", sql.LargeBinary, primary_key=True),
    sql.Column("tie", sql.Text, nullable=False),
    sql.Column("shown_sealed", sql.LargeBinary, nullable=False),
)
sql.Index("ways_out_by_mark", ways_out.c.mark, ways_out.c.submission)

verdicts = sql.Table(
    "verdicts",
    metadata,
    sql.Column("submission", sql.ForeignKey("submissions.id"), primary_key=True),
    sql.Column("action", sql.Text, nullable=False),
    sql.Column("score", sql.Float, nullable=False),
    sql.Column("findings", sql.JSON, nullable=False),
    sql.Column("at", Moment, nullable=False),
    # The checks that could not answer, between blanks, and how often it was checked again.
    sql.Column("unknown", sql.Text, nullable=False, server_default=""),
    sql.Column("rechecks", sql.Integer, nullable=False, server_default="0"),
)
_partial("verdicts_unknown", verdicts.c.at, where=verdicts.c.unknown != "")
sql.Index("verdicts_by_time", verdicts.c.at, verdicts.c.action)

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
    # Those made by one request, which are undone as one; and what undoing has to know.
    sql.Column("batch", sql.Text),
    sql.Column("came_from", sql.Text),
    sql.Column("was_held_for", sql.Text),
)
sql.Index("decisions_by_time", decisions.c.at)
sql.Index("decisions_by_actor", decisions.c.actor, decisions.c.at)
_partial("decisions_by_batch", decisions.c.batch, where=decisions.c.batch.is_not(None))

# What a reader wrote before a correction: the version of the submission that had it, and until
# when it stood.
revisions = sql.Table(
    "revisions",
    metadata,
    sql.Column("submission", sql.ForeignKey("submissions.id"), primary_key=True),
    sql.Column("version", sql.Integer, primary_key=True),
    sql.Column("name", sql.Text, nullable=False),
    sql.Column("title", sql.Text, nullable=False),
    sql.Column("content", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)
sql.Index("revisions_by_time", revisions.c.at)

# What moderators tell each other of a submission.
notes = sql.Table(
    "notes",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("submission", sql.ForeignKey("submissions.id"), nullable=False),
    sql.Column("actor", sql.Text, nullable=False),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("at", Moment, nullable=False),
)
sql.Index("notes_by_submission", notes.c.submission)

events = sql.Table(
    "events",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("submission", sql.Text, nullable=False),
    sql.Column("article", sql.Text, nullable=False),
    # The state that was entered; or `corrected`, by which `received` is entered once more.
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("version", sql.Integer, nullable=False),
    sql.Column("at", Moment, nullable=False),
)
# With the state, or SQLite takes the other index to find an event of a submission in a state.
sql.Index("events_by_submission", events.c.submission, events.c.state)
sql.Index("events_by_state", events.c.state, events.c.at, events.c.article)
