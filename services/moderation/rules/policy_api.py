"""The policy of the site and of single articles, for programs."""

from dataclasses import asdict
from typing import Any, Literal

from aiohttp import web
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from commentdesk.articlestore.protocol import ID_PATTERN
from commentdesk.domain.moments import stamp
from commentdesk.domain.policy import HOLD_STEPS, REJECT_STEPS, Override, checked_step
from commentdesk.ledger.policies import (
    SITE,
    Written,
    list_policies,
    overrides_of,
    remove_policy,
    set_policy,
)
from commentdesk.ledger.tightenings import standing
from commentdesk.log import log
from commentdesk.web import SETTINGS
from services.moderation.auth import session_of
from services.moderation.bodies import checked
from services.moderation.fields import invalid
from services.moderation.keys import BODY, LEDGER

SCOPE_PATTERN = f"{SITE}|article:{ID_PATTERN}"


class PolicyBody(BaseModel):
    """The body of PUT /v1/policies/{scope}; null or left out is as the wider policy has it."""

    model_config = ConfigDict(strict=True, extra="forbid")

    hold_one_in: int | None = Field(None, json_schema_extra={"enum": [*HOLD_STEPS, None]})
    reject_one_in: int | None = Field(None, json_schema_extra={"enum": [*REJECT_STEPS, None]})
    publish_clean: bool | None = None
    comments: Literal["open", "closed"] | None = None

    @field_validator("hold_one_in", "reject_one_in")
    @classmethod
    def _a_step(cls, value: int | None, info: ValidationInfo) -> int | None:
        return None if value is None else checked_step(str(info.field_name), value)


async def get_policies(request: web.Request) -> web.Response:
    """What holds for the site, and every override there is."""
    ledger = request.app[LEDGER]
    settled = request.app[SETTINGS].policy
    written = await list_policies(ledger)
    site = next((each.override for each in written if each.scope == SITE), Override())
    return web.json_response(
        {
            "site": {**asdict(site.over(settled)), "comments": site.comments},
            "tightened": [
                {"scope": each.scope, "until": stamp(each.until), "actor": each.actor}
                for each in (await standing(ledger)).values()
            ],
            "items": [_item(each) for each in written],
            "next": None,
        }
    )


async def get_policy(request: web.Request) -> web.Response:
    """What holds for the site or an article, and what it says itself."""
    return await answer_policy(request)


async def put_policy(request: web.Request) -> web.Response:
    """Have the site or an article say this and nothing else; written to the audit."""
    scope, actor = request.match_info["scope"], session_of(request).account.login
    said = checked(PolicyBody, request[BODY])
    override = Override(**said.model_dump())
    if override == Override():
        raise invalid("hold_one_in", "required")
    await set_policy(request.app[LEDGER], scope, override, actor)
    log.info("policy_set", scope=scope)
    return await answer_policy(request)


async def delete_policy(request: web.Request) -> web.Response:
    """Have it say nothing; doing it twice changes nothing."""
    scope, actor = request.match_info["scope"], session_of(request).account.login
    if await remove_policy(request.app[LEDGER], scope, actor):
        log.info("policy_removed", scope=scope)
    return await answer_policy(request)


async def answer_policy(request: web.Request) -> web.Response:
    """What holds for the scope of the address, what it says itself, until when it is tightened."""
    ledger, scope = request.app[LEDGER], request.match_info["scope"]
    said = await overrides_of(ledger, [scope])
    site, own = said.get(SITE, Override()), said.get(scope, Override())
    holds = own.over(site.over(request.app[SETTINGS].policy))
    tight = (await standing(ledger, [scope])).values()
    return web.json_response(
        {
            "scope": scope,
            "holds": {**asdict(holds), "comments": own.comments or site.comments},
            "says": asdict(own),
            "tight_until": stamp(max(each.until for each in tight)) if tight else None,
        }
    )


def _item(written: Written) -> dict[str, Any]:
    says = asdict(written.override)
    return {
        "scope": written.scope, "says": says, "actor": written.actor, "at": stamp(written.at)
    }  # fmt: skip
