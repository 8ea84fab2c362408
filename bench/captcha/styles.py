"""The drawings that are compared: what Commentdesk ships, and the `captcha` package's own."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_uppercase, digits

import captcha.image

from bench.captcha.readers import Task
from services.intake.captcha import picture
from services.intake.captcha.letters import ALPHABET
from services.intake.captcha.orders import LETTER_COUNT

_LARGE = (56, 62, 68)


@dataclass(frozen=True)
class Style:
    """A way to draw an answer; `draw` takes the answer and a seed."""

    name: str
    task: Task
    draw: Callable[[str, str], bytes]

    def answer(self, number: int) -> str:
        """The same answer for the same number, run after run."""
        return "".join(random.Random(number).choices(self.task.alphabet, k=self.task.length))


def _package(name: str, alphabet: str, length: int, *, large: bool) -> Style:
    painter = (
        captcha.image.ImageCaptcha(240, 80, font_sizes=_LARGE)
        if large
        else captcha.image.ImageCaptcha()
    )
    return Style(
        f"package, {name}", Task(alphabet, length), lambda answer, _: _seeded(painter, answer, _)
    )


def _seeded(painter: captcha.image.ImageCaptcha, answer: str, seed: str) -> bytes:
    # The package throws its dice by `secrets`, which cannot be seeded.
    vars(captcha.image)["secrets"] = _Dice(seed)
    try:
        return painter.generate(answer).getvalue()
    finally:
        vars(captcha.image)["secrets"] = secrets


class _Dice(random.Random):
    """What the package asks of `secrets`."""

    def randbelow(self, limit: int) -> int:
        return self.randrange(limit)

    def randbits(self, count: int) -> int:
        return self.getrandbits(count)


STYLES = [
    Style("Commentdesk", Task(ALPHABET, LETTER_COUNT), picture.draw),
    _package("4 digits", digits, 4, large=False),
    _package("6 letters and digits", digits + ascii_uppercase, 6, large=False),
    _package("5 of our letters, large", ALPHABET, 5, large=True),
]
