"""HTML pages: one way to load templates, one way to answer with strict headers."""

from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web


def templates(folder: Path, **shared: Any) -> jinja2.Environment:
    """Templates with autoescape on and no silent blanks for misspelt names."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(shared)
    return environment


def page(
    html: str, *, csp: str, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """An HTML answer under the given Content-Security-Policy."""
    return web.Response(
        text=html,
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={**policies(csp), "Cache-Control": "no-store", **(headers or {})},
    )


def policies(csp: str) -> dict[str, str]:
    """What every page says of itself to a browser."""
    return {
        "Content-Security-Policy": csp,
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }
