"""Where the letters of a picture stand: one mask a letter, each bent in its own way."""

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from services.intake.captcha.letters import LETTERS, Letter, Point, Stroke

# Drawn twice as large and halved: edges without stairs.
OVERSIZE = 2
_STROKE = 12.5
_TALL, _TALL_SPREAD = 62, 0.1
_TURN, _SLANT = math.radians(15), 0.15
# Parts of the letter's height.
_BEND = 0.041
_GAP, _MARGIN = -4, 4
_RISE, _JITTER = 8, 2
_WAVE, _WAVE_LENGTH = 5, 140


def masks(answer: str, size: tuple[int, int], dice: random.Random) -> list[Image.Image]:
    """Where each letter is, white on black, from left to right."""
    shaped = [_shaped(LETTERS[letter], dice) for letter in answer]
    return [_mask(strokes, size) for strokes in _in_a_row(shaped, size, dice)]


def _shaped(letter: Letter, dice: random.Random) -> list[Stroke]:
    """The letter's strokes in pixels around its middle, bent, slanted, turned."""
    tall = _TALL * dice.uniform(1 - _TALL_SPREAD, 1 + _TALL_SPREAD)
    wide = tall * dice.uniform(0.92, 1.06)
    turn, slant = dice.uniform(-_TURN, _TURN), dice.uniform(-_SLANT, _SLANT)
    bend_x, bend_y = _bend(dice), _bend(dice)

    def placed(point: Point) -> Point:
        u, v = point[0] - letter.width / 2, point[1] - 0.5
        x, y = (u + bend_x(v) + slant * v) * wide, (v + bend_y(u)) * tall
        return (
            x * math.cos(turn) - y * math.sin(turn),
            x * math.sin(turn) + y * math.cos(turn),
        )

    return [tuple(placed(point) for point in stroke) for stroke in letter.strokes]


def _bend(dice: random.Random) -> Callable[[float], float]:
    """A slow wave and a quicker, smaller one."""
    speed = math.tau * dice.uniform(0.7, 1.3)
    slow, quick = dice.uniform(0, math.tau), dice.uniform(0, math.tau)
    return lambda at: _BEND * (math.sin(speed * at + slow) + math.sin(2 * speed * at + quick) / 2)


def _in_a_row(
    shaped: list[list[Stroke]], size: tuple[int, int], dice: random.Random
) -> list[list[Stroke]]:
    """The letters beside each other, up and down in turn, on one wave."""
    lefts = [min(x for stroke in strokes for x, _ in stroke) for strokes in shaped]
    rights = [max(x for stroke in strokes for x, _ in stroke) for strokes in shaped]
    between = _GAP + _STROKE
    whole = sum(rights) - sum(lefts) + between * (len(shaped) - 1)
    shrunk = min(1.0, (size[0] - 2 * _MARGIN - _STROKE) / whole)
    left, rise, phase = (size[0] - whole * shrunk) / 2, dice.choice((-_RISE, _RISE)), dice.random()
    rows = []
    for strokes, start, end in zip(shaped, lefts, rights, strict=True):
        middle = size[1] / 2 + rise + dice.uniform(-_JITTER, _JITTER)
        rows.append(
            [
                tuple(
                    _waved(left + (x - start) * shrunk, middle + y, phase, size) for x, y in stroke
                )
                for stroke in strokes
            ]
        )
        left, rise = left + (end - start + between) * shrunk, -rise
    return rows


def _waved(x: float, y: float, phase: float, size: tuple[int, int]) -> Point:
    """On the wave, and inside the picture with the whole stroke."""
    y += _WAVE * math.sin(math.tau * (x / _WAVE_LENGTH + phase))
    edge = _STROKE / 2 + 1
    return min(max(x, edge), size[0] - edge), min(max(y, edge), size[1] - edge)


def _mask(strokes: list[Stroke], size: tuple[int, int]) -> Image.Image:
    large = Image.new("L", (size[0] * OVERSIZE, size[1] * OVERSIZE))
    pen, radius = ImageDraw.Draw(large), _STROKE * OVERSIZE / 2
    for stroke in strokes:
        line = [(x * OVERSIZE, y * OVERSIZE) for x, y in stroke]
        pen.line(line, fill=255, width=round(_STROKE * OVERSIZE))
        for x, y in line:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return large.reduce(OVERSIZE)
