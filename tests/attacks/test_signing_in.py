"""Attacks on the ways in: codes, links, half log-ins, and the last admin."""

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator, Iterator

import pyotp
import pytest
import pytest_asyncio
import sqlalchemy as sql

from commentdesk.ledger import Ledger
from commentdesk.ledger.accounts import Account, list_accounts, verify
from commentdesk.ledger.invites import LinkGone, accept, change_password, make_link
from commentdesk.ledger.rights import LastAdmin, change_rights, disable_account, enable_account
from commentdesk.ledger.second_factor import (
    accepts_code,
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
    unconfirmed_secret,
)
from commentdesk.ledger.sessions import Visit, open_session
from commentdesk.ledger.tables import sessions, tickets
from commentdesk.ledger.tickets import begin_second_step
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, Installation, Postgres, Redis
from tests.integration.test_accounts import account_id, change, link_in, rows
from tests.integration.test_second_factor import FACTOR, forget_steps, set_up
from tests.person import Answer, Person, person_at

WRONG = "000000"
_HOSTS = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """The console alone, its limits on."""
    folder = tmp_path_factory.mktemp("signing-in")
    installation = Installation(folder, redis, sqlite_urls(folder), LIMITS="on")
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.start("moderation")
    yield installation
    installation.stop()


@pytest.fixture
def address() -> Iterator[str]:
    """One that no other test uses, so that limits begin anew."""
    yield f"127.0.2.{next(_HOSTS)}"


@pytest.fixture
async def person(site: Installation, address: str) -> AsyncIterator[Person]:
    async with person_at(site, address) as opened:
        yield opened


async def with_factor(
    site: Installation, login: str, person: Person
) -> tuple[pyotp.TOTP, list[str]]:
    """An account with a second factor, its owner logged out again."""
    await site.account(login)
    await person.log_in(login)
    authenticator, codes = await set_up(site, person)
    await person.get("/account")
    await person.post("/logout")
    return authenticator, codes


async def test_one_code_lets_one_in_however_many_show_it_at_once(
    site: Installation, person: Person, address: str
) -> None:
    authenticator, _ = await with_factor(site, "replayed", person)
    async with person_at(site, address) as one, person_at(site, address) as two:
        for each in (one, two):
            assert (await each.log_in("replayed")).location == "/login/code"
        code = authenticator.now()
        answers = await asyncio.gather(*(p.post("/login/code", code=code) for p in (one, two)))
        assert sorted(answer.status for answer in answers) == [303, 403]
    # Nor that one later, nor the one before it.
    await person.log_in("replayed")
    earlier = authenticator.at(time.time() - 30)
    for again in (code, earlier):
        assert (await person.post("/login/code", code=again)).status == 403


async def test_a_guesser_who_has_the_password_is_stopped_by_the_account_not_the_address(
    site: Installation, person: Person
) -> None:
    authenticator, codes = await with_factor(site, "guessed", person)
    statuses = []
    # Each from another address; five wrong ones and the password is asked for again.
    for _ in range(3):
        async with person_at(site, f"127.0.2.{next(_HOSTS)}") as guesser:
            assert (await guesser.log_in("guessed")).location == "/login/code"
            for _ in range(6):
                answer = await guesser.post("/login/code", code=WRONG)
                statuses.append(answer.status)
                if answer.location:
                    assert answer.location == "/login"
                    break
    # One of ten was spent when it was set up.
    assert statuses == [403] * 5 + [303] + [403] * 4 + [429, 429] + [429] * 6
    for code in (authenticator.now(), codes[0]):
        async with person_at(site, f"127.0.2.{next(_HOSTS)}") as owner:
            answer = await owner.log_in("guessed", code=code)
            assert answer.status == 429
            assert 1 <= int(answer.headers["Retry-After"]) <= 900


async def test_a_token_of_one_kind_is_none_of_another(
    site: Installation, person: Person, address: str
) -> None:
    await with_factor(site, "mixed", person)
    await person.log_in("mixed")
    half = person.cookie("second_step")
    async with person_at(site, address) as mai, person_at(site, address) as thief:
        await mai.log_in("mai")
        page = await mai.post("/accounts", login="mixed-2", role="admin")
        link = link_in(page).removeprefix("/invite/")
        for session in (half, link):
            thief.set_cookie("session", session)
            assert not await thief.is_in()
        thief.set_cookie("session", "")
        for step in (link, mai.cookie()):
            thief.set_cookie("second_step", step)
            assert (await thief.get("/login/code")).location == "/login"
        for token in (half, mai.cookie()):
            assert (await thief.get(f"/invite/{token}")).status == 404
    kept = await rows(site, sql.select(tickets.c.token_hash))
    assert half
    assert not [row for row in kept if half.encode() in row.token_hash]


async def test_a_planted_half_log_in_lets_its_owner_in_and_nobody_else(
    site: Installation, person: Person, address: str
) -> None:
    """Fixation: the cookie of one who has the password, in the browser of another."""
    authenticator, _ = await with_factor(site, "planter", person)
    await person.log_in("planter")
    async with person_at(site, address) as victim:
        await site.account("victim")
        victim.set_cookie("second_step", person.cookie("second_step"))
        assert (await victim.log_in("victim")).location == "/"
        assert "victim" in (await victim.get("/account")).words
        assert victim.cookie("second_step") == "", "and the planted one is gone"
        planted = victim.cookie()
    assert (await person.post("/login/code", code=authenticator.now())).location == "/"
    assert person.cookie() not in {"", planted}
    # A log-in ends the session that the browser came with, also by way of a code.
    await forget_steps(site)
    old = person.cookie()
    assert (await person.log_in("planter", code=authenticator.now())).location == "/"
    assert person.cookie() != old
    async with person_at(site, address) as thief:
        thief.set_cookie("session", old)
        assert not await thief.is_in()


async def test_a_new_password_ends_log_ins_that_are_half_way(
    site: Installation, person: Person, address: str
) -> None:
    authenticator, _ = await with_factor(site, "halfway", person)
    await person.log_in("halfway", code=authenticator.now())
    async with person_at(site, address) as thief:
        assert (await thief.log_in("halfway")).location == "/login/code"
        form = {"password": PASSWORD, "new_password": PASSWORD + "!", "again": PASSWORD + "!"}
        assert (await person.post("/account/password", **form)).status == 303
        await forget_steps(site)
        assert (await thief.post("/login/code", code=authenticator.now())).location == "/login"


def without(answer: Answer, *names: str) -> tuple[int, str, list[tuple[str, str]]]:
    """What an answer tells, but for what the asker put in."""
    text = answer.text
    for name in names:
        text = text.replace(name, "")
    return answer.status, text, [(k, v) for k, v in answer.headers.items() if k != "Date"]


async def test_nobody_learns_who_exists_or_has_a_second_factor(
    site: Installation, person: Person, address: str
) -> None:
    await with_factor(site, "withcode", person)
    await site.account("withpass")
    async with person_at(site, address) as mai, person_at(site, address) as nobody:
        await mai.log_in("mai")
        await mai.post("/accounts", login="onlylink", role="moderator")
        logins = ("withcode", "withpass", "onlylink", "nobodyis")
        wrong = [without(await nobody.log_in(login, "wrong one"), login) for login in logins]
        assert wrong == [wrong[0]] * len(logins)
        used = link_in(await mai.post("/accounts", login="used-link", role="moderator"))
        await nobody.post(used, new_password=PASSWORD, again=PASSWORD)
        off = link_in(await mai.post("/accounts", login="off-link", role="moderator"))
        await mai.post("/accounts/disable", account=await account_id(site, "off-link"))
        links = (used, off, "/invite/" + "A" * 43, "/invite/" + "-" * 43)
        told = [without(await nobody.get(link), link) for link in links]
        assert told == [told[0]] * len(links)


async def test_links_cannot_be_tried_for_long(site: Installation, person: Person) -> None:
    tried = 0
    while (answer := await person.get(f"/invite/{secrets.token_urlsafe(32)}")).status == 404:
        tried += 1
        assert tried <= 30
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1


async def test_a_stolen_session_does_not_get_to_try_passwords_for_long(
    site: Installation, person: Person
) -> None:
    await site.account("robbed")
    await person.log_in("robbed")
    tried = 0
    while (await person.post("/account/password", password="wrong")).status == 422:
        tried += 1
        assert tried <= 10
    for path in ("/account/password", f"{FACTOR}/off", f"{FACTOR}/codes"):
        assert (await person.post(path, password=PASSWORD)).status in {303, 429}
    assert (await person.log_in("robbed", "wrong")).status == 429


async def test_forms_without_a_session_are_taken_from_our_own_pages_alone(
    site: Installation, person: Person
) -> None:
    form = {"code": WRONG, "new_password": PASSWORD, "again": PASSWORD}
    for path in ("/login/code", "/invite/" + "A" * 43):
        for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            async with person.http.post(
                site.moderation + path, data=form, headers=headers, allow_redirects=False
            ) as response:
                assert response.status == 403


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """A ledger on each database; no process runs."""
    folder = tmp_path_factory.mktemp("signing-in-ledger")
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        names = (secrets.token_hex(6), secrets.token_hex(6))
        urls = (await server.create(names[0]), await server.create(names[1]))
    installation = Installation(folder, redis, urls)
    installation.migrate()
    for login in ("an", "binh"):
        await installation.account(login, "admin")
    await installation.account("chi")
    yield installation


@pytest.fixture
async def ledger(installed: Installation) -> AsyncIterator[Ledger]:
    opened = installed.ledger()
    yield opened
    await opened.close()


async def by_login(ledger: Ledger) -> dict[str, Account]:
    return {account.login: account for account in await list_accounts(ledger)}


async def test_two_admins_who_shut_each_other_out_leave_one(
    installed: Installation, ledger: Ledger
) -> None:
    other = installed.ledger()
    for turn in range(8):
        found = await by_login(ledger)
        an, binh = found["an"].id, found["binh"].id
        deeds = [
            disable_account(ledger, binh, "an"),
            change_rights(other, an, "editor", (), "binh"),
        ]
        if turn % 2:
            deeds[1].close()
            deeds[1] = disable_account(other, an, "binh")
        outcomes = await asyncio.gather(*deeds, return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastAdmin", "NoneType"]
        left = [a for a in (await by_login(ledger)).values() if a.role == "admin"]
        assert len([a for a in left if a.disabled_at is None]) == 1
        with pytest.raises(LastAdmin):
            await disable_account(ledger, next(a.id for a in left if a.disabled_at is None), "chi")
        for account in (an, binh):
            await enable_account(ledger, account, "chi")
            await change_rights(ledger, account, "admin", (), "chi")
    await other.close()


async def test_what_was_shown_for_an_account_as_it_was_opens_nothing_once_it_has_changed(
    ledger: Ledger,
) -> None:
    """A log-in under way, its password just being hashed, while its owner locks the door."""

    async def opens(account: Account) -> list[bool]:
        ticket = await begin_second_step(ledger, account)
        return [bool(ticket), bool(await open_session(ledger, account, Visit(), "password"))]

    before = await verify(ledger, "binh", PASSWORD)
    assert before
    assert await opens(before) == [True, True]
    await change_password(ledger, before, PASSWORD, "")
    assert await opens(before) == [False, False]
    before = await verify(ledger, "binh", PASSWORD)
    assert before
    await begin_second_factor(ledger, before)
    secret = await unconfirmed_secret(ledger, before)
    assert secret
    assert await opens(before) == [True, True], "not yet confirmed"
    assert await confirm_second_factor(ledger, before, pyotp.TOTP(secret).now(), "")
    assert await opens(before) == [False, False]
    await remove_second_factor(ledger, before.id, "an")
    before = await verify(ledger, "binh", PASSWORD)
    assert before
    await change_rights(ledger, before.id, "editor", (), "an")
    assert await opens(before) == [False, False]
    await change_rights(ledger, before.id, "admin", (), "an")


async def test_of_many_at_once_one_code_and_one_link_serve_one(
    installed: Installation, ledger: Ledger
) -> None:
    chi = (await by_login(ledger))["chi"]
    await begin_second_factor(ledger, chi)
    secret = await unconfirmed_secret(ledger, chi)
    assert secret
    authenticator = pyotp.TOTP(secret)
    first = authenticator.now()
    confirmed = await asyncio.gather(
        *(confirm_second_factor(ledger, chi, first, "") for _ in range(5))
    )
    codes = next(each for each in confirmed if each)
    assert [each for each in confirmed if each] == [codes]
    assert await accepts_code(ledger, chi, first) is None, "it confirmed"
    await forget_steps(installed)
    for code, means in ((authenticator.now(), "second_factor"), (codes[3], "recovery_code")):
        taken = await asyncio.gather(*(accepts_code(ledger, chi, code) for _ in range(8)))
        assert [each for each in taken if each] == [means]
    link = await make_link(ledger, chi.id, "an")
    assert link
    outcomes = await asyncio.gather(
        *(accept(ledger, link, f"{PASSWORD}{n}") for n in range(4)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LinkGone"] * 3 + ["NoneType"]
    with pytest.raises(LinkGone):
        await accept(ledger, link, PASSWORD)
    await change(installed, sessions.delete())
