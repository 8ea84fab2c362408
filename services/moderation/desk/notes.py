"""Notes of moderators to each other, from programs and from forms."""

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from commentdesk.domain.moments import stamp
from commentdesk.ledger.notes import Note, add_note, remove_note
from commentdesk.web import Problem
from services.moderation.auth import sections_of, session_of
from services.moderation.bodies import checked
from services.moderation.fields import back_to, invalid, text_field
from services.moderation.keys import BODY, LEDGER

NOTE_TEXT_LENGTH = 2_000
_ID_LENGTH = 36
_SAYS_SOMETHING = r"\S"


class NoteBody(BaseModel):
    """The body of POST /v1/submissions/{id}/notes."""

    model_config = ConfigDict(strict=True)

    text: str = Field(min_length=1, max_length=NOTE_TEXT_LENGTH, pattern=_SAYS_SOMETHING)


async def post_note(request: web.Request) -> web.Response:
    """Write a note on a submission."""
    checked(NoteBody, request[BODY])
    return web.json_response(_item(await _write(request)), status=201)


async def delete_note(request: web.Request) -> web.Response:
    """Take back one's own; 404 for another's."""
    note = request.match_info["id"]
    await _remove(request, note)
    return web.json_response({"id": note, "removed": True})


async def note_form(request: web.Request) -> web.Response:
    """Write a note, and back to where it was written."""
    await _write(request)
    return back_to(request[BODY], done="note", count=1)


async def remove_note_form(request: web.Request) -> web.Response:
    """Take back one's own, and back to where it stood."""
    await _remove(request, text_field(request[BODY], "note", _ID_LENGTH))
    return back_to(request[BODY], done="remove_note", count=1)


async def _write(request: web.Request) -> Note:
    text = text_field(request[BODY], "text", NOTE_TEXT_LENGTH)
    if not text:
        raise invalid("text", "required")
    actor, submission = session_of(request).account.login, request.match_info["id"]
    note = await add_note(request.app[LEDGER], submission, actor, text, sections_of(request))
    if note is None:
        raise Problem(404, "not_found")
    return note


async def _remove(request: web.Request, note: str) -> None:
    actor = session_of(request).account.login
    if await remove_note(request.app[LEDGER], note, actor) is None:
        raise Problem(404, "not_found")


def _item(note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "submission": note.submission,
        "actor": note.actor,
        "text": note.text,
        "at": stamp(note.at),
    }
