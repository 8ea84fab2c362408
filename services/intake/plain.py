"""The form without JavaScript: a page, a post, and a page again with everything still in it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from commentdesk.database import now
from commentdesk.domain.errors import ErrorCode
from commentdesk.ledger.articles import KnownArticle
from commentdesk.log import log
from commentdesk.web import SETTINGS, Problem, language_of, page, read_body
from commentdesk.web.cors import is_allowed
from commentdesk.web.errors import DATABASE_AWAY, field_message, problem_document
from commentdesk.web.language import TEXTS
from services.intake import keys
from services.intake.asking import PLAIN, picture_document
from services.intake.captcha import CaptchaUnknown
from services.intake.facts import FIELD as FACTS
from services.intake.facts import HONEYPOT, Showing
from services.intake.forms import CODE_FIELDS, FIELDS
from services.intake.phone_codes import ask_for_code
from services.intake.proof import new_session
from services.intake.submit import (
    limit,
    limit_again,
    limit_submissions,
    submit,
)

SHOWN_FIELDS = ("name", "phone", "title", "content", "parent_id", "phone_code")
_TOO_MANY = 429
# No such article, and one that is closed: nothing can be sent any more.
_USELESS = {404, 409}
# Browsers count UTF-16: twice the limit leaves room for emoji, and all of it together still fits
# into a body, so that a browser never posts a form that is not even read.
_LONGEST = {known.name: 2 * known.limit for known in (*FIELDS, *CODE_FIELDS)}
_FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}


def wanted(request: web.Request) -> bool:
    """Whether a browser posted its own form and expects a page back."""
    return request.content_type in _FORM_TYPES and "text/html" in request.headers.get("Accept", "")


@dataclass
class _Visit:
    """What is known so far of one request for the form, and what went wrong with it."""

    request: web.Request
    article: KnownArticle
    body: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    # The session of a one-time code that has just been asked for.
    code_session: str = ""
    # Whether the reader asked for another captcha, and gets it.
    reloaded: bool = False


async def show_form(request: web.Request) -> web.Response:
    """The empty form."""
    return await _paged(request, _ask)


async def reload_captcha(request: web.Request) -> web.Response:
    """The form again with a fresh captcha and the reader's text."""
    return await _paged(request, _ask_again)


async def create_comment(request: web.Request) -> web.Response:
    """303 to the thank-you page, or the form again with text, errors and a captcha."""
    return await _paged(request, _send)


async def thanks(request: web.Request) -> web.Response:
    """Thank the reader and lead back to the article."""
    language = language_of(request)
    return_url = request.query.get("return_url", "")
    if not is_allowed(return_url, request.app[SETTINGS].allowed_origins):
        return_url = request.app[SETTINGS].articles_url
    return _page(request, "thanks.html", language=language, return_url=return_url, state="received")


async def _paged(request: web.Request, step: Callable[[_Visit], Awaitable[None]]) -> web.Response:
    """The form's page after `step`; whatever went wrong, with all that the reader typed."""
    request[PLAIN] = True
    home = request.app[SETTINGS].articles_url
    visit = _Visit(
        request,
        KnownArticle(request.match_info["article"], "", language_of(request), home, "open"),
    )
    try:
        await step(visit)
    except Problem as problem:
        visit.problem = problem
    except DATABASE_AWAY as error:
        log.error("database_away", error=type(error).__name__)
        visit.problem = Problem(503, "unavailable", retry_after=5)
    return _form_page(visit)


async def _ask(visit: _Visit) -> None:
    request = visit.request
    visit.body = {name: request.query.get(name, "") for name in ("return_url", "parent_id")}
    rate = request.app[SETTINGS].captchas_limit
    await limit(request, "captchas", rate)
    visit.article = await request.app[keys.ARTICLES].find_open(visit.article.id)
    await limit_again(request, visit.article.id, "captchas", rate)


async def _ask_again(visit: _Visit) -> None:
    request = visit.request
    visit.body = await read_body(request)
    if request.app[SETTINGS].asks_for_codes and visit.body.get("get_code"):
        await _ask_for_code(visit)
        return
    rate = request.app[SETTINGS].captchas_limit
    await limit(request, "captchas", rate)
    visit.article = await request.app[keys.ARTICLES].find_open(visit.article.id)
    await limit_again(request, visit.article.id, "captchas", rate)
    visit.reloaded = True


async def _ask_for_code(visit: _Visit) -> None:
    request = visit.request
    visit.article = await request.app[keys.ARTICLES].find_open(visit.article.id)
    visit.code_session = await ask_for_code(request, visit.article.id, visit.body)


async def _send(visit: _Visit) -> None:
    request = visit.request
    visit.body = await read_body(request)
    visit.article = await request.app[keys.ARTICLES].find(visit.article.id)
    await limit_submissions(request)
    await submit(request, visit.article.id, visit.body)
    return_url = _return_url(request, visit.article, visit.body)
    query = {"lang": language_of(request), "return_url": return_url}
    raise web.HTTPSeeOther(f"/v1/thanks?{urlencode(query)}")


def _form_page(visit: _Visit) -> web.Response:
    """The form with what the reader typed; an answer still good stays beside its picture."""
    request, article, body, problem = visit.request, visit.article, visit.body, visit.problem
    language = language_of(request)
    path = f"/v1/articles/{quote(article.id, safe='')}"
    kept = _kept_captcha(visit)
    fields = {name: _text(body.get(name)) for name in SHOWN_FIELDS}
    usable = problem is None or problem.status not in _USELESS
    response = _page(
        request,
        "form.html",
        language=language,
        article=article,
        action=f"{path}/comments?lang={language}",
        form_url=f"{path}/form?lang={language}",
        fields=fields | {"captcha_answer": _text(body.get("captcha_answer")) if kept else ""},
        longest=_LONGEST,
        usable=usable,
        shown=usable or bool(fields["title"] or fields["content"]),
        errors=_errors(request, problem, language),
        captcha=kept or _fresh_captcha(request, article, problem),
        codes=request.app[SETTINGS].phone_codes,
        code_session=visit.code_session or _text(body.get("phone_code_session")) or new_session(),
        code_asked=bool(visit.code_session),
        return_url=_return_url(request, article, body),
        facts=_carried_facts(visit),
        honeypot=HONEYPOT,
    )
    if problem:
        response.set_status(problem.status)
        if problem.retry_after is not None:
            response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _carried_facts(visit: _Visit) -> str:
    """What the form carries along of how it is filled in, this showing included."""
    carried, article, problem = visit.request.app[keys.FACTS], visit.article.id, visit.problem
    shown = carried.open(visit.body.get(FACTS), article) or Showing(now())
    errors = problem.errors if problem else ()
    wrong = any(error.code == ErrorCode.CAPTCHA_WRONG for error in errors)
    return carried.seal(shown.with_more(reloaded=visit.reloaded, wrong=wrong), article)


def _kept_captcha(visit: _Visit) -> dict[str, Any] | None:
    """The reader's own captcha, if nothing was wrong with it and no other was asked for."""
    request, problem = visit.request, visit.problem
    found_good = problem and "captcha" not in problem.extra
    if not (found_good or visit.code_session):
        return None
    try:
        captcha = request.app[keys.CAPTCHAS].open(_text(visit.body.get("captcha_id")))
    except CaptchaUnknown:
        return None
    return None if captcha.expired(now()) else picture_document(request, captcha)


def _fresh_captcha(
    request: web.Request, article: KnownArticle, problem: Problem | None
) -> dict[str, Any] | None:
    if problem and "captcha" in problem.extra:
        brought: dict[str, Any] = problem.extra["captcha"]
        return brought
    if problem and problem.status == _TOO_MANY:
        return None
    return picture_document(request, request.app[keys.CAPTCHAS].mint(article.id))


def _errors(request: web.Request, problem: Problem | None, language: str) -> list[dict[str, str]]:
    if problem is None:
        return []
    texts = request.app[TEXTS]
    if not problem.errors:
        return [{"field": "", "message": problem_document(problem, language, texts)["title"]}]
    return [
        {"field": error.field, "message": field_message(error, language, texts)}
        for error in problem.errors
    ]


def _return_url(request: web.Request, article: KnownArticle, body: Mapping[str, Any]) -> str:
    """Where to lead back to: one of the site's own pages, whatever was asked."""
    asked = _text(body.get("return_url"))
    allowed = request.app[SETTINGS].allowed_origins
    return asked if is_allowed(asked, allowed) else article.url


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _page(request: web.Request, template: str, *, language: str, **context: Any) -> web.Response:
    texts = request.app[TEXTS]

    def say(key: str, **values: object) -> str:
        return texts.say(language, key, **values)

    html = (
        request.app[keys.TEMPLATES]
        .get_template(template)
        .render(language=language, direction=texts.direction(language), say=say, **context)
    )
    return page(html, csp=_policy(request))


def _policy(request: web.Request) -> str:
    settings = request.app[SETTINGS]
    ancestors = " ".join([*settings.sites, settings.articles_url])
    own = f"'self' {settings.intake_url}"
    return (
        f"default-src 'none'; style-src {own}; img-src {own}; media-src {own}; "
        f"form-action {own} {ancestors}; base-uri 'none'; frame-ancestors {ancestors}"
    )
