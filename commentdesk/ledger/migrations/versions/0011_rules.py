"""Switches of articles, breaking stories, rehearsals, and the site's own reasons for rejecting."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from commentdesk.domain.text import fold

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Frozen as they were when this was written; their texts are the product's own.
_REASONS = (
    *("spam", "insult", "unlawful", "personal_data"),
    *("misinformation", "off_topic", "duplicate", "other"),
)
_UNFINISHED = sa.text("state IN ('waiting', 'running')")
_AT_ONCE = 500


def upgrade() -> None:
    op.add_column("policies", sa.Column("comments", sa.Text()))
    op.add_column("articles", sa.Column("folded", sa.Text(), nullable=False, server_default=""))
    _fold_titles(op.get_bind())
    op.create_table(
        "tightenings",
        sa.Column("scope", sa.Text(), primary_key=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    _create_reasons()
    op.create_table(
        "rehearsals",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_index(
        "rehearsals_one_each",
        "rehearsals",
        ["actor"],
        unique=True,
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )


def _fold_titles(connection: sa.Connection) -> None:
    articles = sa.table("articles", sa.column("id"), sa.column("title"), sa.column("folded"))
    last = ""
    query = sa.select(articles.c.id, articles.c.title).order_by(articles.c.id).limit(_AT_ONCE)
    while rows := connection.execute(query.where(articles.c.id > last)).all():
        for row in rows:
            statement = articles.update().where(articles.c.id == row.id)
            connection.execute(statement.values(folded=fold(row.title)))
        last = rows[-1].id


def _create_reasons() -> None:
    reasons = op.create_table(
        "reasons",
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("vi", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("spam", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.BigInteger()),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    at = int(datetime.now(UTC).timestamp() * 1_000_000)
    common = {"vi": "", "en": "", "retired_at": None, "actor": "commentdesk", "at": at}
    op.bulk_insert(
        reasons,
        [
            {**common, "code": code, "place": place, "spam": code == "spam"}
            for place, code in enumerate(_REASONS)
        ],
    )
