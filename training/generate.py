"""Comments of our own: what the labelled data has too little of, written as templates.

`[a|b]` is a choice; `{link}`, `{phone}`, `{news}` … are made up (training/slots.py). Everything
is drawn from one seeded source, so that a run can be repeated.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from training.disguise import ADVERTISERS, HABITS, writing
from training.slots import Slots

_TEXTS = Path(__file__).parent / "texts"
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_LANGUAGE = re.compile(r"^(\w\w): ")
# How many lines follow the first, by whether it is spam: most comments are one or two sentences.
_MORE_LINES = {False: (0, 0, 0, 0, 1, 1, 2, 3), True: (0, 0, 1)}
_ONE_LINE = re.compile(r"(?m)\s*\\n\s*")


@dataclass(frozen=True)
class Example:
    """One text of ours, and whether it is spam."""

    text: str
    lang: str
    spam: bool


class Writer:
    """Draws comments; the same seed, the same comments."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._slots = Slots(self._chance)

    def examples(self, counts: dict[tuple[str, str], int]) -> Iterator[Example]:
        """So many of each kind ("spam", "honest") and folder ("vi", "en", "other")."""
        for (kind, name), count in counts.items():
            templates = _templates(kind, name)
            for _ in range(count):
                yield self._example(templates, kind == "spam", name)

    def filled(self, line: str) -> str:
        """A template with its choices made and its slots made up."""
        while match := _CHOICE.search(line):
            choice = self._chance.choice(match[1].split("|"))
            line = line[: match.start()] + choice + line[match.end() :]
        line = _SLOT.sub(lambda slot: self._slots.filled(slot[1]), line)
        return _ONE_LINE.sub("\n", line)

    def _example(self, templates: list[list[str]], spam: bool, name: str) -> Example:
        # Every line as likely as another, whatever its topic's size.
        topic = self._chance.choices(templates, weights=[len(t) for t in templates])[0]
        line = self._chance.choice(topic)
        found = _LANGUAGE.match(line)
        lang = found[1] if found else name
        lines = [line]
        same = [one for one in topic if _LANGUAGE.match(one) is None or one.startswith(f"{lang}:")]
        lines += self._chance.choices(same, k=self._chance.choice(_MORE_LINES[spam]))
        between = self._chance.choice((" ", " ", " ", "\n"))
        text = between.join(self.filled(_LANGUAGE.sub("", one)) for one in lines)
        return Example(self._as_typed(text, lang, spam), lang, spam)

    def _as_typed(self, text: str, lang: str, spam: bool) -> str:
        if self._chance.random() < 0.35:
            text = writing(self._chance.choice(HABITS[lang == "vi"]), text, self._chance)
        if spam and self._chance.random() < 0.4:
            text = writing(self._chance.choice(ADVERTISERS), text, self._chance)
        return text


def template_lines() -> Iterator[str]:
    """All templates of all files, without their languages."""
    for folder in sorted(_TEXTS.glob("*/*/")):
        for topic in _templates(folder.parent.name, folder.name):
            yield from (_LANGUAGE.sub("", line) for line in topic)


@cache
def _templates(kind: str, name: str) -> list[list[str]]:
    """The lines of a folder's files by topic; a topic begins with # or with its file."""
    topics: list[list[str]] = []
    for file in sorted((_TEXTS / kind / name).glob("*.txt")):
        topics.append([])
        for line in file.read_text("utf-8").splitlines():
            if line.startswith("#"):
                topics.append([])
            elif line.strip():
                topics[-1].append(line)
    return [topic for topic in topics if topic]
