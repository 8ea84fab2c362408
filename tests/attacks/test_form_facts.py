"""What a form tells of itself: facts are kept, lies are dropped, and no comment is refused."""

import base64
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from commentdesk.database import now
from commentdesk.ledger.erase import erase_old
from commentdesk.ledger.tables import submissions
from commentdesk.sealing import Sealing
from services.intake.facts import PURPOSE, CarriedFacts, Showing
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import ARTICLE, Reader

FACTS = {"seconds": 41, "pasted": True, "captcha_reloads": 2, "captcha_wrong": 1}
OTHER = {"form": "other"}
BROWSER = {"Accept": "text/html"}
_CARRIED = re.compile(r'name="facts" value="([^"]+)"')
LIES: list[Any] = [
    *(None, True, 0, "", "seconds", [], [FACTS], {}, "\x00", "🎣" * 200, "A" * 60_000),
    *({**FACTS, "seconds": wrong} for wrong in (-1, 86_401, 1.0, 1e300, "41", None, True)),
    *({**FACTS, "pasted": wrong} for wrong in (1, "true", None)),
    *({**FACTS, "captcha_reloads": wrong} for wrong in (1_001, 10**19, -1)),
    *({**FACTS, "captcha_wrong": wrong} for wrong in ("<script>", {"a": {"b": [1]}})),
    {**FACTS, "form": "plain"},
    {**FACTS, "browser": "Firefox"},
    {name: value for name, value in FACTS.items() if name != "pasted"},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """Nothing checks what comes in: what intake kept is looked at."""
    folder = tmp_path_factory.mktemp("facts")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    await installation.start("articles", "intake")
    yield installation
    installation.stop()


async def kept(site: Installation, submission: str) -> Any:
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        query = submissions.select().where(submissions.c.id == submission)
        row = (await connection.execute(query)).one()
    await ledger.close()
    return row.client


@pytest.mark.parametrize("facts", LIES)
async def test_what_is_no_fact_is_dropped_and_the_comment_taken(
    site: Installation, reader: Reader, facts: Any
) -> None:
    assert await kept(site, await reader.accepted(facts=facts)) == OTHER


async def test_what_the_widget_tells_is_kept(site: Installation, reader: Reader) -> None:
    submission = await reader.accepted(facts=FACTS)
    assert await kept(site, submission) == {"form": "widget", **FACTS}
    assert await kept(site, await reader.accepted()) == OTHER
    # The same form sent again is the same form, however long it took this time.
    form = reader.form(facts=FACTS)
    first = await reader.post(form)
    assert await reader.post({**form, "facts": {**FACTS, "seconds": 99}}) == first


async def test_what_fills_in_the_field_nobody_sees_is_told_and_its_words_are_not_kept(
    site: Installation, reader: Reader
) -> None:
    caught = {"honeypot": True}
    assert await kept(site, await reader.accepted(subject="Vay nhanh")) == OTHER | caught
    submission = await reader.accepted(subject="x", facts=FACTS)
    assert await kept(site, submission) == {"form": "widget", **FACTS} | caught
    assert await kept(site, await reader.accepted(subject="")) == OTHER
    plain = Plain(reader)
    await plain.opens()
    assert await plain.sends(subject="") == 303
    assert "honeypot" not in await newest(site)
    await plain.opens()
    assert await plain.sends(subject="http://vidu.example") == 303
    assert (await newest(site))["honeypot"] is True


class Plain:
    """A browser without script: what its pages carry, it sends along."""

    def __init__(self, reader: Reader, article: str = ARTICLE) -> None:
        self.reader, self.article, self.carried = reader, article, ""
        self.url = f"{reader.site.intake}/v1/articles/{article}"

    async def opens(self) -> None:
        async with self.reader.http.get(f"{self.url}/form", headers=BROWSER) as response:
            self._read(await response.text())

    async def sends(self, path: str = "comments", **fields: str) -> int:
        form = {**self.reader.form(self.article), "facts": self.carried, **fields}
        async with self.reader.http.post(
            f"{self.url}/{path}", data=form, headers=BROWSER, allow_redirects=False
        ) as response:
            if response.status != 303:
                self._read(await response.text())
            return response.status

    def _read(self, page: str) -> None:
        found = _CARRIED.search(page)
        assert found
        self.carried = found[1]


async def newest(site: Installation) -> Any:
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        query = submissions.select().order_by(submissions.c.id.desc()).limit(1)
        row = (await connection.execute(query)).one()
    await ledger.close()
    return row.client


def carried_by(site: Installation) -> CarriedFacts:
    return CarriedFacts(Sealing(site.settings.secret.get_secret_value(), PURPOSE))


async def test_the_form_without_script_carries_its_facts_from_page_to_page(
    site: Installation, reader: Reader
) -> None:
    plain = Plain(reader)
    await plain.opens()
    assert await plain.sends("form", reload="1") == 200
    assert await plain.sends(captcha_answer="00000x") == 422
    assert await plain.sends(name="") == 422
    assert await plain.sends("form", reload="1") == 200
    assert await plain.sends(captcha_answer="11111x") == 422
    assert await plain.sends() == 303
    told = await newest(site)
    assert 0 <= told.pop("seconds") < 60
    assert told == {"form": "plain", "captcha_reloads": 2, "captcha_wrong": 2}


@pytest.mark.parametrize("ago", [timedelta(hours=1), timedelta(days=400), timedelta(hours=-1)])
async def test_seconds_are_between_none_and_a_day(
    site: Installation, reader: Reader, ago: timedelta
) -> None:
    plain = Plain(reader)
    plain.carried = carried_by(site).seal(Showing(now() - ago, 1_000, 1_000), ARTICLE)
    assert await plain.sends("form", reload="1") == 200
    assert await plain.sends() == 303
    told = await newest(site)
    assert 0 <= told["seconds"] <= 86_400
    assert told["captcha_reloads"] == told["captcha_wrong"] == 1_000


async def test_what_a_page_carries_cannot_be_rewritten(site: Installation, reader: Reader) -> None:
    ours = carried_by(site)
    honest = ours.seal(Showing(now()), ARTICLE)
    sealed = bytearray(base64.urlsafe_b64decode(honest))
    sealed[-1] ^= 1
    foreign = CarriedFacts(Sealing("x" * 40, PURPOSE)).seal(Showing(now()), ARTICLE)
    captcha = site.captcha(ARTICLE).id
    forged = [
        base64.urlsafe_b64encode(bytes(sealed)).decode(),
        *(honest[:-4], honest + "AAAA", f" {honest}", "=", "Ạ" * 30, "A" * 2_000, captcha, foreign),
        ours.seal(Showing(now()), "library-of-things"),
    ]
    for token in forged:
        plain = Plain(reader)
        plain.carried = token
        assert await plain.sends() == 303
        assert await newest(site) == OTHER
    # Nor does it say anything to whoever reads it.
    assert b", 0, 0]" not in base64.urlsafe_b64decode(honest)
    assert honest != ours.seal(Showing(now()), ARTICLE)


async def test_facts_go_with_the_personal_data(
    site: Installation, reader: Reader, http: aiohttp.ClientSession
) -> None:
    submission = await reader.accepted(facts=FACTS)
    ledger = site.ledger()
    old = now() - timedelta(days=site.settings.retention_days, minutes=1)
    async with ledger.database.writing() as connection:
        aged = submissions.update().where(submissions.c.id == submission)
        await connection.execute(aged.values(state="published", received_at=old))
    await erase_old(ledger)
    await ledger.close()
    assert await kept(site, submission) == {}
    async with http.get(f"{site.intake}/v1/submissions/{submission}") as response:
        assert set(await response.json()) == {"id", "state"}
