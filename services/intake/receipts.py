"""Receipts for programs: what became of a comment, and changing it while it waits.

The code is the capability. An unknown one and one of another installation are answered alike, and
looking is limited, though no rate would lead through 60 bits.
"""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from prometheus_client import Counter

from commentdesk.domain.moments import stamp
from commentdesk.domain.receipt_code import read_code
from commentdesk.domain.submission import Wording
from commentdesk.ledger.admit import Receipt
from commentdesk.ledger.changes import Announcement
from commentdesk.ledger.correct import TooLate, correct, withdraw
from commentdesk.ledger.receipts import Standing, editable_until, find_by_code, receipt_code
from commentdesk.log import log
from commentdesk.web import SETTINGS, Problem, language_of, read_body
from commentdesk.web.language import TEXTS
from services.intake import keys
from services.intake.forms import read_correction
from services.intake.receipt_words import reason_of, status_of
from services.intake.submit import limit, limit_again, limit_submissions

CHANGES = Counter(
    "commentdesk_readers_changes_total", "Comments changed by their readers", ["change"]
)
_NO_STORE = {"Cache-Control": "no-store"}


def given(request: web.Request, receipt: Receipt) -> dict[str, str | None]:
    """What the answer to an accepted form says of its receipt; the same each time it is sent."""
    ledger = request.app[keys.LEDGER]
    code = receipt_code(ledger, receipt.id)
    corrigible = request.app[SETTINGS].correction_seconds > 0
    until = editable_until(ledger, receipt.received_at) if corrigible else None
    return {
        "code": code,
        "url": f"{request.app[SETTINGS].intake_url}/receipts/{code}",
        "editable_until": stamp(until) if until else None,
    }


async def get_receipt(request: web.Request) -> web.Response:
    """What the code stands for."""
    return await _answer(request, await find(request))


async def put_receipt(request: web.Request) -> web.Response:
    """Another wording, which has every check run again."""
    standing = await find(request)
    await correct_and_pass_on(request, standing, await read_body(request))
    return await _answer(request, await again(request))


async def delete_receipt(request: web.Request) -> web.Response:
    """Withdraw it; doing it twice changes nothing."""
    standing = await find(request)
    await withdraw_and_pass_on(request, standing)
    return await _answer(request, await again(request))


async def find(request: web.Request) -> Standing:
    """What the code in the path stands for.

    Raises:
        Problem: 404 where it stands for nothing, 429.
    """
    await limit(request, "receipts", request.app[SETTINGS].receipts_limit)
    return await again(request)


async def again(request: web.Request) -> Standing:
    """What it stands for by now, without counting the look."""
    code = read_code(request.match_info["code"])
    standing = await find_by_code(request.app[keys.LEDGER], code) if code else None
    if standing is None:
        raise Problem(404, "no_such_receipt")
    return standing


async def correct_and_pass_on(
    request: web.Request, standing: Standing, body: Mapping[str, Any]
) -> None:
    """Have the workers check the new wording; it costs what a comment costs, and counts as one.

    Raises:
        Problem: 409 `not_editable`, 422, 429.
    """
    await limit_submissions(request)
    settings = request.app[SETTINGS]
    await limit_again(request, standing.article, "submissions", settings.submissions_limit)
    before = Wording(standing.name, standing.title, standing.content)
    wording, errors = read_correction(body, settings, before)
    if errors and standing.editable_until:
        raise Problem(422, "invalid", errors=errors)
    if errors:
        # Nobody should mend what cannot be sent any more.
        raise Problem(409, "not_editable")
    try:
        told = await correct(request.app[keys.LEDGER], standing.id, wording)
    except TooLate:
        raise Problem(409, "not_editable") from None
    if told:
        CHANGES.labels("corrected").inc()
        log.info("submission_corrected", submission=standing.id)
        await request.app[keys.QUEUES].hint("check", [standing.id])
    await _announce(request, told)


async def withdraw_and_pass_on(request: web.Request, standing: Standing) -> None:
    """Take it off moderators' desks.

    Raises:
        Problem: 409 `not_editable`, 429.
    """
    await limit_submissions(request)
    try:
        told = await withdraw(request.app[keys.LEDGER], standing.id)
    except TooLate:
        raise Problem(409, "not_editable") from None
    if told:
        CHANGES.labels("withdrawn").inc()
        log.info("submission_withdrawn", submission=standing.id)
    await _announce(request, told)


async def _announce(request: web.Request, told: Announcement | None) -> None:
    if told:
        await request.app[keys.LIVE].announce_all([told])


async def _answer(request: web.Request, standing: Standing) -> web.Response:
    return web.json_response(document(request, standing), headers=_NO_STORE)


def document(request: web.Request, standing: Standing) -> dict[str, Any]:
    """A receipt as its reader sees it: never a phone, an address or a moderator's note."""
    status, language = status_of(standing), language_of(request)
    return {
        "code": receipt_code(request.app[keys.LEDGER], standing.id),
        "id": standing.id,
        "article": standing.article,
        "article_url": standing.article_url,
        "status": status,
        "reason": reason_of(standing, request.app[TEXTS], language),
        "name": standing.name,
        "title": standing.title,
        "content": standing.content,
        "parent_id": standing.parent,
        "received_at": stamp(standing.received_at),
        "editable_until": stamp(standing.editable_until) if standing.editable_until else None,
        "permalink": permalink(standing) if status == "published" else None,
    }


def permalink(standing: Standing) -> str:
    """Where it stands under its article."""
    return f"{standing.article_url}#comment-{standing.id}"


ROUTES = [
    web.get("/v1/receipts/{code}", get_receipt),
    web.put("/v1/receipts/{code}", put_receipt),
    web.delete("/v1/receipts/{code}", delete_receipt),
]
