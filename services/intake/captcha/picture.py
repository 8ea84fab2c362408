"""The picture to read: five letters on lined ground, each unlike the ground in its own way.

The ground is engraved, like a banknote. One letter is darker than it, one lighter, one sharper,
one grainy, one smooth. The eye takes each of them for a letter; a program that looks for one of
these differences finds one letter in five.
"""

import math
import random
from collections.abc import Callable
from functools import cache

from captcha.image import ColorTuple, ImageCaptcha
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from services.intake.captcha.drawing import OVERSIZE, masks
from services.intake.captcha.orders import HEIGHT, WIDTH

_SIZE = (WIDTH, HEIGHT)
# Pixels from one line to the next.
_PERIOD = 6.5
_TILT = math.radians(12), math.radians(40)
_POINTS = 10
# Pixels that a line may lie beside its straight course.
_BULGE = 6
# Greys, of 255.
_MIDDLE = 128
_SOFT, _FULL = 80, 120
_HINT, _TINGE, _SHADE = 38, 16, 22
_GRAIN, _COARSE, _PALE = 2, 110, 20
_STEEP = 4
_GREYS = 6


def draw(answer: str, seed: str) -> bytes:
    """The PNG of an answer in letters that are drawn; the same bytes for the same two."""
    return EngravedCaptcha(seed).generate(answer).getvalue()


class EngravedCaptcha(ImageCaptcha):
    """The package's picture, engraved: one seed is one way to draw an answer.

    The package throws its dice by the system's randomness, and would show another picture every
    time. Its fonts are never loaded.
    """

    def __init__(self, seed: str) -> None:
        super().__init__(WIDTH, HEIGHT)
        self._seed = seed

    def generate_image(
        self,
        chars: str,
        bg_color: ColorTuple | None = None,  # noqa: ARG002
        fg_color: ColorTuple | None = None,  # noqa: ARG002
    ) -> Image.Image:
        """The answer in a few greys; a colour of ground or letters would tell them apart."""
        # Not for secrecy: the answer is drawn by the operating system's randomness.
        dice = random.Random(self._seed)  # noqa: S311
        lines = ImageChops.add(_lines(dice), _shade(dice), 1, -_MIDDLE)
        drawn = _toned(lines, _SOFT)
        fills = dice.sample(_FILLS, len(_FILLS))
        for number, mask in enumerate(masks(chars, _SIZE, dice)):
            drawn.paste(fills[number % len(fills)](lines, dice), mask=mask)
        return _in_few_greys(drawn)


def _darker(lines: Image.Image, _: random.Random) -> Image.Image:
    return ImageChops.invert(_toned(lines, _SOFT, _HINT))


def _lighter(lines: Image.Image, _: random.Random) -> Image.Image:
    return ImageChops.invert(_toned(lines, _SOFT, -_HINT))


def _sharper(lines: Image.Image, dice: random.Random) -> Image.Image:
    return ImageChops.invert(_toned(lines, _FULL, dice.choice((-_TINGE, _TINGE))))


def _grainy(_: Image.Image, dice: random.Random) -> Image.Image:
    size = WIDTH // _GRAIN, HEIGHT // _GRAIN
    grains = Image.frombytes("L", size, dice.randbytes(size[0] * size[1]))
    coarse = grains.point([_MIDDLE - _COARSE] * 128 + [_MIDDLE + _COARSE] * 128)
    return coarse.resize(_SIZE, Image.Resampling.NEAREST)


def _smooth(_: Image.Image, dice: random.Random) -> Image.Image:
    return Image.new("L", _SIZE, _MIDDLE + dice.choice((-_PALE, 0, _PALE)))


_FILLS: tuple[Callable[[Image.Image, random.Random], Image.Image], ...] = (
    _darker,
    _lighter,
    _sharper,
    _grainy,
    _smooth,
)


def _lines(dice: random.Random) -> Image.Image:
    """Wavy parallel lines, soft, as many dark as light: their mean is the middle grey."""
    tilt = dice.choice((-1, 1)) * dice.uniform(*_TILT)
    along, aside = (math.cos(tilt), math.sin(tilt)), (-math.sin(tilt), math.cos(tilt))
    # No line further out touches the picture.
    out = (WIDTH * abs(aside[0]) + HEIGHT * abs(aside[1])) / 2 + _BULGE
    wave = _wave(dice)
    large = Image.new("L", (WIDTH * OVERSIZE, HEIGHT * OVERSIZE), 255)
    pen = ImageDraw.Draw(large)
    for middle in _steps(dice.uniform(0, _PERIOD) - out, out, _PERIOD):
        line = [
            (
                (WIDTH / 2 + at * along[0] + (middle + off) * aside[0]) * OVERSIZE,
                (HEIGHT / 2 + at * along[1] + (middle + off) * aside[1]) * OVERSIZE,
            )
            for at, off in wave
        ]
        pen.line(line, fill=0, width=round(_PERIOD * OVERSIZE / 2))
    soft = large.reduce(OVERSIZE).filter(ImageFilter.GaussianBlur(_PERIOD * 0.27))
    mean = round(ImageStat.Stat(soft).mean[0])
    return soft.point([min(max(grey - mean + _MIDDLE, 0), 255) for grey in range(256)])


def _wave(dice: random.Random) -> list[tuple[float, float]]:
    """The course of every line: pixels along it from the middle, and beside the straight."""
    quick, slow = dice.uniform(0, math.tau), dice.uniform(0, math.tau)
    reach = math.hypot(*_SIZE) / 2 + _POINTS
    return [
        (at, 2.5 * math.sin(at / 17 + quick) + 3 * math.sin(at / 45 + slow))
        for at in _steps(-reach, reach + _POINTS, _POINTS)
    ]


def _steps(start: float, end: float, step: float) -> list[float]:
    return [start + number * step for number in range(math.ceil((end - start) / step))]


def _shade(dice: random.Random) -> Image.Image:
    """Light and dark in turn, like a chessboard out of focus."""
    first, columns, rows = dice.choice((0, 1)), 6, 3
    squares = Image.new("L", (columns, rows))
    squares.putdata(
        [
            round(_MIDDLE + (-1) ** (first + x + y) * _SHADE * dice.uniform(0.6, 1))
            for y in range(rows)
            for x in range(columns)
        ]
    )
    return squares.resize(_SIZE, Image.Resampling.BICUBIC)


def _toned(lines: Image.Image, contrast: int, lift: int = 0) -> Image.Image:
    """Sharp lines of soft ones, so far from the middle grey on both sides; lifted, thinner."""
    return lines.point(_tones(contrast, lift))


@cache
def _tones(contrast: int, lift: int) -> list[int]:
    return [
        _MIDDLE + min(max((grey - _MIDDLE + lift) * _STEEP, -contrast), contrast)
        for grey in range(256)
    ]


def _in_few_greys(drawn: Image.Image) -> Image.Image:
    """The same palette whatever is drawn, and nothing beside the picture."""
    numbers = drawn.point([grey * _GREYS // 256 for grey in range(256)])
    few = Image.frombytes("P", _SIZE, numbers.tobytes())
    few.putpalette([n * 255 // (_GREYS - 1) for n in range(_GREYS) for _ in range(3)])
    return few
