"""What a reader's cache is compared with: an article's version, asked of the database in groups."""

import asyncio
from dataclasses import dataclass

import sqlalchemy as sql

from commentdesk.database import Database
from services.articles.tables import articles

_AT_ONCE = 500
_QUESTION = sql.select(
    articles.c.id,
    articles.c.version,
    sql.select(sql.func.max(articles.c.edition)).scalar_subquery(),
    articles.c.views,
    articles.c.comment_count,
).where(articles.c.id.in_(sql.bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Version:
    """How an article stands; `edition` is that of all articles together."""

    version: int
    edition: int
    views: int
    count: int


class Versions:
    """Versions by article, never older than the question.

    Who asks while a question is under way waits for the next one, and shares it with everybody
    else who does; so a crowd costs the database one question at a time, and nobody hears what was
    true before they asked.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, asyncio.Future[Version | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def of(self, article: str) -> Version | None:
        """The article's version; None where there is no such article."""
        if article not in self._waiting:
            self._waiting[article] = asyncio.get_running_loop().create_future()
        answer = self._waiting[article]
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all())
        return await asyncio.shield(answer)

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                group = dict(list(self._waiting.items())[:_AT_ONCE])
                for article in group:
                    del self._waiting[article]
                await self._answer(group)
        finally:
            self._asking = None

    async def _answer(self, group: dict[str, asyncio.Future[Version | None]]) -> None:
        try:
            found = await self._ask(list(group))
        except Exception as error:
            for answer in group.values():
                answer.set_exception(error)
                # Whoever asked may be gone; that is no error of its own.
                answer.exception()
            return
        for article, answer in group.items():
            answer.set_result(found.get(article))

    async def _ask(self, ids: list[str]) -> dict[str, Version]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(_QUESTION, {"ids": ids})).all()
        return {row[0]: Version(*row[1:]) for row in rows}
