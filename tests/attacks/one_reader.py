"""One reader's life on a site, in good and in bad; and everything that was written meanwhile."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import redis as redis_client
import sqlalchemy as sql
from rq.registry import FailedJobRegistry

from commentdesk.queues import QUEUES, open_queue
from tests.attacks.redis_contents import contents
from tests.installation import Installation, until
from tests.reader import ARTICLE, CLEAN, Desk, Reader

PHONES = ("0987 654 123", "+84 987654123", "+84987654123", "(098) 765.4123", "٠٩٨٧٦٥٤١٢٣")
ADDRESSES = ("203.0.113.187", "2001:db8:5a5a:c3c3::9b9b", "::ffff:203.0.113.187")
# The national digits of all those spellings, whatever stands between two of them.
PHONE = re.compile(rb"[ ().\-]{0,2}".join(re.escape(digit.encode()) for digit in "987654123"))
ARABIC = re.compile("٩٨٧٦٥٤١٢٣".encode() + rb"|(?i:\\u0669\\u0668\\u0667)")
ADDRESS = re.compile(rb"203\.0\.113|(?i:5a5a:c3c3|:9b9b\b)|cb00:71bb")


@dataclass
class Told:
    """What was written and answered while the site ran."""

    site: Installation
    word: str
    heard: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    public: list[bytes] = field(default_factory=list)
    metrics: list[bytes] = field(default_factory=list)
    desk: list[bytes] = field(default_factory=list)
    revealed: list[bytes] = field(default_factory=list)
    published: str = ""
    rejected: str = ""

    @property
    def doubtful(self) -> str:
        """A text that is held, and whose finding quotes the word."""
        return f"Xem thêm ở trang {self.word}.com nhé."

    @property
    def typed(self) -> re.Pattern[bytes]:
        """The word that stands in the reader's name, title and text, and nowhere by chance."""
        return re.compile(self.word.encode())

    @property
    def logs(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.site.folder.glob("*.log"))]

    @property
    def redis(self) -> list[bytes]:
        return [*self.heard, *contents(self.site.redis.url)]


class Visitor:
    """The reader whose data must stay home: every form from another spelling of the same."""

    def __init__(self, told: Told, http: aiohttp.ClientSession) -> None:
        self.told, self.http = told, http
        self.reader = Reader(told.site, http)
        self._sent = 0

    def form(self, **fields: Any) -> dict[str, Any]:
        word = self.told.word
        own = {
            "name": f"{CLEAN['name']} {word}",
            "phone": PHONES[self._sent % len(PHONES)],
            "title": f"{CLEAN['title']} {word}",
            "content": f"{fields.pop('content', CLEAN['content'])} {word}",
        }
        return self.reader.form(**{**own, **fields})

    def headers(self) -> dict[str, str]:
        self._sent += 1
        return {"X-Forwarded-For": ADDRESSES[self._sent % len(ADDRESSES)]}

    async def accepted(self, state: str, **fields: Any) -> str:
        status, answer = await self.reader.post(self.form(**fields), headers=self.headers())
        assert status == 202, answer
        if state:
            await self.reader.reaches(answer["id"], state)
        return str(answer["id"])

    async def refused(self, status: int, body: Any, path: str = "", **headers: str) -> None:
        url = f"{self.told.site.intake}{path or f'/v1/articles/{ARTICLE}/comments'}"
        # Some are answered before they are read; no other request may wait behind the rest.
        sent = {"Content-Type": "application/json", "Connection": "close"}
        sent |= {**self.headers(), **headers}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.http.post(url, data=raw, headers=sent) as response:
            self.told.errors += [await response.read(), str(response.headers).encode()]
            assert response.status == status, self.told.errors[-2]


async def live_through(told: Told, visitor: Visitor, desk: Desk) -> None:
    """All that can happen to what a reader sends."""
    told.published = await visitor.accepted("published")
    held = [await visitor.accepted("held", content=told.doubtful) for _ in PHONES]
    told.rejected, removed = held[:2]
    await reveal(told, desk, held[2])
    await desk.decides("reject", told.rejected, reason="spam")
    await desk.decides("approve", removed)
    await visitor.reader.reaches(removed, "published")
    await desk.decides("remove", removed)
    await refusals(visitor)
    await ledger_errors(told, visitor)
    await store_errors(told, visitor, desk, held[3])
    await look_around(told, desk, [told.published, *held])


async def reveal(told: Told, desk: Desk, submission: str) -> None:
    """Number and address in full, asked for as a program and as a person does."""
    headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
    url = f"{desk.site.moderation}/v1/submissions/{submission}/reveal"
    page = f"{desk.site.moderation}/submissions/{submission}/reveal"
    for face in (url, page):
        async with desk.http.post(face, json={}, headers=headers) as response:
            assert response.status == 200
            told.revealed.append(await response.read())


async def refusals(visitor: Visitor) -> None:
    """Forms with every kind of mistake in them."""
    form = visitor.form()
    await visitor.refused(422, {**form, "name": ""})
    await visitor.refused(422, {**form, "phone": form["phone"] + "0" * 60})
    await visitor.refused(422, {**form, "phone": form["phone"] + "\u0001"})
    await visitor.refused(422, {**form, "name": form["name"] + "\u0000"})
    await visitor.refused(422, {**form, "phone": [form["phone"]]})
    await visitor.refused(422, {**form, "parent_id": "none"})
    await visitor.refused(422, {**form, "captcha_answer": "sai"})
    await visitor.refused(422, form)
    await visitor.refused(400, json.dumps(form).encode()[:-1])
    await visitor.refused(400, json.dumps(form).encode() + b"\xff")
    await visitor.refused(413, {**form, "content": form["content"] * 2_000})
    await visitor.refused(415, form, **{"Content-Type": "text/plain"})
    await visitor.refused(415, form, **{"Content-Encoding": "gzip"})
    await visitor.refused(404, form, "/v1/articles/khong-co-bai-nay/comments")


FAULTS = {
    "admitted": "BEFORE INSERT ON submissions",
    "held": "BEFORE INSERT ON verdicts",
    "published": "BEFORE UPDATE ON submissions WHEN NEW.state = 'published'",
}


async def ledger_errors(told: Told, visitor: Visitor) -> None:
    """The ledger refuses a row: when it is admitted, judged, published."""
    async with fault(told.site, "admitted"):
        await visitor.refused(500, visitor.form())
    for state, content in (("held", told.doubtful), ("published", CLEAN["content"])):
        before = failed_jobs(told.site)

        async def failed(before: int = before) -> bool:
            return failed_jobs(told.site) > before

        async with fault(told.site, state):
            submission = await visitor.accepted("", content=content)
            await until(failed, "a job has failed")
        await visitor.reader.reaches(submission, state)


def failed_jobs(site: Installation) -> int:
    with redis_client.Redis.from_url(site.redis.url) as connection:
        return sum(
            len(FailedJobRegistry(queue=open_queue(name, connection)).get_job_ids())
            for name in QUEUES
        )


@asynccontextmanager
async def fault(site: Installation, name: str) -> AsyncIterator[None]:
    """While it lasts, the ledger refuses what FAULTS says."""
    refusal = f"CREATE TRIGGER fault {FAULTS[name]} BEGIN SELECT RAISE(ABORT, 'no'); END"
    await execute(site, refusal)
    yield
    await execute(site, "DROP TRIGGER fault")


async def execute(site: Installation, statement: str) -> None:
    ledger = site.ledger()
    async with ledger.database.writing() as connection:
        await connection.execute(sql.text(statement))
    await ledger.close()


async def store_errors(told: Told, visitor: Visitor, desk: Desk, submission: str) -> None:
    """The article store dies, work is stuck, the store comes back."""
    told.site.kill("articles")
    await desk.decides("approve", submission)

    async def stuck() -> bool:
        return bool((await desk.find(submission))["stuck"])

    await until(stuck, "the comment is stuck")
    told.desk.append((await desk.page("/stuck")).encode())
    await told.site.start("articles")
    headers = {"Origin": desk.site.moderation}
    form = {"csrf": desk.csrf, "submission": submission}
    async with desk.http.post(
        f"{desk.site.moderation}/stuck/replay", data=form, headers=headers
    ) as response:
        assert response.status == 200
    await visitor.reader.reaches(submission, "published")


async def look_around(told: Told, desk: Desk, ids: list[str]) -> None:
    """What a moderator looks at without asking to see a number."""
    paths = ["/", "/?state=all", f"/?q={told.word}&state=all", "/audit", "/rules/words", "/stuck"]
    paths += [f"/rules/{tab}" for tab in ("bans", "policy", "articles", "reasons")]
    paths += [f"/submissions/{submission}" for submission in ids]
    paths += [f"/v1/submissions/{submission}" for submission in ids]
    for path in [*paths, "/v1/submissions?state=all&limit=100", "/v1/stats"]:
        async with desk.http.get(desk.site.moderation + path) as response:
            assert response.status == 200, path
            told.desk.append(await response.read())


async def read_public(told: Told, http: aiohttp.ClientSession) -> None:
    """What everyone may read, and every service's metrics."""
    site = told.site
    article = f"{site.articles}/v1/articles/{ARTICLE}"
    for url in (
        f"{article}/comments",
        f"{article}/comments.atom",
        article,
        f"{site.articles}/articles/{ARTICLE}",
        f"{site.intake}/v1/submissions/{told.published}",
    ):
        async with http.get(url) as response:
            assert response.status == 200, url
            told.public += [await response.read(), str(response.headers).encode()]
    for service in (site.intake, site.moderation, site.articles):
        for path in ("/metrics", "/readyz"):
            async with http.get(service + path) as response:
                told.metrics.append(await response.read())
