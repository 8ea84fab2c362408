"""Rehearsals: asking for one, looking how far it is, and what it would have done."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from commentdesk.articlestore.protocol import ID_PATTERN
from commentdesk.domain.moments import stamp
from commentdesk.domain.policy import HOLD_STEPS, REJECT_STEPS
from commentdesk.ledger import desk
from commentdesk.ledger.entries import Entry
from commentdesk.ledger.policies import SITE, scope_of
from commentdesk.ledger.reasons import CODE_PATTERN
from commentdesk.ledger.rehearsals import (
    DAYS,
    Rehearsal,
    ask_rehearsal,
    cancel_rehearsal,
    list_rehearsals,
    read_rehearsal,
)
from commentdesk.ledger.words import WordKind, WordMatch, sorted_out
from commentdesk.log import log
from commentdesk.web import Problem
from services.moderation.auth import session_of
from services.moderation.bodies import refused_body
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.keys import BODY, LEDGER, QUEUES
from services.moderation.reasons import reason_words
from services.moderation.rules.bans import bans_page, written_ban
from services.moderation.rules.frame import rules_page
from services.moderation.rules.policies import page_of, policy_page_of
from services.moderation.rules.words import TABS, refused_words, words_page, written_words

MOST_TEXTS = 200
_ABOUT_LENGTH = 40
_SHOWN = ("wrong", "right", "waiting", "missed")
_AROUND = 90


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    # The reason for which people refuse what the rule is about; empty for any.
    about: str = Field("", pattern=f"^({CODE_PATTERN})?$")


class WordsRehearsal(_Body):
    """Words, hosts or patterns."""

    what: Literal["words"]
    kind: Literal["banned", "suspect", "allowed", "banned_host", "allowed_host"]
    match: Literal["word", "anywhere", "pattern"] = "word"
    texts: list[str] = Field(min_length=1, max_length=MOST_TEXTS)


class ThresholdRehearsal(_Body):
    """A step of the policy, for the site or for one article."""

    what: Literal["threshold"]
    part: Literal["hold", "reject"]
    one_in: int = Field(json_schema_extra={"enum": [*sorted({*HOLD_STEPS, *REJECT_STEPS})]})
    article: str = Field("", pattern=f"^({ID_PATTERN})?$")

    @model_validator(mode="after")
    def _a_step(self) -> "ThresholdRehearsal":
        if self.one_in not in (HOLD_STEPS if self.part == "hold" else REJECT_STEPS):
            raise ValueError("none of the steps")
        return self


class BanRehearsal(_Body):
    """A ban of what a submission holds."""

    what: Literal["ban"]
    kind: Literal["phone", "address", "name"]
    submission: str = Field(pattern=r"^[0-9a-f-]{36}$")


Wanted = WordsRehearsal | ThresholdRehearsal | BanRehearsal
_WANTED: TypeAdapter[Wanted] = TypeAdapter(Annotated[Wanted, Field(discriminator="what")])


@dataclass(frozen=True)
class Example:
    """A comment as an example: what stands before the place, the place, what stands after."""

    entry: Entry
    before: str
    marked: str
    after: str


async def ask_form(request: web.Request) -> web.Response:
    """Have the rule tried that stands in the form, in the place of adding it."""
    body = request[BODY]
    what = body.get("rehearse")
    try:
        if what in TABS:
            rule = _of_form_words(request, str(what))
        elif what in ("hold", "reject"):
            rule = _of_form_step(request, str(what))
        elif what == "ban":
            kind, submission = written_ban(request)
            rule = {"what": "ban", "kind": str(kind), "submission": submission}
        else:
            raise invalid("rehearse", "unknown_value")
        about = text_field(body, "about", _ABOUT_LENGTH)
        asked = await _ask(request, {**rule, "about": about})
    except Problem as problem:
        return await _form_again(request, what, problem)
    return redirect(f"/rules/rehearsals/{asked.id}")


async def show_rehearsal(request: web.Request) -> web.Response:
    """How far it is; then what it would have caught, wrongly caught and missed."""
    found = await _found(request)
    words = await reason_words(request)
    examples = {name: await _examples(request, found, name) for name in _SHOWN}
    rule = found.rule
    return await rules_page(
        request,
        "rules_rehearsal.html",
        _tab_of(rule),
        rehearsal=found,
        rule=rule,
        back=_page_of(rule),
        days=DAYS,
        shown=_SHOWN,
        examples=examples,
        allows=rule.get("kind") in ("allowed", "allowed_host"),
        about=words.say(rule["about"]) if rule.get("about") else "",
        text="\n".join(word[1] for word in rule.get("words", [])),
    )


async def cancel_form(request: web.Request) -> web.Response:
    """End one's own, and go back to the rule."""
    found = await _found(request)
    await cancel_rehearsal(request.app[LEDGER], found.id, session_of(request).account.login)
    return redirect(f"/rules/rehearsals/{found.id}")


async def post_rehearsal(request: web.Request) -> web.Response:
    """Ask for one; the same editor's one before ends."""
    try:
        body = _WANTED.validate_python(request[BODY])
    except ValidationError as error:
        raise refused_body(error) from None
    return web.json_response(_document(await _ask(request, _rule(body))))


async def get_rehearsals(request: web.Request) -> web.Response:
    """One's own of the last day, the newest first."""
    found = await list_rehearsals(request.app[LEDGER], session_of(request).account.login)
    return web.json_response({"items": [_document(each) for each in found], "next": None})


async def get_rehearsal(request: web.Request) -> web.Response:
    """How far it is, and when it is done its result."""
    return web.json_response(_document(await _found(request)))


async def delete_rehearsal(request: web.Request) -> web.Response:
    """Cancel one's own; doing it twice changes nothing."""
    found = await _found(request)
    actor = session_of(request).account.login
    if found.actor != actor:
        raise Problem(403, "forbidden")
    await cancel_rehearsal(request.app[LEDGER], found.id, actor)
    return web.json_response(_document(await _found(request)))


async def _ask(request: web.Request, rule: dict[str, Any]) -> Rehearsal:
    known = (await reason_words(request)).known
    if rule["about"] and rule["about"] not in known:
        raise invalid("about", "unknown_value")
    asked = await ask_rehearsal(request.app[LEDGER], rule, session_of(request).account.login)
    await request.app[QUEUES].hint("rehearse", [asked.id])
    log.info("rehearsal_asked", rehearsal=asked.id, what=rule["what"])
    return asked


async def _found(request: web.Request) -> Rehearsal:
    found = await read_rehearsal(request.app[LEDGER], request.match_info["id"])
    if found is None:
        raise Problem(404, "not_found")
    return found


def _rule(body: Wanted) -> dict[str, Any]:
    if isinstance(body, WordsRehearsal):
        kind, match = WordKind(body.kind), WordMatch(body.match)
        return {**_of_words(body.texts, kind, match, "texts"), "about": body.about}
    return body.model_dump()


def _of_words(
    texts: list[str], kind: WordKind, match: WordMatch, field: str = "text"
) -> dict[str, Any]:
    if len(texts) > MOST_TEXTS:
        raise invalid(field, "too_many_lines", most=MOST_TEXTS)
    rows, refused = sorted_out(texts, kind, "", match)
    if refused:
        raise refused_words(tuple(refused), field)
    words = [[row["kind"], row["text"], row["folded"], row["match"]] for row in rows]
    return {"what": "words", "kind": str(kind), "match": str(match), "words": words}


def _of_form_words(request: web.Request, tab: str) -> dict[str, Any]:
    kind, match, lines = written_words(request, TABS[tab])
    return _of_words(lines, kind, match)


def _of_form_step(request: web.Request, part: str) -> dict[str, Any]:
    """The step as the form has it; where it says none, there is nothing to try."""
    body, steps = request[BODY], HOLD_STEPS if part == "hold" else REJECT_STEPS
    field = f"{part}_one_in"
    by_text = {str(step): step for step in steps}
    if (text := body.get(field)) not in by_text:
        raise invalid(field, "choose_a_step")
    article = str(body.get("scope", "")).partition(":")[2]
    return {"what": "threshold", "part": part, "one_in": by_text[str(text)], "article": article}


async def _form_again(request: web.Request, what: object, problem: Problem) -> web.Response:
    if what in TABS:
        return await words_page(request, TABS[str(what)], problem)
    if what in ("hold", "reject"):
        return await policy_page_of(request, problem)
    if what == "ban":
        return await bans_page(request, problem)
    raise problem


async def _examples(request: web.Request, found: Rehearsal, name: str) -> list[Example]:
    """Those that are still there; a rehearsal keeps ids alone."""
    examples = []
    for each in found.result.get(name, {}).get("examples", []):
        entry = await desk.entry(request.app[LEDGER], each["id"])
        if entry is not None and entry.content:
            examples.append(_example(entry, each["marks"]))
    return examples


def _example(entry: Entry, marks: list[dict[str, Any]]) -> Example:
    """The first place that the rule saw, with some of the text around it."""
    for mark in marks:
        text = getattr(entry, str(mark.get("field")), "")
        if mark.get("span") and 0 <= (start := mark["span"][0]) < (stop := mark["span"][1]):
            first = max(0, start - _AROUND)
            before = ("…" if first else "") + text[first:start]
            after = text[stop : stop + _AROUND] + ("…" if stop + _AROUND < len(text) else "")
            return Example(entry, before, text[start:stop], after)
    text = entry.content
    return Example(entry, text[: 2 * _AROUND] + ("…" if len(text) > 2 * _AROUND else ""), "", "")


def _tab_of(rule: dict[str, Any]) -> str:
    match rule["what"]:
        case "words" if rule["kind"].endswith("_host"):
            return "hosts"
        case "words":
            return "patterns" if rule["match"] == WordMatch.PATTERN else "words"
        case "threshold":
            return "articles" if rule["article"] else "policy"
        case _:
            return "bans"


def _page_of(rule: dict[str, Any]) -> str:
    if rule["what"] == "threshold":
        return page_of(scope_of(rule["article"]) if rule["article"] else SITE)
    return f"/rules/{_tab_of(rule)}"


def _document(found: Rehearsal) -> dict[str, Any]:
    return {
        "id": found.id,
        "actor": found.actor,
        "state": found.state,
        "seen": found.seen,
        "total": found.total,
        "at": stamp(found.at),
        "ended_at": stamp(found.ended_at) if found.ended_at else None,
        "rule": found.rule,
        "result": found.result or None,
    }
