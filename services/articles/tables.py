"""The article store's tables. Nobody else opens this database."""

import sqlalchemy as sql

from commentdesk.database import Moment

metadata = sql.MetaData()

articles = sql.Table(
    "articles",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("title", sql.Text, nullable=False),
    sql.Column("lead", sql.Text, nullable=False),
    sql.Column("body", sql.Text, nullable=False),
    sql.Column("url", sql.Text),
    sql.Column("section", sql.Text),
    sql.Column("language", sql.Text, nullable=False),
    sql.Column("published_at", Moment, nullable=False),
    sql.Column("comments", sql.Text, nullable=False),
    sql.Column("views", sql.BigInteger, nullable=False, server_default="0"),
    sql.Index("articles_by_time", "published_at", "id"),
)

# root_id is the thread's top comment and is null for that comment itself; it is decided once, when
# the comment first arrives. A row without article_id is the tombstone of a comment never seen.
comments = sql.Table(
    "comments",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("version", sql.BigInteger, nullable=False),
    sql.Column("article_id", sql.Text, sql.ForeignKey("articles.id")),
    sql.Column("root_id", sql.Text),
    sql.Column("parent_id", sql.Text),
    sql.Column("name", sql.Text, nullable=False),
    sql.Column("title", sql.Text, nullable=False),
    sql.Column("content", sql.Text, nullable=False),
    sql.Column("language", sql.Text, nullable=False),
    sql.Column("received_at", Moment),
    sql.Column("removed", sql.Boolean, nullable=False),
    sql.Index("comments_by_article", "article_id", "received_at", "id"),
    sql.Index("comments_by_thread", "root_id", "received_at", "id"),
)
