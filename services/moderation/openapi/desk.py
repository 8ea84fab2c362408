"""The desk's own part of the OpenAPI document: submissions, decisions, notes, people."""

from pydantic import BaseModel

from commentdesk.domain.memory import BanKind
from commentdesk.domain.state import State
from commentdesk.ledger.filters import VIEWS
from commentdesk.ledger.order import CURSOR_PATTERN, SORTS
from commentdesk.web.openapi import (
    BODY_STATUSES,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    Schema,
    a_list,
    an_object,
    in_query,
    problems,
    ref,
)
from services.moderation.dates import DAY_PATTERN
from services.moderation.desk.api import DecisionBody
from services.moderation.desk.asked import ID_PATTERN, MOST_IDS, STATES, UNFOLDED
from services.moderation.desk.findings import FINDING
from services.moderation.desk.notes import NoteBody
from services.moderation.desk.openings import PresenceBody
from services.moderation.desk.traces import KINDS, TRACE_PATTERN
from services.moderation.openapi.parts import SESSION, answers, id_in_path, posts, reads

_BODIES: tuple[type[BaseModel], ...] = (DecisionBody, NoteBody, PresenceBody)
_LINE: Schema = {"type": "string", "maxLength": 200}


def paths() -> Schema:
    """Reading and deciding."""
    return {**_reading(), **_deciding(), **_telling()}


def schemas() -> Schema:
    """What their bodies and answers are made of."""
    bodies: Schema = {}
    for model in _BODIES:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        bodies |= schema.pop("$defs", {}) | {model.__name__: schema}
    return {
        **bodies,
        "Submission": an_object(**_submission()),
        "History": an_object(**_submission(), history=a_list(_deed())),
        "Submissions": an_object(items=a_list(ref("Submission")), next=TEXT_OR_NULL),
        "Results": an_object(
            batch={**TEXT, "description": "What the decisions are undone by"},
            undo_seconds={
                "type": "number",
                "description": "How long an approval waits before it leaves",
            },
            results=a_list(_result()),
        ),
        "Revealed": an_object(phone=TEXT, address=TEXT),
        "Erased": an_object(id=TEXT, state={"const": str(State.ERASED)}),
        "Note": an_object(id=TEXT, submission=TEXT, actor=TEXT, text=TEXT, at=TIME),
        "NoteRemoved": an_object(id=TEXT, removed={"const": True}),
        "Person": an_object(
            **dict.fromkeys(("phone", "address", "browser", "campaign"), _related()),
            bans=a_list(_standing_ban()),
        ),
        "Decision": {"type": ["object", "null"]},
        "Finding": FINDING,
    }


def _reading() -> Schema:
    query = _query()
    return {
        "/v1/submissions": {
            "get": reads("Submissions, oldest first", "Submissions", query, fails=(400, 422))
        },
        "/v1/submissions/{id}": {
            "parameters": [id_in_path()],
            "get": reads("One submission with findings and history", "History", fails=(404,)),
        },
        "/v1/submissions/{id}/person": {
            "parameters": [id_in_path()],
            "get": reads(
                "What else came with its phone, from its address and browser, and with its text",
                "Person",
                fails=(404,),
            ),
        },
        "/v1/events": {"get": _streams()},
    }


def _deciding() -> Schema:
    batch = {**id_in_path(), "name": "batch"}
    return {
        "/v1/submissions/{id}/reveal": {
            "parameters": [id_in_path()],
            "post": posts(
                "Phone and address in full; written to the audit", None, "Revealed", fails=(404,)
            ),
        },
        "/v1/submissions/{id}/erase": {
            "parameters": [id_in_path()],
            "post": posts("Forget it for good; for admins", None, "Erased", fails=(404,)),
        },
        "/v1/decisions": {
            "post": posts(
                "Decide; 409 if a single item was decided meanwhile, or changed by its reader, "
                "with what was done",
                "DecisionBody",
                "Results",
                fails=(404, 409, 422),
            )
        },
        "/v1/decisions/{batch}/undo": {
            "parameters": [batch],
            "post": posts(
                "Take back what one request decided; of another moderator's, for editors",
                None,
                "Results",
                fails=(404, 409),
            ),
        },
    }


def _telling() -> Schema:
    noted = posts("Write a note on a submission", "NoteBody", "Note", fails=(404, 422))
    told = posts("Tell colleagues that it is open here", "PresenceBody", "Note", (404, 422))
    removed = answers("NoteRemoved", 401, 403, 404)
    return {
        "/v1/submissions/{id}/notes": {
            "parameters": [id_in_path()],
            "post": {**noted, "responses": _instead(noted["responses"], "201")},
        },
        "/v1/notes/{id}": {
            "parameters": [id_in_path()],
            "delete": {
                "summary": "Take back a note of one's own",
                "security": SESSION,
                "responses": removed,
            },
        },
        "/v1/submissions/{id}/presence": {
            "parameters": [id_in_path()],
            "post": {
                **told,
                "responses": {
                    "204": {"description": "Told"},
                    **problems(401, 403, 404, 422, *BODY_STATUSES),
                },
            },
        },
    }


def _instead(responses: Schema, status: str) -> Schema:
    return {status: responses["200"], **{k: v for k, v in responses.items() if k != "200"}}


def _streams() -> Schema:
    summary = (
        "Live stream; event `change` with data {type, id, article, state}, and where a moderator "
        "or the reader (actor `reader`) did it {actor, action, version}; event `presence` with "
        "data {id, login, open}"
    )
    answer = {"description": summary, "content": {"text/event-stream": {"schema": TEXT}}}
    return {
        "summary": summary,
        "security": SESSION,
        "responses": {"200": answer, **problems(401)},
    }


def _query() -> list[Schema]:
    # Empty is unsaid, as a form sends it.
    trace: Schema = {
        "type": "string",
        "pattern": f"^({TRACE_PATTERN})?$",
        "description": "The id of a submission that has it; a number never stands here",
    }
    day: Schema = {"type": "string", "pattern": f"^({DAY_PATTERN})?$"}
    kinds: dict[str, Schema] = {
        "view": {"enum": [*VIEWS, ""]},
        "state": {"enum": [*STATES, ""]},
        **dict.fromkeys(("article", "section", "check", "reason"), _LINE),
        **dict.fromkeys(("language", "decided_by", "name"), _LINE),
        "after": {**day, "description": "From this day on, by the site's clocks"},
        "before": {**day, "description": "Until this day begins"},
        **dict.fromkeys(KINDS, trace),
        "campaign": {"type": "string", "pattern": f"^({ID_PATTERN})?$"},
        "q": {**_LINE, "description": 'Words, "phrases" and operators such as reason:spam'},
        "id": {
            "type": "string",
            "pattern": f"^({ID_PATTERN}(,{ID_PATTERN}){{0,{MOST_IDS - 1}}})?$",
        },
        "sort": {"enum": [*SORTS, ""]},
        "fold": {
            "enum": [UNFOLDED, ""],
            "description": "off: in waiting and suspect, those of one campaign one by one",
        },
        "cursor": {"type": "string", "pattern": f"^({CURSOR_PATTERN})?$"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    }
    return [in_query(name, kind) for name, kind in kinds.items()]


def _submission() -> dict[str, Schema]:
    return {
        **dict.fromkeys(("id", "article_id", "article_title", "section"), TEXT),
        **dict.fromkeys(("name", "title", "content", "language"), TEXT),
        "version": NUMBER,
        "state": {"enum": [str(state) for state in State]},
        "parent_id": TEXT_OR_NULL,
        "parents": a_list(an_object(**dict.fromkeys(_PARENT, TEXT))),
        "received_at": TIME,
        "phone_masked": TEXT_OR_NULL,
        "phone_proven": {
            "type": "boolean",
            "description": "The reader typed the code that was sent to the phone",
        },
        "address_masked": TEXT_OR_NULL,
        "client": {"type": "object", "description": "What the form told of its filling in"},
        "score": {"type": ["number", "null"]},
        "findings": a_list(ref("Finding")),
        "decision": ref("Decision"),
        "revisions": {
            **a_list(an_object(version=NUMBER, name=TEXT, title=TEXT, content=TEXT, at=TIME)),
            "description": "What its reader wrote before a correction, the first wording first",
        },
        "held_for": {**TEXT_OR_NULL, "description": "The colleague it waits for"},
        "opened_by": {**TEXT_OR_NULL, "description": "A colleague who has it open"},
        "notes": a_list(an_object(id=TEXT, actor=TEXT, text=TEXT, at=TIME)),
        "work": TEXT_OR_NULL,
        "stuck": {"type": "boolean"},
        "error": TEXT_OR_NULL,
        "attempts": NUMBER,
        "campaign": {
            **TEXT_OR_NULL,
            "description": "The first of those that belong together",
        },
        "campaign_waiting": {**NUMBER, "description": "How many of the campaign wait"},
        "campaign_by": a_list(ref("Common")),
    }


_PARENT = ("id", "name", "title", "excerpt", "state")


def _related() -> Schema:
    group = an_object(
        published=NUMBER, rejected=NUMBER, waiting=NUMBER, items=a_list(ref("Submission"))
    )
    return {"anyOf": [group, {"type": "null"}]}


def _standing_ban() -> Schema:
    until = {"type": ["string", "null"], "format": "date-time"}
    return an_object(
        id=TEXT,
        kind={"enum": [str(kind) for kind in BanKind]},
        until=until,
        actor=TEXT,
        may_lift={"type": "boolean"},
    )


def _deed() -> Schema:
    return an_object(
        id=TEXT,
        at=TIME,
        actor=TEXT,
        action=TEXT,
        submission=TEXT_OR_NULL,
        detail={"type": "object"},
    )


def _result() -> Schema:
    return an_object(
        id=TEXT,
        result={"enum": ["done", "conflict", "unknown", "impossible"]},
        state=TEXT_OR_NULL,
        version={"type": ["integer", "null"]},
        decision=ref("Decision"),
    )
