"""A site where everything anybody could type is a payload, in every state a comment can be in."""

import asyncio
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp

from commentdesk.database import now
from commentdesk.ledger.tables import submissions
from commentdesk.phones import PhoneRefused, read_phone
from tests.attacks.payloads import ALL, ON_ONE_LINE, PAYLOADS, POLYGLOT
from tests.installation import PASSWORD, Installation, until
from tests.reader import Desk, Reader

ARTICLE, CLOSED = "a-hostile", "a-hostile-closed"
LOGIN = "<img src=x onerror=pwned()>'\"><svg onload=alert(1)>"
ADDRESS = "https://news.example/?'onmouseover='pwned()&x=<script>pwned()</script>"
_PHONE_LENGTH, _NOTE_LENGTH, _POSTS_AT_ONCE = 40, 500, 4


@dataclass(frozen=True)
class Hostile:
    """Submissions by what became of them."""

    published: Sequence[str]
    held: Sequence[str]
    rejected: Sequence[str]
    removed: Sequence[str]
    stuck: Sequence[str]


def shown(text: str) -> str:
    """A one-line field as it is kept."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def form(text: str) -> dict[str, str]:
    """The payload in every field it fits; all payloads in the content."""
    return {"name": text, "title": text, "phone": phone_of(text), "content": ALL}


def phone_of(text: str) -> str:
    """The payload beside a number, where the two are still taken for one."""
    beside = f"0912345678 {text}"
    try:
        read_phone(beside, "VN")
    except PhoneRefused:
        return "0912345678"
    return beside if len(beside) <= _PHONE_LENGTH else "0912345678"


async def post(reader: Reader, text: str, article: str = ARTICLE) -> str:
    """Send the payload in the fields and in the headers too; the id of what was accepted."""
    headers = {name: quote(text, safe=" <>\"'()=/;:&{}") for name in ("User-Agent", "Referer")}
    filled = reader.form(article, **form(text))
    status, answer = await reader.post(filled, article, headers=headers)
    assert status == 202, answer
    return str(answer["id"])


async def post_all(reader: Reader, texts: Sequence[str]) -> list[str]:
    """A submission for each of the texts, a few at a time."""
    made: list[str] = []
    for start in range(0, len(texts), _POSTS_AT_ONCE):
        some = texts[start : start + _POSTS_AT_ONCE]
        made += await asyncio.gather(*(post(reader, text) for text in some))
    return made


async def checked(reader: Reader, ids: Sequence[str]) -> None:
    """Wait until the workers have made up their mind about all of them."""
    for submission in ids:

        async def done(submission: str = submission) -> bool:
            return await reader.state(submission) in {"held", "rejected", "published"}

        await until(done, f"{submission} is checked")


async def publish(reader: Reader, desk: Desk, ids: Sequence[str]) -> None:
    """Whatever the checks said, have them under the article."""
    found = [await desk.find(submission) for submission in ids]
    for state, action in (("held", "approve"), ("rejected", "restore")):
        items = [(str(one["id"]), int(one["version"])) for one in found if one["state"] == state]
        if items:
            status, answer = await desk.decide(action, *items)
            assert status == 200, answer
    for submission in ids:
        await reader.reaches(submission, "published")


async def fill(site: Installation) -> Hostile:
    """Fill the site, by the doors that readers, newsrooms and moderators use."""
    await site.account(LOGIN, "admin")
    desk = await Desk.log_in(site, "mai", PASSWORD)
    async with aiohttp.ClientSession() as http:
        reader = Reader(site, http)
        await _put_articles(site, http)
        await _put_words(desk)
        published = await post_all(reader, [payload.text for payload in PAYLOADS])
        others = await post_all(reader, [payload.text for payload in PAYLOADS[:13]])
        await checked(reader, [*published, *others])
        await publish(reader, desk, [*published, others[0]])
        await desk.decides("remove", others[0], reason=POLYGLOT.text, note=POLYGLOT.text)
        rejected = await _reject(desk, others[1:8])
        await _get_stuck(site, others[8])
    await desk.close()
    return Hostile(published, others[9:], rejected, others[:1], others[8:9])


async def _put_articles(site: Installation, http: aiohttp.ClientSession) -> None:
    body: dict[str, Any] = {
        "title": ON_ONE_LINE[:500],
        "lead": ALL,
        "body": "\n\n".join(payload.text for payload in PAYLOADS),
        "section": POLYGLOT.text,
        "url": ADDRESS,
        "language": "vi",
        "published_at": "2026-09-26T02:50:00Z",
    }
    for article, comments in ((ARTICLE, "open"), (CLOSED, "closed")):
        async with http.put(
            f"{site.articles}/v1/articles/{article}",
            json={**body, "comments": comments},
            headers={"Authorization": f"Bearer {site.token}"},
        ) as response:
            assert response.status == 201, await response.text()


async def _put_words(desk: Desk) -> None:
    # One that a check finds in the payloads and quotes as its reason, the others to be listed.
    words = [("script", "suspect"), (LOGIN, "banned"), (POLYGLOT.text, "allowed")]
    for text, kind in words:
        async with desk.http.post(
            f"{desk.site.moderation}/rules/words",
            data={"csrf": desk.csrf, "text": text, "kind": kind},
            headers={"Origin": desk.site.moderation},
        ) as response:
            assert response.status == 200, await response.text()


async def _reject(desk: Desk, ids: Sequence[str]) -> list[str]:
    """Reject those that wait, every payload in some note; the ones rejected."""
    starts = range(0, len(ON_ONE_LINE), _NOTE_LENGTH)
    notes = [ON_ONE_LINE[start : start + _NOTE_LENGTH] for start in starts]
    rejected = []
    for number, submission in enumerate(ids):
        if (await desk.find(submission))["state"] == "held":
            note = notes[number % len(notes)]
            await desk.decides("reject", submission, reason=POLYGLOT.text, note=note)
        rejected.append(submission)
    return rejected


async def _get_stuck(site: Installation, submission: str) -> None:
    """As after a store that refused it in hostile words."""
    ledger = site.ledger()
    stuck = {"state": "approved", "work": "publish", "error": ALL, "stuck_at": now()}
    async with ledger.database.writing() as connection:
        await connection.execute(
            submissions.update().where(submissions.c.id == submission).values(**stuck)
        )
    await ledger.close()
