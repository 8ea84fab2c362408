"""The policy of the site and of single articles, their switches, and breaking stories."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commentdesk.database import now
from commentdesk.domain.policy import HOLD_STEPS, REJECT_STEPS, Comments, Override
from commentdesk.ledger.articles import KnownArticle, find_articles, known_articles
from commentdesk.ledger.policies import (
    SITE,
    list_policies,
    overrides_of,
    remove_policy,
    scope_of,
    set_policy,
)
from commentdesk.ledger.tightenings import loosen, standing, tighten
from commentdesk.log import log
from commentdesk.web import SETTINGS, Problem
from services.moderation.auth import session_of
from services.moderation.bodies import refused_body
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.query import line_asked
from services.moderation.reasons import reason_words
from services.moderation.rules.frame import rules_page
from services.moderation.rules.policy_api import SCOPE_PATTERN, answer_policy

_SCOPE_LENGTH = 210
_SHOWN = 50
_HOURS = (1, 3, 6, 12, 24, 48)
_MOST_HOURS = 168
_SCOPE = re.compile(SCOPE_PATTERN)
_CLEAN = {"": None, "yes": True, "no": False}


class TighteningBody(BaseModel):
    """The body of PUT /v1/policies/{scope}/tightening."""

    model_config = ConfigDict(strict=True, extra="forbid")

    hours: int = Field(ge=1, le=_MOST_HOURS)


async def show_policy(request: web.Request) -> web.Response:
    """What holds for the whole site."""
    return await _policy_page(request, SITE)


async def show_articles(request: web.Request) -> web.Response:
    """Articles with rules of their own, and those found by id or title."""
    ledger, text = request.app[LEDGER], line_asked(request.query, "q")
    written = {each.scope: each for each in await list_policies(ledger) if each.scope != SITE}
    tight = [scope for scope in await standing(ledger) if scope != SITE]
    ids = [scope.partition(":")[2] for scope in [*written, *tight]]
    known = await known_articles(ledger, ids)
    ruled = [_named(article, known) for article in dict.fromkeys(ids)] if not text else []
    found = await find_articles(ledger, text, _SHOWN)
    return await rules_page(
        request,
        "rules_articles.html",
        "articles",
        ruled=ruled,
        found=[article for article in found if article.id not in {each.id for each in ruled}],
        written=written,
        scope_of=scope_of,
        asked={"q": text},
        most=_SHOWN,
    )


async def show_article(request: web.Request) -> web.Response:
    """The switches and the policy of one article."""
    return await _policy_page(request, scope_of(request.match_info["article"]))


async def set_form(request: web.Request) -> web.Response:
    """Have the site or an article say what the form says; with nothing said it has no say."""
    ledger, actor = request.app[LEDGER], session_of(request).account.login
    scope = _scope(request)
    try:
        override = _written(request[BODY])
    except Problem as problem:
        return await _policy_page(request, scope, problem)
    if override == Override():
        await remove_policy(ledger, scope, actor)
    else:
        await set_policy(ledger, scope, override, actor)
    log.info("policy_set", scope=scope)
    return redirect(f"{page_of(scope)}?done=rules_saved")


async def tighten_form(request: web.Request) -> web.Response:
    """A breaking story: tighten for some hours."""
    scope, hours = _scope(request), request[BODY].get("hours")
    if hours not in [str(each) for each in _HOURS]:
        return await _policy_page(request, scope, invalid("hours", "unknown_value"))
    await _tighten(request, scope, int(str(hours)))
    return redirect(f"{page_of(scope)}?done=tightened")


async def loosen_form(request: web.Request) -> web.Response:
    """The story is over."""
    scope = _scope(request)
    await _loosen(request, scope)
    return redirect(f"{page_of(scope)}?done=loosened")


async def put_tightening(request: web.Request) -> web.Response:
    """Tighten for so many hours from now; written to the audit."""
    try:
        body = TighteningBody.model_validate(request[BODY])
    except ValidationError as error:
        raise refused_body(error) from None
    await _tighten(request, request.match_info["scope"], body.hours)
    return await answer_policy(request)


async def delete_tightening(request: web.Request) -> web.Response:
    """End it; doing it twice changes nothing."""
    await _loosen(request, request.match_info["scope"])
    return await answer_policy(request)


def page_of(scope: str) -> str:
    """The page where the scope is ruled."""
    if scope == SITE:
        return "/rules/policy"
    return f"/rules/articles/{quote(scope.partition(':')[2], safe='')}"


async def policy_page_of(request: web.Request, problem: Problem) -> web.Response:
    """The page of the form's scope, with what is wrong with the form."""
    return await _policy_page(request, _scope(request), problem)


async def _policy_page(
    request: web.Request, scope: str, problem: Problem | None = None
) -> web.Response:
    ledger, article = request.app[LEDGER], scope.partition(":")[2]
    said = await overrides_of(ledger, [scope])
    settled = request.app[SETTINGS].policy
    of_site = said.get(SITE, Override()).over(settled)
    own = said.get(scope, Override())
    return await rules_page(
        request,
        "rules_policy.html",
        "articles" if article else "policy",
        problem,
        scope=scope,
        article=_named(article, await known_articles(ledger, [article])) if article else None,
        says=own,
        wider=of_site if article else settled,
        wider_comments=said.get(SITE, Override()).comments if article else None,
        hold_steps=HOLD_STEPS,
        reject_steps=REJECT_STEPS,
        hours=_HOURS,
        reason_choices=(await reason_words(request)).choices,
    )


def _named(article: str, known: dict[str, KnownArticle]) -> KnownArticle:
    """The article, by its id alone where nobody has asked for it yet."""
    return known.get(article) or KnownArticle(article, article, "", "", "")


def _scope(request: web.Request) -> str:
    scope = text_field(request[BODY], "scope", _SCOPE_LENGTH)
    if not _SCOPE.fullmatch(scope):
        raise invalid("scope", "unknown_value")
    return scope


def _written(body: dict[str, Any]) -> Override:
    comments, clean = body.get("comments", ""), body.get("publish_clean", "")
    if comments not in ("", *Comments):
        raise invalid("comments", "unknown_value")
    if clean not in _CLEAN:
        raise invalid("publish_clean", "unknown_value")
    return Override(
        _step(body, "hold_one_in", HOLD_STEPS),
        _step(body, "reject_one_in", REJECT_STEPS),
        _CLEAN[clean],
        comments or None,
    )


def _step(body: dict[str, Any], name: str, steps: tuple[int, ...]) -> int | None:
    by_text = {str(step): step for step in steps}
    text = body.get(name) or ""
    if text and text not in by_text:
        raise invalid(name, "unknown_value")
    return by_text.get(text)


async def _tighten(request: web.Request, scope: str, hours: int) -> None:
    actor = session_of(request).account.login
    await tighten(request.app[LEDGER], scope, now() + timedelta(hours=hours), actor)
    log.info("tightened", scope=scope, hours=hours)


async def _loosen(request: web.Request, scope: str) -> None:
    if await loosen(request.app[LEDGER], scope, session_of(request).account.login):
        log.info("loosened", scope=scope)
