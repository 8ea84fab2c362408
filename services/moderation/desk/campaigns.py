"""Orders on campaigns, for programs and as forms: the next ones like this, for a time."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from commentdesk.database import now
from commentdesk.domain.state import Action
from commentdesk.ledger.campaign_orders import (
    CampaignOrder,
    NothingAlike,
    end_order,
    list_orders,
    order_next,
)
from commentdesk.ledger.likeness import Common, goes_by
from commentdesk.log import log
from commentdesk.web import Problem
from services.moderation.auth import session_of
from services.moderation.bodies import refused_body
from services.moderation.desk.showing import plain
from services.moderation.fields import invalid, local_path, redirect, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.pages import CONSOLE

MOST_HOURS = 168
_ID_LENGTH = 36
_FIELD_LENGTH = 10


class OrderBody(BaseModel):
    """The body of POST /v1/campaigns/{id}/order."""

    model_config = ConfigDict(strict=True, extra="forbid")

    action: Literal["hold", "reject"]
    hours: int = Field(ge=1, le=MOST_HOURS)


async def get_orders(request: web.Request) -> web.Response:
    """Those that stand, the newest first."""
    found = await list_orders(request.app[LEDGER])
    common = await _common(request, found)
    items = [_item(each, common[each.campaign]) for each in found]
    return web.json_response({"items": items, "next": None})


async def post_order(request: web.Request) -> web.Response:
    """Have the next ones like this held or rejected; written to the audit."""
    try:
        body = OrderBody.model_validate(request[BODY])
    except ValidationError as error:
        raise refused_body(error) from None
    made = await _order(request, body)
    common = await _common(request, [made])
    return web.json_response(_item(made, common[made.campaign]))


async def delete_order(request: web.Request) -> web.Response:
    """End it; doing it twice changes nothing."""
    submission = request.match_info["id"]
    await _end(request, submission)
    return web.json_response({"id": submission, "ended": True})


async def show_orders(request: web.Request) -> web.Response:
    """What is ordered just now, and a way to end each."""
    found = await list_orders(request.app[LEDGER])
    common = await _common(request, found)
    may_end = not session_of(request).account.sections
    told = request.query.get("done", "")
    return request.app[CONSOLE].render(
        request, "orders.html", orders=found, common=common, may_end=may_end, told=told
    )


async def order_form(request: web.Request) -> web.Response:
    """The same from a form: back to where it stood."""
    body = request[BODY]
    action, hours = (text_field(body, name, _FIELD_LENGTH) for name in ("action", "hours"))
    if not (hours.isascii() and hours.isdecimal()):
        raise invalid("hours", "wrong_type")
    try:
        asked = OrderBody.model_validate({"action": action, "hours": int(hours)})
    except ValidationError as error:
        raise refused_body(error) from None
    await _order(request, asked)
    back = URL(local_path(body.get("back")))
    return redirect(str(back.update_query(done=f"order_{action}", count=int(hours))))


async def end_form(request: web.Request) -> web.Response:
    """End an order from a form."""
    body = request[BODY]
    await _end(request, text_field(body, "campaign", _ID_LENGTH))
    back = local_path(body.get("back") or "/campaigns")
    return redirect(str(URL(back).update_query(done="order_ended", count=1)))


async def _order(request: web.Request, body: OrderBody) -> CampaignOrder:
    submission, actor = request.match_info["id"], _of_all_sections(request)
    until = now() + timedelta(hours=body.hours)
    try:
        made = await order_next(request.app[LEDGER], submission, Action(body.action), actor, until)
    except NothingAlike:
        raise invalid("campaign", "nothing_alike") from None
    if made is None:
        raise Problem(404, "not_found")
    log.info("campaign_ordered", submission=submission, action=body.action, hours=body.hours)
    return made


async def _end(request: web.Request, submission: str) -> None:
    if await end_order(request.app[LEDGER], submission, _of_all_sections(request)):
        log.info("campaign_order_ended", submission=submission)


def _of_all_sections(request: web.Request) -> str:
    """The login of who may order: campaigns know no sections, and so their orders do not.

    Raises:
        Problem: 403 for an account that is there for some sections alone.
    """
    account = session_of(request).account
    if account.sections:
        raise Problem(403, "sections_only")
    return account.login


async def _common(request: web.Request, orders: Sequence[CampaignOrder]) -> dict[str, list[Common]]:
    """What each goes by; who is there for some sections is not told what others' texts hold."""
    found = await goes_by(request.app[LEDGER], orders)
    if session_of(request).account.sections:
        found = {name: [replace(one, shown="") for one in each] for name, each in found.items()}
    return {order.campaign: found.get(order.campaign, []) for order in orders}


def _item(order: CampaignOrder, common: Sequence[Common]) -> dict[str, Any]:
    document: dict[str, Any] = plain({**asdict(order), "action": str(order.action)})
    del document["title"], document["alone"]
    return {**document, "by": [asdict(each) for each in common]}
