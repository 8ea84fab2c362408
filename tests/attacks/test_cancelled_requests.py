"""Clients that hang up before their answer, by the thousand: nobody gets what was another's."""

import asyncio
import contextlib
import json
import random
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sql
from yarl import URL

from commentdesk.ledger.tables import events, submissions
from tests.attacks.wire import comment_path, connect, connections_of, in_turns, post_bytes
from tests.installation import Installation, until
from tests.reader import CLEAN, Desk, Reader

SERVICES = ("intake", "moderation", "articles")
FORMS, READS, AT_ONCE, HONEST = 800, 200, 24, 6
ARTICLES = ("pho-di-bo-mua-thu", "night-train-timetable", "library-of-things")
_TRIES = 4


@dataclass
class Crowd:
    """Who hangs up, what they had sent, and what became of the honest meanwhile."""

    site: Installation
    desk: Desk
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    sent: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    rounds: int = 0

    async def hang_up_after_form(self, number: int) -> None:
        article = ARTICLES[number % 3]
        captcha = self.site.captcha(article)
        form = {
            **CLEAN,
            "content": f"Người bỏ đi thứ {number}.",
            "phone": f"09{number:08}",
            "captcha_id": captcha.id,
            "captcha_answer": captcha.answer if number % 10 else "sai",
        }
        self.sent[bytes.fromhex(captcha.nonce)] = {**form, "article": article}
        # A network each: what is asked of the limits is answered to each by itself.
        address = f"X-Forwarded-For: 2001:db8:{number:x}::1"
        body = json.dumps(form).encode()
        await self._hang_up(
            "intake", post_bytes(comment_path(article), body, "application/json", address)
        )

    async def hang_up_after_read(self, number: int) -> None:
        article = ARTICLES[number % 3]
        await self._hang_up("articles", _get(f"/articles/{article}"))
        await self._hang_up("articles", _get(f"/v1/articles/{article}/comments"))
        cookies = self.desk.http.cookie_jar.filter_cookies(URL(self.site.moderation))
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
        await self._hang_up("moderation", _get(f"/?state=all&q={number}", f"Cookie: {cookie}"))

    async def _hang_up(self, service: str, request: bytes) -> None:
        reader, writer = await connect(getattr(self.site, service))
        writer.write(request)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        if self.chance.random() < 0.1:  # In the middle of the answer, however long it took.
            await reader.read(1)
        else:
            await asyncio.sleep(self.chance.choice([0, 0, 0.002, 0.01, 0.03, 0.08]))
        writer.transport.abort() if self.chance.random() < 0.3 else writer.close()

    async def honest_round(self, number: int) -> None:
        """Everything one reader can be answered; each answer must be his own."""
        self.rounds += 1
        article = ARTICLES[number % 3]
        address = {
            "X-Forwarded-For": f"10.{number // 250}.{self.rounds // 250}.{self.rounds % 250}"
        }
        async with aiohttp.ClientSession(headers=address) as http:
            reader = Reader(self.site, http)

            async def posts(form: dict[str, Any]) -> tuple[int, dict[str, Any]]:
                return await reader.post(form, article=article)

            burnt = reader.form(article)
            assert _code(await posts({**burnt, "captcha_answer": "sai"})) == "captcha_wrong"
            assert _code(await posts(burnt)) == "captcha_burnt"
            form = reader.form(article, content=f"Người ở lại thứ {number}.{self.rounds}")
            status, first = await posts(form)
            assert status == 202, first
            assert await posts(form) == (202, first)
            status, refused = await posts(reader.form(article))
            assert (status, refused["code"]) == (429, "too_many_requests")
            found = await self.desk.find(first["id"])
            assert (found["id"], found["content"]) == (first["id"], form["content"])
            assert await reader.state(first["id"]) == "received"
            async with http.get(f"{self.site.articles}/v1/articles/{article}") as response:
                assert (await response.json())["id"] == article


@pytest.mark.slow
async def test_nobody_gets_an_answer_that_was_anothers(fragile: Installation) -> None:
    limits = {
        "LIMITS": "on",
        "SUBMISSIONS_LIMIT": f"{_TRIES}/hour",
        "TRUSTED_PROXIES": "127.0.0.0/8",
    }
    fragile.environment |= {f"COMMENTDESK_{name}": value for name, value in limits.items()}
    await fragile.account("mai", "admin")
    await fragile.start(*SERVICES)
    desk = await Desk.log_in(fragile, "mai")
    await _all_parts_work(fragile, 1)
    crowd = Crowd(fragile, desk)
    leaving = asyncio.gather(
        in_turns(FORMS, AT_ONCE, crowd.hang_up_after_form),
        in_turns(READS, AT_ONCE // 2, crowd.hang_up_after_read),
    )

    async def stay(number: int) -> None:
        while crowd.rounds < HONEST or not leaving.done():
            await crowd.honest_round(number)

    await asyncio.gather(leaving, *(stay(number) for number in range(HONEST)))
    await desk.close()
    for service in SERVICES:
        await until(lambda name=service: _deserted(fragile, name), f"{service} lets go")
    await _all_parts_work(fragile, 20)
    await _each_is_there_whole_or_not_at_all(fragile, crowd.sent)


async def _each_is_there_whole_or_not_at_all(
    site: Installation, sent: dict[bytes, dict[str, Any]]
) -> None:
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        rows = (await connection.execute(sql.select(submissions))).all()
        logged = (await connection.execute(sql.select(events.c.submission))).scalars().all()
    assert sorted(logged) == sorted(row.id for row in rows)
    left = [row for row in rows if row.captcha_nonce in sent]
    for row in left:
        form = sent[row.captcha_nonce]
        assert form["captcha_answer"] != "sai"
        kept = {name: getattr(row, name) for name in ("article", "name", "title", "content")}
        assert kept == {name: form[name] for name in kept}
        assert ledger.unseal(row.phone_sealed, row.id) == form["phone"]
        assert (row.state, row.version, row.work) == ("received", 1, "check")
    await ledger.close()
    assert left, "nobody hung up in the middle"


async def _all_parts_work(site: Installation, at_once: int) -> None:
    async with aiohttp.ClientSession() as http:
        for service in SERVICES:
            async with http.get(f"{getattr(site, service)}/readyz") as response:
                parts = (await response.json())["parts"]
                assert set(parts.values()) == {"ok"}
        reader = Reader(site, http)

        async def post(number: int) -> str:
            article = ARTICLES[number % 3]
            headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            status, answer = await reader.post(reader.form(article), article, headers=headers)
            assert status == 202, answer
            return str(answer["id"])

        posted = await asyncio.gather(*(post(number) for number in range(3 * at_once)))
    assert len({*posted}) == 3 * at_once


async def _deserted(site: Installation, service: str) -> bool:
    return not connections_of(site, service)


def _get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def _code(answer: tuple[int, dict[str, Any]]) -> str:
    assert answer[0] == 422, answer
    return str(answer[1]["errors"][0]["code"])
