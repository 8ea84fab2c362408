"""Signing in by a real little OpenID provider; what it may not get away with."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sql
from aiohttp import web
from joserfc.jwk import RSAKey

from commentdesk.database import now
from commentdesk.ledger.tables import accounts, identities, sessions
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.integration.test_accounts import account_id, change, deeds, link_in, rows
from tests.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.person import Answer, Person, person_at

# The provider answers within the loop of all these tests.
pytestmark = pytest.mark.asyncio(loop_scope="module")
MAI = {"sub": "m-1", "email": "Mai@example.vn", "email_verified": True}
LAN = {"sub": "l-1", "email": "lan@example.vn", "email_verified": True}
REFUSED = "You could not be logged in. Try again, or ask an admin."
AWAY = "The login provider does not answer. Try again in a few minutes."
STALE = "This login is too old, or was begun in another browser. Try again."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenIdProvider]:
    opened = OpenIdProvider()
    await opened.start()
    yield opened
    await opened.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, provider: OpenIdProvider
) -> AsyncIterator[Installation]:
    """The console alone, with a provider beside the passwords."""
    folder = tmp_path_factory.mktemp("openid")
    extra = {
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": SECRET,
        "OIDC_NAME": "Toà soạn",
        "OIDC_DOMAINS": "example.vn",
    }
    installation = Installation(folder, redis, sqlite_urls(folder), **extra)
    installation.migrate()
    await installation.account("mai@example.vn", "admin")
    await installation.start("moderation")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def honest(site: Installation, provider: OpenIdProvider) -> AsyncIterator[None]:
    """The provider behaves at first, Mai is logged in there, and nobody is linked yet."""
    provider.behave()
    provider.claims = MAI
    await change(site, identities.delete())
    await change(site, sessions.delete())
    yield


@pytest_asyncio.fixture(loop_scope="module")
async def person(site: Installation) -> AsyncIterator[Person]:
    async with person_at(site) as opened:
        yield opened


async def to_provider(person: Person, **query: str) -> str:
    """Where the button leads."""
    answer = await person.get("/login/openid", **query)
    assert answer.status == 303, answer.words
    return answer.location


async def come_back(person: Person, address: str) -> Answer:
    return await person.get(address.removeprefix(person.site.moderation))


async def sign_in(person: Person, provider: OpenIdProvider, **query: str) -> Answer:
    return await come_back(person, provider.authorize(await to_provider(person, **query)))


def refused(answer: Answer, told: str = REFUSED, status: int = 403) -> bool:
    return (answer.status, answer.alerts()) == (status, [told])


async def test_somebody_with_an_account_comes_in(
    site: Installation, provider: OpenIdProvider, person: Person
) -> None:
    page = await person.get("/login", next="/books")
    assert "Log in with Toà soạn" in page.words
    assert 'href="/login/openid?next=%2Fbooks"' in page.text
    answer = await sign_in(person, provider, next="/books")
    assert answer.location == "/books", answer.words + site.log_of("moderation")
    assert await person.is_in()
    assert person.cookie("openid") == "", "an answer counts once"
    assert ("mai@example.vn", {"means": "openid"}) in await deeds(site, "log_in")
    # The provider's subject is the account's now: the address there may change.
    provider.claims = {**MAI, "email": "mai.tran@example.vn"}
    async with person_at(site) as later:
        assert (await sign_in(later, provider)).location == "/"
        assert "mai@example.vn" in (await later.get("/account")).words


async def test_another_who_gets_the_address_does_not_get_the_account(
    site: Installation, provider: OpenIdProvider, person: Person
) -> None:
    await sign_in(person, provider)
    provider.claims = {**MAI, "sub": "m-2"}
    async with person_at(site) as other:
        assert refused(await sign_in(other, provider))
    account = await account_id(site, "mai@example.vn")
    await person.get("/account")
    assert (await person.post("/accounts/identity", account=account)).status == 303
    async with person_at(site) as other:
        assert (await sign_in(other, provider)).location == "/"


async def test_who_has_no_account_or_is_shut_out_is_not_let_in(
    site: Installation, provider: OpenIdProvider, person: Person
) -> None:
    provider.claims = LAN
    assert refused(await sign_in(person, provider))
    await site.account("lan@example.vn")
    assert (await sign_in(person, provider)).location == "/"
    lan = accounts.update().where(accounts.c.login == "lan@example.vn")
    await change(site, lan.values(disabled_at=now()))
    async with person_at(site) as again:
        assert refused(await sign_in(again, provider))
    await change(site, identities.delete())
    async with person_at(site) as again:
        assert refused(await sign_in(again, provider))
    await change(site, lan.values(disabled_at=None))


async def test_an_invited_one_may_come_by_the_provider_and_the_link_is_void(
    site: Installation, provider: OpenIdProvider, person: Person
) -> None:
    async with person_at(site) as mai:
        await mai.log_in("mai@example.vn")
        link = link_in(await mai.post("/accounts", login="ngoc@example.vn", role="moderator"))
    provider.claims = {"sub": "n-1", "email": "ngoc@example.vn", "email_verified": True}
    assert (await sign_in(person, provider)).location == "/"
    assert (await person.get(link)).status == 404


@dataclass(frozen=True)
class Lie:
    """What the provider, or who stands between, does wrong."""

    name: str
    tell: Callable[[OpenIdProvider], Any]
    told: str = REFUSED
    status: int = 403


def lie(name: str, **forged: Any) -> Lie:
    return Lie(name, lambda provider: provider.forged.update(forged))


def away(name: str, tell: Callable[[OpenIdProvider], Any]) -> Lie:
    return Lie(name, tell, AWAY, 503)


def says(response: Callable[[], web.Response]) -> Callable[[OpenIdProvider], None]:
    return lambda provider: setattr(provider, "instead", response())


LIES = [
    lie("another nonce", nonce="x"),
    lie("no nonce", nonce=None),
    lie("another audience", aud="another client"),
    lie("no audience", aud=None),
    lie("several audiences and no word for whom", aud=[CLIENT, "another client"]),
    lie("made for another of several", aud=[CLIENT, "another client"], azp="another client"),
    lie("made for another", azp="another client"),
    lie("another issuer", iss="https://evil.example"),
    lie("expired", exp=1),
    lie("no end", exp=None),
    lie("an end that is no number", exp="soon"),
    lie("from the future", iat=9_999_999_999),
    lie("no subject", sub=None),
    lie("an empty subject", sub=""),
    lie("a subject that is no text", sub=["m-1"]),
    lie("an address that is not verified", email_verified=False),
    lie("an address nobody says is verified", email_verified=None),
    lie("verified by a text", email_verified="true"),
    lie("no address", email=None),
    lie("an address that is no text", email={"a": "b"}),
    lie("an address with a line break", email="mai@example.vn\nx"),
    lie("an address that looks like another", email="mai@example.vn\u202e"),
    lie("an address of another domain", email="mai@example.vn.evil.example"),
    Lie("signed by nobody", lambda p: setattr(p, "algorithm", "none")),
    Lie("signed with what everybody knows", lambda p: setattr(p, "algorithm", "HS256")),
    Lie(
        "signed by another key of the same name",
        lambda p: setattr(p, "signing_key", RSAKey.generate_key(2048, {"kid": "one"})),
    ),
    Lie("no ID token", says(lambda: web.json_response({"access_token": "x"}))),
    Lie("an ID token that is none", says(lambda: web.json_response({"id_token": "a.b.c"}))),
    Lie("an ID token that is a number", says(lambda: web.json_response({"id_token": 1}))),
    Lie("a refusal", says(lambda: web.json_response({"error": "invalid_client"}, status=401))),
    Lie("a redirect", says(lambda: web.Response(status=307, headers={"Location": "/token"}))),
    away("no JSON", says(lambda: web.Response(text="<html>"))),
    away("a list", says(lambda: web.json_response([]))),
    away("an endless answer", says(lambda: web.Response(text="[" * 300_000))),
    away("down", lambda p: setattr(p, "down", True)),
]  # fmt: skip


@pytest.mark.parametrize("told", LIES, ids=lambda told: told.name)
async def test_what_is_not_vouched_for_lets_nobody_in(
    site: Installation, provider: OpenIdProvider, person: Person, told: Lie
) -> None:
    back = provider.authorize(await to_provider(person))
    told.tell(provider)
    assert refused(await come_back(person, back), told.told, told.status)
    assert person.cookie() == person.cookie("openid") == ""
    assert await rows(site, sql.select(sessions)) == []
    assert await rows(site, sql.select(identities)) == []


async def test_an_answer_is_for_the_browser_that_asked_and_once(
    site: Installation, provider: OpenIdProvider, person: Person
) -> None:
    back = provider.authorize(await to_provider(person))
    async with person_at(site) as other:
        # Another's answer, slipped to somebody: without having asked, and having asked.
        assert refused(await come_back(other, back), STALE)
        await to_provider(other)
        assert refused(await come_back(other, back), STALE)
        own = provider.authorize(await to_provider(other))
        for state in ("", "x", "é"):
            path = own.split("?")[0].removeprefix(site.moderation)
            answer = await other.get(path, code="x", state=state)
            assert refused(answer, STALE)
    asked = person.cookie("openid")
    assert (await come_back(person, back)).location == "/"
    await person.get("/account")
    await person.post("/logout")
    assert refused(await come_back(person, back), STALE), "what was asked is forgotten"
    person.set_cookie("openid", asked)
    assert refused(await come_back(person, back)), "the code was used"
    person.set_cookie("openid", asked[:-4] + "AAAA")
    assert refused(await come_back(person, back), STALE)


async def test_who_changes_their_mind_is_back_at_the_log_in(
    provider: OpenIdProvider, person: Person
) -> None:
    back = provider.authorize(await to_provider(person))
    state = back.split("state=")[1]
    answer = await person.get("/login/openid/callback", error="access_denied", state=state)
    assert refused(answer)
    assert "token" not in provider.asked


async def test_an_answer_of_another_issuer_is_not_taken(
    provider: OpenIdProvider, person: Person
) -> None:
    """Mix-up (RFC 9207): a code of one provider must not be told to another."""
    back = provider.authorize(await to_provider(person))
    for issuer in ("https://evil.example", "", provider.issuer + "/"):
        back = provider.authorize(await to_provider(person))
        assert refused(await person.get(f"{path_of(person, back)}&iss={issuer}"))
    assert "token" not in provider.asked
    back = provider.authorize(await to_provider(person))
    answer = await person.get(f"{path_of(person, back)}&iss={provider.issuer}")
    assert answer.location == "/"


def path_of(person: Person, address: str) -> str:
    return address.removeprefix(person.site.moderation)


async def test_no_leaving_by_the_way_back(provider: OpenIdProvider, person: Person) -> None:
    for target in ("https://evil.example", "//evil.example", "/\\evil.example", "/x" * 400):
        assert (await sign_in(person, provider, next=target)).location == "/"
        await person.get("/account")
        await person.post("/logout")


async def test_a_new_key_of_the_provider_is_fetched(
    provider: OpenIdProvider, person: Person, site: Installation
) -> None:
    site.terminate("moderation")
    await site.start("moderation")
    assert (await sign_in(person, provider)).location == "/"
    provider.asked.clear()
    kept = provider.key
    provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    async with person_at(site) as other:
        # Asked for keys a moment ago, and so not at every forged token.
        assert refused(await sign_in(other, provider))
    assert provider.asked == ["token"]
    site.terminate("moderation")
    await site.start("moderation")
    async with person_at(site) as other:
        assert (await sign_in(other, provider)).location == "/"
    assert provider.asked == ["token", "metadata", "token", "keys"]
    provider.key = kept
    site.terminate("moderation")
    await site.start("moderation")


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
async def test_a_provider_that_is_not_what_it_should_be_is_away(
    site: Installation, provider: OpenIdProvider, person: Person, said: dict[str, Any]
) -> None:
    site.terminate("moderation")
    await site.start("moderation")
    provider.said = said
    assert refused(await person.get("/login/openid"), AWAY, 503)
    provider.behave()
    assert (await sign_in(person, provider)).location == "/"


async def test_the_second_factor_is_asked_for_all_the_same(
    site: Installation, provider: OpenIdProvider, person: Person
) -> None:
    from tests.integration.test_second_factor import forget_factors, set_up

    async with person_at(site) as mai:
        await mai.log_in("mai@example.vn")
        authenticator, _ = await set_up(site, mai)
    assert (await sign_in(person, provider)).location == "/login/code"
    assert not await person.is_in()
    assert (await person.post("/login/code", code=authenticator.now())).location == "/"
    await forget_factors(site)


async def test_newcomers_and_no_passwords(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, site: Installation,
    provider: OpenIdProvider,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("newcomers")
    extra = {name.removeprefix("COMMENTDESK_"): value for name, value in site.environment.items()}
    own = {name: value for name, value in extra.items() if name.startswith("OIDC_")}
    own |= {"OIDC_NEWCOMER_ROLE": "moderator", "PASSWORD_LOGIN": "off"}
    closed = Installation(folder, redis, sqlite_urls(folder), **own)
    closed.migrate()
    await closed.account("mai@example.vn", "admin")
    await closed.start("moderation")
    try:
        async with person_at(closed) as mai, person_at(closed) as lan:
            page = await mai.get("/login")
            assert 'type="password"' not in page.text
            assert (await mai.log_in("mai@example.vn")).status == 403
            assert (await sign_in(mai, provider)).location == "/"
            own_page = await mai.get("/account")
            assert "Change password" not in own_page.words
            invited = await mai.post("/accounts", login="ngoc@example.vn", role="editor")
            assert invited.status == 200
            assert "/invite/" not in invited.text
            ngoc = await account_id(closed, "ngoc@example.vn")
            assert (await mai.post("/accounts/link", account=ngoc)).status == 404
            provider.claims = LAN
            assert (await sign_in(lan, provider)).location == "/"
            assert "Moderator" in (await lan.get("/account")).words
            assert (await lan.get("/accounts")).status == 403
            # Without a password, a code shows that it is really her.
            from tests.integration.test_second_factor import FACTOR, set_up

            authenticator, _ = await set_up(closed, lan)
            assert (await lan.post(f"{FACTOR}/off", password="x")).status == 422
            assert (await lan.post(f"{FACTOR}/off", code=authenticator.now())).status == 303
            provider.claims = {**LAN, "sub": "x", "email": "x@other.vn"}
            async with person_at(closed) as stranger:
                assert refused(await sign_in(stranger, provider))
        assert (
            "lan@example.vn",
            {"login": "lan@example.vn", "role": "moderator", "sections": ""},
        ) in (await deeds(closed, "create_account"))
    finally:
        closed.stop()
