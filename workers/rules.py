"""What a rule that is not live yet would catch: words, hosts and patterns, thresholds, bans."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from commentdesk.database import now
from commentdesk.domain.finding import Reason
from commentdesk.domain.policy import Policy
from commentdesk.domain.submission import Submission
from commentdesk.ledger.bans import hash_to_ban, name_hash
from commentdesk.ledger.lately import Came
from workers.checks import CheckContext, SiteFacts
from workers.checks.context import ListedWord
from workers.checks.links import link_reasons
from workers.checks.reading import read_submission
from workers.checks.words import word_reasons
from workers.process import WorkerProcess
from workers.thresholds import honest_curve

# A stretch of a field, as the reasons of findings have them.
Mark = dict[str, Any]
# What the rule sees in a submission; None where it lets it pass.
Reasons = Callable[[CheckContext], Iterator[Reason]]
Catches = Callable[[Came], list[Mark] | None]
_MOST_MARKS = 5
_ALLOWING = {"allowed", "allowed_host"}
_CODES = {"banned": "word_banned", "suspect": "word_suspect", "banned_host": "link_banned"}


async def catching(process: WorkerProcess, rule: dict[str, Any]) -> Catches:
    """The rule made ready; a rule of a kind that is not known catches nothing."""
    match rule["what"]:
        case "words":
            return words_catching(rule["words"], await process.lists.facts())
        case "threshold":
            return threshold_catching(rule["part"], rule["one_in"])
        case "ban":
            return await _ban_catching(process, rule["kind"], rule["submission"])
        case _:
            return lambda _came: None


def threshold_catching(part: str, one_in: int) -> Catches:
    """Those whose score, as it was then, reaches what this step of the policy comes to."""
    holds = part == "hold"
    policy = Policy(hold_one_in=one_in) if holds else Policy(reject_one_in=one_in)
    reached = policy.thresholds(honest_curve())
    least = reached.hold_at if holds else reached.reject_at
    return lambda came: [] if came.score >= least else None


def words_catching(words: Sequence[Sequence[str]], site: SiteFacts) -> Catches:
    """By the checks' own reading.

    `words` are (kind, text, folded, match), all of one kind. What is to be banned or suspect
    counts by itself, beside the site's allowed phrases; what is to be allowed counts where it
    takes a reason away.
    """
    new = tuple(ListedWord(*word) for word in words)
    moved = {word.folded for word in new}
    others = [word for word in site.words if word.folded not in moved]
    allowed = [word for word in others if word.kind in _ALLOWING]
    kind = new[0].kind
    reasons = link_reasons if kind.endswith("_host") else word_reasons
    if kind in _ALLOWING:
        spared = replace(site, words=(*others, *new))
        return lambda came: _spared(_marks(came, site, reasons), _marks(came, spared, reasons))
    tried, code = replace(site, words=(*allowed, *new)), _CODES[kind]
    return lambda came: (
        [mark for mark in _marks(came, tried, reasons) if mark["code"] == code][:_MOST_MARKS]
        or None
    )


def _spared(before: list[Mark], after: list[Mark]) -> list[Mark] | None:
    return [mark for mark in before if mark not in after][:_MOST_MARKS] or None


def _marks(came: Came, site: SiteFacts, reasons: Reasons) -> list[Mark]:
    made = Submission(came.id, "", came.name, came.title, came.content, "", now())
    context = CheckContext(site, read_submission(made))
    return [
        {"code": reason.code, "field": reason.field, "span": list(reason.span or ())}
        for reason in reasons(context)
    ]


async def _ban_catching(process: WorkerProcess, kind: str, submission: str) -> Catches:
    """Those with the same phone, address or name as the submission; none where it is gone."""
    ledger = process.ledger
    value = await hash_to_ban(ledger, submission, kind)

    def value_of(came: Came) -> bytes | None:
        if kind == "name":
            return name_hash(ledger, came.name)
        return came.phone if kind == "phone" else came.network

    return lambda came: [] if value is not None and value_of(came) == value else None
