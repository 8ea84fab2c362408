"""Demo articles, in our own words: Vietnamese and English, one with its comments closed."""

import json
from pathlib import Path

from commentdesk.database import Database
from services.articles.bodies import ArticleBody
from services.articles.store import put_article

_ARTICLES = Path(__file__).parent / "demo_articles.json"


async def insert_demo(database: Database) -> None:
    """Store the demo articles; doing it again changes nothing."""
    for entry in json.loads(_ARTICLES.read_text("utf-8")):
        article_id = entry.pop("id")
        paragraphs = entry.pop("paragraphs")
        body = ArticleBody.model_validate_json(
            json.dumps({**entry, "body": "\n\n".join(paragraphs)})
        )
        await put_article(database, article_id, body)
