"""What readers are told of a refusal: the kind, and never how it was found out."""

from typing import Any

import pytest

from commentdesk.database import now
from commentdesk.domain.finding import Finding, Reason, bad, clean, suspect
from commentdesk.domain.state import State
from commentdesk.ledger.receipts import Standing
from commentdesk.web import Texts
from services.intake.receipt_words import STATUSES, reason_of, status_of
from tests.unit.least_settings import least_settings

TEXTS = Texts("intake", least_settings())
WORD = bad("words", 0.9, [Reason("word_banned", "bí mật")])


def standing(state: State, *findings: Finding, **more: Any) -> Standing:
    known: dict[str, Any] = {
        **dict.fromkeys(("id", "article", "article_title", "article_url", "language"), "x"),
        **dict.fromkeys(("name", "title", "content"), "x"),
        **dict.fromkeys(("parent", "decided_by", "decided_reason", "editable_until")),
        "reason_told": {"vi": "", "en": ""},
        "received_at": now(),
        "state": state,
        "findings": [finding.as_dict() for finding in findings],
    }
    return Standing(**{**known, **more})


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([WORD], "words in it that the newsroom does not publish"),
        ([WORD, bad("spam", 0.95, [Reason("spam_bet", "nhà cái")])], "advertising"),
        ([WORD, suspect("spam", 0.99, [Reason("spam_bet")])], "words in it"),
        ([bad("abuse", 0.9, [Reason("abuse_hard", "x")])], "insulting or coarse"),
        ([bad("flood", 0.9, [Reason("flood_same_text")])], "sent many times"),
        ([bad("phone", 0.9, [Reason("banned_phone")])], "phone number"),
        ([bad("endpoint", 0.9, [Reason("endpoint_says", "x")])], "automatic check"),
        ([clean("spam")], "automatic check"),
        ([], "automatic check"),
    ],
)
def test_a_machines_refusal_names_the_kind(findings: list[Finding], said: str) -> None:
    reason = reason_of(standing(State.REJECTED, *findings), TEXTS, "en")
    assert reason
    assert said in reason
    assert not [text for text in ("bí mật", "nhà cái", "banned") if text in reason]


def test_every_state_but_erased_has_a_status_and_only_refusals_a_reason() -> None:
    for state in set(State) - {State.ERASED}:
        each = standing(state, WORD)
        assert status_of(each) in STATUSES
        assert (reason_of(each, TEXTS, "vi") is None) == (
            state not in {State.REJECTED, State.REMOVED}
        )
    # Approved is no news until it stands: it can still be undone.
    assert status_of(standing(State.APPROVED)) == "received"
    assert status_of(standing(State.APPROVED, decided_by="mai")) == "waiting"


def test_a_moderators_reason_is_told_in_the_language_there_is() -> None:
    by = {"decided_by": "mai", "decided_reason": "ke_pha_roi"}
    told = {"vi": "Xin lịch sự hơn.", "en": ""}
    for language in ("vi", "en"):
        each = standing(State.REMOVED, WORD, **by, reason_told=told)
        assert reason_of(each, TEXTS, language) == told["vi"]
    for reason in (None, "", "ke_pha_roi", "heading", "{x}"):
        each = standing(State.REJECTED, WORD, decided_by="mai", decided_reason=reason)
        said = reason_of(each, TEXTS, "en")
        assert said == "A moderator decided not to publish this comment."
