"""The rules of the house: moves between states, policy, text."""

import unicodedata
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentdesk.domain.finding import Reason, bad, clean, suspect, unknown
from commentdesk.domain.phone import mask_address, mask_phone
from commentdesk.domain.policy import Thresholds, decide
from commentdesk.domain.state import (
    STEPS,
    TRANSITIONS,
    UNDOINGS,
    WORK_AFTER,
    Action,
    State,
    moderator_actions,
)
from commentdesk.domain.text import fold, has_control_character, normalize, normalize_line

HOUSE = Thresholds(hold_at=0.4, reject_at=0.97)
WHY = (Reason("code"),)


def test_the_moves_are_those_of_the_design_and_no_others() -> None:
    moves = {(str(state), str(target)) for (state, _), target in TRANSITIONS.items()}
    assert moves == {
        ("received", "approved"),
        ("received", "held"),
        ("received", "rejected"),
        ("received", "received"),
        ("received", "withdrawn"),
        ("held", "approved"),
        ("held", "held"),
        ("held", "rejected"),
        ("held", "received"),
        ("held", "withdrawn"),
        ("approved", "published"),
        ("published", "removed"),
        ("rejected", "approved"),
        ("removed", "approved"),
        *((str(state), "erased") for state in State if state is not State.ERASED),
    }
    assert set(WORK_AFTER) == set(State)


def test_undoing_leads_back_or_off_the_page_and_never_past_a_person() -> None:
    undoings = {(str(did), str(state)): str(target) for (did, _, state), target in UNDOINGS.items()}
    assert {target for (_, state), target in undoings.items() if state == "published"} == {
        "removed"
    }
    # What was taken down by somebody, or kept out, goes back to the desk or to the readers; what
    # was never on the desk does not get there.
    assert undoings["approve", "approved"] == undoings["reject", "rejected"] == "held"
    assert undoings["hold", "held"] == "held"
    assert undoings["remove", "removed"] == "approved"
    assert set(STEPS) >= {(State(state), State(target)) for (_, state), target in undoings.items()}


def test_moderators_leave_what_the_workers_have_alone() -> None:
    assert moderator_actions(State.RECEIVED) == ()
    assert moderator_actions(State.APPROVED) == ()
    assert moderator_actions(State.HELD) == (Action.APPROVE, Action.REJECT, Action.HOLD)


@pytest.mark.parametrize(
    ("findings", "action"),
    [
        ([clean("a"), clean("b")], Action.APPROVE),
        ([clean("a"), unknown("b", "Broken")], Action.HOLD),
        ([suspect("a", 0.39, WHY)], Action.APPROVE),
        ([suspect("a", 0.4, WHY)], Action.HOLD),
        ([suspect("a", 0.1, WHY, holds=True)], Action.HOLD),
        ([bad("a", 0.1, WHY)], Action.HOLD),
        ([bad("a", 0.9, WHY)], Action.HOLD),
        ([bad("a", 0.9, WHY), suspect("b", 0.8, WHY)], Action.REJECT),
        ([suspect("a", 0.9, WHY), suspect("b", 0.9, WHY)], Action.HOLD),
    ],
)
def test_policy(findings: list[object], action: Action) -> None:
    assert decide(findings, HOUSE).action is action  # type: ignore[arg-type]


@given(st.text())
def test_normal_text_stays_normal(text: str) -> None:
    for read in (normalize, normalize_line):
        once = read(text)
        assert read(once) == once
        assert unicodedata.is_normalized("NFC", once)


@given(
    st.text(alphabet="ab ệ\u0323\u0302\u0301\u0338\u200d\u034f\u0cc6\u0cc2\u0cbf\u1100\u1161\ufe0f")
)
def test_towers_of_marks_fall_once_and_for_all(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x1EFF)))
def test_folding_forgets_case_and_form(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(fold(text)) == fold(text)


def test_folding_sees_through_what_hides_a_word() -> None:
    for written in ("VAY TIỀN", "vay tiền", "va\u200by ti\u00adền", "ｖａｙ tien", "𝐯𝐚𝐲 tiền"):
        assert fold(written) == "vay tien"
    assert fold("Đường đi") == "duong di"


def test_control_characters_are_seen_and_lines_are_not() -> None:
    assert not has_control_character("một\n\thai ba 👩‍👧 ệ")
    for hidden in ("\x00", "\x1b", "\x7f", "\x85", "\ufffe", "\U0001ffff", "\ud800"):
        assert has_control_character(f"a{hidden}b")


@pytest.mark.parametrize("text", ["0912345678", "+84 (0)912.345.678", "０９１２３４５６７８"])
def test_a_masked_number_shows_its_ends_alone(text: str) -> None:
    masked = mask_phone(text)
    assert masked.endswith("678")
    assert sum(c.isdigit() for c in masked) == 6


def test_masked_addresses() -> None:
    assert mask_address("203.0.113.77") == "203.0.…"
    assert mask_address("2001:db8:1::9") == "2001:db8:…"
    assert mask_phone("12345") == "…"


def test_every_move_has_one_target() -> None:
    for state, action in product(State, Action):
        assert (state, action) not in TRANSITIONS or TRANSITIONS[state, action] in State
