"""Somebody at a browser of their own before the console: keeps cookies, follows no redirect."""

import html
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from tests.installation import PASSWORD, Installation


@dataclass(frozen=True)
class Answer:
    """What a request was answered with."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def words(self) -> str:
        """What is read on the page: its text without the tags."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.text)).split())

    def alerts(self) -> list[str]:
        """What the page says is wrong."""
        return [html.unescape(found) for found in re.findall(r'role="alert">([^<]*)<', self.text)]


class Person:
    """One browser with one cookie jar."""

    def __init__(self, site: Installation, http: aiohttp.ClientSession) -> None:
        self.site, self.http, self.csrf = site, http, ""

    async def get(self, path: str, **params: str) -> Answer:
        return await self._ask("GET", path, params={"lang": "en", **params})

    async def post(self, path: str, **fields: str) -> Answer:
        """Send a form as the page last seen would."""
        return await self._ask("POST", path, data={"csrf": self.csrf, **fields})

    async def log_in(self, login: str, password: str = PASSWORD, code: str = "") -> Answer:
        """With the code, if one is given, on the second page; the last answer."""
        answer = await self.post("/login", login=login, password=password)
        if answer.location.startswith("/login/code") and code:
            answer = await self.post("/login/code", code=code)
        if answer.location == "/":
            await self.get("/account")
        return answer

    async def is_in(self) -> bool:
        """Whether the desk opens."""
        return (await self.get("/account")).status == 200

    def cookie(self, name: str = "session") -> str:
        found = {morsel.key: morsel.value for morsel in self.http.cookie_jar}
        return found.get(f"commentdesk_{name}", "")

    def set_cookie(self, name: str, value: str) -> None:
        self.http.cookie_jar.update_cookies(
            {f"commentdesk_{name}": value}, URL(self.site.moderation)
        )

    async def _ask(self, method: str, path: str, **more: Any) -> Answer:
        async with self.http.request(
            method,
            self.site.moderation + path,
            headers={"Origin": self.site.moderation, "User-Agent": FIREFOX},
            allow_redirects=False,
            **more,
        ) as response:
            answer = Answer(response.status, response.headers, await response.text())
        if found := re.search(r'data-csrf="([^"]+)"', answer.text):
            self.csrf = found[1]
        return answer


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"


@asynccontextmanager
async def person_at(site: Installation, address: str = "127.0.0.1") -> AsyncIterator[Person]:
    """Somebody new, at this address of loopback."""
    connector = aiohttp.TCPConnector(family=socket.AF_INET, local_addr=(address, 0))
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
        yield Person(site, http)
