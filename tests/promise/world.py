"""The ledger and an article store on real databases, as the state machine reaches them."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sql

from commentdesk.articlestore import Delivery
from commentdesk.database import Database
from commentdesk.ledger import Ledger
from commentdesk.ledger.claim import Claim
from commentdesk.ledger.tables import audit, decisions, events, revisions, submissions, verdicts
from commentdesk.ledger.tables import metadata as ledger_tables
from services.articles.bodies import CommentsBody
from services.articles.cursors import Cursor
from services.articles.records import Part
from services.articles.shelf import counts
from services.articles.store import put_comments, remove_comment
from services.articles.tables import articles, comments
from services.articles.threads import comments_page
from tests.installation import Installation
from tests.reader import ARTICLE

ARTICLES = (ARTICLE, "ca-phe-vot-cuoi-hem")
Result = TypeVar("Result")
# More than any lease, back-off or wait of the settings the machine runs with.
_LONG = timedelta(days=1) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Held:
    """All rows of the ledger that the promise is about, by submission."""

    rows: dict[str, Any]
    events: dict[str, list[Any]]
    verdicts: dict[str, str]
    decisions: dict[str, list[int]]
    audited: dict[str, int]
    revisions: dict[str, list[tuple[int, str]]]


class World:
    """One event loop, one ledger, one article store; blocking, as a state machine wants it."""

    def __init__(self, site: Installation, runner: asyncio.Runner) -> None:
        self.run = runner.run
        self.ledger: Ledger = self.run(_made(site.ledger))
        self.articles: Database = self.run(_made(site.articles_database))

    def close(self) -> None:
        self.run(self.ledger.close())
        self.run(self.articles.close())

    def together(self, *deeds: Coroutine[Any, Any, Result]) -> list[Result]:
        """Run them at once."""

        async def gathered() -> list[Result]:
            return list(await asyncio.gather(*deeds))

        return self.run(gathered())

    def wipe(self) -> None:
        """No submission and no comment is left; the audit stays, being a chain."""
        nothing_counted = articles.update().values(comment_count=0)
        self.run(_execute(self.articles, comments.delete(), nothing_counted))
        left = [t for t in reversed(ledger_tables.sorted_tables) if not t.name.startswith("audit")]
        self.run(_execute(self.ledger.database, *(table.delete() for table in left)))

    def time_passes(self) -> None:
        """Every lease and every wait is over: a test does not sleep, it moves the times."""
        earlier = {
            name: sql.type_coerce(submissions.c[name], sql.BigInteger) - _LONG
            for name in ("lease_until", "due_at", "not_before")
        }
        judged = {"at": sql.type_coerce(verdicts.c.at, sql.BigInteger) - _LONG}
        self.run(
            _execute(
                self.ledger.database,
                submissions.update().values(**earlier),
                verdicts.update().values(**judged),
            )
        )

    def lives_lost(self, ids: Sequence[str], lives: int) -> None:
        """As if so many workers had claimed them before and died."""
        more = {"attempts": submissions.c.attempts + lives}
        row = submissions.c.id.in_(ids)
        self.run(_execute(self.ledger.database, submissions.update().where(row).values(**more)))

    def deliver(self, claims: Sequence[Claim]) -> dict[str, Delivery]:
        """What the client sends, read and stored as the store's own view does."""
        items = [_sent(claim) for claim in claims]
        body = CommentsBody.model_validate_json(json.dumps({"items": items}))
        written = self.run(put_comments(self.articles, body.items))
        return {submission: Delivery(result) for submission, result in written.results}

    def take_down(self, submission: str, version: int) -> Delivery:
        written = self.run(remove_comment(self.articles, submission, version))
        return Delivery(written.results[0][1])

    def held(self) -> Held:
        return self.run(_held(self.ledger))

    def stored(self) -> dict[str, tuple[int, bool]]:
        """Version and whether removed, of every row of the store."""
        return self.run(_stored(self.articles))

    def shown(self, article: str) -> list[str]:
        """What a reader sees under an article, page by page."""
        return self.run(_shown(self.articles, article))

    def counted(self, article: str) -> int:
        return self.run(counts(self.articles, [article]))[article]


async def _made(make: Any) -> Any:
    return make()


async def _execute(database: Database, *statements: Any) -> None:
    async with database.writing() as connection:
        for statement in statements:
            await connection.execute(statement)


def _sent(claim: Claim) -> dict[str, Any]:
    submission = asdict(claim.submission)
    same = ("id", "article", "name", "title", "content", "language")
    return {
        **{name: submission[name] for name in same},
        "version": claim.version,
        "parent_id": claim.submission.parent,
        "received_at": claim.submission.received_at.isoformat(),
    }


async def _held(ledger: Ledger) -> Held:
    async with ledger.database.reading() as connection:

        async def rows(table: sql.Table, *order: Any) -> Sequence[Any]:
            return (await connection.execute(sql.select(table).order_by(*order))).all()

        chains: defaultdict[str, list[Any]] = defaultdict(list)
        for event in await rows(events, events.c.version):
            chains[event.submission].append(event)
        decided: defaultdict[str, list[int]] = defaultdict(list)
        for row in await rows(decisions, decisions.c.version):
            decided[row.submission].append(row.version)
        audited: defaultdict[str, int] = defaultdict(int)
        for row in await rows(audit):
            audited[row.submission] += 1
        earlier: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in await rows(revisions, revisions.c.version):
            earlier[row.submission].append((row.version, row.content))
        return Held(
            rows={row.id: row for row in await rows(submissions)},
            events=dict(chains),
            verdicts={row.submission: row.action for row in await rows(verdicts)},
            decisions=dict(decided),
            audited=dict(audited),
            revisions=dict(earlier),
        )


async def _stored(articles: Database) -> dict[str, tuple[int, bool]]:
    query = sql.select(comments.c.id, comments.c.version, comments.c.removed)
    async with articles.reading() as connection:
        return {row.id: (row.version, row.removed) for row in await connection.execute(query)}


async def _shown(articles: Database, article: str) -> list[str]:
    found: list[str] = []
    cursor: Cursor | None = None
    while True:
        page = await comments_page(articles, article, Part(cursor=cursor, limit=2))
        for top in page.items:
            found += [comment.id for comment in (top, *top.replies) if not comment.removed]
        if (cursor := page.next) is None:
            return found
