"""Requests and stops that stay under way until a test lets them go on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import sqlalchemy as sql
from aiohttp import web

from commentdesk.database import Database
from tests.installation import Installation, until


@asynccontextmanager
async def write_lock(database: Database, table: str) -> AsyncIterator[None]:
    """Another writer is at work: whoever wants to write to the table waits."""
    async with database.writing() as connection:
        if database.dialect == "postgresql":
            await connection.execute(sql.text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
        yield


class InFlight:
    """One request that the service has received; its answer can be waited for."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def send(cls, method: str, url: str, body: Any, **headers: str) -> "InFlight":
        """Send it on a connection of its own, and see that the service has it."""
        parts = urlsplit(url)
        content = json.dumps(body).encode()
        lines = [f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}", "", ""]
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write("\r\n".join(lines).encode() + content)
        await writer.drain()
        # The service reads in the order of arrival: this one comes after it.
        health = f"{parts.scheme}://{parts.netloc}/healthz"
        async with aiohttp.ClientSession() as http, http.get(health) as response:
            assert response.status == 200
        return cls(reader, writer)

    async def answer(self) -> tuple[int, Any]:
        """Status and JSON; the service closes the connection after it."""
        head, _, body = (await self._reader.read()).partition(b"\r\n\r\n")
        self._writer.close()
        return int(head.split()[1]), json.loads(body)


async def stopping(site: Installation, name: str) -> "asyncio.Task[int]":
    """SIGTERM; the service takes no new connection, and the task ends with its exit code."""
    ending = asyncio.create_task(asyncio.to_thread(site.terminate, name))
    parts = urlsplit(getattr(site, name))

    async def refuses() -> bool:
        try:
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        except OSError:
            return True
        writer.close()
        return False

    await until(refuses, f"{name} takes no new connection")
    return ending


class SlowRoad:
    """A road to an article store on which every call is held until it is let through."""

    def __init__(self, store: str) -> None:
        self._store = store
        self.arrived: list[str] = []
        self.open = asyncio.Event()

    @asynccontextmanager
    async def built(self) -> AsyncIterator[str]:
        """Its address, as long as it stands."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _pass(self, request: web.Request) -> web.Response:
        self.arrived.append(f"{request.method} {request.path}")
        body = await request.read()
        await self.open.wait()
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type")}
        url = self._store + request.path_qs
        async with (
            aiohttp.ClientSession() as http,
            http.request(request.method, url, data=body, headers=headers) as response,
        ):
            return web.Response(status=response.status, body=await response.read())
