"""An HTTP endpoint of the site's own, its calls signed as Standard Webhooks has it.

Request and answer are in docs/engines.md.
"""

import json
import time
from typing import Any, Literal, NoReturn

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commentdesk.domain.finding import Finding, Outcome, Reason, unknown
from commentdesk.domain.moments import stamp
from commentdesk.domain.text import has_control_character
from commentdesk.domain.webhooks import signed
from commentdesk.ledger.changes import new_id
from workers.engines.protocol import EngineFailed, Question
from workers.engines.web import post

_MOST_REASONS = 5
_REASON_LENGTH = 200


class Answer(BaseModel):
    """What the endpoint answers, and nothing beside it."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    outcome: Literal["clean", "suspect", "bad", "unknown"]
    score: float = Field(ge=0, le=1, allow_inf_nan=False)
    reasons: list[str] = Field(max_length=_MOST_REASONS)


class Endpoint:
    """Told: id, article, name, title, text, language, time, and what it replies to. Neither the
    phone nor the IP address.
    """

    name = "endpoint"
    needs_address = False

    def __init__(self, session: aiohttp.ClientSession, url: str, key: bytes) -> None:
        self._session, self._url, self._key = session, url, key

    async def ask(self, question: Question) -> Finding:
        """What it answers, read strictly."""
        body = json.dumps(_document(question), ensure_ascii=False).encode()
        headers = signed(self._key, new_id(), int(time.time()), body)
        headers["Content-Type"] = "application/json"
        content, _ = await post(self._session, self._url, body, headers)
        answer = read_answer(content)
        if answer.outcome == "unknown":
            return unknown(self.name, "it does not know")
        reasons = tuple(Reason("endpoint_says", text) for text in answer.reasons)
        return Finding(self.name, Outcome(answer.outcome), answer.score, reasons)


def _document(question: Question) -> dict[str, Any]:
    written = question.submission
    return {
        "type": "comment.check",
        "data": {
            "id": written.id,
            "article": written.article,
            "parent": written.parent,
            "name": written.name,
            "title": written.title,
            "content": written.content,
            "language": written.language,
            "received_at": stamp(written.received_at),
        },
    }


def read_answer(content: bytes) -> Answer:
    """The answer in these bytes.

    Raises:
        EngineFailed: it is not as agreed; nothing of it is repeated.
    """
    try:
        document = json.loads(
            content, object_pairs_hook=_each_once, parse_constant=_no_number, parse_int=float
        )
        answer = Answer.model_validate(document)
    # Too deep is a RecursionError.
    except (ValueError, ValidationError, RecursionError):
        raise EngineFailed("its answer is not what was agreed") from None
    if any(len(r) > _REASON_LENGTH or has_control_character(r) for r in answer.reasons):
        raise EngineFailed("its reasons are not plain short texts")
    return answer


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _no_number(_text: str) -> NoReturn:
    raise ValueError("no number")
