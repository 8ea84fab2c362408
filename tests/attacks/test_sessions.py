"""A moderator's session: whose it is, how long it lasts, and how it is guessed at in vain."""

import itertools
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from types import FrameType
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql
from argon2 import PasswordHasher, extract_parameters
from multidict import CIMultiDictProxy

from commentdesk.database import now
from commentdesk.ledger.accounts import Newcomer, verify
from commentdesk.ledger.invites import invite
from commentdesk.ledger.rights import disable_account
from commentdesk.ledger.tables import accounts, audit, sessions
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, Installation, Redis

COOKIE = "commentdesk_session"
WRONG = "not this one at all"
TRIES = 4
_HOSTS = itertools.count(1)
# Refused without the cost of a password hash, and counted all the same.
TOO_LONG = "x" * 1001


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """The console alone, its limits on."""
    folder = tmp_path_factory.mktemp("sessions")
    extra = {"LIMITS": "on", "LOGINS_LIMIT": f"{TRIES}/minute", "SESSION_HOURS": "3"}
    installation = Installation(folder, redis, sqlite_urls(folder), **extra)
    installation.migrate()
    await installation.account("mai", "admin", dear=True)
    await installation.account("nam", dear=True)
    await installation.account("off", dear=True)
    ledger = installation.ledger()
    await invite(ledger, Newcomer("invited", "moderator"), "mai")
    async with ledger.database.writing() as connection:
        await connection.execute(
            accounts.update().where(accounts.c.login == "off").values(disabled_at=now())
        )
    await ledger.close()
    await installation.start("moderation")
    yield installation
    installation.stop()


class Answer:
    """What a request was answered with."""

    def __init__(self, status: int, headers: CIMultiDictProxy[str], text: str) -> None:
        self.status, self.headers, self.text = status, headers, text

    @property
    def cookie(self) -> str:
        """The session's token, if one was given."""
        for line in self.headers.getall("Set-Cookie", []):
            name, _, value = line.split(";")[0].partition("=")
            if name == COOKIE:
                return value
        return ""


class Visitor:
    """Somebody at an address of their own, with the cookies they choose to send."""

    def __init__(self, site: Installation, http: aiohttp.ClientSession) -> None:
        self._site, self._http = site, http

    async def get(self, path: str, cookie: str = "") -> Answer:
        return await self._ask("GET", path, cookie)

    async def post(self, path: str, cookie: str = "", **form: str) -> Answer:
        return await self._ask("POST", path, cookie, data=form)

    async def log_in(
        self, login: str, password: str = PASSWORD, cookie: str = "", **headers: str
    ) -> Answer:
        form = {"login": login, "password": password}
        return await self._ask("POST", "/login", cookie, data=form, headers=headers)

    async def _ask(
        self, method: str, path: str, cookie: str, headers: Any = None, **more: Any
    ) -> Answer:
        sent = {"Origin": self._site.moderation, **(headers or {})}
        if cookie:
            sent["Cookie"] = f"{COOKIE}={cookie}"
        async with self._http.request(
            method, self._site.moderation + path, headers=sent, allow_redirects=False, **more
        ) as response:
            return Answer(response.status, response.headers, await response.text())


@asynccontextmanager
async def visitor_from(site: Installation, address: str) -> AsyncIterator[Visitor]:
    connector = aiohttp.TCPConnector(family=socket.AF_INET, local_addr=(address, 0))
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
        yield Visitor(site, http)


@pytest.fixture
async def visitor(site: Installation) -> AsyncIterator[Visitor]:
    """A visitor whose address no other test uses, so that limits begin anew."""
    async with visitor_from(site, f"127.0.1.{next(_HOSTS)}") as found:
        yield found


async def lives(visitor: Visitor, cookie: str) -> bool:
    """Whether the token opens the console, and pages and API agree on it."""
    page, api = await visitor.get("/", cookie), await visitor.get("/v1/stats", cookie)
    assert (page.status, api.status) in {(200, 200), (303, 401)}
    return page.status == 200


async def sessions_in(site: Installation) -> list[Any]:
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        rows = list(await connection.execute(sql.select(sessions)))
    await ledger.close()
    return rows


def csrf_of(page: Answer) -> str:
    return page.text.partition('data-csrf="')[2].partition('"')[0]


async def test_a_cookie_of_the_visitors_own_making_is_never_adopted(
    site: Installation, visitor: Visitor
) -> None:
    for chosen in ("chosen-by-me", "A" * 43, "A" * 5000, "", '"quoted"'):
        assert not await lives(visitor, chosen)
        assert (await visitor.get("/login", chosen)).cookie == ""
    planted = "B" * 43
    answer = await visitor.log_in("mai", cookie=planted)
    assert answer.status == 303
    assert answer.cookie not in {"", planted}
    assert len(answer.cookie) >= 43
    assert await lives(visitor, answer.cookie)
    assert not await lives(visitor, planted)


async def test_a_session_planted_by_another_moderator_does_not_become_the_victims(
    site: Installation, visitor: Visitor
) -> None:
    attackers = (await visitor.log_in("nam")).cookie
    victims = (await visitor.log_in("mai", cookie=attackers)).cookie
    assert victims != attackers
    assert not await lives(visitor, attackers)
    assert "<bdi>mai</bdi>" in (await visitor.get("/", victims)).text


async def test_a_new_login_changes_cookie_and_token_and_a_failed_one_changes_nothing(
    visitor: Visitor,
) -> None:
    first = (await visitor.log_in("mai")).cookie
    token = csrf_of(await visitor.get("/", first))
    assert (await visitor.log_in("mai", WRONG, cookie=first)).cookie == ""
    assert await lives(visitor, first)
    second = (await visitor.log_in("mai", cookie=first)).cookie
    assert not await lives(visitor, first)
    assert csrf_of(await visitor.get("/", second)) not in {"", token}
    assert (
        await visitor.post("/rules/words", second, csrf=token, text="a", kind="banned")
    ).status == 403


async def test_logging_out_ends_the_session_on_the_server_and_no_other(
    site: Installation, visitor: Visitor
) -> None:
    one, other = [(await visitor.log_in("mai")).cookie for _ in range(2)]
    before = len(await sessions_in(site))
    page = await visitor.get("/", one)
    out = await visitor.post("/logout", one, csrf=csrf_of(page))
    assert out.status == 303
    assert f'{COOKIE}=""' in out.headers["Set-Cookie"]
    assert not await lives(visitor, one)
    assert await lives(visitor, other)
    assert len(await sessions_in(site)) == before - 1


async def test_the_ledger_keeps_no_token_that_could_be_used(
    site: Installation, visitor: Visitor
) -> None:
    token = (await visitor.log_in("mai")).cookie
    assert token
    assert not [row for row in await sessions_in(site) if token.encode() in row.token_hash]


async def test_a_session_ends_when_its_time_is_over_whatever_the_browser_keeps(
    site: Installation, visitor: Visitor
) -> None:
    answer = await visitor.log_in("mai")
    assert "Max-Age=10800" in answer.headers["Set-Cookie"]
    newest = max(await sessions_in(site), key=lambda row: row.created_at)
    hours = newest.expires_at - newest.created_at
    assert timedelta(hours=3) <= hours < timedelta(hours=3, minutes=1)
    assert await lives(visitor, answer.cookie)
    ledger = site.ledger()
    async with ledger.database.writing() as connection:
        await connection.execute(
            sessions.update()
            .where(sessions.c.token_hash == newest.token_hash)
            .values(expires_at=now())
        )
    await ledger.close()
    assert not await lives(visitor, answer.cookie)
    await visitor.log_in("mai")
    assert newest.token_hash not in [row.token_hash for row in await sessions_in(site)]


async def test_a_disabled_accounts_sessions_die_at_once_and_it_cannot_come_back(
    site: Installation, visitor: Visitor
) -> None:
    await site.account("tam")
    cookies = [(await visitor.log_in("tam")).cookie for _ in range(2)]
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        tam = await connection.scalar(sql.select(accounts.c.id).where(accounts.c.login == "tam"))
    await disable_account(ledger, str(tam), "mai")
    await ledger.close()
    for cookie in cookies:
        assert not await lives(visitor, cookie)
    again = await visitor.log_in("tam")
    assert (again.status, again.cookie) == (403, "")


def flags(line: str) -> set[str]:
    return {part.strip() for part in line.split(";")[1:]}


async def test_cookies_are_for_this_host_alone_and_for_no_script(
    site: Installation, redis: Redis, tmp_path_factory: pytest.TempPathFactory, visitor: Visitor
) -> None:
    """Over http as over https, with what only https allows; the deleted cookie is the same one."""
    folder = tmp_path_factory.mktemp("https")
    urls = (str(site.settings.ledger_url), str(site.settings.articles_database_url))
    secure = Installation(folder, redis, urls, MODERATION_URL="https://desk.example")
    own = f"http://localhost:{secure.settings.moderation_port}"
    secure.moderation = own
    try:
        await secure.start("moderation")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            headers = {"Origin": "https://desk.example"}
            form = {"login": "mai", "password": PASSWORD}
            url = f"{own}/login?lang=en"
            async with http.post(url, data=form, headers=headers, allow_redirects=False) as got:
                over_https = got.headers["Set-Cookie"]
            async with http.get(f"{own}/login?lang=en") as got:
                language = got.headers["Set-Cookie"]
            headers["Cookie"] = over_https.split(";")[0]
            async with http.get(f"{own}/", headers=headers) as got:
                token = (await got.text()).partition('data-csrf="')[2].partition('"')[0]
            async with http.post(
                f"{own}/logout", data={"csrf": token}, headers=headers, allow_redirects=False
            ) as got:
                deleted = got.headers["Set-Cookie"]
    finally:
        secure.stop()
    over_http = (await visitor.log_in("mai")).headers["Set-Cookie"]
    common = {"HttpOnly", "SameSite=Lax", "Path=/"}
    assert flags(over_http) == common | {"Max-Age=10800"}
    assert over_https.startswith(f"__Host-{COOKIE}=")
    assert flags(over_https) == common | {"Max-Age=43200", "Secure"}
    assert deleted.startswith(f'__Host-{COOKIE}="";')
    assert common | {"Max-Age=0", "Secure"} <= flags(deleted)
    assert common | {"Secure"} <= flags(language)


async def test_guessing_is_stopped_and_says_when_to_come_back(
    site: Installation, visitor: Visitor
) -> None:
    spellings = ("mai", "MAI", " mai ", "Mai")
    statuses = [(await visitor.log_in(login, TOO_LONG)).status for login in spellings]
    assert statuses == [403] * TRIES
    forged = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
    before = await sessions_in(site)
    for headers in ({}, forged):
        right = await visitor.log_in("mai", **headers)
        assert (right.status, right.cookie) == (429, "")
        assert 1 <= int(right.headers["Retry-After"]) <= 60
    assert await sessions_in(site) == before


async def test_a_login_nobody_has_is_throttled_like_one_that_somebody_has(
    visitor: Visitor,
) -> None:
    for login in ("mai", "zzz"):
        for _ in range(TRIES):
            assert (await visitor.log_in(login, TOO_LONG)).status == 403
    known, unknown = [await visitor.log_in(login, TOO_LONG) for login in ("mai", "zzz")]
    assert known.status == unknown.status == 429
    told = [
        answer.text.replace(f" {answer.headers['Retry-After']} ", " N ")
        for answer in (known, unknown)
    ]
    assert told[0].replace('"mai"', '"zzz"') == told[1]


async def test_an_attacker_does_not_lock_the_moderator_out(
    site: Installation, visitor: Visitor
) -> None:
    while (await visitor.log_in("nam", TOO_LONG)).status != 429:
        pass
    async with visitor_from(site, f"127.0.1.{next(_HOSTS)}") as nam:
        answer = await nam.log_in("nam")
        assert answer.status == 303
        assert await lives(nam, answer.cookie)


async def test_one_address_cannot_try_every_login(visitor: Visitor) -> None:
    tried = 0
    while (await visitor.log_in(f"nobody{tried}", TOO_LONG)).status == 403:
        tried += 1
        assert tried <= 60
    assert (await visitor.log_in("mai")).status == 429


async def test_unknown_wrong_and_disabled_get_the_very_same_answer(visitor: Visitor) -> None:
    answers = [await visitor.log_in(login, WRONG) for login in ("mai", "zzz", "off")]
    right_but_disabled = await visitor.log_in("off")
    bodies, headers = [], []
    for answer, login in zip(
        [*answers, right_but_disabled], ("mai", "zzz", "off", "off"), strict=True
    ):
        assert answer.status == 403
        bodies.append(answer.text.replace(f'"{login}"', '""'))
        headers.append([(k, v) for k, v in answer.headers.items() if k != "Date"])
    assert bodies == [bodies[0]] * 4
    assert headers == [headers[0]] * 4


async def test_every_refusal_costs_one_password_hash_of_the_same_strength(
    site: Installation,
) -> None:
    """By what is called, not by the clock: the hash's work must not tell who exists."""
    ledger, seen = site.ledger(), HashesSeen()
    work = {}
    # Before the first hash, so that the threads which hash are watched from their start.
    threading.setprofile(seen)
    try:
        for login in ("mai", "zzz", "off", "invited"):
            before = len(seen.parameters)
            assert await verify(ledger, login, WRONG) is None
            work[login] = seen.parameters[before:]
    finally:
        threading.setprofile(None)
    await ledger.close()
    assert len(work["mai"]) == 1
    assert work["mai"] == work["zzz"] == work["off"] == work["invited"]


class HashesSeen:
    """A profile function that notes which password hashes are verified, and how dear they are."""

    def __init__(self) -> None:
        self.parameters: list[Any] = []

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code is PasswordHasher.verify.__code__:
            self.parameters.append(extract_parameters(frame.f_locals["hash"]))


async def test_who_logged_in_is_written_down(site: Installation, visitor: Visitor) -> None:
    await visitor.log_in("mai")
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        rows = await connection.execute(sql.select(audit.c.actor).where(audit.c.action == "log_in"))
        assert "mai" in [row.actor for row in rows]
    await ledger.close()
