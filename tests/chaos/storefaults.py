"""A proxy before the article store that makes it slow, failing, busy, hanging, or lose replies."""

import asyncio
import random

import aiohttp
from aiohttp import web

FAULTS = ("slow", "failing", "busy", "hanging", "losing")
WELL = "well"
_PASSED_ON = ("Authorization", "Content-Type")


class StoreFaults:
    """Stands where workers and intake look for the article store."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.store = ""
        self._port = port
        self._chance = chance
        self._mode = WELL
        self._changed = asyncio.Event()
        self.lost = 0

    async def start(self) -> None:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))

    async def close(self) -> None:
        self.become(WELL)
        await self._session.close()
        await self._runner.cleanup()

    def become(self, mode: str) -> None:
        """From now on; who hangs is let go."""
        self._mode = mode
        self._changed.set()
        self._changed = asyncio.Event()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        mode, changed = self._mode, self._changed
        if mode == "failing":
            return web.Response(status=500)
        if mode == "busy":
            return web.Response(status=429, headers={"Retry-After": "1"})
        if mode == "hanging":
            await changed.wait()
            return self._hang_up(request)
        if mode == "slow":
            await asyncio.sleep(self._chance.uniform(0.2, 2.5))
        answer = await self._forward(request)
        if mode == "losing":
            self.lost += 1
            return self._hang_up(request)
        return answer

    async def _forward(self, request: web.Request) -> web.Response:
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        try:
            async with self._session.request(
                request.method,
                self.store + request.path_qs,
                data=await request.read(),
                headers=headers,
            ) as answer:
                return web.Response(
                    status=answer.status,
                    body=await answer.read(),
                    content_type=answer.content_type,
                )
        except (aiohttp.ClientError, OSError):
            return self._hang_up(request)

    @staticmethod
    def _hang_up(request: web.Request) -> web.Response:
        if request.transport:
            request.transport.abort()
        return web.Response(status=502)
