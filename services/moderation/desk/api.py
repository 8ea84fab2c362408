"""The desk as JSON: what the pages show and do, for programs."""

from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator

from commentdesk.domain.state import State
from commentdesk.ledger import desk
from commentdesk.ledger.decide import Outcome
from commentdesk.ledger.entries import Entry
from commentdesk.web import SETTINGS, Problem
from services.moderation.auth import sections_of, session_of
from services.moderation.bodies import checked
from services.moderation.desk.asked import ALL, Asked
from services.moderation.desk.decisions import (
    DONE,
    LOGIN_LENGTH,
    MOST_ITEMS,
    NOTE_LENGTH,
    REASON_LENGTH,
    Batch,
    Wish,
    decide_and_pass_on,
    decide_campaign,
    erase_and_pass_on,
    undo_and_pass_on,
)
from services.moderation.desk.openings import with_presence
from services.moderation.desk.showing import plain
from services.moderation.fields import text_field
from services.moderation.keys import BODY, LEDGER

_PAGE_SIZE = 50
_VERSION_END = 2**31
_REFUSALS = {"conflict": 409, "impossible": 409, "unknown": 404}

Id = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]


class Item(BaseModel):
    """A submission as the moderator saw it."""

    model_config = ConfigDict(strict=True)

    id: Id
    seen_version: int = Field(ge=1, lt=_VERSION_END)


class DecisionBody(BaseModel):
    """The body of POST /v1/decisions: about items, or about all of a campaign that wait."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"oneOf": [{"required": ["items"]}, {"required": ["campaign"]}]},
    )

    items: list[Item] = Field(default_factory=list, min_length=1, max_length=MOST_ITEMS)
    campaign: Id | None = None
    action: Literal["approve", "reject", "remove", "restore", "hold"]
    reason: str = Field("", max_length=REASON_LENGTH)
    note: str = Field("", max_length=NOTE_LENGTH)
    held_for: str = Field("", max_length=LOGIN_LENGTH)

    @model_validator(mode="after")
    def _about_one(self) -> Self:
        if bool(self.items) is bool(self.campaign):
            raise ValueError("either items or campaign")
        return self


async def list_submissions(request: web.Request) -> web.Response:
    """A page of the desk."""
    asked = Asked.read(request.query, otherwise=ALL, limit=_PAGE_SIZE)
    page = await asked.answer(request, request.app[LEDGER])
    items = [entry_json(entry) for entry in with_presence(request, page.items)]
    return web.json_response({"items": items, "next": page.next})


async def get_submission(request: web.Request) -> web.Response:
    """One submission with its history."""
    submission = request.match_info["id"]
    found = await desk.entry(request.app[LEDGER], submission, sections_of(request))
    if found is None:
        raise Problem(404, "not_found")
    history = await desk.history(request.app[LEDGER], submission)
    document = entry_json(with_presence(request, [found])[0])
    return web.json_response({**document, "history": [plain(asdict(row)) for row in history]})


async def reveal_submission(request: web.Request) -> web.Response:
    """Phone and address in full; that this was asked is written down."""
    actor, submission = session_of(request).account.login, request.match_info["id"]
    revealed = await desk.reveal(request.app[LEDGER], submission, actor, sections_of(request))
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
    body = checked(DecisionBody, request[BODY])
    wish = Wish(
        body.action,
        text_field(request[BODY], "reason", REASON_LENGTH),
        text_field(request[BODY], "note", NOTE_LENGTH),
        body.held_for,
    )
    if body.campaign:
        return _answer(request, await decide_campaign(request, body.campaign, wish))
    items = [(item.id, item.seen_version) for item in body.items]
    return _answer(request, await decide_and_pass_on(request, items, wish))


async def undo_decisions(request: web.Request) -> web.Response:
    """Take back what one request decided, as it is answered when it is decided."""
    return _answer(request, await undo_and_pass_on(request, request.match_info["batch"]))


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry as programs get it."""
    document: dict[str, Any] = plain(asdict(entry))
    return document


def _answer(request: web.Request, batch: Batch) -> web.Response:
    results = [_outcome(outcome) for outcome in batch.outcomes]
    if len(results) == 1 and (result := batch.outcomes[0].result) != DONE:
        raise Problem(_REFUSALS[result], result, extra={**results[0], "results": results})
    return web.json_response(
        {
            "batch": batch.id,
            "undo_seconds": request.app[SETTINGS].undo_seconds,
            "results": results,
        }
    )


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "result": outcome.result,
        "state": outcome.state,
        "version": outcome.version,
        "decision": plain(outcome.decision),
    }
