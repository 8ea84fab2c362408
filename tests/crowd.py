"""An article under which a crowd has written: put into the article store's database at once."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql

from commentdesk.database import Database
from services.articles.counting import REPLIES
from services.articles.tables import articles, comments

BEGINNING = datetime(2026, 9, 1, tzinfo=UTC)
# A minute between each two. Every tenth answers the one before it, and the last tenth of them all
# answer the first; the database makes them, as both know how to.
_COMMENTS = """
INSERT INTO comments (id, version, article_id, root_id, parent_id, name, title, content, language,
                      received_at, removed, changed)
WITH RECURSIVE numbers(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM numbers WHERE at < :size - 1),
placed AS (
  SELECT at, CASE WHEN at >= :size - :size / 10 THEN 0 WHEN at % 10 = 9 THEN at - 1 END AS top
  FROM numbers
)
SELECT :article || '-' || substr(CAST(100000 + at AS text), 2), 1, :article,
       :article || '-' || substr(CAST(100000 + top AS text), 2),
       :article || '-' || substr(CAST(100000 + top AS text), 2),
       'Bạn đọc ' || at, 'Ý kiến ' || at,
       'Tôi đọc bài này và nhớ chuyện thứ ' || at || ' của xóm mình. ' || substr(:words, at % 150),
       'vi', :beginning + at * CAST(60000000 AS bigint), false, 1
FROM placed
"""
_WORDS = (
    "Ngày ấy đường còn đất, chiều nào bọn trẻ cũng đá bóng trước cổng trường cho tới lúc tối mịt. "
    "Bây giờ phố đông, xe chạy cả đêm, nhưng hàng cây thì vẫn còn đó. "
)


async def gather(database: Database, article: str, size: int, **changes: Any) -> None:
    """An article with so many comments: article-00000 is the oldest of them."""
    body = {
        "title": "Một bài có đông người bình luận",
        "lead": "",
        "body": "Một đoạn.",
        "language": "vi",
        "published_at": BEGINNING,
        "comments": "open",
        **changes,
    }
    values = {
        "article": article,
        "size": size,
        "words": _WORDS,
        "beginning": int(BEGINNING.timestamp()) * 1_000_000,
    }
    async with database.writing() as connection:
        await connection.execute(
            sql.insert(articles).values(id=article, version=1, comment_count=size, **body)
        )
        await connection.execute(_statement(), values)
        answers = comments.alias("answers")
        tops = sql.select(answers.c.root_id).where(answers.c.article_id == article)
        await connection.execute(
            sql.update(comments).where(comments.c.id.in_(tops)).values(reply_count=REPLIES)
        )
        if database.dialect == "postgresql":
            # What PostgreSQL's own upkeep does within a minute.
            await connection.execute(sql.text("ANALYZE comments"))


def _statement() -> sql.TextClause:
    return sql.text(_COMMENTS).bindparams(
        sql.bindparam("article", type_=sql.Text),
        sql.bindparam("size", type_=sql.Integer),
        sql.bindparam("words", type_=sql.Text),
        sql.bindparam("beginning", type_=sql.BigInteger),
    )
