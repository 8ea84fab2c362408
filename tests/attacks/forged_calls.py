"""The console's calls that change something, each with something real to change."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.memory import BanKind
from commentdesk.ledger.bans import ban
from commentdesk.ledger.reasons import CODE_PATTERN
from commentdesk.ledger.rehearsals import ask_rehearsal, cancel_rehearsal
from commentdesk.ledger.tables import accounts, metadata, submissions, words
from services.moderation.policies import SCOPE_PATTERN
from services.moderation.routes import ROUTES
from services.moderation.rules.words import TAB_PATTERN
from tests.installation import PASSWORD, Installation
from tests.reader import DOUBTFUL, Reader

TAB = f"{{tab:{TAB_PATTERN}}}"

CHANGING = tuple((route.method, route.path) for route in ROUTES if route.method != "GET")
Snapshot = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Call:
    """One call: the route, its address, and a body that would have an effect."""

    method: str
    route: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/v1/")

    def form(self, csrf: str) -> dict[str, str]:
        """The body as a page's form has it."""
        plain = {name: str(value) for name, value in self.body.items()}
        return {**plain, "csrf": csrf}


async def snapshot(site: Installation) -> Snapshot:
    """All that the ledger holds."""
    ledger = site.ledger()
    found = {}
    async with ledger.database.reading() as connection:
        for name, table in metadata.tables.items():
            rows = await connection.execute(sql.select(table))
            found[name] = sorted(repr(row) for row in rows)
    await ledger.close()
    return found


async def calls(site: Installation, reader: Reader) -> list[Call]:
    """Every changing route with something real to change; a new route with an empty body."""
    waiting = [await reader.accepted(**DOUBTFUL) for _ in range(5)]
    for submission in waiting:
        await reader.reaches(submission, "held")
    (word, another_word), account = await _words_and_account(site, waiting[2])
    one, other, stuck, *erased = waiting
    lifted = await _ban(site, one, BanKind.ADDRESS)
    about = {
        "/v1/bans/": lifted,
        "/v1/words/": another_word,
        "/rehearsals/": await _rehearsal(site),
    }
    decided = {"items": [{"id": other, "seen_version": 2}], "action": "reject"}
    bodies: dict[str, dict[str, Any]] = {
        "/login": {"login": "nam", "password": PASSWORD},
        "/decisions": {"action": "approve", f"item.{one}": "2"},
        "/stuck/replay": {"submission": stuck},
        f"/rules/{TAB}": {"text": "chợ đen", "kind": "banned"},
        f"/rules/{TAB}/remove": {"word": word},
        "/rules/bans": {"submission": one, "kind": "address"},
        "/rules/bans/lift": {"ban": await _ban(site, other, BanKind.NAME)},
        "/rules/policy": {"scope": "site", "publish_clean": "no"},
        "/rules/tightening": {"scope": "site", "hours": "6"},
        "/rules/tightening/end": {"scope": "site"},
        "/rules/reasons": {"code": "ads", "vi": "Quảng cáo"},
        "/rules/reasons/place": {"code": "spam", "place": "3"},
        "/rules/reasons/retire": {"code": "spam"},
        "/rules/rehearsals": {"rehearse": "words", "text": "chợ đen", "kind": "banned"},
        f"/v1/reasons/{{code:{CODE_PATTERN}}}": {"spam": True},
        "/v1/words": {"kind": "banned", "texts": ["chợ trời"]},
        "/v1/rehearsals": {"what": "words", "kind": "banned", "texts": ["chợ đen"]},
        f"/v1/policies/{{scope:{SCOPE_PATTERN}}}/tightening": {"hours": 6},
        "/accounts": {"login": "eve", "password": PASSWORD, "role": "admin"},
        "/accounts/disable": {"account": account},
        "/v1/decisions": decided,
        "/v1/bans": {"submission": one, "kind": "name"},
        f"/v1/policies/{{scope:{SCOPE_PATTERN}}}": {"publish_clean": False},
    }
    return [
        Call(
            method,
            route,
            filled_in(route, next((about[each] for each in about if each in route), one))
            if not route.endswith("/erase")
            else filled_in(route, erased.pop()),
            bodies.get(route, {}),
        )
        for method, route in sorted(CHANGING, key=lambda call: call[1] == "/logout")
    ]


def filled_in(route: str, submission: str) -> str:
    """The address of a route's pattern."""
    before, scope, after = route.partition("{scope:" + SCOPE_PATTERN + "}")
    named = f"{before}site{after}" if scope else route
    named = re.sub(r"{code:[^/]*}", "spam", named.replace(TAB, "words"))
    return re.sub(r"{\w+(?::[^/]*)?}", submission, named)


async def _words_and_account(site: Installation, stuck: str) -> tuple[list[str], str]:
    ledger = site.ledger()
    row = {"state": "approved", "work": "publish", "error": "away", "stuck_at": now()}
    async with ledger.database.writing() as connection:
        await connection.execute(
            submissions.update().where(submissions.c.id == stuck).values(**row)
        )
        two = (await connection.execute(sql.select(words.c.id).limit(2))).scalars().all()
        account = await connection.scalar(
            sql.select(accounts.c.id).where(accounts.c.login == "nam")
        )
    await ledger.close()
    return list(two), str(account)


async def _rehearsal(site: Installation) -> str:
    """One that no worker touches any more."""
    ledger = site.ledger()
    step = {"what": "threshold", "part": "hold", "one_in": 50, "article": "", "about": ""}
    made = await ask_rehearsal(ledger, step, "mai")
    await cancel_rehearsal(ledger, made.id, "mai")
    await ledger.close()
    return made.id


async def _ban(site: Installation, submission: str, kind: BanKind) -> str:
    ledger = site.ledger()
    made = await ban(ledger, submission, kind, "mai")
    await ledger.close()
    assert made
    return made.id
