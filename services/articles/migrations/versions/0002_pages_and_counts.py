"""Pictures and by-lines, counts kept beside what they count, versions to tell caches by."""

import sqlalchemy as sql
from alembic import op

revision = "0002"
down_revision = "0001"

_TEXTS = ("author", "image_url", "image_alt", "image_caption")
_VISIBLE_TOP = "root_id IS NULL AND (NOT removed OR reply_count > 0)"


def upgrade() -> None:
    for name in _TEXTS:
        op.add_column("articles", sql.Column(name, sql.Text))
    for name in ("image_width", "image_height"):
        op.add_column("articles", sql.Column(name, sql.Integer))
    for table, name in (
        *(("articles", name) for name in ("comment_count", "version", "edition")),
        *(("comments", name) for name in ("reply_count", "changed")),
    ):
        op.add_column(table, sql.Column(name, sql.BigInteger, nullable=False, server_default="0"))
    op.drop_index("comments_by_article", "comments")
    op.drop_index("comments_by_thread", "comments")
    _index("comments_by_article", "article_id", where="NOT removed")
    # SQLite looks at removed again, whatever the index says; with it there, it counts without rows.
    _index("comments_by_thread", "root_id", "removed", where="NOT removed")
    _count()
    _index("comments_by_top", "article_id", where=_VISIBLE_TOP)
    op.create_index("comments_by_change", "comments", ["article_id", "changed", "removed"])
    op.create_index("articles_by_edition", "articles", ["edition"])


def _count() -> None:
    op.execute(
        "UPDATE articles SET comment_count = (SELECT count(*) FROM comments"
        " WHERE comments.article_id = articles.id AND NOT comments.removed)"
    )
    op.execute(
        "UPDATE comments SET reply_count = replies.found FROM (SELECT root_id, count(*) AS found"
        " FROM comments WHERE root_id IS NOT NULL AND NOT removed GROUP BY root_id) AS replies"
        " WHERE comments.id = replies.root_id"
    )


def _index(name: str, column: str, *further: str, where: str) -> None:
    condition = sql.text(where)
    op.create_index(
        name,
        "comments",
        [column, "received_at", "id", *further],
        sqlite_where=condition,
        postgresql_where=condition,
    )


def downgrade() -> None:
    for name in ("comments_by_article", "comments_by_thread", "comments_by_top"):
        op.drop_index(name, "comments")
    op.drop_index("comments_by_change", "comments")
    op.drop_index("articles_by_edition", "articles")
    for name in ("reply_count", "changed"):
        op.drop_column("comments", name)
    for name in (
        *_TEXTS,
        *("image_width", "image_height", "comment_count", "version", "edition"),
    ):
        op.drop_column("articles", name)
    op.create_index("comments_by_article", "comments", ["article_id", "received_at", "id"])
    op.create_index("comments_by_thread", "comments", ["root_id", "received_at", "id"])
