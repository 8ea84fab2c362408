"""What the drawing process is asked for, a line of text each, and how it answers.

Made from an order alone: the process that makes pictures and sounds knows no key and no captcha.
"""

import json
from dataclasses import asdict, dataclass
from typing import Self

# Of a picture: its letters (in letters.py), and pixels, which are CSS pixels.
LETTER_COUNT = 5
WIDTH, HEIGHT = 300, 100
# Of a sound.
DIGITS = "0123456789"
DIGIT_COUNT = 6
LANGUAGES = ("vi", "en")
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
