"""Rendering: the console's pages, their language, their headers."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy.exc import SQLAlchemyError
from yarl import URL

from commentdesk.domain.moments import stamp
from commentdesk.log import log
from commentdesk.settings import Settings
from commentdesk.web import Problem, Texts, page, templates
from commentdesk.web.errors import allowed_methods, field_message, problem_document
from commentdesk.web.times import clock, clock_of
from services.moderation.alarms import alarms
from services.moderation.auth import is_api, is_confined
from services.moderation.cookies import is_https
from services.moderation.desk import showing
from services.moderation.keys import SESSION

_HERE = Path(__file__).parent
_LANGUAGE_COOKIE = "commentdesk_language"
_YEAR = 365 * 24 * 3600
_FIRST_ERROR = 400
# What the script says by itself; all else it finds in the page.
_SCRIPT_PREFIXES = ("act", "script", "told", "state", "why", "did", "actor", "campaign")
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)


class Console:
    """Renders pages for one installation."""

    def __init__(self, settings: Settings, texts: Texts) -> None:
        self._settings = settings
        self.texts = texts
        self.zone = settings.zone
        self._environment = templates(
            _HERE / "templates",
            site_name=settings.site_name,
            articles_url=settings.articles_url,
            asset=_asset,
            module=_module,
            quote=quote,
            clock=functools.partial(clock, zone=settings.zone),
            clock_of=functools.partial(clock_of, zone=settings.zone),
            stamp=stamp,
        )

    def render(
        self, request: web.Request, template: str, *, status: int = 200, **values: Any
    ) -> web.Response:
        """The page in the moderator's language; a language asked for is remembered."""
        language = self.language(request)
        html = self._environment.get_template(template).render(
            {**self._common(request, language), **values}
        )
        response = page(
            html,
            csp=CSP,
            status=status,
            headers={"Referrer-Policy": "same-origin", "Content-Language": language},
        )
        if request.query.get("lang") == language:
            response.set_cookie(
                _LANGUAGE_COOKIE,
                language,
                max_age=_YEAR,
                secure=is_https(self._settings),
                samesite="Lax",
                httponly=True,
            )
        return response

    def _common(self, request: web.Request, language: str) -> dict[str, Any]:
        """What every page may say of itself, and of who looks at it."""
        return {
            "language": language,
            "direction": self.texts.direction(language),
            "languages": self.texts.menu,
            "say": self.speaker(language),
            "find": lambda key: self.texts.find(language, key),
            "script_texts": self.texts.under(language, _SCRIPT_PREFIXES),
            "ago": lambda moment: showing.ago(moment, language, self.texts),
            "session": request.get(SESSION),
            "alarms": alarms(request.app, language, self.texts),
            "confined": is_confined(self._settings, request.get(SESSION)),
            "here": _switchable(request),
            "in_language": _in_language(request),
        }

    def language(self, request: web.Request) -> str:
        """`?lang=`, else the remembered one, else Accept-Language, else the site's."""
        remembered = request.cookies.get(_LANGUAGE_COOKIE, "")
        for asked in (request.query.get("lang", ""), remembered):
            if language := self.texts.match(asked):
                return language
        return self.texts.accepted(request.headers.get("Accept-Language", ""))

    def speaker(self, language: str) -> Callable[..., str]:
        """What templates call to say something."""

        def say(key: str, **values: object) -> str:
            return self.texts.say(language, key, **values)

        return say

    def trouble(self, request: web.Request, problem: Problem) -> web.Response:
        """A problem as a page."""
        response = self.render(
            request,
            "error.html",
            status=problem.status,
            title=self.title_of(request, problem),
            messages=self.messages(request, problem),
        )
        if problem.retry_after is not None:
            response.headers["Retry-After"] = str(problem.retry_after)
        return response

    def title_of(self, request: web.Request, problem: Problem) -> str:
        """The problem in one sentence."""
        document = problem_document(problem, self.language(request), self.texts)
        return str(document["title"])

    def messages(self, request: web.Request, problem: Problem) -> list[str]:
        """What is wrong with each field, in words."""
        language = self.language(request)
        return [field_message(error, language, self.texts) for error in problem.errors]


CONSOLE = web.AppKey("console", Console)


@web.middleware
async def page_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A person gets a page where a program gets a problem document."""
    if is_api(request):
        return await handler(request)
    console = request.app[CONSOLE]
    try:
        return await handler(request)
    except Problem as problem:
        return console.trouble(request, problem)
    except web.HTTPException as error:
        if error.status < _FIRST_ERROR:
            raise
        code = _HTTP_CODES.get(error.status, "bad_request")
        response = console.trouble(request, Problem(error.status, code, limit=""))
        response.headers.update(allowed_methods(error))
        return response
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.error("database_away", error=type(error).__name__)
        return console.trouble(request, Problem(503, "unavailable", retry_after=5))


def _in_language(request: web.Request) -> Callable[[str], str]:
    return lambda language: str(URL(_switchable(request)).update_query(lang=language))


def _switchable(request: web.Request) -> str:
    """This page's address for the language links; a posted page has none to go back to."""
    if request.method != "GET":
        return "/"
    return str(request.rel_url.without_query_params("lang", "done", "count", "batch"))


@functools.cache
def _asset(name: str) -> str:
    """The address of a static file; it changes when the file does, so it may be kept for long."""
    digest = hashlib.sha256((_HERE / "static" / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


def _module(name: str) -> str:
    """The address of a script that imports others: one folder for all, named for what they hold."""
    return f"/static/{_modules_digest()}/{name}"


@functools.cache
def _modules_digest() -> str:
    scripts = sorted((_HERE / "static").glob("*.js"))
    return hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()[:12]
