"""The widget in a page of its own, for an iframe where a script cannot be put into a page."""

from urllib.parse import quote

from aiohttp import web

from commentdesk.web import SETTINGS, language_of, page
from commentdesk.web.errors import TEXTS
from services.intake import keys

# What the address may ask of the widget, each under its attribute's name.
_ATTRIBUTES = ("sort", "phone-field", "title-field")
_THEMES = {"light", "dark"}


async def embed(request: web.Request) -> web.Response:
    """The page; it says how tall it is (static/embed.js), and only the site's pages may frame it."""
    language = language_of(request)
    article = request.match_info["article"]
    theme = request.query.get("theme", "")
    html = (
        request.app[keys.TEMPLATES]
        .get_template("embed.html")
        .render(
            language=language,
            say=lambda key, **values: request.app[TEXTS].say(language, key, **values),
            article=article,
            store=request.app[SETTINGS].articles_url,
            form_url=f"/v1/articles/{quote(article, safe='')}/form?lang={language}",
            asked={name: request.query[name] for name in _ATTRIBUTES if name in request.query},
            theme=theme if theme in _THEMES else "",
        )
    )
    return page(html, csp=_policy(request), headers={"Cache-Control": "public, max-age=300"})


def _policy(request: web.Request) -> str:
    settings = request.app[SETTINGS]
    own, store = f"'self' {settings.intake_url}", settings.articles_url
    ancestors = " ".join([*settings.sites, store])
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src {own}; media-src {own}; "
        f"connect-src {own} {store}; base-uri 'none'; form-action 'none'; "
        f"require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors {ancestors}"
    )
