"""Outside engines to ask: an HTTP server that can behave in many ways, and a real spamd."""

import asyncio
import os
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from commentdesk.settings import Settings
from tests.installation import until
from tests.scratch import ends_with_us, scratch

SECRET = "whsec_" + "c2VjcmV0IGtleSBvZiB0aGUgdGVzdHMgb25seQ=="
COMPANY = 8
SPAM_WORD = "vidu-casino"
_SPAMD = "/usr/sbin/spamd"
_BASE = {
    "ledger_url": "sqlite+aiosqlite:///unused.db",
    "articles_database_url": "sqlite+aiosqlite:///unused.db",
    "redis_url": "redis://unused",
    "secret": "s" * 40,
    "service_token": "t" * 40,
    "articles_url": "https://bao.example",
    # What answers is waited for, however busy the machine is.
    "lease_seconds": 120,
    "engine_seconds": 60,
}


def settings(**more: Any) -> Settings:
    """Settings of an installation of which only the engines matter."""
    return Settings.model_validate({**_BASE, **more})


class Outside:
    """Akismet's protocol under /1.1/comment-check, a signed endpoint under /check.

    `behaviour` says how it answers: as agreed (`honest`), or otherwise.
    """

    def __init__(self) -> None:
        self.behaviour = "honest"
        self.asked: list[dict[str, Any]] = []
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answer: bytes | None = None
        self.redirected = 0
        self.opens = asyncio.Event()
        self.at_once = self.most_at_once = 0
        self.url = ""
        self._port = 0
        self._runner: web.AppRunner | None = None

    @property
    def endpoint(self) -> dict[str, str]:
        """The settings with which it is asked as an endpoint."""
        return {"endpoint_url": f"{self.url}/check", "endpoint_secret": SECRET}

    @property
    def akismet(self) -> dict[str, str]:
        return {"akismet_url": self.url, "akismet_key": "akismet-key"}

    @asynccontextmanager
    async def standing(self) -> AsyncIterator["Outside"]:
        await self.start()
        try:
            yield self
        finally:
            await self.stop()

    async def start(self) -> None:
        """Listen, on the port it had before if it had one."""
        app = web.Application()
        app.router.add_post("/1.1/comment-check", self._akismet)
        app.router.add_post("/check", self._endpoint)
        app.router.add_route("*", "/elsewhere", self._elsewhere)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _akismet(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        fields = {name: value[0] for name, value in parse_qs(body.decode()).items()}
        self.asked.append(fields)
        is_spam = SPAM_WORD in fields["comment_content"]
        tip = {"X-akismet-pro-tip": "discard"} if "discard" in fields["comment_content"] else {}
        return await self._behave(request, body, b"true" if is_spam else b"false", tip)

    async def _endpoint(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        document = (await request.json())["data"]
        self.asked.append(document)
        outcome = "suspect" if SPAM_WORD in document["content"] else "clean"
        score, reasons = (0.7, '["our list"]') if outcome == "suspect" else (0, "[]")
        honest = f'{{"outcome": "{outcome}", "score": {score}, "reasons": {reasons}}}'
        return await self._behave(request, body, honest.encode(), {})

    async def _behave(
        self, request: web.Request, body: bytes, honest: bytes, headers: dict[str, str]
    ) -> web.StreamResponse:
        self.calls.append((dict(request.headers), body))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._answer(request, honest, headers)
        finally:
            self.at_once -= 1

    async def _answer(
        self, request: web.Request, honest: bytes, headers: dict[str, str]
    ) -> web.StreamResponse:
        match self.behaviour:
            case "hanging":
                await asyncio.Event().wait()
            case "broken":
                return web.Response(status=500, body=honest)
            case "redirecting":
                return web.Response(status=307, headers={"Location": f"{self.url}/elsewhere"})
            case "huge":
                return web.Response(body=honest + b" " * 10_000_000)
            case "endless" | "dripping":
                return await self._without_end(request, honest)
            case "packed":
                packed = {"Content-Encoding": "gzip"}
                return web.Response(body=b"\x1f\x8b" + honest, headers=packed)
            case "waiting":
                await self.opens.wait()
            case "in company":
                while self.most_at_once < COMPANY:
                    await asyncio.sleep(0.01)
        answer = honest if self.answer is None else self.answer
        return web.Response(body=answer, headers=headers)

    async def _without_end(self, request: web.Request, honest: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(honest)
        piece, pause = (b" ", 0.05) if self.behaviour == "dripping" else (b" " * 8192, 0)
        while True:
            await response.write(piece)
            await asyncio.sleep(pause)

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        self.redirected += 1
        return web.Response(body=b"false")


class Spamd:
    """Debian's spamd with its local rules alone: no network test, no learning, nobody's rights."""

    def __init__(self, folder: Path) -> None:
        self.folder = scratch() / f"spamd-{secrets.token_hex(4)}"
        self.folder.mkdir(mode=0o755)
        rules = self.folder / "rules"
        shutil.copytree("/etc/spamassassin", rules)
        (rules / "zz_tests.cf").write_text("use_bayes 0\nuse_auto_whitelist 0\n")
        self.socket = self.folder / "socket"
        self.log = folder / "spamd.log"
        self._under = ends_with_us("TERM")
        if os.geteuid() == 0:
            self._under += ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(self.folder, "nobody", "nogroup")

    @staticmethod
    def here() -> bool:
        return Path(_SPAMD).exists()

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *self._under,
                    *(_SPAMD, "--local", "--nouser-config", "--syslog=stderr"),
                    *("--siteconfigpath", str(self.folder / "rules")),
                    *("--socketpath", str(self.socket), "--socketmode=0666"),
                    *("--min-children=2", "--max-children=2"),
                ],
                stdout=log,
                stderr=log,
                env={**os.environ, "HOME": str(self.folder)},
                start_new_session=True,
            )

        async def answers() -> bool:
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            try:
                reader, writer = await asyncio.open_unix_connection(str(self.socket))
            except OSError:
                return False
            writer.write(b"PING SPAMC/1.5\r\n\r\n")
            answer = await reader.read()
            writer.close()
            return b"PONG" in answer

        await until(answers, "spamd answers", 60)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
