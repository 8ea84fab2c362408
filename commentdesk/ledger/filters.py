"""Which submissions a list of the desk is of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql

from commentdesk.domain.state import State
from commentdesk.domain.text import fold
from commentdesk.ledger.doubts import of_check, of_reason
from commentdesk.ledger.tables import HAS_DOUBTS, IS_HELD, IS_STUCK, articles, submissions
from commentdesk.ledger.tables import fingerprints as prints

MINE = "mine"
# What the console's tabs show.
VIEWS = ("waiting", "suspect", "stuck", "published", "rejected", "removed", MINE)
# Here those of one campaign stand as one.
FOLDED = frozenset({"waiting", "suspect"})
# Who decided where no moderator did.
MACHINE = "machine"
_BY_MACHINE = tuple(str(s) for s in (State.APPROVED, State.PUBLISHED, State.REJECTED))

Condition = sql.ColumnElement[bool]


@dataclass(frozen=True)
class Wanted:
    """All that is said must hold; what is empty says nothing.

    `phone` and `network` are the ledger's keyed hashes, `terms` folded words and phrases.
    `name` may be a part of it, `same_name` is all of it, folded. `after` is included and
    `before` is not. `viewer` is who MINE is about.
    """

    view: str = ""
    state: str = ""
    viewer: str = ""
    sections: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    article: str = ""
    section: str = ""
    check: str = ""
    reason: str = ""
    language: str = ""
    decided_by: str = ""
    after: datetime | None = None
    before: datetime | None = None
    phone: bytes | None = None
    network: bytes | None = None
    name: str = ""
    same_name: str = ""
    campaign: str = ""
    terms: tuple[str, ...] = ()


def conditions(wanted: Wanted) -> list[Condition]:
    """For a WHERE over submissions."""
    c = submissions.c
    found = [*view_conditions(wanted.view, wanted.viewer), *within(wanted.sections)]
    if wanted.state:
        found.append(_is(State(wanted.state)))
    if wanted.ids:
        found.append(c.id.in_(wanted.ids))
    if wanted.section:
        found += within(frozenset({wanted.section}))
    for column, value in (
        (c.article, wanted.article),
        (c.language, wanted.language),
        (c.phone_hash, wanted.phone),
        (c.network_hash, wanted.network),
        (c.folded_name, wanted.same_name),
    ):
        if value:
            found.append(column == value)
    if wanted.after:
        found.append(c.received_at >= wanted.after)
    if wanted.before:
        found.append(c.received_at < wanted.before)
    return [*found, *_of_decisions(wanted), *_of_words(wanted)]


def view_conditions(view: str, viewer: str) -> list[Condition]:
    """Of one of VIEWS; none for an empty one."""
    c = submissions.c
    match view:
        case "":
            return []
        case "waiting":
            return [_is(State.HELD)]
        case "suspect":
            return [IS_HELD, HAS_DOUBTS]
        case "stuck":
            return [IS_STUCK]
        case "mine":
            held_for = sql.and_(c.held_for == viewer, _is(State.HELD))
            return [sql.or_(c.decided_by == viewer, held_for)]
        case _:
            return [_is(State(view))]


def within(sections: frozenset[str], *, few: bool = False) -> list[Condition]:
    """Of articles in these sections; any where there are none.

    `few`: what else is asked for leaves so few that the index of articles is better left alone.
    """
    if not sections:
        return []
    inside = sql.select(articles.c.id).where(articles.c.section.in_(sorted(sections)))
    article = submissions.c.article.concat("") if few else submissions.c.article
    return [article.in_(inside)]


def _is(state: State) -> Condition:
    return submissions.c.state == str(state)


def _of_decisions(wanted: Wanted) -> list[Condition]:
    c = submissions.c
    found: list[Condition] = []
    if wanted.check:
        found.append(c.doubts.contains(of_check(wanted.check), autoescape=True))
    if wanted.reason:
        seen = c.doubts.contains(of_reason(wanted.reason), autoescape=True)
        found.append(sql.or_(seen, c.decided_reason == wanted.reason))
    if wanted.decided_by == MACHINE:
        found += [c.decided_by.is_(None), c.state.in_(_BY_MACHINE)]
    elif wanted.decided_by:
        found.append(c.decided_by == wanted.decided_by)
    return found


def _of_words(wanted: Wanted) -> list[Condition]:
    c = submissions.c
    found: list[Condition] = [c.folded.contains(t, autoescape=True) for t in wanted.terms]
    if name := fold(wanted.name):
        found.append(c.folded_name.contains(name, autoescape=True))
    if wanted.campaign:
        members = sql.select(prints.c.submission).where(prints.c.campaign == wanted.campaign)
        found.append(c.id.in_(members))
    return found


def folded_to_first(found: list[Condition]) -> Condition:
    """Of each campaign its first member that meets the conditions, and all that are in none."""
    alone = ~sql.exists().where(
        prints.c.submission == submissions.c.id, prints.c.campaign.is_not(None)
    )
    first: sql.Select[Any] = (
        sql.select(sql.func.min(submissions.c.id))
        .join(prints, prints.c.submission == submissions.c.id)
        .where(prints.c.campaign.is_not(None), *found)
        .group_by(prints.c.campaign)
    )
    return sql.or_(alone, submissions.c.id.in_(first))
