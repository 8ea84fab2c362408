"""Every route, by every kind of caller and every method: what is not allowed here is refused."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from commentdesk.ledger.accounts import list_accounts
from commentdesk.ledger.rights import disable_account
from services.articles.app import create_app as create_articles
from services.intake.app import create_app as create_intake
from services.moderation.app import create_app as create_moderation
from services.moderation.auth import Route, Who, guard
from tests.attacks.contract import calls
from tests.installation import Installation
from tests.reader import ARTICLE, DOUBTFUL, Desk, Reader

ROLES = (
    *("nobody", "reader", "moderator", "editor", "admin"),
    *("disabled", "logged_out", "server", "wrong_token"),
)
EVERYONE = frozenset(ROLES)
MODERATORS = frozenset({"moderator", "editor", "admin"})
EDITORS = frozenset({"editor", "admin"})
ADMINS = frozenset({"admin"})
SERVERS = frozenset({"server"})
COMMON = {("GET", path): EVERYONE for path in ("/healthz", "/readyz", "/metrics", "/openapi.json")}
# Who is let in. A route that is not here fails test_every_route_is_in_the_table.
ALLOWED: dict[str, dict[tuple[str, str], frozenset[str]]] = {
    "intake": {
        **COMMON,
        ("POST", "/v1/captchas"): EVERYONE,
        ("GET", "/v1/captchas/{id}/image"): EVERYONE,
        ("GET", "/v1/captchas/{id}/audio"): EVERYONE,
        ("POST", "/v1/phone-codes"): EVERYONE,
        ("POST", "/v1/articles/{article}/comments"): EVERYONE,
        ("GET", "/v1/articles/{article}/form"): EVERYONE,
        ("POST", "/v1/articles/{article}/form"): EVERYONE,
        ("GET", "/v1/receipts/{code}"): EVERYONE,
        ("PUT", "/v1/receipts/{code}"): EVERYONE,
        ("DELETE", "/v1/receipts/{code}"): EVERYONE,
        ("GET", "/receipts"): EVERYONE,
        ("POST", "/receipts"): EVERYONE,
        ("GET", "/receipts/{code}"): EVERYONE,
        ("POST", "/receipts/{code}"): EVERYONE,
        ("GET", "/v1/submissions/{id}"): EVERYONE,
        ("GET", "/widget.js"): EVERYONE,
        ("GET", "/widget-more.js"): EVERYONE,
        ("GET", "/embed/{article}"): EVERYONE,
        ("GET", "/static"): EVERYONE,
    },
    "articles": {
        **COMMON,
        ("GET", "/"): EVERYONE,
        ("GET", "/articles/{id}"): EVERYONE,
        ("GET", "/static"): EVERYONE,
        ("GET", "/v1/articles"): EVERYONE,
        ("GET", "/v1/articles/{id}"): EVERYONE,
        ("PUT", "/v1/articles/{id}"): SERVERS,
        ("GET", "/v1/articles/{id}/comments"): EVERYONE,
        ("GET", "/v1/articles/{id}/comments/changes"): EVERYONE,
        ("GET", "/v1/articles/{id}/comments.atom"): EVERYONE,
        ("GET", "/v1/articles/{id}/comments/events"): EVERYONE,
        ("POST", "/v1/articles/{id}/views"): EVERYONE,
        ("GET", "/v1/articles/{id}/views.gif"): EVERYONE,
        ("GET", "/v1/comment-counts"): EVERYONE,
        ("PUT", "/v1/comments"): SERVERS,
        ("DELETE", "/v1/comments/{id}"): SERVERS,
    },
    "moderation": {
        **COMMON,
        ("GET", "/login"): EVERYONE,
        ("POST", "/login"): EVERYONE,
        ("GET", "/login/code"): EVERYONE,
        ("POST", "/login/code"): EVERYONE,
        ("GET", "/login/openid"): EVERYONE,
        ("GET", "/login/openid/callback"): EVERYONE,
        ("GET", "/invite/{token}"): EVERYONE,
        ("POST", "/invite/{token}"): EVERYONE,
        ("GET", "/account"): MODERATORS,
        ("POST", "/account/password"): MODERATORS,
        ("POST", "/account/sessions/end"): MODERATORS,
        ("POST", "/account/sessions/end-others"): MODERATORS,
        ("GET", "/account/second-factor"): MODERATORS,
        ("GET", "/account/second-factor/picture"): MODERATORS,
        ("POST", "/account/second-factor/begin"): MODERATORS,
        ("POST", "/account/second-factor/confirm"): MODERATORS,
        ("POST", "/account/second-factor/off"): MODERATORS,
        ("POST", "/account/second-factor/codes"): MODERATORS,
        ("GET", "/static/{name}"): EVERYONE,
        ("GET", "/static/{version}/{name}"): EVERYONE,
        ("POST", "/logout"): MODERATORS,
        ("GET", "/"): MODERATORS,
        ("GET", "/submissions/{id}"): MODERATORS,
        ("POST", "/submissions/{id}/reveal"): MODERATORS,
        ("POST", "/submissions/{id}/erase"): ADMINS,
        ("GET", "/books"): MODERATORS,
        ("POST", "/decisions"): MODERATORS,
        ("GET", "/stuck"): MODERATORS,
        ("POST", "/stuck/replay"): MODERATORS,
        ("GET", "/rules"): EDITORS,
        ("GET", "/rules/{tab}"): EDITORS,
        ("POST", "/rules/{tab}"): EDITORS,
        ("POST", "/rules/{tab}/remove"): EDITORS,
        ("GET", "/rules/bans"): EDITORS,
        ("POST", "/rules/bans"): EDITORS,
        ("POST", "/rules/bans/lift"): EDITORS,
        ("GET", "/rules/policy"): EDITORS,
        ("POST", "/rules/policy"): EDITORS,
        ("GET", "/rules/articles"): EDITORS,
        ("GET", "/rules/articles/{article}"): EDITORS,
        ("POST", "/rules/tightening"): EDITORS,
        ("POST", "/rules/tightening/end"): EDITORS,
        ("GET", "/rules/reasons"): EDITORS,
        ("POST", "/rules/reasons"): EDITORS,
        ("POST", "/rules/reasons/place"): EDITORS,
        ("POST", "/rules/reasons/retire"): EDITORS,
        ("POST", "/rules/rehearsals"): EDITORS,
        ("GET", "/rules/rehearsals/{id}"): EDITORS,
        ("POST", "/rules/rehearsals/{id}/cancel"): EDITORS,
        ("PUT", "/v1/policies/{scope}/tightening"): EDITORS,
        ("DELETE", "/v1/policies/{scope}/tightening"): EDITORS,
        ("GET", "/v1/words"): MODERATORS | SERVERS,
        ("POST", "/v1/words"): EDITORS,
        ("DELETE", "/v1/words/{id}"): EDITORS,
        ("GET", "/v1/reasons"): MODERATORS | SERVERS,
        ("PUT", "/v1/reasons/{code}"): EDITORS,
        ("DELETE", "/v1/reasons/{code}"): EDITORS,
        ("GET", "/v1/rehearsals"): EDITORS,
        ("POST", "/v1/rehearsals"): EDITORS,
        ("GET", "/v1/rehearsals/{id}"): EDITORS,
        ("DELETE", "/v1/rehearsals/{id}"): EDITORS,
        ("GET", "/accounts"): ADMINS,
        ("POST", "/accounts"): ADMINS,
        ("GET", "/accounts/{id}"): ADMINS,
        ("POST", "/accounts/change"): ADMINS,
        ("POST", "/accounts/link"): ADMINS,
        ("POST", "/accounts/disable"): ADMINS,
        ("POST", "/accounts/enable"): ADMINS,
        ("POST", "/accounts/sign-out"): ADMINS,
        ("POST", "/accounts/second-factor"): ADMINS,
        ("POST", "/accounts/identity"): ADMINS,
        ("GET", "/audit"): ADMINS,
        ("GET", "/audit.csv"): ADMINS,
        ("GET", "/v1/audit"): ADMINS,
        ("GET", "/statistics"): MODERATORS,
        ("GET", "/statistics/{chart}.svg"): MODERATORS,
        ("GET", "/v1/statistics"): MODERATORS | SERVERS,
        ("POST", "/search"): MODERATORS,
        ("POST", "/decisions/undo"): MODERATORS,
        ("POST", "/submissions/{id}/notes"): MODERATORS,
        ("POST", "/notes/remove"): MODERATORS,
        ("POST", "/submissions/{id}/ban"): MODERATORS,
        ("GET", "/submissions/{id}/person"): MODERATORS,
        ("POST", "/v1/decisions/{batch}/undo"): MODERATORS,
        ("POST", "/v1/submissions/{id}/notes"): MODERATORS,
        ("DELETE", "/v1/notes/{id}"): MODERATORS,
        ("GET", "/v1/submissions/{id}/person"): MODERATORS | SERVERS,
        ("POST", "/v1/submissions/{id}/presence"): MODERATORS,
        ("GET", "/v1/submissions"): MODERATORS | SERVERS,
        ("GET", "/v1/submissions/{id}"): MODERATORS | SERVERS,
        ("POST", "/v1/submissions/{id}/reveal"): MODERATORS,
        ("POST", "/v1/submissions/{id}/erase"): ADMINS,
        ("GET", "/v1/books"): MODERATORS | SERVERS,
        ("POST", "/v1/decisions"): MODERATORS,
        ("GET", "/v1/events"): MODERATORS,
        ("GET", "/v1/stats"): MODERATORS | SERVERS,
        ("POST", "/bans/{id}/lift"): MODERATORS,
        ("GET", "/v1/bans"): MODERATORS,
        ("POST", "/v1/bans"): MODERATORS,
        ("DELETE", "/v1/bans/{id}"): MODERATORS,
        ("GET", "/campaigns"): MODERATORS,
        ("POST", "/campaigns/{id}/order"): MODERATORS,
        ("POST", "/campaigns/order/remove"): MODERATORS,
        ("GET", "/v1/campaigns/orders"): MODERATORS,
        ("POST", "/v1/campaigns/{id}/order"): MODERATORS,
        ("DELETE", "/v1/campaigns/{id}/order"): MODERATORS,
        ("GET", "/second-look"): MODERATORS,
        ("POST", "/second-look"): MODERATORS,
        ("GET", "/second-look/agreement"): MODERATORS,
        ("GET", "/v1/second-look/agreement"): MODERATORS,
        ("GET", "/v1/policies"): MODERATORS | SERVERS,
        ("GET", "/v1/policies/{scope}"): MODERATORS | SERVERS,
        ("PUT", "/v1/policies/{scope}"): EDITORS,
        ("DELETE", "/v1/policies/{scope}"): EDITORS,
    },
}
# What they say to who does not come with the right thing is theirs, and not the guard's.
WAYS_IN = frozenset({"/login", "/login/code", "/invite/{token}"})
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ROWS = [(service, method, path) for service, rows in ALLOWED.items() for method, path in rows]
PATHS = [(service, path) for service, rows in ALLOWED.items() for path in {p: 0 for _, p in rows}]
NOBODYS = "0" * 36


@dataclass(frozen=True)
class Caller:
    """What someone sends along."""

    headers: dict[str, str]
    csrf: str = ""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def callers(site: Installation) -> AsyncIterator[dict[str, Caller]]:
    """One of each role."""
    for login in ("gone", "left", "out"):
        await site.account(login, "admin")
    await site.account("bien", "editor")
    made = {
        "nobody": Caller({}),
        "reader": Caller({"Origin": site.articles}),
        "server": Caller({"Authorization": f"Bearer {site.token}"}),
        "wrong_token": Caller({"Authorization": f"Bearer {site.token[:-1]}"}),
    }
    logins = {
        "moderator": "nam",
        "editor": "bien",
        "admin": "mai",
        "disabled": "gone",
        "logged_out": "left",
    }
    for role, login in logins.items():
        made[role] = await log_in(site, login)
    async with aiohttp.ClientSession() as http:
        left = made["logged_out"]
        sent = {**left.headers, "X-CSRF-Token": left.csrf}
        async with http.post(f"{site.moderation}/logout", data={}, headers=sent) as response:
            assert response.status == 200
    ledger = site.ledger()
    gone = next(a for a in await list_accounts(ledger) if a.login == "gone")
    await disable_account(ledger, gone.id, "mai")
    await ledger.close()
    assert set(made) == EVERYONE
    yield made


async def log_in(site: Installation, login: str) -> Caller:
    desk = await Desk.log_in(site, login)
    cookie = {c.key: c.value for c in desk.http.cookie_jar}["commentdesk_session"]
    await desk.close()
    return Caller({"Cookie": f"commentdesk_session={cookie}"}, desk.csrf)


def address(site: Installation, service: str, path: str) -> str:
    """The route's address, about something that is there where anybody may see it."""
    filled = path.replace("{article}", ARTICLE).replace("{name}", "console.css")
    filled = filled.replace("{scope}", "site").replace("{chart}", "flow")
    filled = filled.replace("{scope}", "site").replace("{tab}", "words").replace("{code}", "spam")
    filled = filled.replace("{scope}", "site").replace("{token}", "A" * 43)
    filled = filled.replace("{scope}", "site").replace("{version}", "0123456789ab")
    if "captchas" in path:
        filled = filled.replace("{id}", site.captcha(ARTICLE).id)
    filled = filled.replace("{batch}", NOBODYS)
    filled = filled.replace("{id}", ARTICLE if "/articles/" in path else NOBODYS)
    if filled == "/static":
        filled = "/static/" + ("form.css" if service == "intake" else "page.css")
    return str(getattr(site, service)) + filled


async def ask(method: str, url: str, caller: Caller, *, csrf: bool = True) -> tuple[int, str, str]:
    """Status, where it leads and what it says; of a stream nothing is read."""
    headers = dict(caller.headers)
    if method not in {"GET", "HEAD"}:
        headers.setdefault("Origin", "/".join(url.split("/")[:3]))
        headers |= {"X-CSRF-Token": caller.csrf} if csrf and caller.csrf else {}
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.request(
            method,
            url,
            headers=headers,
            json={} if method in {"POST", "PUT", "PATCH"} else None,
            allow_redirects=False,
        ) as response,
    ):
        streams = response.content_type == "text/event-stream"
        text = "" if streams or method == "HEAD" else await response.text(errors="replace")
        return response.status, response.headers.get("Location", ""), text


def refused(answer: tuple[int, str, str]) -> bool:
    """Whether the guard stood in the way, and not the route itself had something to say."""
    status, location, _ = answer
    return status in {401, 403} or (status == 303 and location.startswith("/login"))


@pytest.mark.parametrize("service", ALLOWED)
def test_every_route_is_in_the_table(site: Installation, service: str) -> None:
    create = {
        "intake": create_intake,
        "moderation": create_moderation,
        "articles": create_articles,
    }[service]
    app = create(site.settings)
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource and route.method != "HEAD"
    }
    assert served == set(ALLOWED[service]) == set(calls(service))


@pytest.mark.parametrize(("service", "method", "path"), ROWS)
async def test_a_route_lets_in_whom_it_is_for(
    site: Installation, callers: dict[str, Caller], service: str, method: str, path: str
) -> None:
    url = address(site, service, path)
    for role in ROLES:
        caller = callers[role]
        if path == "/logout" and role in MODERATORS:
            caller = await log_in(site, "out")
        methods = [method, "HEAD"] if method == "GET" and "events" not in path else [method]
        for asked in methods:
            answer = await ask(asked, url, caller)
            if path in {*WAYS_IN, "/logout"} and role in ALLOWED[service][method, path]:
                # A login without a password is refused by the login, not by the guard.
                assert answer[0] in {200, 303, 403, 404}
                continue
            allowed = role in ALLOWED[service][method, path]
            assert refused(answer) is not allowed, f"{role}: {answer[:2]}"
            assert answer[0] < 500
            if not allowed and path.startswith("/v1/"):
                assert answer[0] == (403 if role in MODERATORS and service != "articles" else 401)


@pytest.mark.parametrize(("service", "path"), PATHS)
async def test_a_method_of_no_route_is_a_405_that_names_the_others(
    site: Installation, callers: dict[str, Caller], service: str, path: str
) -> None:
    url = address(site, service, path)
    known = {method for method, of in ALLOWED[service] if of == path}
    known |= {"HEAD"} if "GET" in known else set()
    for role in ("nobody", "admin", "server"):
        for method in METHODS:
            if method in known:
                continue
            async with (
                aiohttp.ClientSession() as http,
                http.request(method, url, headers=callers[role].headers) as response,
            ):
                assert response.status == 405, (role, method)
                assert set(response.headers["Allow"].split(",")) == known


@pytest.mark.parametrize(
    ("method", "path"), [call for call in ALLOWED["moderation"] if call[0] != "GET"]
)
async def test_a_session_alone_changes_nothing(
    site: Installation, callers: dict[str, Caller], method: str, path: str
) -> None:
    url = address(site, "moderation", path)
    foreign = {**callers["admin"].headers, "Origin": "https://evil.example"}
    assert (await ask(method, url, Caller(foreign, callers["admin"].csrf)))[0] == 403
    if path not in WAYS_IN:
        assert (await ask(method, url, callers["admin"], csrf=False))[0] == 403
        other = Caller(callers["admin"].headers, callers["moderator"].csrf)
        assert (await ask(method, url, other))[0] == 403, "another session's token is none"


async def handler(_request: web.Request) -> web.Response:
    return web.Response(text="let in")


async def test_a_route_for_nobody_named_lets_nobody_in(
    site: Installation, callers: dict[str, Caller]
) -> None:
    with pytest.raises(TypeError):
        Route("GET", "/new", handler)  # type: ignore[call-arg]
    app = create_moderation(site.settings)
    for path, who in (("/v1/new", "owner"), ("/v1/none", ""), ("/v1/open", Who.ANYONE)):
        app.add_routes([guard(Route("GET", path, handler, cast("Who", who)))])
    async with TestServer(app) as server:
        for role in ROLES:
            for path in ("/v1/new", "/v1/none"):
                answer = await ask("GET", str(server.make_url(path)), callers[role])
                assert refused(answer), role
            assert (await ask("GET", str(server.make_url("/v1/open")), callers[role]))[0] == 200


async def test_a_comment_that_waits_is_found_nowhere_without_a_login(
    site: Installation, callers: dict[str, Caller], http: aiohttp.ClientSession
) -> None:
    reader, secret = Reader(site, http), "vidu-bimat.com"
    waiting = await reader.accepted(**{**DOUBTFUL, "content": f"Xem {secret} nhé."})
    await reader.reaches(waiting, "held")
    status = await ask("GET", f"{site.intake}/v1/submissions/{waiting}", callers["nobody"])
    assert status[0] == 200
    assert secret not in status[2]
    assert set(json.loads(status[2])) == {"id", "state"}
    own = (f"{site.moderation}/submissions/", f"{site.moderation}/v1/submissions/")
    for url in own:
        for role in ("nobody", "disabled", "logged_out", "wrong_token", "reader"):
            assert refused(await ask("GET", url + waiting, callers[role]))
    store = f"{site.articles}/v1/articles/{ARTICLE}/comments"
    page = f"{site.articles}/articles/{ARTICLE}"
    for url in (store, f"{store}?thread={waiting}", f"{store}.atom", page):
        for role in ("nobody", "server"):
            answer = await ask("GET", url, callers[role])
            assert answer[0] == 200
            assert secret not in answer[2]
            assert waiting not in answer[2]
