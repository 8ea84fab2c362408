"""A submission as a card: what a moderator reads, in plain words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from commentdesk.database import now
from commentdesk.domain.finding import Outcome
from commentdesk.domain.moments import stamp
from commentdesk.domain.state import Action, State, moderator_actions
from commentdesk.ledger.entries import Entry
from commentdesk.web import Texts
from commentdesk.web.times import by_the_clock
from services.moderation.desk.marks import Piece, marked

REASONED = frozenset({Action.REJECT, Action.REMOVE})
_FACTS = ("honeypot", "seconds", "pasted", "captcha_wrong", "captcha_reloads", "form")
# What fits some eight lines of a card.
_LONG_CHARACTERS = 700
_LONG_LINES = 8
_UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)


@dataclass(frozen=True)
class ReasonLine:
    """A reason in words, and what of the comment is its evidence."""

    code: str
    words: str
    evidence: list[str]


@dataclass(frozen=True)
class FindingLine:
    """One check's answer: its name, its outcome, how much it weighs (0 to 1), its reasons."""

    check: str
    outcome: str
    weight: float
    reasons: list[ReasonLine]


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
    # How the form was filled in, a sentence each.
    facts: list[str]
    # What the code of each reason means, in words.
    why: dict[str, str]

    def words_of(self, piece: Piece) -> str:
        """Why a piece is marked."""
        return "; ".join(self.why.get(code, code) for code in piece.codes if code)

    def describing(self, piece: Piece) -> str:
        """The elements that say why a piece is marked, by their ids."""
        return " ".join(self.place_of(code) for code in piece.codes if code in self.why)

    def place_of(self, code: str) -> str:
        """The id of the element that says a reason."""
        return f"s-{self.entry.id}-why-{list(self.why).index(code)}"

    @property
    def is_long(self) -> bool:
        """Too long to be shown in full in a list."""
        text = self.entry.content
        return len(text) > _LONG_CHARACTERS or text.count("\n") > _LONG_LINES

    @property
    def by_machine(self) -> bool:
        """Decided by the checks alone."""
        undecided = (State.RECEIVED, State.HELD, State.WITHDRAWN)
        return self.entry.decision is None and self.entry.state not in undecided


def card(entry: Entry, texts: Texts, language: str, zone: ZoneInfo) -> Card:
    """The card of an entry in the moderator's language, by the clocks of the site's zone."""
    # What a name looks like says nothing of the text: "mai" is a login there and "tomorrow" here.
    of_text = _reasons(f for f in entry.findings if f.get("check") != "name")
    say = name_of(texts, language)
    doubts = [
        _line(finding, say, zone)
        for finding in entry.findings
        if finding.get("outcome") != Outcome.CLEAN
    ]
    return Card(
        entry,
        moderator_actions(State(entry.state)),
        doubts,
        [
            say("check", str(finding.get("check")))
            for finding in entry.findings
            if finding.get("outcome") == Outcome.CLEAN
        ],
        marked("name", entry.name, _reasons(entry.findings)),
        marked("title", entry.title, of_text),
        marked("content", entry.content, of_text),
        facts(entry.client, texts, language),
        {each.code: each.words for line in doubts for each in line.reasons if each.code},
    )


def facts(client: dict[str, Any], texts: Texts, language: str) -> list[str]:
    """What the form tells of how it was filled in, as far as there are words for it."""
    said = []
    for name in _FACTS:
        value = client.get(name)
        if isinstance(value, bool):
            key = f"fact.{name}_{'yes' if value else 'no'}"
        elif isinstance(value, str):
            key = f"fact.{name}_{value}"
        else:
            key = f"fact.{name}"
        if value is not None and texts.find(language, key):
            count = round(value) if isinstance(value, int | float) else 0
            said.append(texts.say(language, key, count=count))
    return said


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


def plain(value: Any) -> Any:
    """The value as JSON has it; times as text."""
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _reasons(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [reason for finding in findings for reason in finding.get("reasons", [])]


def _line(finding: dict[str, Any], say: Callable[[str, str], str], zone: ZoneInfo) -> FindingLine:
    grouped: dict[str, ReasonLine] = {}
    for reason in finding.get("reasons", []):
        code, text = str(reason.get("code", "")), by_the_clock(str(reason.get("text", "")), zone)
        line = ReasonLine(code, say("reason", code) if code else text, [])
        shown = grouped.setdefault(line.words, line).evidence
        if text and code and text not in shown:
            shown.append(text)
    return FindingLine(
        say("check", str(finding.get("check"))),
        str(finding.get("outcome")),
        float(finding.get("score") or 0.0),
        list(grouped.values()),
    )
