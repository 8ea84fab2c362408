"""The same text meets the same verdict on SQLite and on PostgreSQL, and comes back as it was."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest
import pytest_asyncio
import uuid_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from commentdesk.domain.submission import Submission
from commentdesk.domain.text import fold
from commentdesk.ledger import Ledger
from commentdesk.ledger.admit import Admission, Admitted, admit
from commentdesk.ledger.desk import entry, listing
from commentdesk.ledger.entries import Entry
from commentdesk.ledger.filters import Wanted
from tests.attacks.texts import accepted
from tests.conftest import Store, sqlite_urls
from tests.installation import Installation, Postgres, Redis

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]
few = settings(max_examples=40, derandomize=True, deadline=None, database=None)
WHEN = datetime(2026, 9, 2, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
FORMS = st.fixed_dictionaries({name: accepted(name) for name in ("name", "title", "content")})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ledgers(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, postgres: Postgres
) -> AsyncIterator[tuple[Ledger, Ledger]]:
    """An empty ledger on each database, with one secret."""
    folder = tmp_path_factory.mktemp("both")
    urls = sqlite_urls(folder)
    address = await postgres.create(secrets.token_hex(6))
    made = [
        Installation(folder, redis, (url, urls[1]), SECRET="s" * 48) for url in (urls[0], address)
    ]
    for installation in made:
        installation.run("commentdesk.ledger", "migrate")
    opened = (made[0].ledger(), made[1].ledger())
    yield opened
    for ledger in opened:
        await ledger.close()


def submission(**fields: str) -> Submission:
    filled: dict[str, Any] = {"name": "Mai", "title": "Hay", "content": "Hay lắm", **fields}
    return Submission(str(uuid_utils.uuid7()), "a", language="vi", received_at=WHEN, **filled)


def seen(found: Entry | None) -> dict[str, Any]:
    assert found is not None
    return dict(vars(found))


@few
@given(FORMS, accepted("phone"))
async def test_what_intake_accepts_both_keep(
    ledgers: tuple[Ledger, Ledger], form: dict[str, str], phone: str
) -> None:
    made, nonce = submission(phone=phone, **form), secrets.token_bytes(16)
    receipts, entries = [], []
    for ledger in ledgers:
        again = Submission(**{**vars(made), "id": str(uuid_utils.uuid7())})
        other = Submission(**{**vars(again), "name": made.name + "!"})
        results = [
            (await admit(ledger, [Admission(one, nonce)]))[0] for one in (made, again, other)
        ]
        receipts.append([(receipt.id, receipt.result) for receipt in results])
        entries.append(seen(await entry(ledger, made.id)))
    assert receipts[0] == receipts[1]
    assert [result for _, result in receipts[0]] == [
        Admitted.ACCEPTED,
        Admitted.REPEATED,
        Admitted.SPENT,
    ]
    assert entries[0] == entries[1]
    assert {name: entries[0][name] for name in form} == form


@few
@given(FORMS, st.integers(0, 30), st.integers(1, 12), accepted("name"))
async def test_a_search_finds_the_same_on_both(
    ledgers: tuple[Ledger, Ledger], form: dict[str, str], start: int, size: int, asked: str
) -> None:
    made = submission(**form)
    text = f"{form['name']} {form['content']}"
    questions = [text[start : start + size], asked, "%", "_", "\\"]
    found = []
    for ledger in ledgers:
        await admit(ledger, [Admission(made, secrets.token_bytes(16))])
        wishes = [Wanted(terms=(fold(q),) if fold(q) else ()) for q in questions]
        pages = [await listing(ledger, wanted, limit=100) for wanted in wishes]
        found.append([[item.content for item in page.items] for page in pages])
    assert found[0] == found[1]


@settings(few, max_examples=6)
@given(st.lists(FORMS, min_size=20, max_size=20))
async def test_the_stores_feed_gives_back_what_was_published(
    store: Store, forms: list[dict[str, str]]
) -> None:
    headers = {"Authorization": f"Bearer {store.token}"}
    article = f"feed-{secrets.token_hex(6)}"
    story = {"title": "Tựa", "lead": "", "body": "", "language": "vi"}
    items = [
        {
            **{"id": str(uuid_utils.uuid7()), "version": 1, "article": article},
            **{"language": "vi", "received_at": WHEN.isoformat(), **form},
        }
        for form in forms
    ]
    async with aiohttp.ClientSession(store.url, headers=headers) as http:
        body = {**story, "published_at": WHEN.isoformat()}
        async with http.put(f"/v1/articles/{article}", json=body) as response:
            assert response.status == 201
        async with http.put("/v1/comments", json={"items": items}) as response:
            assert {r["result"] for r in (await response.json())["results"]} == {"applied"}
        async with http.get(f"/v1/articles/{article}/comments.atom") as response:
            feed = ElementTree.fromstring(await response.read())
        async with http.get(f"/v1/articles/{article}/comments") as response:
            listed = (await response.json())["items"]
    said = [
        {
            "name": found.findtext(f"{ATOM}author/{ATOM}name"),
            "title": found.findtext(f"{ATOM}title"),
            "content": found.findtext(f"{ATOM}content"),
        }
        for found in feed.iter(f"{ATOM}entry")
    ]
    sent = sorted(items, key=lambda item: str(item["id"]), reverse=True)
    expected = [{name: item[name] for name in ("name", "title", "content")} for item in sent]
    assert said == expected
    assert [{name: comment[name] for name in expected[0]} for comment in listed] == expected
