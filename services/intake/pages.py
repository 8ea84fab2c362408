"""Intake's pages: rendered in the reader's language, under a policy that runs nothing."""

from typing import Any

from aiohttp import web

from commentdesk.web import SETTINGS, Problem, language_of, page
from commentdesk.web.cors import is_allowed
from commentdesk.web.errors import field_message, problem_document
from commentdesk.web.language import TEXTS
from services.intake import keys


def render(
    request: web.Request, template: str, *, headers: dict[str, str] | None = None, **context: Any
) -> web.Response:
    """The page of a template."""
    language, texts = language_of(request), request.app[TEXTS]

    def say(key: str, **values: object) -> str:
        return texts.say(language, key, **values)

    found = request.app[keys.TEMPLATES].get_template(template)
    direction = texts.direction(language)
    html = found.render(language=language, direction=direction, say=say, **context)
    return page(html, csp=_policy(request), headers=headers)


def return_url(request: web.Request, asked: object, otherwise: str) -> str:
    """Where to lead back to: one of the site's own pages, whatever was asked."""
    allowed = request.app[SETTINGS].allowed_origins
    return asked if isinstance(asked, str) and is_allowed(asked, allowed) else otherwise


def messages(request: web.Request, problem: Problem | None) -> list[dict[str, str]]:
    """What went wrong, each with its field; without a field what is wrong as a whole."""
    if problem is None:
        return []
    language, texts = language_of(request), request.app[TEXTS]
    if not problem.errors:
        return [{"field": "", "message": problem_document(problem, language, texts)["title"]}]
    return [
        {"field": error.field, "message": field_message(error, language, texts)}
        for error in problem.errors
    ]


def answering(response: web.Response, problem: Problem | None) -> web.Response:
    """The page with the problem's status, and when to come again."""
    if problem:
        response.set_status(problem.status)
        if problem.retry_after is not None:
            response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _policy(request: web.Request) -> str:
    settings = request.app[SETTINGS]
    ancestors = " ".join([*settings.sites, settings.articles_url])
    own = f"'self' {settings.intake_url}"
    return (
        f"default-src 'none'; style-src {own}; img-src {own}; media-src {own}; "
        f"form-action {own} {ancestors}; base-uri 'none'; frame-ancestors {ancestors}"
    )
