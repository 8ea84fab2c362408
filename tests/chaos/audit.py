"""The reckoning after a run: what people were told against what the ledger and the store hold."""

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from commentdesk.domain.events import CORRECTED
from commentdesk.domain.state import STEPS, State
from commentdesk.ledger.books import books
from commentdesk.ledger.tables import decisions, events, submissions
from services.articles.tables import comments
from tests.chaos.people import Testimony
from tests.installation import Installation

_SETTLED = set(State) - {State.RECEIVED, State.APPROVED}
_TOKEN = re.compile(r"c-\d+-\d+")
_MOVES = {(str(start), str(target)) for start, target in STEPS}


@dataclass
class Reckoning:
    """What is wrong, each with its evidence; all empty is right."""

    accepted: int = 0
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    absorbed: int = 0


async def reckon(site: Installation, testimony: Testimony) -> Reckoning:
    """Compare; everything must have been drained before."""
    found = Reckoning()
    ledger, store = site.ledger(), site.articles_database()
    async with ledger.database.reading() as connection:
        rows = (await connection.execute(sql.select(submissions))).all()
        chains = (
            await connection.execute(sql.select(events).order_by(events.c.submission, events.c.id))
        ).all()
        made = (await connection.execute(sql.select(decisions))).all()
    async with store.reading() as connection:
        query = sql.select(comments).where(sql.not_(comments.c.removed))
        shown = (await connection.execute(query)).all()
    balance = await books(ledger)
    await ledger.close()
    await store.close()
    found.accepted = len(rows)
    found.lost += [f"books differ by {balance.difference}"] if balance.difference else []
    _find_lost(found, testimony, rows, made, shown)
    _find_duplicates(found, rows, chains, shown)
    found.duplicates += testimony.contradictions
    found.absorbed = _absorbed_in_logs(site.folder / "logs")
    return found


def _find_lost(found: Reckoning, testimony: Testimony, rows: Any, made: Any, shown: Any) -> None:
    by_id = {row.id: row for row in rows}
    in_store = {row.id: row for row in shown}
    for token, submission in testimony.answered.items():
        row = by_id.get(submission)
        if row is None or (token not in row.content and row.state != State.ERASED):
            found.lost.append(f"{submission} ({token}) was answered 202 and is not in the ledger")
    for row in rows:
        if row.state not in _SETTLED or row.work or row.stuck_at:
            found.lost.append(f"{row.id} is left {row.state}, work {row.work}: {row.error}")
        stands = in_store.get(row.id)
        if row.state == State.PUBLISHED and (not stands or stands.content != row.content):
            found.lost.append(f"{row.id} is published and does not stand in the store")
    found.lost += [
        f"{submission} was erased and is {by_id[submission].state}"
        for submission in testimony.erased
        if by_id[submission].state != State.ERASED
    ]
    for submission, words in testimony.changed.items():
        row = by_id[submission]
        holds = row.content == words if words else row.state == State.WITHDRAWN
        if not holds and row.state != State.ERASED:
            found.lost.append(f"{submission} was changed by its reader and says {row.content}")
    known = {(row.submission, row.version, row.action) for row in made}
    found.lost += [f"decision {told} is gone" for told in testimony.decided if told not in known]


def _find_duplicates(found: Reckoning, rows: Any, chains: Any, shown: Any) -> None:
    for what, where in ((rows, "in the ledger"), (shown, "in the store")):
        tokens = Counter(match[0] for row in what if (match := _TOKEN.search(row.content)))
        doubled = [token for token, times in tokens.items() if times > 1]
        found.duplicates += [f"{token} is {tokens[token]} times {where}" for token in doubled]
    published = {row.id for row in rows if row.state == State.PUBLISHED}
    found.duplicates += [
        f"{row.id} stands in the store and is not published"
        for row in shown
        if row.id not in published
    ]
    walks: dict[str, list[Any]] = defaultdict(list)
    for event in sorted(chains, key=lambda event: (event.submission, event.version)):
        walks[event.submission].append(event)
    for row in rows:
        if trouble := _trouble_of(row, walks[row.id]):
            found.duplicates.append(f"{row.id}: {trouble}")


def _trouble_of(row: Any, walk: list[Any]) -> str:
    """What is illegal about a submission's walk through the states; empty for nothing."""
    states = [State.RECEIVED if event.state == CORRECTED else event.state for event in walk]
    if [event.version for event in walk] != list(range(1, row.version + 1)):
        return f"versions {[event.version for event in walk]}, the row says {row.version}"
    if states[:1] != [State.RECEIVED] or states[-1] != row.state:
        return f"walked {states}, the row says {row.state}"
    illegal = [move for move in pairwise(states) if move not in _MOVES]
    return f"illegal moves {illegal} in {states}" if illegal else ""


def _absorbed_in_logs(folder: Path) -> int:
    """Deliveries the store had already, and writes that the fence kept out."""
    count = 0
    for log in folder.glob("*.log*"):
        for line in log.read_text("utf-8", "replace").splitlines():
            if not line.startswith("{") or not ("absorbed" in line or "too_late" in line):
                continue
            entry = json.loads(line)
            if entry.get("result") == "absorbed":
                count += 1
            elif str(entry.get("event")).endswith("_too_late"):
                count += int(entry["count"])
    return count
