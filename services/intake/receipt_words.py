"""What became of a comment in a reader's words: its status, and why it is not published."""

from collections.abc import Mapping
from typing import Any

from commentdesk.domain.finding import Outcome
from commentdesk.domain.state import State
from commentdesk.ledger.receipts import Standing
from commentdesk.web import Texts

STATUSES = ("received", "waiting", "published", "refused", "removed", "withdrawn")
_STATUSES = {
    State.RECEIVED: "received",
    State.HELD: "waiting",
    State.PUBLISHED: "published",
    State.REJECTED: "refused",
    State.REMOVED: "removed",
    State.WITHDRAWN: "withdrawn",
}
_REFUSED = frozenset({State.REJECTED, State.REMOVED})
# A machine's reason names the kind and no more: what exactly was found teaches how to hide it.
_KINDS = {
    "spam": "advertising",
    "links": "advertising",
    "akismet": "advertising",
    "spamassassin": "advertising",
    "flood": "repeated",
    "words": "word",
    "abuse": "abusive",
    "phone": "phone",
    "name": "name",
}


def status_of(standing: Standing) -> str:
    """One of STATUSES. What was approved is on its way: not published yet, and no more is told."""
    if standing.state is State.APPROVED:
        return "waiting" if standing.decided_by else "received"
    return _STATUSES[standing.state]


def reason_of(standing: Standing, texts: Texts, language: str) -> str | None:
    """Why it was refused or removed, as a sentence; None of what was not.

    A moderator's reason is told as the site has it for readers, else in the product's words.
    """
    if standing.state not in _REFUSED:
        return None
    if not standing.decided_by:
        return texts.say(language, f"refusal.{_kind(standing.findings)}")
    told = standing.reason_told
    said = told.get(language) or texts.find(language, f"why.{standing.decided_reason}")
    said = said or next(filter(None, told.values()), "")
    return said or texts.say(language, "refusal.moderator")


def _kind(findings: list[dict[str, Any]]) -> str:
    """Of what weighed most among what is bad."""
    bad = [finding for finding in findings if finding.get("outcome") == Outcome.BAD]
    heaviest: Mapping[str, Any] = max(bad, key=lambda each: each.get("score") or 0.0, default={})
    return _KINDS.get(str(heaviest.get("check")), "machine")
