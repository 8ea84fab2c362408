"""Intake's HTTP interface for programs: the widget, and any other client."""

from pathlib import Path

from aiohttp import web

from commentdesk.database import now
from commentdesk.ledger.admit import find_admitted
from commentdesk.ledger.desk import state_of
from commentdesk.web import SETTINGS, FieldError, Problem, language_of, read_body
from services.intake import keys, plain, receipt_page, receipts
from services.intake.asking import captcha_document
from services.intake.captcha.minting import Captcha, CaptchaUnknown
from services.intake.captcha.sound import LANGUAGES
from services.intake.captcha.surge import Seen
from services.intake.embed import embed
from services.intake.phone_codes import create_phone_code
from services.intake.submit import (
    limit,
    limit_again,
    limit_submissions,
    submit,
)
from services.intake.widget import widget, widget_more

STATIC = Path(__file__).parent / "static"
_NO_STORE = {"Cache-Control": "no-store"}


async def create_captcha(request: web.Request) -> web.Response:
    """A fresh captcha for an article; the one it replaces is burnt."""
    await limit(request, "captchas", request.app[SETTINGS].captchas_limit)
    body = await read_body(request)
    article = body.get("article")
    if not isinstance(article, str):
        raise Problem(422, "invalid", errors=[FieldError("article", "required")])
    await request.app[keys.ARTICLES].find_open(article)
    await limit_again(request, article, "captchas", request.app[SETTINGS].captchas_limit)
    await _burn_replaced(request, body.get("replaces"))
    captcha = request.app[keys.CAPTCHAS].mint(article)
    document = await captcha_document(request, captcha)
    return web.json_response(document, status=201, headers=_NO_STORE)


async def captcha_image(request: web.Request) -> web.Response:
    """The picture, the same for one id every time."""
    await limit(request, "pictures", request.app[SETTINGS].pictures_limit)
    request.app[keys.STUDIO].check_room()
    captcha = await _usable_captcha(request)
    body = await request.app[keys.STUDIO].make(captcha.picture())
    return web.Response(body=body, content_type="image/png", headers=_NO_STORE)


async def captcha_audio(request: web.Request) -> web.Response:
    """The sound, the same for one id and language every time."""
    await limit(request, "sounds", request.app[SETTINGS].sounds_limit)
    request.app[keys.STUDIO].check_room()
    captcha = await _usable_captcha(request)
    body = await request.app[keys.STUDIO].make(captcha.sound(_spoken_language(request)))
    request.app[keys.SURGE].count(Seen.SOUND, captcha.article)
    return web.Response(body=body, content_type="audio/wav", headers=_NO_STORE)


async def create_comment(request: web.Request) -> web.StreamResponse:
    """Take a comment in: 202 once it is committed; a browser's plain form gets pages instead."""
    if plain.wanted(request):
        return await plain.create_comment(request)
    await limit_submissions(request)
    receipt = await submit(request, request.match_info["article"], await read_body(request))
    answer = {
        "id": receipt.id,
        "state": "received",
        "status_url": f"{request.app[SETTINGS].intake_url}/v1/submissions/{receipt.id}",
        "receipt": receipts.given(request, receipt),
    }
    return web.json_response(answer, status=202, headers=_NO_STORE)


async def submission_state(request: web.Request) -> web.Response:
    """What became of a submission: its state and no more."""
    submission = request.match_info["id"]
    found = await state_of(request.app[keys.LEDGER], submission)
    if found is None:
        raise Problem(404, "not_found")
    return web.json_response({"id": submission, "state": found[0]}, headers=_NO_STORE)


async def _usable_captcha(request: web.Request) -> Captcha:
    """The captcha of the path; 410 once it is expired, burnt or spent, 404 if not ours."""
    try:
        captcha = request.app[keys.CAPTCHAS].open(request.match_info["id"])
    except CaptchaUnknown as error:
        raise Problem(404, "not_found") from error
    gone = (
        captcha.expired(now())
        or await request.app[keys.BURNT].among([captcha.nonce])
        or await find_admitted(request.app[keys.LEDGER], bytes.fromhex(captcha.nonce))
    )
    if gone:
        raise Problem(410, "captcha_expired")
    return captcha


def _spoken_language(request: web.Request) -> str:
    """The reader's, or English where nobody speaks it."""
    asked = language_of(request)
    return asked if asked in LANGUAGES else "en"


async def _burn_replaced(request: web.Request, replaced: object) -> None:
    if not isinstance(replaced, str) or not replaced:
        return
    try:
        captcha = request.app[keys.CAPTCHAS].open(replaced)
    except CaptchaUnknown:
        return
    if not captcha.expired(now()):
        await request.app[keys.BURNT].burn(captcha.nonce)


ROUTES = [
    web.post("/v1/captchas", create_captcha),
    web.get("/v1/captchas/{id}/image", captcha_image),
    web.get("/v1/captchas/{id}/audio", captcha_audio),
    web.post("/v1/phone-codes", create_phone_code),
    web.post("/v1/articles/{article}/comments", create_comment),
    web.get("/v1/articles/{article}/form", plain.show_form),
    web.post("/v1/articles/{article}/form", plain.reload_captcha),
    web.get("/v1/submissions/{id:[0-9a-f-]{36}}", submission_state),
    *receipts.ROUTES,
    *receipt_page.ROUTES,
    web.get("/widget.js", widget),
    web.get("/widget-more.js", widget_more),
    web.get("/embed/{article}", embed),
    web.static("/static", STATIC),
]
