"""A page whose form comes back with what is wrong and with what was typed, save what is secret."""

from aiohttp import web

from commentdesk.web import Problem
from services.moderation.keys import BODY
from services.moderation.pages import CONSOLE

_SECRET = ("password", "new_password", "again", "code", "csrf")


def with_form(
    request: web.Request, template: str, problem: Problem | None, **values: object
) -> web.Response:
    """The page, its form as it was typed and with what is wrong."""
    console = request.app[CONSOLE]
    typed = request[BODY] if problem else {}
    response = console.render(
        request,
        template,
        status=problem.status if problem else 200,
        errors=_told(request, problem) if problem else [],
        typed={name: value for name, value in typed.items() if name not in _SECRET},
        **values,
    )
    if problem and problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _told(request: web.Request, problem: Problem) -> list[str]:
    """What is wrong with each field, or, where no field is to blame, with the whole."""
    console = request.app[CONSOLE]
    return console.messages(request, problem) or [console.title_of(request, problem)]
