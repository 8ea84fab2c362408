"""The widget in a page of its own, for an iframe where a script cannot be put into a page."""

from urllib.parse import quote

from aiohttp import web

from commentdesk.web import SETTINGS, language_of
from services.intake.pages import render

# What the address may ask of the widget, each under its attribute's name.
_ATTRIBUTES = ("sort", "phone-field", "title-field")
_THEMES = {"light", "dark"}


async def embed(request: web.Request) -> web.Response:
    """The page; it tells how tall it is (embed.js), and only the site's own pages may frame it."""
    article = request.match_info["article"]
    theme = request.query.get("theme", "")
    form = f"/v1/articles/{quote(article, safe='')}/form?lang={language_of(request)}"
    response = render(
        request,
        "embed.html",
        headers={"Cache-Control": "public, max-age=300", "Vary": "Accept-Language"},
        article=article,
        store=request.app[SETTINGS].articles_url,
        form_url=form,
        asked={name: request.query[name] for name in _ATTRIBUTES if name in request.query},
        theme=theme if theme in _THEMES else "",
    )
    response.headers["Content-Security-Policy"] = _policy(request)
    return response


def _policy(request: web.Request) -> str:
    settings = request.app[SETTINGS]
    own, store = f"'self' {settings.intake_url}", settings.articles_url
    ancestors = " ".join([*settings.sites, store])
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src {own}; media-src {own}; "
        f"connect-src {own} {store}; base-uri 'none'; form-action 'none'; "
        f"require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors {ancestors}"
    )
