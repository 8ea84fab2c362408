"""One-time codes for tests: a gateway for text messages that can fail, and readers who ask."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis, until
from tests.reader import ARTICLE, Reader

SECRET = "whsec_" + "c2VjcmV0IGtleSBvZiB0aGUgdGVzdHMgb25seQ=="
SESSION = "a-session-of-a-browser-1"
_NUMBERS = count(1)
_ADDRESSES = count(1)


def new_number() -> str:
    """A mobile number nobody has used yet."""
    return f"0912{next(_NUMBERS):06}"


def e164(number: str) -> str:
    return f"+84{number[1:]}"


def from_new_address() -> dict[str, str]:
    number = next(_ADDRESSES)
    return {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250 + 1}"}


class Gateway:
    """Takes messages (`honest`), or fails as `behaviour` says: error, redirect, hang."""

    def __init__(self) -> None:
        self.behaviour = "honest"
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.redirected = 0
        self.opens = asyncio.Event()
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen, on the port it had before if it had one."""
        app = web.Application()
        app.router.add_post("/sms", self._take)
        app.router.add_route("*", "/elsewhere", self._elsewhere)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "PHONE_CODE_SENDER": "http",
            "PHONE_CODE_GATEWAY": f"http://127.0.0.1:{self.port}/sms",
            "PHONE_CODE_GATEWAY_SECRET": SECRET,
        }

    def messages(self, number: str) -> list[dict[str, str]]:
        """What it was given for a number."""
        data = [json.loads(body)["data"] for _, body in self.calls]
        return [message for message in data if message["phone"] == e164(number)]

    async def code(self, number: str, nth: int = 1) -> str:
        """The code of the nth message to a number, once it is there."""

        async def there() -> bool:
            return len(self.messages(number)) >= nth

        await until(there, f"{nth} messages")
        return self.messages(number)[nth - 1]["code"]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.calls.append((dict(request.headers), await request.read()))
        match self.behaviour:
            case "error":
                return web.Response(status=500, text=str(self.calls[-1]))
            case "redirect":
                raise web.HTTPTemporaryRedirect("/elsewhere")
            case "hang":
                await self.opens.wait()
        return web.Response(status=202)

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        self.redirected += 1
        return web.Response()


@asynccontextmanager
async def standing_gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


@asynccontextmanager
async def code_site(
    folder: Path,
    *names: str,
    databases: tuple[str, str] | None = None,
    **extra: Any,
) -> AsyncIterator[Installation]:
    """An installation with a Redis, and so with budgets, of its own."""
    redis = Redis(folder)
    settings = {
        "PHONE_CODES": "offered",
        "TRUSTED_PROXIES": "127.0.0.0/8,::1/128",
        "LOG_LEVEL": "DEBUG",
        **extra,
    }
    installation = Installation(folder, redis, databases or sqlite_urls(folder), **settings)
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.start(*(names or ("articles", "intake")))
    try:
        yield installation
    finally:
        installation.stop()
        redis.stop()


@dataclass(frozen=True)
class Answer:
    """An answer, and all of it that does not change with the clock."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(error["field"], error["code"]) for error in self.document["errors"]]


class Asker(Reader):
    """A reader who asks for codes, each time from an address of their own."""

    async def ask(
        self, phone: Any, *, headers: dict[str, str] | None = None, **fields: Any
    ) -> Answer:
        """Ask with a fresh captcha, its answer included."""
        captcha = self.site.captcha(ARTICLE)
        body = {
            "article": ARTICLE,
            "phone": phone,
            "captcha_id": captcha.id,
            "captcha_answer": captcha.answer,
            **fields,
        }
        url = f"{self.site.intake}/v1/phone-codes"
        sent = headers or from_new_address()
        async with self.http.post(url, json=body, headers=sent) as response:
            kept = {n: v for n, v in response.headers.items() if n not in {"Date"}}
            return Answer(response.status, await response.read(), tuple(sorted(kept.items())))

    async def asked(self, phone: str, **fields: Any) -> str:
        """Ask, and be answered; the session."""
        answer = await self.ask(phone, **fields)
        assert answer.status == 202, answer
        return str(answer.document["phone_code_session"])

    async def metric(self, result: str, name: str = "commentdesk_phone_codes_total") -> int:
        """How many codes (or tries) had this result so far."""
        async with self.http.get(f"{self.site.intake}/metrics") as response:
            text = await response.text()
        found = re.search(rf'^{name}{{result="{result}"}} ([\d.]+)$', text, re.MULTILINE)
        return int(float(found[1])) if found else 0

    async def counted(self, result: str, more_than: int) -> None:
        """Wait until another code had this result."""

        async def more() -> bool:
            return await self.metric(result) > more_than

        await until(more, f"one more is {result}")

    async def send(self, phone: str, code: str, session: str, **fields: Any) -> tuple[int, Any]:
        form = self.form(phone=phone, phone_code=code, phone_code_session=session, **fields)
        return await self.post(form)


def errors_of(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer["errors"]]


def other_than(code: str, step: int = 1) -> str:
    """A code of the right length that is not this one."""
    return f"{(int(code) + step) % 10**6:06}"


@asynccontextmanager
async def asker_of(site: Installation) -> AsyncIterator[Asker]:
    async with aiohttp.ClientSession() as http:
        yield Asker(site, http)
