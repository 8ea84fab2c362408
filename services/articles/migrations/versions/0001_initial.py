"""Articles and their comments."""

import sqlalchemy as sql
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sql.Column("id", sql.Text, primary_key=True),
        sql.Column("title", sql.Text, nullable=False),
        sql.Column("lead", sql.Text, nullable=False),
        sql.Column("body", sql.Text, nullable=False),
        sql.Column("url", sql.Text),
        sql.Column("section", sql.Text),
        sql.Column("language", sql.Text, nullable=False),
        sql.Column("published_at", sql.BigInteger, nullable=False),
        sql.Column("comments", sql.Text, nullable=False),
        sql.Column("views", sql.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "comments",
        sql.Column("id", sql.Text, primary_key=True),
        sql.Column("version", sql.BigInteger, nullable=False),
        sql.Column("article_id", sql.Text, sql.ForeignKey("articles.id")),
        sql.Column("root_id", sql.Text),
        sql.Column("parent_id", sql.Text),
        sql.Column("name", sql.Text, nullable=False),
        sql.Column("title", sql.Text, nullable=False),
        sql.Column("content", sql.Text, nullable=False),
        sql.Column("language", sql.Text, nullable=False),
        sql.Column("received_at", sql.BigInteger),
        sql.Column("removed", sql.Boolean, nullable=False),
    )
    op.create_index("articles_by_time", "articles", ["published_at", "id"])
    op.create_index("comments_by_article", "comments", ["article_id", "received_at", "id"])
    op.create_index("comments_by_thread", "comments", ["root_id", "received_at", "id"])


def downgrade() -> None:
    op.drop_table("comments")
    op.drop_table("articles")
