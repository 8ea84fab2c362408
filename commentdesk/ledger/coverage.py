"""Figures of a stretch of time for each section and for the articles with most comments."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.state import State
from commentdesk.ledger.tables import articles, events, submissions
from commentdesk.ledger.waiting import FirstDecision, Waiting, quantiles

MOST_ARTICLES = 20
COUNTED = (State.RECEIVED, State.PUBLISHED, State.REJECTED, State.REMOVED)


@dataclass
class Part:
    """A section, or an article: what entered each state, what waits now and how long it took."""

    name: str
    title: str = ""
    entered: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    oldest: datetime | None = None
    to_decision: Waiting = field(default_factory=Waiting)


@dataclass(frozen=True)
class Coverage:
    """Sections by name; articles, those with most arrivals first."""

    sections: list[Part]
    articles: list[Part]


async def find_coverage(
    connection: AsyncConnection, since: datetime, decided: Sequence[FirstDecision]
) -> Coverage:
    """Where the comments of this time went, section by section and article by article."""
    parts = await _articles(connection, since)
    section_of = await _sections(connection)
    lasted: defaultdict[str, list[float]] = defaultdict(list)
    for each in decided:
        lasted[each.article].append(each.seconds)
    busiest = sorted(parts.values(), key=_busy)[:MOST_ARTICLES]
    await _give_titles(connection, busiest)
    for part in busiest:
        part.to_decision = quantiles(lasted[part.name])
    return Coverage(_together(parts, section_of, lasted), busiest)


def _together(
    parts: Mapping[str, Part], section_of: Mapping[str, str], lasted: Mapping[str, list[float]]
) -> list[Part]:
    """The articles' figures section by section; those without a section make one of their own."""
    sections: dict[str, Part] = {}
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for article in {*parts, *lasted}:
        name = section_of.get(article, "")
        seconds[name] += lasted.get(article, [])
        _add(sections.setdefault(name, Part(name)), parts.get(article, Part(article)))
    for name, whole in sections.items():
        whole.to_decision = quantiles(seconds[name])
    return sorted(sections.values(), key=lambda part: part.name)


def _busy(part: Part) -> tuple[int, int, str]:
    return -part.entered[str(State.RECEIVED)], -part.waiting, part.name


def _add(whole: Part, part: Part) -> None:
    whole.entered.update(part.entered)
    whole.waiting += part.waiting
    if part.oldest:
        whole.oldest = min(part.oldest, whole.oldest or part.oldest)


async def _articles(connection: AsyncConnection, since: datetime) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    entered = (
        sql.select(events.c.article, events.c.state, sql.func.count())
        .where(events.c.state.in_(map(str, COUNTED)), events.c.at >= since)
        .group_by(events.c.article, events.c.state)
    )
    for article, state, count in await connection.execute(entered):
        parts.setdefault(article, Part(article)).entered[state] = count
    received = submissions.c.received_at
    waiting: sql.Select[Any] = (
        sql.select(submissions.c.article, sql.func.count(), sql.func.min(received))
        .where(submissions.c.state == str(State.HELD))
        .group_by(submissions.c.article)
    )
    for article, count, oldest in await connection.execute(waiting):
        part = parts.setdefault(article, Part(article))
        part.waiting, part.oldest = count, oldest
    return parts


async def _sections(connection: AsyncConnection) -> dict[str, str]:
    query = sql.select(articles.c.id, articles.c.section).where(articles.c.section != "")
    return {article: section for article, section in await connection.execute(query)}  # noqa: C416


async def _give_titles(connection: AsyncConnection, parts: list[Part]) -> None:
    names = [part.name for part in parts]
    query = sql.select(articles.c.id, articles.c.title).where(articles.c.id.in_(names))
    titles = {article: title for article, title in await connection.execute(query)}  # noqa: C416
    for part in parts:
        part.title = titles.get(part.name, part.name)
