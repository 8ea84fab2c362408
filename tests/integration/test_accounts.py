"""Invites, rights, one's own account, sessions: over HTTP, as an admin and a newcomer see them."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.ledger.tables import accounts, audit, sessions, tickets
from services.moderation.accounts.browsers import browser_of
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, Installation, Redis
from tests.person import FIREFOX, Answer, Person, person_at

NEW = "another horse battery"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """The console alone."""
    folder = tmp_path_factory.mktemp("accounts")
    installation = Installation(folder, redis, sqlite_urls(folder), SESSION_IDLE_MINUTES="30")
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.start("moderation")
    yield installation
    installation.stop()


@pytest.fixture
async def mai(site: Installation) -> AsyncIterator[Person]:
    async with person_at(site) as person:
        await person.log_in("mai")
        yield person


@pytest.fixture
async def guest(site: Installation) -> AsyncIterator[Person]:
    async with person_at(site) as person:
        yield person


def link_in(page: Answer) -> str:
    found = re.search(r'value="[^"]*(/invite/[\w-]+)"', page.text)
    assert found, page.words[:500]
    return found[1]


async def invite(mai: Person, login: str, role: str = "moderator", sections: str = "") -> str:
    """The path of the link."""
    page = await mai.post("/accounts", login=login, role=role, sections=sections)
    assert page.status == 200, page.words[:500]
    return link_in(page)


async def join(mai: Person, guest: Person, login: str, role: str = "moderator") -> None:
    link = await invite(mai, login, role)
    assert (await guest.post(link, new_password=NEW, again=NEW)).status == 303
    assert (await guest.log_in(login, NEW)).location == "/"


async def rows(site: Installation, query: sql.Select[Any]) -> list[Any]:
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        found = list(await connection.execute(query))
    await ledger.close()
    return found


async def change(site: Installation, statement: Any) -> None:
    ledger = site.ledger()
    async with ledger.database.writing() as connection:
        await connection.execute(statement)
    await ledger.close()


async def account_id(site: Installation, login: str) -> str:
    return str((await rows(site, sql.select(accounts.c.id).where(accounts.c.login == login)))[0][0])


async def deeds(site: Installation, action: str) -> list[tuple[str, dict[str, Any]]]:
    found = await rows(site, sql.select(audit).where(audit.c.action == action))
    return [(row.actor, row.detail) for row in found]


async def test_an_invited_moderator_sets_a_password_and_works(
    site: Installation, mai: Person, guest: Person
) -> None:
    page = await mai.post(
        "/accounts", login=" Lan ", role="moderator", sections="Thể thao\r\nVăn hóa\r\n"
    )
    assert "works once, for 3 days" in page.words
    link = link_in(page)
    assert site.settings.moderation_url + link in page.text
    assert link not in (await mai.get(f"/accounts/{await account_id(site, 'lan')}")).text
    assert "Invited, not yet accepted" in (await mai.get("/accounts")).words
    assert (await guest.log_in("lan", "")).status == 403
    before = await rows(site, sql.select(tickets))
    assert link.split("/")[-1].encode() not in repr(before).encode()
    for _ in range(2):
        form = await guest.get(link)
        assert 'value="lan"' in form.text
    assert await rows(site, sql.select(tickets)) == before, "looking uses nothing up"
    for first, second, told in (
        ("short", "short", "at least 12"),
        (NEW, NEW + "x", "not typed the same"),
    ):
        refused = await guest.post(link, new_password=first, again=second)
        assert (refused.status, len(refused.alerts())) == (422, 1)
        assert told in refused.alerts()[0]
        assert first not in refused.text
    assert (await guest.post(link, new_password=NEW, again=NEW)).location == "/login?done=password"
    assert "The password is set" in (await guest.get("/login", done="password")).words
    for again in (await guest.get(link), await guest.post(link, new_password=NEW, again=NEW)):
        assert again.status == 404
        assert "no longer good" in again.words
    assert (await guest.log_in("lan", NEW)).location == "/"
    own = await guest.get("/account")
    assert "Thể thao, Văn hóa" in own.words
    assert ("mai", {"login": "lan", "role": "moderator", "sections": "Thể thao, Văn hóa"}) in (
        await deeds(site, "invite")
    )
    assert ("lan", {}) in await deeds(site, "accept_invite")
    assert (await guest.get("/accounts")).status == 403
    told = (await mai.get("/audit")).words
    assert "invited somebody" in told
    assert "accepted the invite" in told


async def test_an_invite_is_refused_where_something_is_wrong(mai: Person) -> None:
    for fields, told in (
        ({"login": "mai", "role": "admin"}, "Another account"),
        ({"login": "  ", "role": "admin"}, "missing"),
        ({"login": "x", "role": "emperor"}, "none of those allowed"),
        ({"login": "x" * 101, "role": "admin"}, "Longer than 100"),
        ({"login": "x", "role": "admin", "sections": "y" * 201}, "Longer than 200"),
    ):
        page = await mai.post("/accounts", **fields)
        assert page.status == 422
        assert told in page.alerts()[0]
        assert fields["login"].strip() in page.text


async def test_a_link_dies_of_age_of_a_newer_one_and_with_its_account(
    site: Installation, mai: Person, guest: Person
) -> None:
    first = await invite(mai, "old")
    account = await account_id(site, "old")
    second = link_in(await mai.post("/accounts/link", account=account))
    assert (await guest.get(first)).status == 404
    assert (await guest.get(second)).status == 200
    await change(site, tickets.update().values(expires_at=now()))
    assert (await guest.get(second)).status == 404
    third = link_in(await mai.post("/accounts/link", account=account))
    assert (await mai.post("/accounts/disable", account=account)).status == 303
    assert (await guest.get(third)).status == 404
    assert (await mai.post("/accounts/link", account=account)).status == 404
    await mai.post("/accounts/enable", account=account)
    assert (await guest.post(third, new_password=NEW, again=NEW)).status == 404


async def test_one_link_sets_one_password_whoever_comes_at_once(
    site: Installation, mai: Person, guest: Person
) -> None:
    link = await invite(mai, "twice")
    passwords = [f"{NEW} {number}" for number in range(6)]
    answers = await asyncio.gather(
        *(guest.post(link, new_password=each, again=each) for each in passwords)
    )
    assert sorted(answer.status for answer in answers) == [303] + [404] * 5
    works = [(await guest.log_in("twice", each)).status for each in passwords]
    assert sorted(works) == [303] + [403] * 5
    assert len([who for who, _ in await deeds(site, "accept_invite") if who == "twice"]) == 1


async def test_a_reset_link_ends_the_sessions_and_the_old_password(
    site: Installation, mai: Person, guest: Person
) -> None:
    await join(mai, guest, "forgot")
    link = link_in(await mai.post("/accounts/link", account=await account_id(site, "forgot")))
    assert await guest.is_in(), "the link alone changes nothing"
    assert (await guest.post(link, new_password=PASSWORD, again=PASSWORD)).status == 303
    assert not await guest.is_in()
    assert (await guest.log_in("forgot", NEW)).status == 403
    assert (await guest.log_in("forgot", PASSWORD)).location == "/"
    assert ("forgot", {}) in await deeds(site, "reset_password")


async def test_rights_change_at_once_and_with_the_role_the_session_ends(
    site: Installation, mai: Person, guest: Person
) -> None:
    await join(mai, guest, "rises")
    account = await account_id(site, "rises")
    await mai.post("/accounts/change", account=account, role="moderator", sections="Kinh tế")
    assert "Kinh tế" in (await guest.get("/account")).words
    await mai.post("/accounts/change", account=account, role="editor", sections="")
    assert not await guest.is_in()
    await guest.log_in("rises", NEW)
    assert (await guest.get("/rules/words")).status == 200
    last = await deeds(site, "change_rights")
    assert last[-1] == ("mai", {"login": "rises", "role": "editor", "sections": ""})
    await mai.post("/accounts/change", account=account, role="editor", sections="")
    assert await deeds(site, "change_rights") == last, "nothing changed, nothing written down"
    assert await guest.is_in()
    assert (await mai.post("/accounts/change", account=account, role="x")).status == 422


async def test_a_disabled_account_is_let_in_again_with_its_password(
    site: Installation, mai: Person, guest: Person
) -> None:
    await join(mai, guest, "back")
    account = await account_id(site, "back")
    await mai.post("/accounts/disable", account=account)
    assert not await guest.is_in()
    assert (await guest.log_in("back", NEW)).status == 403
    await mai.post("/accounts/enable", account=account)
    await mai.post("/accounts/enable", account=account)
    assert (await guest.log_in("back", NEW)).location == "/"
    assert [
        entry for entry in await deeds(site, "enable_account") if entry[1]["login"] == "back"
    ] == [("mai", {"login": "back"})]


async def test_an_admin_is_always_left(site: Installation, mai: Person) -> None:
    own = await account_id(site, "mai")
    # Invited is not yet somebody who can log in.
    await invite(mai, "not-yet", "admin")
    for path, more in (
        ("/accounts/change", {"role": "moderator"}),
        ("/accounts/disable", {}),
    ):
        page = await mai.post(path, account=own, **more)
        assert page.status == 422
        assert page.alerts()
    assert await mai.is_in()
    assert (await mai.get("/accounts")).status == 200


async def test_ones_own_password_is_changed_by_who_knows_it(
    site: Installation, mai: Person, guest: Person
) -> None:
    await join(mai, guest, "changes")
    async with person_at(site) as elsewhere:
        await elsewhere.log_in("changes", NEW)
        wrong = await guest.post(
            "/account/password", password="wrong", new_password=PASSWORD, again=PASSWORD
        )
        assert (wrong.status, wrong.alerts()) == (422, ["The current password is wrong."])
        before = guest.cookie()
        right = await guest.post(
            "/account/password", password=NEW, new_password=PASSWORD, again=PASSWORD
        )
        assert right.location == "/account?done=password"
        assert guest.cookie() not in {"", before}
        assert "password is changed" in (await guest.get("/account", done="password")).words
        assert not await elsewhere.is_in()
        elsewhere.set_cookie("session", before)
        assert not await elsewhere.is_in(), "the token from before is void, too"
    assert ("changes", {}) in await deeds(site, "change_password")


async def test_sessions_are_listed_and_ended(
    site: Installation, mai: Person, guest: Person
) -> None:
    await join(mai, guest, "many")
    async with person_at(site, "127.0.0.7") as one, person_at(site) as two:
        for person in (one, two):
            await person.log_in("many", NEW)
        page = await guest.get("/account")
        assert page.words.count("Firefox, Windows") == 3
        assert "127.0.…" in page.words
        assert "127.0.0.7" not in page.text
        ids = re.findall(r'name="session" value="(\w+)"', page.text)
        assert len(ids) == 2
        await guest.post("/account/sessions/end", session=ids[0])
        assert sorted([await one.is_in(), await two.is_in()]) == [False, True]
        await guest.post("/account/sessions/end-others")
        assert [await one.is_in(), await two.is_in()] == [False, False]
        # Of another account, or of none: nothing ends.
        hers = sessions.c.account == await account_id(site, "mai")
        mais = (await rows(site, sql.select(sessions.c.token_hash).where(hers)))[0][0].hex()
        for strange in (mais, "zz", "00" * 32):
            assert (await guest.post("/account/sessions/end", session=strange)).status == 303
        assert await mai.is_in()
        assert await guest.is_in()
    account = await account_id(site, "many")
    assert "Firefox, Windows" in (await mai.get(f"/accounts/{account}")).words
    await mai.post("/accounts/sign-out", account=account)
    assert not await guest.is_in()
    assert ("mai", {"login": "many", "count": 1}) in await deeds(site, "sign_out")


async def test_a_session_ends_when_nobody_uses_it(
    site: Installation, mai: Person, guest: Person
) -> None:
    await join(mai, guest, "idle")
    own = sessions.c.account == await account_id(site, "idle")

    async def seen(minutes: float) -> None:
        moment = now() - timedelta(minutes=minutes)
        await change(site, sessions.update().where(own).values(seen_at=moment))

    async def seen_minutes_ago() -> float:
        found = await rows(site, sql.select(sessions.c.seen_at).where(own))
        return float((now() - found[0][0]).total_seconds() / 60)

    await seen(1)
    assert await guest.is_in()
    assert await seen_minutes_ago() > 0.9, "not every request writes"
    await seen(20)
    # What an open page asks for by itself is no sign of life.
    assert (await guest.get("/v1/stats")).status == 200
    assert await seen_minutes_ago() > 19
    assert await guest.is_in()
    assert await seen_minutes_ago() < 1
    await seen(31)
    assert not await guest.is_in()
    async with person_at(site) as other:
        await other.log_in("idle", NEW)
    assert len(await rows(site, sql.select(sessions).where(own))) == 1, "the dead one is gone"


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT}"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        (f"{WINDOWS} coc_coc_browser/120.0 Chrome/114.0 Safari/537.36", "Cốc Cốc, Windows"),
        (f"{WINDOWS} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        (
            f"Mozilla/5.0 (iPhone; like Mac OS X) {WEBKIT} Version/18.0 Mobile/15E Safari/604.1",
            "Safari, iPhone",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} SamsungBrowser/25.0 Chrome/121.0",
            "Samsung Internet, Android",
        ),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_told_in_two_words(user_agent: str, words: str) -> None:
    assert browser_of(user_agent) == words
