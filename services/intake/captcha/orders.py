"""What the drawing process is asked for, a line of text each, and how it answers.

Made from an order alone: the process that makes pictures and sounds knows no key and no captcha.
"""

import json
from dataclasses import asdict, dataclass
from typing import Self

# What the process says once it has prepared itself, and the bytes that tell an answer's length.
READY = b"\n"
LENGTH_BYTES = 4


@dataclass(frozen=True)
class Order:
    """A picture of letters or, where there is a language, digits spoken in it."""

    answer: str
    seed: str
    language: str | None = None

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        return cls(**json.loads(line))


def make(order: Order) -> bytes:
    """The PNG or the WAV: the same bytes for the same order, in whatever process.

    Raises:
        KeyError: a letter that nobody draws, or a language that nobody speaks.
    """
    # Here, for whoever orders needs neither Pillow nor recordings.
    from services.intake.captcha import picture, sound

    if order.language is None:
        return picture.draw(order.answer, order.seed)
    return sound.speak(order.answer, order.seed, order.language)
