"""The desk as JSON: what the pages show and do, for programs."""

from dataclasses import asdict
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commentdesk.domain.state import State
from commentdesk.ledger import desk
from commentdesk.ledger.decide import Outcome
from commentdesk.web import FieldError, Problem
from services.moderation.asked import ALL, Asked
from services.moderation.auth import session_of
from services.moderation.decisions import (
    DONE,
    MOST_ITEMS,
    NOTE_LENGTH,
    REASON_LENGTH,
    decide_and_pass_on,
    erase_and_pass_on,
)
from services.moderation.fields import text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.showing import plain

_PAGE_SIZE = 50
_VERSION_END = 2**31
_REFUSALS = {"conflict": 409, "impossible": 409, "unknown": 404}


class Item(BaseModel):
    """A submission as the moderator saw it."""

    model_config = ConfigDict(strict=True)

    id: str = Field(pattern=r"^[0-9a-f-]{36}$")
    seen_version: int = Field(ge=1, lt=_VERSION_END)


class DecisionBody(BaseModel):
    """The body of POST /v1/decisions."""

    model_config = ConfigDict(strict=True)

    items: list[Item] = Field(min_length=1, max_length=MOST_ITEMS)
    action: Literal["approve", "reject", "remove", "restore"]
    reason: str = Field("", max_length=REASON_LENGTH)
    note: str = Field("", max_length=NOTE_LENGTH)


async def list_submissions(request: web.Request) -> web.Response:
    """A page of the desk."""
    asked = Asked.read(request, state=ALL, limit=_PAGE_SIZE)
    page = await asked.answer(request.app[LEDGER])
    return web.json_response({"items": [_entry(entry) for entry in page.items], "next": page.next})


async def get_submission(request: web.Request) -> web.Response:
    """One submission with its history."""
    submission = request.match_info["id"]
    found = await desk.entry(request.app[LEDGER], submission)
    if found is None:
        raise Problem(404, "not_found")
    history = await desk.history(request.app[LEDGER], submission)
    return web.json_response({**_entry(found), "history": [plain(asdict(row)) for row in history]})


async def reveal_submission(request: web.Request) -> web.Response:
    """Phone and address in full; that this was asked is written down."""
    actor = session_of(request).account.login
    revealed = await desk.reveal(request.app[LEDGER], request.match_info["id"], actor)
    if revealed is None:
        raise Problem(404, "not_found")
    return web.json_response(revealed)


async def erase_submission(request: web.Request) -> web.Response:
    """Forget a submission for good; doing it twice changes nothing."""
    submission = request.match_info["id"]
    await erase_and_pass_on(request, submission)
    return web.json_response({"id": submission, "state": str(State.ERASED)})


async def post_decisions(request: web.Request) -> web.Response:
    """Decide; a result per item, and for a single item that is refused, a problem that says why."""
    body = _decision(request[BODY])
    outcomes = await decide_and_pass_on(
        request,
        [(item.id, item.seen_version) for item in body.items],
        body.action,
        text_field(request[BODY], "reason", REASON_LENGTH),
        text_field(request[BODY], "note", NOTE_LENGTH),
    )
    results = [_outcome(outcome) for outcome in outcomes]
    if len(outcomes) == 1 and (result := outcomes[0].result) != DONE:
        raise Problem(_REFUSALS[result], result, extra={**results[0], "results": results})
    return web.json_response({"results": results})


def refused_body(error: ValidationError) -> Problem:
    """422 with what is wrong in each field; what was typed is not repeated."""
    troubles = error.errors(include_url=False, include_context=False, include_input=False)
    return Problem(422, "invalid", errors=[_field_error(t) for t in troubles])


def _decision(body: dict[str, Any]) -> DecisionBody:
    try:
        return DecisionBody.model_validate(body)
    except ValidationError as error:
        raise refused_body(error) from None


def _field_error(trouble: Any) -> FieldError:
    field = ".".join(str(part) for part in trouble["loc"])
    return FieldError(field, trouble["type"], trouble["msg"])


def _entry(entry: desk.Entry) -> dict[str, Any]:
    document: dict[str, Any] = plain(asdict(entry))
    return document


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "result": outcome.result,
        "state": outcome.state,
        "version": outcome.version,
        "decision": plain(outcome.decision),
    }
