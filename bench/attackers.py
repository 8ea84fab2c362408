"""The attackers of bench/attacks.py, in a process of their own: `python -m bench.attackers NAME`.

They go on until their standard input ends, and print how often they were answered.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from urllib.parse import urlsplit

import aiohttp

from commentdesk.sealing import Sealing
from commentdesk.settings import Settings
from services.intake.captcha.minting import CaptchaMint
from services.intake.mint import PURPOSE
from tests.reader import ARTICLE, CLEAN

CLIENTS = 8
IDLE = 1_000
DRIPS = 200
_LARGE = b'{"name": "' + b"a" * 2**20 + b'"}'
_HEAD = b"POST /v1/captchas HTTP/1.1\r\nHost: localhost\r\n"
_BODY = b"Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n"


class Attackers:
    """What each attack does, by name, on one intake."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession) -> None:
        self._url, self._http = settings.intake_url, http
        sealing = Sealing(settings.secret.get_secret_value(), PURPOSE)
        self._mint = CaptchaMint(sealing, settings.captcha_seconds)
        self._answered = count()

    async def run(self, name: str) -> None:
        """Never ends."""
        match name:
            case "headers":
                await self._stand(DRIPS, _HEAD, b"X: a\r\n")
            case "bodies":
                await self._stand(DRIPS, _HEAD + _BODY, b" ")
            case "idle":
                await self._stand(IDLE, b"", b"")
            case _:
                await asyncio.gather(*(self._flood(FLOODS[name]) for _ in range(CLIENTS)))

    def answered(self) -> int:
        return next(self._answered)

    async def plain(self) -> None:
        async with self._http.get(f"{self._url}/v1/thanks") as response:
            await response.read()

    async def large(self) -> None:
        await self._post(_LARGE)

    async def deep(self) -> None:
        await self._post(b"[" * 60_000)

    async def flat(self) -> None:
        await self._post(b"[" + b"[]," * 20_000 + b"1]")

    async def keys(self) -> None:
        await self._post(b"{" + b",".join(b'"%d":1' % n for n in range(6_000)) + b"}")

    async def marks(self) -> None:
        form = self._wrong_form() | {"title": "a" + "\u0301\u0323" * 15_000}
        await self._post(json.dumps(form, ensure_ascii=False).encode())

    async def wrong(self) -> None:
        await self._post(json.dumps(self._wrong_form()).encode())

    async def picture(self) -> None:
        await self._get("image")

    async def sound(self) -> None:
        await self._get("audio")

    async def _flood(self, act: Callable[["Attackers"], Awaitable[None]]) -> None:
        while True:
            await act(self)
            next(self._answered)

    async def _stand(self, connections: int, start: bytes, drop: bytes) -> None:
        standing = [await self._connect(start) for _ in range(connections)]
        print("ready", flush=True)
        while True:
            for writer in standing:
                writer.write(drop)
            await asyncio.sleep(1)

    async def _connect(self, start: bytes) -> asyncio.StreamWriter:
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(self._url).port)
        writer.write(start)
        return writer

    async def _post(self, body: bytes) -> None:
        url = f"{self._url}/v1/articles/{ARTICLE}/comments"
        headers = {"Content-Type": "application/json"}
        async with self._http.post(url, data=body, headers=headers) as response:
            assert 400 <= response.status < 500, await response.text()

    async def _get(self, what: str) -> None:
        captcha = self._mint.mint(ARTICLE)
        async with self._http.get(f"{self._url}/v1/captchas/{captcha.id}/{what}") as response:
            assert response.status == 200, await response.text()
            await response.read()

    def _wrong_form(self) -> dict[str, str]:
        captcha = self._mint.mint(ARTICLE)
        return {**CLEAN, "captcha_id": captcha.id, "captcha_answer": "sai"}


FLOODS = {
    "plain": Attackers.plain,
    "large": Attackers.large,
    "deep": Attackers.deep,
    "flat": Attackers.flat,
    "keys": Attackers.keys,
    "marks": Attackers.marks,
    "wrong": Attackers.wrong,
    "picture": Attackers.picture,
    "sound": Attackers.sound,
}


async def main() -> None:
    async with aiohttp.ClientSession() as http:
        attackers = Attackers(Settings(), http)
        attacking = asyncio.create_task(attackers.run(sys.argv[1]))
        if sys.argv[1] in FLOODS:
            print("ready", flush=True)
        ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        done, _ = await asyncio.wait([attacking, ended], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        attacking.cancel()
        print(attackers.answered())


if __name__ == "__main__":
    asyncio.run(main())
