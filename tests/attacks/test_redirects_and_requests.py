"""Where readers are led, where servers call, and what a form may not set."""

import html
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql
from yarl import URL

from commentdesk.articlestore import BuiltinStore, StoredComment, StoreRefused, StoreUnavailable
from commentdesk.database import now
from commentdesk.ledger.tables import submissions
from commentdesk.settings import PREFIX, SettingsWrong, read_settings
from tests.attacks.hostile_store import NONSENSE, HostileStore
from tests.attacks.neighbours import neighbour
from tests.installation import ROOT, SERVICES, Installation
from tests.reader import ARTICLE, Reader

OWN = "{own}"
EVIL = [
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:\\\\evil.example",
    "%09//evil.example",
    "\t//evil.example",
    "\n//evil.example",
    "\x01//evil.example",
    " https://evil.example",
    "ht\ntps://evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//{own}",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:{own}/x",
    "view-source:{own}",
    "http://evil.example@localhost:{port}/",
    "http://localhost:{port}@evil.example/",
    "http://localhost:{port}:@evil.example/",
    "http://localhost%3A{port}@evil.example/",
    "http://evil.example\\@localhost:{port}/",
    "http://localhost:{port}\\@evil.example/",
    "http://localhost:{port}\\.evil.example/",
    "http://localhost:{port}.evil.example/",
    "http://localhost.evil.example:{port}/",
    "http://evil.example/?{own}",
    "http://evil.example/#{own}",
    "http://evil.example:{port}/",
    "http://evil-localhost:{port}/",
    "http://localhost:{port}0/",
    "http://localhost:0{port}1/",
    "http://localhost:{other}/",
    "http://localhost/",
    "https://localhost:{port}/",
    "http://127.0.0.1:{port}/",
    "http://[::1]:{port}/",
    "http://\u2113ocalhost:{port}/",
    "http://loc\u0430lhost:{port}/",
    "http://localhost\u3002evil.example:{port}/",
    "http://localhost:{port}\r\nLocation: https://evil.example/",
    "{own}\r\n\r\n<script>alert(1)</script>",
    '{own}" onmouseover="alert(1)',
    "http://evil.example/" + "a" * 60_000,
    "http://[evil.example/",
    "http://localhost:port/",
    "articles/x",
    "",
]
OURS = [
    "{own}",
    "{own}?trang=2#binh-luan",
    "{own}#@evil.example",
    "http://LOCALHOST:{port}/articles/x",
    # The same host to every resolver: the dot ends a name at the root.
    "http://localhost.:{port}/articles/x",
]


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[HostileStore]:
    """A server nobody has any business with."""
    server = HostileStore()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hostile(elsewhere: HostileStore) -> Iterator[HostileStore]:
    server = HostileStore(elsewhere.url)
    yield server
    server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def misled(
    front: Installation, hostile: HostileStore, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """Intake whose article store is hostile."""
    folder = tmp_path_factory.mktemp("misled")
    installation = neighbour(front, folder, ARTICLE_STORE_URL=hostile.url)
    await installation.start("intake")
    yield installation
    installation.stop()


def filled(template: str, site: Installation) -> str:
    """A return address with this site's own address and ports in it."""
    articles, intake = urlsplit(site.articles), urlsplit(site.intake)
    return (
        template.replace("{own}", f"{site.articles}/articles/{ARTICLE}")
        .replace("{port}", str(articles.port))
        .replace("{other}", str(intake.port))
    )


def leads_to(page: str) -> set[str]:
    """Every address a page leads to that is not a path of its own host."""
    links = re.findall(r'(?:href|action|formaction|src|value)="([^"]*)"', page)
    links += re.findall(r"content=\"\d+;url=([^\"]*)\"", page)
    return {html.unescape(link) for link in links if re.match(r"\W*[\w+.-]+:|[/\\]{2}", link)}


async def pages_after(reader: Reader, asked: str) -> list[str]:
    """What a reader sees who came with this return address: form, refusal, thanks."""
    site, browser = reader.site, {"Accept": "text/html"}
    address = f"{site.intake}/v1/articles/{ARTICLE}"
    query = {"return_url": asked[:3_000]}
    pages = []
    for path in (f"/v1/articles/{ARTICLE}/form", "/receipts"):
        async with reader.http.get(site.intake + path, params=query) as response:
            pages.append(await response.text())
    for fields in ({"name": ""}, {}):
        form = reader.form(return_url=asked, **fields)
        async with reader.http.post(
            f"{address}/comments", data=form, headers=browser, allow_redirects=False
        ) as response:
            location = response.headers.get("Location", "/")
            assert re.match(r"/(?![/\\])", location), "a redirect stays on intake itself"
            pages.append(await response.text())
        if response.status == 303:
            async with reader.http.get(site.intake + location) as response:
                pages.append(await response.text())
    return pages


@pytest.mark.parametrize("template", EVIL, ids=[repr(template)[:40] for template in EVIL])
async def test_nobody_is_led_to_an_address_that_is_not_ours(
    front: Installation, http: aiohttp.ClientSession, template: str
) -> None:
    asked = filled(template, front)
    ours = {front.intake, front.articles}
    pages = await pages_after(Reader(front, http), asked)
    for page in pages:
        led = {link for link in leads_to(page) if link not in {front.articles}}
        assert all(link.startswith(tuple(f"{origin}/" for origin in ours)) for link in led), led
        assert asked not in led or not asked
        assert "evil.example" not in page
    assert len(pages) >= 4


@pytest.mark.parametrize("template", OURS)
async def test_a_reader_is_led_back_to_our_own_page(
    front: Installation, http: aiohttp.ClientSession, template: str
) -> None:
    asked = filled(template, front)
    pages = await pages_after(Reader(front, http), asked)
    assert len(pages) == 5
    # Who comes with a code came from no page of ours: the second asks for it, and leads nowhere.
    for page in (pages[0], pages[2], pages[4]):
        assert asked in leads_to(page)


def comment(identifier: str) -> StoredComment:
    return StoredComment(identifier, 1, ARTICLE, None, "A", "B", "C", "vi", datetime.now(UTC))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_stores_client_follows_no_redirect(
    hostile: HostileStore, elsewhere: HostileStore, status: int
) -> None:
    store = BuiltinStore(hostile.url, "t" * 40)
    calls = [
        store.article(f"redirect-{status}"),
        store.retract({f"redirect-{status}": 1}),
    ]
    for call in calls:
        with pytest.raises(StoreRefused, match=str(status)):
            await call
    await store.close()
    assert elsewhere.asked == []
    assert hostile.authorizations[-1] == f"Bearer {'t' * 40}"


async def test_intake_says_503_where_the_store_leads_elsewhere(
    misled: Installation, elsewhere: HostileStore, http: aiohttp.ClientSession
) -> None:
    assert await ask(misled, http, "redirect-302") == 503
    assert elsewhere.asked == []


async def test_a_store_that_sends_without_end_takes_no_memory(
    misled: Installation, hostile: HostileStore, http: aiohttp.ClientSession
) -> None:
    before = await memory(misled, http)
    for article in ("endless-1", "bomb-1", "endless-2", "bomb-2"):
        hostile.sent = 0
        assert await ask(misled, http, article) == 503
        assert hostile.sent < 32 * 2**20, "the answer is cut off, not read to its end"
    assert await memory(misled, http) - before < 64 * 2**20


async def memory(site: Installation, http: aiohttp.ClientSession) -> float:
    """The bytes intake holds, as its own metrics say."""
    async with http.get(f"{site.intake}/metrics") as response:
        found = re.search(r"^process_resident_memory_bytes (\S+)", await response.text(), re.M)
    assert found
    return float(found[1])


@pytest.mark.parametrize("kind", NONSENSE)
async def test_a_store_that_talks_nonsense_is_a_store_that_is_away(
    misled: Installation, hostile: HostileStore, http: aiohttp.ClientSession, kind: str
) -> None:
    assert await ask(misled, http, f"{kind}-1") == 503
    store = BuiltinStore(hostile.url, "t" * 40)
    with pytest.raises(StoreUnavailable):
        await store.article(f"{kind}-1")
    await store.close()


STRANGE_IDS = [
    "..",
    ".",
    "...",
    "../comments",
    "../../metrics",
    "..%2f..%2fmetrics",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fmetrics",
    "a/b",
    "a/../../metrics",
    "a\\b",
    "a?version=1",
    "a#b",
    "a;b",
    "a b",
    "a\x00b",
    "a\r\nX-Forged: yes",
    "a%0d%0aX-Forged:%20yes",
    "a%00b",
    "á",
    "//evil.example/",
    "http://evil.example/",
    "@evil.example",
    ":80",
    "a" * 201,
    "-a",
]


@pytest.mark.parametrize("article", STRANGE_IDS, ids=[repr(a)[:30] for a in STRANGE_IDS])
async def test_a_strange_article_reaches_no_path_of_the_store(
    misled: Installation, hostile: HostileStore, http: aiohttp.ClientSession, article: str
) -> None:
    asked = len(hostile.asked)
    assert await ask(misled, http, article) == 404
    path = "".join(f"%{byte:02X}" for byte in article.encode())
    raw = article if article.isascii() and article.isprintable() and " " not in article else path
    reader = Reader(misled, http)
    for written in (path, raw):
        address = URL(f"{misled.intake}/v1/articles/{written}/comments", encoded=True)
        async with http.post(address, json=reader.form()) as response:
            assert response.status in {400, 404, 405}
        form = URL(f"{misled.intake}/v1/articles/{written}/form", encoded=True)
        async with http.get(form) as response:
            assert response.status in {400, 404, 405}
    assert hostile.asked[asked:] == []


async def test_a_plain_article_does_reach_the_store(
    misled: Installation, hostile: HostileStore, http: aiohttp.ClientSession
) -> None:
    asked = len(hostile.asked)
    assert await ask(misled, http, "tin.hom-nay_2~a") == 404
    assert hostile.asked[asked:] == ["/v1/articles/tin.hom-nay_2~a"]


async def ask(site: Installation, http: aiohttp.ClientSession, article: str) -> int:
    """Ask intake for a captcha, and so for the article; the status."""
    async with http.post(f"{site.intake}/v1/captchas", json={"article": article}) as response:
        return response.status


NOT_WEB_ADDRESSES = [
    "file:///etc/passwd",
    "gopher://localhost:70/_x",
    "ftp://localhost/",
    "unix:///run/store.sock",
    "javascript:alert(1)",
    "data:text/plain,x",
    "//localhost:8082",
    "localhost:8082",
    "http://",
    "https:///articles",
    "http://reader:geheim@localhost:8082",
    "http://geheim@localhost:8082",
    "http://localhost:8082\\@geheim",
    "http://localhost:99999",
    "http://localhost:geheim",
    "http://localhost:8082/\nX: geheim",
    "http://[::1",
]


@pytest.fixture
def environment(front: Installation, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in front.environment.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize(
    "setting", ["INTAKE_URL", "MODERATION_URL", "ARTICLES_URL", "ARTICLE_STORE_URL"]
)
def test_an_address_of_the_settings_is_a_plain_web_address(
    environment: pytest.MonkeyPatch, setting: str
) -> None:
    for address in NOT_WEB_ADDRESSES:
        environment.setenv(f"{PREFIX}{setting}", address)
        with pytest.raises(SettingsWrong, match=f"{PREFIX}{setting}: ") as refused:
            read_settings()
        assert "geheim" not in str(refused.value)
    for address in ("http://store:8082/", "https://bao.example", "http://[::1]:8082"):
        environment.setenv(f"{PREFIX}{setting}", address)
        assert getattr(read_settings(), setting.lower()) == address.rstrip("/")


@pytest.mark.parametrize("networks", ["everyone", "10.0.0.0/33", "10.0.0.0/8,::g/64"])
def test_networks_of_trusted_proxies_are_networks(
    environment: pytest.MonkeyPatch, networks: str
) -> None:
    environment.setenv(f"{PREFIX}TRUSTED_PROXIES", networks)
    with pytest.raises(SettingsWrong, match=f"{PREFIX}TRUSTED_PROXIES: "):
        read_settings()


@pytest.mark.parametrize("process", ["intake", "publish"])
def test_a_process_does_not_start_with_such_an_address(
    environment: pytest.MonkeyPatch, process: str
) -> None:
    environment.setenv(f"{PREFIX}ARTICLE_STORE_URL", "ftp://reader:geheim@localhost/")
    done = subprocess.run(
        SERVICES[process], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 1
    assert f"{PREFIX}ARTICLE_STORE_URL: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stdout + done.stderr


SET_BY_READERS = {"name", "title", "content", "consent"}
FORGED: dict[str, Any] = {
    column.name: "1" for column in submissions.columns if column.name not in SET_BY_READERS
} | {
    "id": "00000000-0000-7000-8000-000000000001",
    "state": "approved",
    "status": "approved",
    "language": "xx",
    "received_at": "2000-01-01T00:00:00Z",
    "created_at": "2000-01-01T00:00:00Z",
    "score": "0",
    "spam_score": "0",
    "role": "admin",
    "actor": "mai",
    "is_admin": "true",
    "__proto__": "x",
    "client[form]": "x",
    "state[]": "approved",
}
# A form with more fields is refused, whatever they are.
HALVES = [dict(list(FORGED.items())[half::2]) for half in (0, 1)]
EACH_ITS_OWN = {
    *("id", "received_at", "due_at", "captcha_nonce", "receipt_hash", "address_sealed", "client")
}


@pytest.mark.parametrize("written", HALVES, ids=["half", "the other half"])
@pytest.mark.parametrize("kind", ["json", "form", "query"])
async def test_a_form_sets_what_a_reader_may_set_and_nothing_else(
    front: Installation, http: aiohttp.ClientSession, kind: str, written: dict[str, Any]
) -> None:
    reader = Reader(front, http)
    honest = await row(front, (await reader.post(reader.form()))[1]["id"])
    form, url = reader.form(), f"{front.intake}/v1/articles/{ARTICLE}/comments"
    before = now()
    if kind == "json":
        response = await http.post(url, json=written | form)
    elif kind == "form":
        response = await http.post(url, data=written | form)
    else:
        response = await http.post(url, params=written, json=form)
    answer = await response.json(content_type=None)
    assert response.status == 202, answer
    forged = await row(front, answer["id"])
    assert forged["id"] != FORGED["id"]
    assert before - timedelta(seconds=1) < forged["received_at"] <= now()
    assert (forged["state"], forged["version"], forged["work"]) == ("received", 1, "check")
    assert set(forged["client"]) == {"form"}
    for column in set(honest) - EACH_ITS_OWN:
        assert forged[column] == honest[column], column


async def row(site: Installation, submission: str) -> dict[str, Any]:
    """The ledger's row."""
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        query = sql.select(submissions).where(submissions.c.id == submission)
        found = (await connection.execute(query)).one()
    await ledger.close()
    return dict(found._mapping)
