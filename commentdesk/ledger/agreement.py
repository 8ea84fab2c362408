"""How far second looks agree with what had been decided; counted from the ledger when asked for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.agreement import DecidedBy, Opinion, Tally, at_least
from commentdesk.domain.policy import HOLD_STEPS, NEVER, REJECT_STEPS, Override, Policy
from commentdesk.domain.state import Action, State
from commentdesk.ledger.accounts import Account
from commentdesk.ledger.blind import within
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.policies import SITE, overrides_of
from commentdesk.ledger.tables import second_looks, submissions, verdicts

DAYS = 30
# The policy promises nothing of what is published in error; more than one in so many is too many.
TOLERATED_ONE_IN = 50
_MOST_CONFLICTS = 50
# People disagree with each other, too: one or two of them prove nothing.
_FEWEST_OVERTURNED = 3


@dataclass(frozen=True)
class Agreement:
    """Of the last DAYS days: all looks, by whose decision, and of one moderator's own.

    `own_decisions` were looked at by others, `own_looks` are at others'.
    """

    overall: Tally
    by: dict[DecidedBy, Tally]
    own_decisions: Tally
    own_looks: Tally


@dataclass(frozen=True)
class Conflict:
    """A decision of the machine that somebody would have made otherwise."""

    submission: str
    title: str
    state: str
    decided_by: str
    decided: str
    answer: str
    reason: str
    looker: str
    checks: list[str]
    answered_at: datetime


@dataclass(frozen=True)
class Proposal:
    """Of so many decisions of the machine, how many were overturned: more than was promised.

    One in `found` against one in `promised`: of honest comments where rejections were overturned,
    of what the machine publishes where that was. `step` is what to choose instead; None where
    there is no further one.
    """

    decided: Opinion
    looked: int
    overturned: int
    found: int
    promised: int
    step: int | None


@dataclass(frozen=True)
class Details:
    """What editors see beside: by check and by moderators' reason, conflicts, proposals."""

    checks: dict[str, Tally]
    reasons: dict[str, Tally]
    conflicts: list[Conflict]
    proposals: list[Proposal]


async def agreement(ledger: Ledger, account: Account) -> Agreement:
    """For everyone: the figures of all together, and this moderator's own."""
    async with ledger.database.reading() as connection:
        looks = await _looks(connection, now() - timedelta(days=DAYS))
    return Agreement(
        overall=_tally(looks),
        by={by: _tally(look for look in looks if look.decided_by == by) for by in DecidedBy},
        own_decisions=_tally(look for look in looks if look.actor == account.login),
        own_looks=_tally(look for look in looks if look.looker == account.login),
    )


async def details(ledger: Ledger, account: Account) -> Details:
    """For editors: where machine and people part, and what may be done about it."""
    since = now() - timedelta(days=DAYS)
    said = await overrides_of(ledger, [])
    policy = said.get(SITE, Override()).over(ledger.settings.policy)
    async with ledger.database.reading() as connection:
        looks = await _looks(connection, since)
        machine = [look for look in looks if look.decided_by == DecidedBy.MACHINE]
        people = [look for look in looks if look.decided_by == DecidedBy.PERSON]
        rejected, published = await _rejected_and_published(connection, since)
        return Details(
            checks=_grouped((check, look) for look in machine for check in look.checks),
            reasons=_grouped(
                (look.reason, look) for look in people if look.decided == Opinion.REJECT
            ),
            conflicts=await _conflicts(connection, since, account),
            proposals=proposals(_tally(machine), rejected, published, policy),
        )


def proposals(tally: Tally, rejected: int, published: int, policy: Policy) -> list[Proposal]:
    """Where the machine's decisions are overturned clearly more often than they may be.

    `tally` is of the looks at them, `rejected` and `published` how many it decided on in all.
    Clearly: with 95 % confidence, and more than once or twice.
    """
    found: list[Proposal] = []
    if policy.reject_one_in != NEVER and tally.rejected_overturned >= _FEWEST_OVERTURNED:
        sure = rejected * at_least(tally.rejected_overturned, tally.rejected)
        if sure * policy.reject_one_in > published + sure:
            likely = rejected * tally.rejected_overturned / tally.rejected
            found.append(
                Proposal(
                    Opinion.REJECT,
                    tally.rejected,
                    tally.rejected_overturned,
                    max(1, round((published + likely) / likely)),
                    policy.reject_one_in,
                    _next(REJECT_STEPS, policy.reject_one_in),
                )
            )
    sure = at_least(tally.published_overturned, tally.published)
    if tally.published_overturned >= _FEWEST_OVERTURNED and sure * TOLERATED_ONE_IN > 1:
        found.append(
            Proposal(
                Opinion.PUBLISH,
                tally.published,
                tally.published_overturned,
                max(1, round(tally.published / tally.published_overturned)),
                TOLERATED_ONE_IN,
                _next(tuple(reversed(HOLD_STEPS)), policy.hold_one_in),
            )
        )
    return found


def _next(steps: Sequence[int], step: int) -> int | None:
    """The more careful one after it."""
    place = steps.index(step) + 1
    return steps[place] if place < len(steps) else None


async def _looks(connection: AsyncConnection, since: datetime) -> Sequence[Any]:
    query = sql.select(second_looks).where(second_looks.c.answered_at >= since)
    return (await connection.execute(query)).all()


def _tally(looks: Iterable[Any]) -> Tally:
    return Tally.of((look.decided, look.answer) for look in looks)


def _grouped(named: Iterable[tuple[str, Any]]) -> dict[str, Tally]:
    """By name, those looked at most often first."""
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    for name, look in named:
        groups[name].append(look)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {name: _tally(looks) for name, looks in ordered}


async def _rejected_and_published(connection: AsyncConnection, since: datetime) -> tuple[int, int]:
    """How many the machine rejected by score, and how many stand, of those checked since."""
    ordered = sql.cast(verdicts.c.findings, sql.Text).contains('"campaign_rejected"')
    by_score = sql.and_(verdicts.c.action == str(Action.REJECT), ~ordered)
    stands = submissions.c.state == str(State.PUBLISHED)
    query = (
        sql.select(
            sql.func.coalesce(sql.func.sum(sql.case((by_score, 1), else_=0)), 0),
            sql.func.coalesce(sql.func.sum(sql.case((stands, 1), else_=0)), 0),
        )
        .join(submissions, submissions.c.id == verdicts.c.submission)
        .where(verdicts.c.at >= since)
    )
    row = (await connection.execute(query)).one()
    return int(row[0]), int(row[1])


async def _conflicts(
    connection: AsyncConnection, since: datetime, account: Account
) -> list[Conflict]:
    """The newest that this account may see."""
    c = second_looks.c
    query = (
        sql.select(
            *(c[name] for name in ("submission", "decided_by", "decided", "answer", "looker")),
            *(c.checks, c.answered_at, c.answer_reason.label("reason")),
            *(submissions.c.title, submissions.c.state),
        )
        .join(submissions, submissions.c.id == c.submission)
        .where(
            c.answered_at >= since,
            c.decided_by != str(DecidedBy.PERSON),
            c.decided != c.answer,
            within(account.sections),
        )
        .order_by(c.answered_at.desc())
        .limit(_MOST_CONFLICTS)
    )
    return [Conflict(**row._mapping) for row in await connection.execute(query)]
