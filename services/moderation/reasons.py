"""Why moderators reject or remove, in words: for every picker, and wherever a reason is told."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from commentdesk.ledger.reasons import Reason, list_reasons
from services.moderation.keys import LEDGER
from services.moderation.pages import CONSOLE


@dataclass(frozen=True)
class ReasonWords:
    """`choices` are the reasons to choose from, (code, words) in the site's order."""

    choices: tuple[tuple[str, str], ...]
    known: dict[str, str]

    @property
    def codes(self) -> tuple[str, ...]:
        """What may be chosen from."""
        return tuple(code for code, _ in self.choices)

    def say(self, code: str) -> str:
        """The words of a reason, a retired one's too; what is no code of ours as it stands."""
        return self.known.get(code, code)


async def reason_words(request: web.Request) -> ReasonWords:
    """The site's reasons in the moderator's language."""
    known = await list_reasons(request.app[LEDGER])
    said = {reason.code: _words(request, reason) for reason in known}
    console = request.app[CONSOLE]
    # Of reasons that are not the site's but the product's: a ban's.
    own = console.texts.named(console.language(request), "why")
    offered = (reason.code for reason in known if reason.retired_at is None)
    return ReasonWords(tuple((code, said[code]) for code in offered), {**own, **said})


async def reasons_on_page(request: web.Request) -> dict[str, Any]:
    """What templates choose and tell reasons by."""
    words = await reason_words(request)
    return {"reasons": words.codes, "reason_name": words.say}


def _words(request: web.Request, reason: Reason) -> str:
    console = request.app[CONSOLE]
    language = console.language(request)
    own = console.texts.find(language, f"why.{reason.code}")
    return reason.text(language) or own or reason.code
