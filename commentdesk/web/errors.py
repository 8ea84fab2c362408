"""Errors as RFC 9457 problem documents, in the reader's language."""

import asyncio
import dataclasses
import errno
from typing import Any

from aiohttp import HttpVersion10, web
from aiohttp.typedefs import Handler
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from commentdesk.domain.errors import ErrorCode
from commentdesk.log import log, place_of
from commentdesk.web.language import TEXTS, Texts, language_of

# What a database that does not answer raises, whichever the driver.
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError)
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
}


@dataclasses.dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; `values` fill the placeholders of the code's text."""

    field: str
    code: str
    message: str = ""
    values: dict[str, Any] = dataclasses.field(default_factory=dict)


class Problem(Exception):
    """An answer that says what is wrong; raised anywhere, rendered once, here."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        errors: list[FieldError] | None = None,
        retry_after: int | None = None,
        extra: dict[str, Any] | None = None,
        **values: object,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.errors = errors or []
        self.retry_after = retry_after
        self.extra = extra or {}
        self.values = {**values, "retry_after": retry_after}


def problem_document(problem: Problem, language: str, texts: Texts) -> dict[str, Any]:
    """The RFC 9457 members, our `code`, and one entry a field."""
    return {
        "type": "about:blank",
        "title": _say(texts, language, "problem", problem.code, problem.values),
        "status": problem.status,
        "code": problem.code,
        "errors": [
            {
                "field": error.field,
                "code": error.code,
                "message": field_message(error, language, texts),
            }
            for error in problem.errors
        ],
        **problem.extra,
    }


_CODES = frozenset(code.value for code in ErrorCode)


def field_message(error: FieldError, language: str, texts: Texts) -> str:
    """The field's trouble in words: those written for this field, else those of the code."""
    own = f"{error.field}_{error.code}"
    # A phone that is `too_long` for a field has not the words of the code `phone_too_long`.
    is_another = own in _CODES
    code = own if not is_another and texts.find(language, f"error.{own}") else error.code
    return error.message or _say(texts, language, "error", code, error.values)


def problem_response(request: web.Request, problem: Problem) -> web.Response:
    """The answer for a problem."""
    language = language_of(request)
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = "Bearer"
    return web.json_response(
        problem_document(problem, language, request.app[TEXTS]),
        status=problem.status,
        headers=headers,
        content_type="application/problem+json",
    )


def allowed_methods(error: web.HTTPException) -> dict[str, str]:
    """What a 405 has to say (RFC 9110 §15.5.6); nothing for other errors."""
    return {name: value for name, value in error.headers.items() if name == "Allow"}


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure into a problem document; nothing of an exception leaks."""
    try:
        if request.version < HttpVersion10:
            raise Problem(400, "bad_request")
        return await handler(request)
    except Problem as problem:
        return problem_response(request, problem)
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004
            raise
        code = _CODES.get(error.status, "bad_request")
        limit = getattr(error, "max_size", request.app._client_max_size)
        response = problem_response(request, Problem(error.status, code, limit=limit))
        response.headers.update(allowed_methods(error))
        return response
    except DATABASE_AWAY as error:
        if getattr(error, "errno", None) == errno.ENAMETOOLONG:
            # The path of a static file that no disk could hold.
            return problem_response(request, Problem(404, "not_found"))
        log.error("database_away", error=type(error).__name__)
        return problem_response(request, Problem(503, "unavailable", retry_after=5))
    except asyncio.CancelledError:
        raise
    except Exception as error:
        # The text of an exception may quote what a reader typed: its type and place suffice.
        place = place_of(error.__traceback__)
        log.error("request_failed", error=type(error).__name__, place=place)
        return problem_response(request, Problem(500, "internal"))


def _say(texts: Texts, language: str, kind: str, code: str, values: dict[str, Any]) -> str:
    for key in (f"{kind}.{code}", f"error.{code}", f"problem.{code}"):
        if texts.find(language, key) is not None:
            return texts.say(language, key, **values)
    return code
