"""A real Chromium that reports every script that ran, every policy broken, every call abroad."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    async_playwright,
)

from tests.reader import Desk

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # What a page asks of another host is counted, and goes nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
OURS = {"localhost", "127.0.0.1", ""}
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  violated(`${event.violatedDirective} ${event.blockedURI} at ${location.pathname}`);
});
"""
# What would run on a click or a hover, in the page and in the widget's shadow.
_LIVE_MARKUP = """
async () => {
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const everything = (root) => [...root.querySelectorAll("*")].flatMap(
    (element) => [element, ...(element.shadowRoot ? everything(element.shadowRoot) : [])]);
  const doors = ["href", "xlink:href", "src", "action", "formaction", "data", "srcdoc"];
  const code = (address) => /^(javascript|data|vbscript):/i.test(address.replace(/[\\s\\0]/g, ""));
  const opens = ({ name, value }) => /^on/.test(name) || name === "srcdoc"
    || (doors.includes(name) && code(value));
  return everything(document).filter((element) => element.localName !== "link")
    .flatMap((element) => [...element.attributes].filter(opens)
      .map(({ name, value }) => `<${element.localName} ${name}=${value}>`));
}
"""


@dataclass
class Watch:
    """All that happened in a context and should not have."""

    executions: list[str] = field(default_factory=list)
    live_markup: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    calls_abroad: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    async def install(self, context: BrowserContext) -> None:
        """Watch every page of the context, its frames included."""
        await context.expose_binding("pwned", self._pwned)
        await context.expose_binding("violated", self._violated)
        await context.add_init_script(_REPORT_VIOLATIONS)
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    async def look(self, page: Page) -> None:
        """Let what has begun finish, and note what waits for a click."""
        self.live_markup += [f"{page.url} {found}" for found in await page.evaluate(_LIVE_MARKUP)]

    async def visit(self, page: Page, address: str) -> str:
        """Open the address and look; the page's HTML.

        A page that leads away at once counts as one that ran a script.
        """
        try:
            await page.goto(address)
            await self.look(page)
            return await page.content()
        except Error as error:
            self.executions.append(f"{address}: {error.message.splitlines()[0]}")
            return ""

    @property
    def everything(self) -> list[str]:
        return self.executions + self.live_markup + self.violations + self.calls_abroad

    def _pwned(self, source: dict[str, Any]) -> None:
        self.executions.append(f"pwned at {source['frame'].url}")

    def _violated(self, _source: dict[str, Any], report: str) -> None:
        self.violations.append(report)

    async def _dialog(self, dialog: Dialog) -> None:
        self.executions.append(f"{dialog.type} at {dialog.page.url if dialog.page else ''}")
        await dialog.dismiss()

    def _request(self, request: Request) -> None:
        if (urlsplit(request.url).hostname or "") not in OURS:
            self.calls_abroad.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


@asynccontextmanager
async def chromium_running(program: str) -> AsyncIterator[Browser]:
    """One Chromium that reaches this machine alone."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def watched(
    browser: Browser, *, policy: bool = True, desk: Desk | None = None
) -> AsyncIterator[tuple[Page, Watch]]:
    """A page of a fresh context; without `policy`, nothing but escaping keeps scripts out."""
    context = await browser.new_context(locale="vi-VN", bypass_csp=not policy)
    watch = Watch()
    await watch.install(context)
    if desk:
        await log_in_as(context, desk)
    yield await context.new_page(), watch
    await context.close()


async def log_in_as(context: BrowserContext, desk: Desk) -> None:
    """Give the browser the desk's own session, flags as the console sets them."""
    for cookie in desk.http.cookie_jar:
        await context.add_cookies(
            [
                {
                    "name": cookie.key,
                    "value": cookie.value,
                    "url": desk.site.moderation,
                    "httpOnly": True,
                    "sameSite": cookie["samesite"],
                }
            ]
        )
