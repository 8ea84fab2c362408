"""The article store's tables. Nobody else opens this database."""

import sqlalchemy as sql

from commentdesk.database import Moment

metadata = sql.MetaData()

# version grows with whatever changes of the article or under it, views apart. edition is the number
# of the last call that stored the article, of all calls for all articles: the highest one there is
# tells whether any article's line in a list can have changed.
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
    sql.Column("author", sql.Text),
    sql.Column("image_url", sql.Text),
    sql.Column("image_alt", sql.Text),
    sql.Column("image_caption", sql.Text),
    sql.Column("image_width", sql.Integer),
    sql.Column("image_height", sql.Integer),
    sql.Column("comment_count", sql.BigInteger, nullable=False, server_default="0"),
    sql.Column("version", sql.BigInteger, nullable=False, server_default="0"),
    sql.Column("edition", sql.BigInteger, nullable=False, server_default="0"),
    sql.Index("articles_by_time", "published_at", "id"),
    sql.Index("articles_by_edition", "edition"),
)

# Both databases take an index made with a condition only where a question says the very same.
STANDS = sql.text("NOT comments.removed")
VISIBLE_TOP = sql.text(
    "comments.root_id IS NULL AND (NOT comments.removed OR comments.reply_count > 0)"
)

# root_id is the thread's top comment and is null for that comment itself; it is decided once, when
# the comment first arrives. A row without article_id is the tombstone of a comment never seen.
# changed is the article's version by which the comment last changed.
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
    sql.Column("reply_count", sql.BigInteger, nullable=False, server_default="0"),
    sql.Column("changed", sql.BigInteger, nullable=False, server_default="0"),
    sql.Index("comments_by_change", "article_id", "changed", "removed"),
)


def _index(name: str, *columns: str, where: str) -> sql.Index:
    condition = sql.text(where)
    found = [comments.c[column] for column in columns]
    return sql.Index(name, *found, sqlite_where=condition, postgresql_where=condition)


_index("comments_by_article", "article_id", "received_at", "id", where="NOT removed")
_index("comments_by_thread", "root_id", "received_at", "id", "removed", where="NOT removed")
_index(
    "comments_by_top",
    *("article_id", "received_at", "id"),
    where="root_id IS NULL AND (NOT removed OR reply_count > 0)",
)
