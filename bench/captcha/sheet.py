"""The contact sheet: every letter alone in every fill, and pictures as they are shown."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image

from services.intake.captcha.picture import ALPHABET, HEIGHT, LENGTH, WIDTH

_SPACE, _COLUMNS, _PICTURES = 8, 3, 12


def contact_sheet(draw: Callable[[str, str], bytes]) -> Image.Image:
    """Rows of the same letter five times, then pictures of different letters."""
    letters = [letter * LENGTH for letter in ALPHABET]
    stride = len(ALPHABET) // LENGTH * 2 + 1
    words = [
        "".join(ALPHABET[(first * 5 + n * stride) % len(ALPHABET)] for n in range(LENGTH))
        for first in range(_PICTURES)
    ]
    answers = letters + words
    rows = -(-len(answers) // _COLUMNS)
    across, down = WIDTH + _SPACE, HEIGHT + _SPACE
    sheet = Image.new("L", (across * _COLUMNS + _SPACE, down * rows + _SPACE), 255)
    for number, answer in enumerate(answers):
        picture = Image.open(BytesIO(draw(answer, f"sheet {number}"))).convert("L")
        row, column = divmod(number, _COLUMNS)
        sheet.paste(picture, (column * across + _SPACE, row * down + _SPACE))
    return sheet
