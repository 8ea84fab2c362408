"""Looking again without knowing: what a moderator is shown of a decision, and what they answer."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.agreement import Opinion
from commentdesk.domain.state import State
from commentdesk.ledger import audit as audits
from commentdesk.ledger.accounts import Account
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.second_looks import LASTS
from commentdesk.ledger.tables import (
    accounts,
    articles,
    decisions,
    second_look_skips,
    second_looks,
    submissions,
)

_MOST_ABOVE = 3


class Answered(StrEnum):
    DONE = "done"
    # Somebody else was faster.
    TAKEN = "taken"
    # There is no such look, or it is none of theirs.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Said:
    """What a reader wrote."""

    name: str
    title: str
    content: str
    language: str


@dataclass(frozen=True)
class BlindLook:
    """One submission as its readers would see it, and nothing of what became of it.

    `above` is the thread it answers in, the nearest last.
    """

    id: str
    said: Said
    article: str
    above: list[Said]


@dataclass(frozen=True)
class SeenLook:
    """The same after the answer: what had been decided, by whom, and where it stands now."""

    submission: str
    version: int
    state: State
    title: str
    decided: Opinion
    decided_by: str
    actor: str | None
    role: str | None
    reason: str
    answer: Opinion
    answer_reason: str

    @property
    def agrees(self) -> bool:
        return self.decided == self.answer


async def next_look(ledger: Ledger, account: Account) -> tuple[BlindLook | None, int]:
    """One that this moderator may answer, and how many there are.

    Each moderator goes through them in an order of their own, so that two seldom meet.
    """
    async with ledger.database.reading() as connection:
        rows = await connection.execute(_offered(account))
        ids = sorted((row.id for row in rows), key=lambda look: _shuffled(look, account))
        return (await _blind(connection, ids[0]) if ids else None), len(ids)


async def answer_look(
    ledger: Ledger, look: str, account: Account, answer: Opinion, reason: str
) -> Answered:
    """What this moderator would have done; written to the audit. Each is answered once."""
    async with ledger.database.writing() as connection:
        known = (
            await connection.execute(_theirs(account).where(second_looks.c.id == look))
        ).first()
        if known is None:
            return Answered.UNKNOWN
        answered = await connection.execute(
            second_looks.update()
            .where(second_looks.c.id == look, second_looks.c.answered_at.is_(None))
            .values(
                looker=account.login, answer=str(answer), answer_reason=reason, answered_at=now()
            )
        )
        if not answered.rowcount:
            return Answered.TAKEN
        detail = {"answer": str(answer), "reason": reason}
        await audits.record(connection, account.login, "second_look", known.submission, detail)
    return Answered.DONE


async def skip_look(ledger: Ledger, look: str, account: Account) -> None:
    """Not to be shown to this moderator again."""
    async with ledger.database.writing() as connection:
        known = (
            await connection.execute(_theirs(account).where(second_looks.c.id == look))
        ).first()
        if known:
            statement = ledger.insert(second_look_skips).on_conflict_do_nothing()
            await connection.execute(statement, {"look": look, "actor": account.login})


async def seen_look(ledger: Ledger, look: str, account: Account) -> SeenLook | None:
    """What this moderator answered, and what had been decided; None for anybody else's."""
    c = second_looks.c
    query = (
        sql.select(
            *(c[name] for name in ("submission", "decided", "decided_by", "actor", "reason")),
            *(c.answer, c.answer_reason, accounts.c.role),
            *(submissions.c.version, submissions.c.state, submissions.c.title),
        )
        .join(submissions, submissions.c.id == c.submission)
        .outerjoin(accounts, accounts.c.login == c.actor)
        .where(c.id == look, c.looker == account.login)
    )
    async with ledger.database.reading() as connection:
        row = (await connection.execute(query)).first()
    if row is None:
        return None
    told = {**row._mapping, "state": State(row.state)}
    return SeenLook(**{**told, "decided": Opinion(row.decided), "answer": Opinion(row.answer)})


def within(sections: Collection[str]) -> sql.ColumnElement[bool]:
    """Submissions of articles in these sections; of all where there are none."""
    if not sections:
        return sql.true()
    ours = sql.select(articles.c.id).where(articles.c.section.in_(sections))
    return submissions.c.article.in_(ours)


def _theirs(account: Account) -> sql.Select[Any]:
    """Looks at what this moderator never decided on, and may see."""
    c = second_looks.c
    decided = sql.exists().where(
        decisions.c.submission == c.submission, decisions.c.actor == account.login
    )
    return (
        sql.select(c.id, c.submission)
        .join(submissions, submissions.c.id == c.submission)
        .where(
            sql.or_(c.actor.is_(None), c.actor != account.login),
            ~decided,
            c.picked_at > now() - LASTS,
            submissions.c.state != str(State.ERASED),
            within(account.sections),
        )
    )


def _offered(account: Account) -> sql.Select[Any]:
    c = second_looks.c
    skipped = sql.exists().where(
        second_look_skips.c.look == c.id, second_look_skips.c.actor == account.login
    )
    return _theirs(account).where(c.answered_at.is_(None), ~skipped)


def _shuffled(look: str, account: Account) -> bytes:
    return hashlib.sha256(f"{look} {account.id}".encode()).digest()


async def _blind(connection: AsyncConnection, look: str) -> BlindLook:
    query = (
        sql.select(*_SAID, articles.c.title.label("article_title"))
        .join(second_looks, second_looks.c.submission == submissions.c.id)
        .outerjoin(articles, articles.c.id == submissions.c.article)
        .where(second_looks.c.id == look)
    )
    row = (await connection.execute(query)).one()
    above: list[Said] = []
    parent = row.parent
    while parent and len(above) < _MOST_ABOVE:
        found = await connection.execute(sql.select(*_SAID).where(submissions.c.id == parent))
        if (higher := found.first()) is None:
            break
        above.insert(0, _said(higher))
        parent = higher.parent
    return BlindLook(look, _said(row), row.article_title or row.article, above)


_SAID = (
    *(submissions.c.name, submissions.c.title, submissions.c.content, submissions.c.language),
    *(submissions.c.parent, submissions.c.article),
)


def _said(row: Any) -> Said:
    return Said(row.name, row.title, row.content, row.language)
