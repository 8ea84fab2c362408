"""The contact sheet: every letter alone in every fill, and pictures as they are shown."""

import random
from collections.abc import Callable
from io import BytesIO

from PIL import Image

from services.intake.captcha.letters import ALPHABET
from services.intake.captcha.orders import HEIGHT, LETTER_COUNT, WIDTH

_SPACE, _COLUMNS, _PICTURES = 8, 3, 6
_GREYS = 4


def contact_sheet(draw: Callable[[str, str], bytes]) -> Image.Image:
    """Each letter five times, then pictures of different letters; in few greys, to be small."""
    letters = [letter * LETTER_COUNT for letter in ALPHABET]
    dice = random.Random("contact sheet")
    words = ["".join(dice.choices(ALPHABET, k=LETTER_COUNT)) for _ in range(_PICTURES)]
    answers = letters + words
    rows = -(-len(answers) // _COLUMNS)
    across, down = WIDTH + _SPACE, HEIGHT + _SPACE
    sheet = Image.new("L", (across * _COLUMNS + _SPACE, down * rows + _SPACE), 255)
    for number, answer in enumerate(answers):
        picture = Image.open(BytesIO(draw(answer, f"sheet {number}"))).convert("L")
        row, column = divmod(number, _COLUMNS)
        sheet.paste(picture, (column * across + _SPACE, row * down + _SPACE))
    return sheet.quantize(_GREYS)
