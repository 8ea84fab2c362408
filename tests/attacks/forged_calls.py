"""The console's calls that change something, each with something real to change."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.memory import BanKind
from commentdesk.domain.state import Action
from commentdesk.ledger import Ledger
from commentdesk.ledger.accounts import Newcomer, list_accounts
from commentdesk.ledger.bans import ban
from commentdesk.ledger.campaign_orders import order_next
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.decide import decide
from commentdesk.ledger.identities import Identity, account_behind
from commentdesk.ledger.invites import invite, make_link
from commentdesk.ledger.notes import add_note
from commentdesk.ledger.reasons import CODE_PATTERN
from commentdesk.ledger.rehearsals import ask_rehearsal, cancel_rehearsal
from commentdesk.ledger.rights import disable_account
from commentdesk.ledger.second_factor import begin_second_factor
from commentdesk.ledger.sessions import Visit, open_session, sessions_of
from commentdesk.ledger.tables import (
    accounts,
    metadata,
    second_looks,
    sessions,
    submissions,
    words,
)
from services.moderation.auth import Who
from services.moderation.routes import ROUTES
from services.moderation.rules.policy_api import SCOPE_PATTERN
from services.moderation.rules.words import TAB_PATTERN
from tests.installation import PASSWORD, Installation, until
from tests.reader import DOUBTFUL, Reader

TAB = f"{{tab:{TAB_PATTERN}}}"

# But for what changes nothing: a search leads on to an address, and who has what open is written
# nowhere.
CHANGING = tuple(
    (route.method, route.path)
    for route in ROUTES
    if route.method != "GET" and not route.path.endswith(("/search", "/presence"))
)
# Their forms come before there is a session, and so without its token.
OPEN = frozenset(route.path for route in ROUTES if route.who is Who.ANYONE)
INVITE = next(path for path in OPEN if path.startswith("/invite/"))
# Change something only for who is on the way there: tests/integration/test_second_factor.py.
STEPS = frozenset(
    {"/login/code", "/account/password"}
    | {f"/account/second-factor/{step}" for step in ("confirm", "off", "codes")}
)
_LONG = (
    "Hôm qua tôi đi ngang {} thì thấy bà con đang dọn lại hàng quán cho gọn, lối đi rộng ra nhiều, "
    "trẻ con chạy chơi mà người lớn cũng yên tâm ngồi uống nước nói chuyện."
)
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
    """All that the ledger holds, but for when each session was last seen: each call tells that."""
    ledger = site.ledger()
    found = {}
    async with ledger.database.reading() as connection:
        for name, table in metadata.tables.items():
            told = [column for column in table.c if column is not sessions.c.seen_at]
            rows = await connection.execute(sql.select(*told))
            found[name] = sorted(repr(row) for row in rows)
    await ledger.close()
    return found


async def calls(site: Installation, reader: Reader) -> list[Call]:
    """Every changing route with something real to change; a new route with an empty body."""
    phones = [f"091234567{n}" for n in range(5)]
    waiting = [await reader.accepted(**{**DOUBTFUL, "phone": phone}) for phone in phones]
    for submission in waiting:
        await reader.reaches(submission, "held")
    (word, another_word), account = await _words_and_account(site, waiting[2])
    one, other, stuck, *erased = waiting
    others, deeds = await _accounts(site), await _deeds(site, reader)
    # Of whom is banned nothing waits any more.
    lifted = await _ban(site, one, BanKind.ADDRESS)
    unbanned = await _ban(site, other, BanKind.PHONE)
    about = {
        "/v1/decisions/": deeds.batches[0],
        "/v1/notes/": deeds.notes[0],
        "/v1/campaigns/": deeds.ordered[0],
        "/v1/bans/": lifted,
        "/bans/": unbanned,
        "/v1/words/": another_word,
        "/rehearsals/": await _rehearsal(site),
        INVITE: others.invited,
    }
    decided = {"items": [{"id": other, "seen_version": 2}], "action": "reject"}
    bodies: dict[str, dict[str, Any]] = {
        "/login": {"login": "nam", "password": PASSWORD},
        INVITE: {"new_password": PASSWORD, "again": PASSWORD},
        "/account/sessions/end": {"session": others.session},
        "/decisions": {"action": "approve", f"item.{one}": "2"},
        "/decisions/undo": {"batch": deeds.batches[1]},
        "/notes/remove": {"note": deeds.notes[1]},
        "/campaigns/order/remove": {"campaign": deeds.ordered[1]},
        "/second-look": {"look": deeds.look, "answer": "publish"},
        "/stuck/replay": {"submission": stuck},
        f"/rules/{TAB}": {"text": "chợ đen", "kind": "banned"},
        f"/rules/{TAB}/remove": {"word": word},
        "/rules/bans": {"submission": one, "kind": "address"},
        "/rules/bans/lift": {"ban": await _ban(site, other, BanKind.NAME)},
        "/rules/policy": {"scope": "site", "publish_clean": "no"},
        "/rules/tightening": {"scope": "site", "hours": "6"},
        "/rules/tightening/end": {"scope": "site"},
        "/rules/reasons": {"code": "ads", "words.vi": "Quảng cáo"},
        "/rules/reasons/place": {"code": "spam", "place": "3"},
        "/rules/reasons/retire": {"code": "spam"},
        "/rules/rehearsals": {"rehearse": "words", "text": "chợ đen", "kind": "banned"},
        f"/v1/reasons/{{code:{CODE_PATTERN}}}": {"spam": True},
        "/v1/words": {"kind": "banned", "texts": ["chợ trời"]},
        "/v1/rehearsals": {"what": "words", "kind": "banned", "texts": ["chợ đen"]},
        f"/v1/policies/{{scope:{SCOPE_PATTERN}}}/tightening": {"hours": 6},
        "/accounts": {"login": "eve", "role": "admin"},
        "/accounts/change": {"account": account, "role": "admin"},
        "/accounts/disable": {"account": account},
        "/accounts/enable": {"account": others.disabled},
        "/v1/decisions": decided,
        "/v1/bans": {"submission": one, "kind": "name"},
        f"/v1/policies/{{scope:{SCOPE_PATTERN}}}": {"publish_clean": False},
    }
    of_linked = ("link", "second-factor", "identity", "sign-out")
    bodies |= {f"/accounts/{deed}": {"account": others.linked} for deed in of_linked}
    for _, route in CHANGING:
        match route.rsplit("/", 1)[1]:
            case "notes":
                bodies[route] = {"text": "Xem lại"}
            case "ban":
                bodies[route] = {"kind": "name", "days": "7"}
            case "order":
                hours = 6 if route.startswith("/v1/") else "6"
                bodies[route] = {"action": "hold", "hours": hours}
    return [
        Call(
            method,
            route,
            filled_in(
                route,
                erased.pop()
                if route.endswith("/erase")
                else next((about[each] for each in about if each in route), one),
            ),
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


@dataclass(frozen=True)
class Accounts:
    """What can be done to accounts, each with one it can be done to."""

    invited: str
    disabled: str
    # Has a second factor, an identity and a session.
    linked: str
    # One of Mai's.
    session: str


async def _accounts(site: Installation) -> Accounts:
    ledger, made = site.ledger(), {}
    for login in ("oanh", "phuc", "quan"):
        made[login] = await invite(ledger, Newcomer(login, "moderator"), "mai")
    found = {account.login: account for account in await list_accounts(ledger)}
    link = await make_link(ledger, made["oanh"], "mai")
    await disable_account(ledger, made["phuc"], "mai")
    quan = await account_behind(ledger, Identity("https://id.example", "q", "quan"))
    assert link and quan
    await begin_second_factor(ledger, quan)
    # One of hers to be ended, and one that is another.
    for account in (quan, found["mai"], found["mai"]):
        await open_session(ledger, account, Visit(), "password")
    session = (await sessions_of(ledger, found["mai"].id))[0].id
    await ledger.close()
    return Accounts(link, made["phuc"], quan.id, session)


@dataclass(frozen=True)
class Deeds:
    """Two decisions, two notes and two orders that can be taken back, and a look to be answered."""

    batches: list[str]
    notes: list[str]
    ordered: list[str]
    look: str


async def _deeds(site: Installation, reader: Reader) -> Deeds:
    ids = [await reader.accepted(**{**DOUBTFUL, "title": f"Chuyện thứ {at}"}) for at in range(2)]
    told = [await reader.accepted(content=_LONG.format(each)) for each in ("chợ cá", "bến xe")]
    for submission in (*ids, *told):
        await until(partial(_checked, reader, submission), f"{submission} is checked")
    ledger, batches, notes = site.ledger(), [new_id(), new_id()], []
    for batch, submission in zip(batches, ids, strict=True):
        items = [(submission, 2)]
        await decide(ledger, items=items, action="reject", actor="mai", batch=batch)
        note = await add_note(ledger, submission, "mai", "Đã hỏi bạn đọc")
        assert note
        notes.append(note.id)
    for submission in told:
        await order_next(ledger, submission, Action.HOLD, "mai", now() + timedelta(hours=6))
    look = await _look(ledger, told[0])
    await ledger.close()
    return Deeds(batches, notes, told, look)


async def _checked(reader: Reader, submission: str) -> bool:
    return await reader.state(submission) != "received"


async def _look(ledger: Ledger, submission: str) -> str:
    """One that was picked; which ones are is drawn by lot."""
    row = {"id": new_id(), "submission": submission, "version": 3, "decided_by": "machine"}
    row |= {"decided": "publish", "reason": "", "checks": [], "picked_at": now()}
    async with ledger.database.writing() as connection:
        await connection.execute(second_looks.insert(), row)
    return str(row["id"])


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
