"""The form without JavaScript: a page, a post, and a page again with everything still in it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from commentdesk.database import now
from commentdesk.domain.errors import ErrorCode
from commentdesk.ledger.articles import KnownArticle
from commentdesk.ledger.receipts import receipt_code
from commentdesk.log import log
from commentdesk.web import SETTINGS, Problem, language_of, read_body
from commentdesk.web.errors import DATABASE_AWAY
from commentdesk.web.language import TEXTS
from services.intake import keys
from services.intake.asking import PLAIN, picture_document
from services.intake.captcha import picture
from services.intake.captcha.minting import CaptchaUnknown
from services.intake.consent import what_is_kept
from services.intake.facts import FIELD as FACTS
from services.intake.facts import HONEYPOT, Showing
from services.intake.forms import CODE_FIELDS, FIELDS
from services.intake.pages import answering, messages, render, return_url
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
    """303 to the receipt's page, or the form again with text, errors and a captcha."""
    return await _paged(request, _send)


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
    receipt = await submit(request, visit.article.id, visit.body)
    code = receipt_code(request.app[keys.LEDGER], receipt.id)
    back = return_url(request, visit.body.get("return_url"), visit.article.url)
    query = {"lang": language_of(request), "return_url": back, "done": "sent"}
    raise web.HTTPSeeOther(f"/receipts/{code}?{urlencode(query)}")


def _form_page(visit: _Visit) -> web.Response:
    """The form with what the reader typed; an answer still good stays beside its picture."""
    request, article, body, problem = visit.request, visit.article, visit.body, visit.problem
    language, settings = language_of(request), request.app[SETTINGS]
    path = f"/v1/articles/{quote(article.id, safe='')}"
    kept = _kept_captcha(visit)
    fields = {name: _text(body.get(name)) for name in SHOWN_FIELDS}
    usable = problem is None or problem.status not in _USELESS
    response = render(
        request,
        "form.html",
        article=article,
        action=f"{path}/comments?lang={language}",
        form_url=f"{path}/form?lang={language}",
        fields=fields | {"captcha_answer": _text(body.get("captcha_answer")) if kept else ""},
        longest=_LONGEST,
        usable=usable,
        shown=usable or bool(fields["title"] or fields["content"]),
        errors=messages(request, problem),
        captcha=kept or _fresh_captcha(request, article, problem),
        asked=settings,
        kept=what_is_kept(request.app[TEXTS], settings, language),
        agreed=_agreed(body, settings.consent_version),
        codes=settings.phone_codes,
        code_session=visit.code_session or _text(body.get("phone_code_session")) or new_session(),
        code_asked=bool(visit.code_session),
        return_url=return_url(request, body.get("return_url"), article.url),
        facts=_carried_facts(visit),
        honeypot=HONEYPOT,
        picture=picture,
    )
    return answering(response, problem)


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


def _agreed(body: Mapping[str, Any], version: str) -> bool:
    """A box once ticked stays so, but for another version than was ticked."""
    return bool(body.get("consent")) and body.get("consent_version") == version


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
