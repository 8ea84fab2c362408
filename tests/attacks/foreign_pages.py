"""Another site on this machine: pages that were not made by us, with scripts that mean harm."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class ForeignSite:
    """Serves whatever HTML it is given.

    To a browser that knows the console as localhost, `another_site` is another site, and
    `same_site` the same site on another port: another origin that still gets the cookies.
    """

    port: int
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def another_site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def same_site(self) -> str:
        return f"http://localhost:{self.port}"

    def put(self, name: str, html: str) -> str:
        """The path at which the page now is."""
        self.pages[name] = html
        return f"/{name}"


@asynccontextmanager
async def foreign_site(port: int = 0) -> AsyncIterator[ForeignSite]:
    """The site, served for as long as the block lasts."""
    site = ForeignSite(port)

    async def show(request: web.Request) -> web.Response:
        html = site.pages.get(request.match_info["name"])
        if html is None:
            raise web.HTTPNotFound
        return web.Response(text=f"<!DOCTYPE html>{html}", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/{name}", show)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    site.port = runner.addresses[0][1]
    yield site
    await runner.cleanup()
