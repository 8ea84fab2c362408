"""The picture to read: drawn by the `captcha` package."""

from functools import cache

import captcha.image

from services.intake.captcha.chance import CHANCE

ALPHABET = "0123456789"
LENGTH = 5
# Pixels.
WIDTH, HEIGHT = 240, 80
_FONT_SIZES = (56, 62, 68)

# The package has no way to hand it dice.
vars(captcha.image)["secrets"] = CHANCE


def draw(answer: str, seed: str) -> bytes:
    """The PNG of an answer in letters of ALPHABET; the same bytes for the same two."""
    with CHANCE.seeded(seed):
        return _image().generate(answer).getvalue()


class _Picture(captcha.image.ImageCaptcha):
    """The package's drawing, turned and warped less: a 7 must not become a >."""

    character_rotate = (-15, 15)
    character_warp_dx = (0.05, 0.2)
    character_warp_dy = (0.1, 0.2)


@cache
def _image() -> captcha.image.ImageCaptcha:
    return _Picture(WIDTH, HEIGHT, font_sizes=_FONT_SIZES)
