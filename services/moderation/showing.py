"""A submission as a card: what a moderator reads, in plain words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from commentdesk.database import now
from commentdesk.domain.finding import Outcome
from commentdesk.domain.state import Action, State, moderator_actions
from commentdesk.ledger.desk import Entry
from commentdesk.web import Texts
from services.moderation.marks import Piece, marked

# Why a moderator rejects or removes; texts name each as why.<code>.
REASONS = (
    "spam",
    "insult",
    "unlawful",
    "personal_data",
    "misinformation",
    "off_topic",
    "duplicate",
    "other",
)
REASONED = frozenset({Action.REJECT, Action.REMOVE})
NEWSROOM_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
_UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)


@dataclass(frozen=True)
class FindingLine:
    """One check's doubt: its name, its outcome, and each reason with its evidence."""

    check: str
    outcome: str
    reasons: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Card:
    """An entry with all that its template would have to work out."""

    entry: Entry
    actions: tuple[Action, ...]
    doubts: list[FindingLine]
    passed: list[str]
    name: list[Piece]
    title: list[Piece]
    content: list[Piece]

    @property
    def by_machine(self) -> bool:
        """Decided by the checks alone."""
        return self.entry.decision is None and self.entry.state not in (State.RECEIVED, State.HELD)


def card(entry: Entry, texts: Texts, language: str) -> Card:
    """The card of an entry in the moderator's language."""
    # What a name looks like says nothing of the text: "mai" is a login there and "tomorrow" here.
    of_text = _reasons(f for f in entry.findings if f.get("check") != "name")
    say = name_of(texts, language)
    doubts = [f for f in entry.findings if f.get("outcome") != Outcome.CLEAN]
    return Card(
        entry,
        moderator_actions(State(entry.state)),
        [_line(finding, say) for finding in doubts],
        [
            say("check", str(finding.get("check")))
            for finding in entry.findings
            if finding.get("outcome") == Outcome.CLEAN
        ],
        marked("name", entry.name, _reasons(entry.findings)),
        marked("title", entry.title, of_text),
        marked("content", entry.content, of_text),
    )


def name_of(texts: Texts, language: str) -> Callable[[str, str], str]:
    """Says `<kind>.<code>`, and the code itself where no text is written for it yet."""

    def say(kind: str, code: str) -> str:
        return texts.find(language, f"{kind}.{code}") or code

    return say


def ago(moment: datetime, language: str, texts: Texts) -> str:
    """How long since, in the largest unit that fills."""
    passed = now() - moment
    for unit, size in _UNITS:
        if passed >= size:
            return texts.say(language, f"ago.{unit}", count=passed // size)
    return texts.say(language, "ago.now")


def clock(moment: datetime) -> str:
    """09:50 24/06/2020, the newsroom's time."""
    return moment.astimezone(NEWSROOM_TIME).strftime("%H:%M %d/%m/%Y")


def stamp(moment: datetime) -> str:
    """For a machine: RFC 3339, UTC."""
    return moment.isoformat().replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """The value as JSON has it; times as text."""
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _reasons(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [reason for finding in findings for reason in finding.get("reasons", [])]


def _line(finding: dict[str, Any], say: Callable[[str, str], str]) -> FindingLine:
    grouped: dict[str, list[str]] = {}
    for reason in finding.get("reasons", []):
        code, text = str(reason.get("code", "")), str(reason.get("text", ""))
        shown = grouped.setdefault(say("reason", code) if code else text, [])
        if text and code and text not in shown:
            shown.append(text)
    return FindingLine(
        say("check", str(finding.get("check"))),
        str(finding.get("outcome")),
        list(grouped.items()),
    )
