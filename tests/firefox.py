"""A real Firefox driven over Marionette, the protocol it speaks itself: JSON on a socket."""

import asyncio
import itertools
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.installation import free_ports, until

_PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "app.update.disabledForTesting": True,
}
# Keys of the W3C's references to elements and shadow roots.
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_SHADOW = "shadow-6066-11e4-a52e-4f735466cecf"


class FirefoxError(RuntimeError):
    """Firefox answered a command with an error."""


class Firefox:
    """One window of one Firefox."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)

    async def ask(self, command: str, **parameters: Any) -> Any:
        """One command of the WebDriver protocol, and what it gave.

        Raises:
            FirefoxError: it could not be done.
        """
        body = json.dumps([0, next(self._numbers), f"WebDriver:{command}", parameters])
        self._writer.write(f"{len(body.encode())}:{body}".encode())
        await self._writer.drain()
        _, _, error, result = await self.read()
        if error:
            raise FirefoxError(error)
        return result.get("value", result) if isinstance(result, dict) else result

    async def read(self) -> Any:
        length = await self._reader.readuntil(b":")
        return json.loads(await self._reader.readexactly(int(length[:-1])))

    async def goto(self, url: str) -> None:
        await self.ask("Navigate", url=url)

    async def run(self, script: str, *arguments: Any) -> Any:
        """What a script's `return` gives."""
        return await self.ask("ExecuteScript", script=script, args=list(arguments))

    async def inside(self, host: str, selector: str) -> str:
        """The element in the shadow root of another, as soon as it is there."""

        async def found() -> str:
            with suppress(FirefoxError):
                outer = await self.ask("FindElement", using="css selector", value=host)
                root = await self.ask("GetShadowRoot", id=outer[_ELEMENT])
                inner = await self.ask(
                    "FindElementFromShadowRoot",
                    shadowRoot=root[_SHADOW],
                    using="css selector",
                    value=selector,
                )
                return str(inner[_ELEMENT])
            return ""

        return str(await until(found, f"{selector} is in {host}"))

    async def type(self, element: str, text: str) -> None:
        await self.ask("ElementSendKeys", id=element, text=text)

    async def click(self, element: str) -> None:
        await self.ask("ElementClick", id=element)

    async def text(self, element: str) -> str:
        return str(await self.ask("GetElementText", id=element))


def firefox_path() -> str | None:
    """Where Firefox is, if it is on this machine."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


@asynccontextmanager
async def firefox(language: str = "vi") -> AsyncIterator[Firefox]:
    """A Firefox with a profile of its own, closed in the end."""
    [port] = free_ports(1)
    with tempfile.TemporaryDirectory() as name:
        profile = Path(name)
        asked = {**_PREFERENCES, "marionette.port": port, "intl.accept_languages": language}
        lines = (f'user_pref("{key}", {json.dumps(value)});\n' for key, value in asked.items())
        (profile / "user.js").write_text("".join(lines))
        process = await asyncio.create_subprocess_exec(
            str(firefox_path()),
            *("--marionette", "--headless", "--no-remote", "--profile", name),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={"HOME": name, "PATH": "/usr/bin:/bin", "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
        )
        try:
            yield await _connected(port)
        finally:
            process.kill()
            await process.wait()


async def _connected(port: int) -> Firefox:
    async def opened() -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        with suppress(OSError):
            return await asyncio.open_connection("127.0.0.1", port)
        return None

    found = Firefox(*await until(opened, "Firefox listens", 60))
    await found.read()
    await found.ask("NewSession", capabilities={})
    return found
