"""A newsroom's own site in tests: pages of another origin that embed the widget."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tests.installation import Installation
from tests.reader import ARTICLE

DOCUMENTS = Path(__file__).parents[1] / "docs"


@dataclass
class Host:
    """`pages` by path: what is served there, and under which Content-Security-Policy."""

    url: str
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)

    def page(self, path: str, body: str, *, csp: str = "", head: str = "", root: str = "") -> str:
        """Serve an HTML page; its address."""
        html = (
            f'<!doctype html><html lang="vi" {root}><head><meta charset="utf-8"><title>Báo</title>'
            f'<meta name="viewport" content="width=device-width">{head}</head>'
            f"<body>{body}</body></html>"
        )
        self.pages[path] = (html, csp)
        return self.url + path

    async def answer(self, request: web.Request) -> web.Response:
        text, csp = self.pages.get(request.path, ("", ""))
        kind = "text/javascript" if request.path.endswith(".js") else "text/html"
        headers = {"Content-Security-Policy": csp} if csp else {}
        return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)


@asynccontextmanager
async def host_on(port: int) -> AsyncIterator[Host]:
    """A site on 127.0.0.1: to a browser another one than localhost, where the services are."""
    host = Host(f"http://127.0.0.1:{port}")
    app = web.Application()
    app.router.add_get("/{path:.*}", host.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield host
    await runner.cleanup()


def snippet(heading: str, kind: str) -> str:
    """A heading's first block of that kind in docs/embedding.md."""
    _, _, below = (DOCUMENTS / "embedding.md").read_text("utf-8").partition(f"# {heading}\n")
    section = below.partition("\n## ")[0]
    found = re.search(rf"^```{kind}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert found, f"no {kind} under {heading}"
    return found[1]


def documented(site: Installation, heading: str, kind: str, article: str = ARTICLE) -> str:
    """The same, filled in as who pastes it would."""
    filled = snippet(heading, kind)
    for example, own in (
        ("https://comments.example", site.intake),
        ("https://articles.example", site.articles),
        ('article="ID"', f'article="{article}"'),
        ("/embed/ID", f"/embed/{article}"),
        ("/articles/ID/", f"/articles/{article}/"),
    ):
        filled = filled.replace(example, own)
    return filled


def embedded(site: Installation, article: str, attributes: str = "", inside: str = "") -> str:
    """The two lines of docs/embedding.md."""
    lines = documented(site, "Putting the comments on a page", "html", article)
    return lines.replace("></comment-desk>", f" {attributes}>{inside}</comment-desk>")
