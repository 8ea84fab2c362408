"""The second factor over HTTP, as its owner and as an admin see it."""

import re
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pyotp
import pytest
import pytest_asyncio
import sqlalchemy as sql

from commentdesk.ledger.tables import recovery_codes, second_factors, tickets
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, Installation, Redis
from tests.integration.test_accounts import account_id, change, deeds, rows
from tests.person import Answer, Person, person_at

FACTOR = "/account/second-factor"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """The console alone."""
    folder = tmp_path_factory.mktemp("factors")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.account("nam")
    await installation.start("moderation")
    yield installation
    installation.stop()


@pytest.fixture
async def mai(site: Installation) -> AsyncIterator[Person]:
    async with person_at(site) as person:
        await person.log_in("mai")
        yield person


@pytest.fixture
async def nam(site: Installation) -> AsyncIterator[Person]:
    """Logged in by password alone; his second factor, if a test left one, is gone."""
    await forget_factors(site)
    async with person_at(site) as person:
        await person.log_in("nam")
        yield person


async def forget_factors(site: Installation) -> None:
    for table in (recovery_codes, second_factors, tickets):
        await change(site, table.delete())


async def forget_steps(site: Installation) -> None:
    """As if the codes of before were long past."""
    await change(site, second_factors.update().values(last_step=0))


async def begin(person: Person) -> pyotp.TOTP:
    """Start setting up; what the authenticator then shows."""
    await person.post(f"{FACTOR}/begin")
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', (await person.get(FACTOR)).text)
    assert found
    return pyotp.TOTP(found[1].replace(" ", ""))


def codes_on(page: Answer) -> list[str]:
    return re.findall(r"<li><code>([\w-]+)</code>", page.text)


async def set_up(site: Installation, person: Person) -> tuple[pyotp.TOTP, list[str]]:
    """Turned on; the code that was needed for it may be used again."""
    authenticator = await begin(person)
    page = await person.post(f"{FACTOR}/confirm", code=authenticator.now())
    assert page.status == 200, page.words
    await forget_steps(site)
    return authenticator, codes_on(page)


async def test_it_is_set_up_with_a_picture_and_counts_once_confirmed(
    site: Installation, nam: Person
) -> None:
    assert (await nam.get(f"{FACTOR}/picture")).status == 404
    authenticator = await begin(nam)
    picture = await nam.get(f"{FACTOR}/picture")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    assert ElementTree.fromstring(picture.text).tag.endswith("svg")
    assert "style" not in picture.text
    kept = (await rows(site, sql.select(second_factors)))[0]
    assert authenticator.secret.encode() not in kept.secret, "sealed at rest"
    async with person_at(site) as other:
        assert (await other.log_in("nam")).location == "/", "not yet confirmed"
        wrong = await nam.post(f"{FACTOR}/confirm", code="000000")
        assert (wrong.status, len(wrong.alerts())) == (422, 1)
        before = nam.cookie()
        code = authenticator.now()
        page = await nam.post(f"{FACTOR}/confirm", code=f" {code[:3]} {code[3:]} ")
        assert page.status == 200
        assert nam.cookie() not in {"", before}
        assert await nam.is_in()
        assert not await other.is_in(), "was opened without it"
    codes = codes_on(page)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"(\w{4}-){3}\w{4}", code) for code in codes)
    kept_codes = repr(await rows(site, sql.select(recovery_codes)))
    assert not [code for code in codes if code in kept_codes or code.replace("-", "") in kept_codes]
    shown = await nam.get(FACTOR)
    assert authenticator.secret not in shown.text.replace(" ", "")
    assert (await nam.get(f"{FACTOR}/picture")).status == 404
    assert "10 recovery codes are left" in (await nam.get("/account")).words
    # The page that confirmed knows the new token: its own log-out works.
    assert (await nam.post("/logout")).location == "/login"


async def test_a_new_secret_never_takes_the_place_of_one_that_counts(
    site: Installation, nam: Person
) -> None:
    authenticator, _ = await set_up(site, nam)
    await nam.post(f"{FACTOR}/begin")
    assert (await nam.post(f"{FACTOR}/confirm", code="000000")).location == FACTOR
    async with person_at(site) as person:
        assert (await person.log_in("nam", code=authenticator.now())).location == "/"


async def test_logging_in_takes_two_pages(site: Installation, nam: Person) -> None:
    authenticator, _ = await set_up(site, nam)
    async with person_at(site) as person:
        first = await person.post("/login", login="nam", password=PASSWORD, next="/books")
        assert first.location == "/login/code?next=%2Fbooks"
        assert person.cookie() == "", "half logged in is not logged in"
        assert not await person.is_in()
        page = await person.get(first.location)
        assert 'value="/books"' in page.text
        assert 'autocomplete="one-time-code"' in page.text
        wrong = await person.post("/login/code", code="123", next="/books")
        assert (wrong.status, len(wrong.alerts())) == (403, 1)
        right = await person.post("/login/code", code=authenticator.now(), next="/books")
        assert right.location == "/books"
        assert await person.is_in()
        assert person.cookie("second_step") == ""
    assert ("nam", {"means": "second_factor"}) in await deeds(site, "log_in")


async def test_who_has_shown_no_password_is_asked_for_it(site: Installation) -> None:
    async with person_at(site) as person:
        assert (await person.get("/login/code")).location == "/login"
        person.set_cookie("second_step", "A" * 43)
        assert (await person.get("/login/code")).location == "/login"
        assert (await person.post("/login/code", code="000000")).location == "/login"


async def test_a_recovery_code_works_once_and_however_it_is_typed(
    site: Installation, nam: Person
) -> None:
    _, codes = await set_up(site, nam)
    async with person_at(site) as person:
        assert (await person.log_in("nam", code=codes[0].upper().replace("-", " "))).location == "/"
        assert "9 recovery codes are left" in (await person.get("/account")).words
        await person.post("/logout")
        assert (await person.log_in("nam", code=codes[0])).status == 403
        assert (await person.post("/login/code", code=codes[1])).location == "/"
    assert ("nam", {"means": "recovery_code"}) in await deeds(site, "log_in")


async def test_new_recovery_codes_void_the_old_and_need_the_password(
    site: Installation, nam: Person
) -> None:
    _, old = await set_up(site, nam)
    wrong = await nam.post(f"{FACTOR}/codes", password="wrong")
    assert (wrong.status, codes_on(wrong)) == (422, [])
    new = codes_on(await nam.post(f"{FACTOR}/codes", password=PASSWORD))
    assert len(new) == 10
    assert not set(new) & set(old)
    async with person_at(site) as person:
        assert (await person.log_in("nam", code=old[0])).status == 403
        assert (await person.post("/login/code", code=new[0])).location == "/"


async def test_turning_it_off_needs_the_password(site: Installation, nam: Person) -> None:
    authenticator, _ = await set_up(site, nam)
    for password in ("", "wrong", authenticator.now()):
        assert (await nam.post(f"{FACTOR}/off", password=password)).status == 422
    async with person_at(site) as other:
        await other.log_in("nam", code=authenticator.now())
        before = nam.cookie()
        off = await nam.post(f"{FACTOR}/off", password=PASSWORD)
        assert off.location == "/account?done=factor"
        assert nam.cookie() != before
        assert await nam.is_in()
        assert not await other.is_in()
        assert (await other.log_in("nam")).location == "/"
    assert await rows(site, sql.select(recovery_codes)) == []
    assert ("nam", {"login": "nam"}) in await deeds(site, "remove_second_factor")


async def test_an_admin_turns_off_what_its_owner_has_lost(
    site: Installation, mai: Person, nam: Person
) -> None:
    await set_up(site, nam)
    account = await account_id(site, "nam")
    assert "Turn off the second factor" in (await mai.get(f"/accounts/{account}")).words
    await mai.post("/accounts/second-factor", account=account)
    async with person_at(site) as person:
        assert (await person.log_in("nam")).location == "/"
    assert ("mai", {"login": "nam"}) in await deeds(site, "remove_second_factor")
    assert (await nam.post("/accounts/second-factor", account=account)).status == 403


async def test_with_another_secret_of_the_installation_recovery_codes_still_serve(
    site: Installation, nam: Person
) -> None:
    authenticator, codes = await set_up(site, nam)
    await change(site, second_factors.update().values(secret=b"x" * 60))
    async with person_at(site) as person:
        assert (await person.log_in("nam", code=authenticator.now())).status == 403
        assert (await person.post("/login/code", code=codes[0])).location == "/"


async def test_where_it_is_required_nothing_else_opens_before(
    site: Installation, nam: Person
) -> None:
    site.terminate("moderation")
    site.environment["COMMENTDESK_SECOND_FACTOR"] = "required"
    await site.start("moderation")
    try:
        assert (await nam.get("/")).location == FACTOR
        for path in ("/books", "/account", "/nothing-here"):
            assert (await nam.get(path)).location in {FACTOR, ""}
        assert (await nam.get("/v1/submissions")).status == 403
        assert (await nam.post("/account/password", password=PASSWORD)).location == FACTOR
        page = await nam.get(FACTOR)
        assert "required" in page.words
        assert "<nav" not in page.text
        authenticator = await begin(nam)
        done = await nam.post(f"{FACTOR}/confirm", code=authenticator.now())
        assert len(codes_on(done)) == 10
        assert (await nam.get("/")).status == 200
        await nam.post(f"{FACTOR}/off", password=PASSWORD)
        assert (await nam.get("/")).location == FACTOR
        await nam.get(FACTOR)
        assert (await nam.post("/logout")).location == "/login"
    finally:
        site.terminate("moderation")
        del site.environment["COMMENTDESK_SECOND_FACTOR"]
        await site.start("moderation")
