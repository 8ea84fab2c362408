"""The letters of the picture, in strokes of our own.

Capital letters that stay apart when bent and turned. Left out is what people take for another:
B (8, R), F (E, P), G (C), I (1, L), J (U, T), N (M, H), O (0, D), Q (O), V (U), W (M), Y (T, X).
"""

import math
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Stroke = tuple[Point, ...]
_STEP = 0.08


@dataclass(frozen=True)
class Letter:
    """Strokes in a box one high and `width` wide; y grows downwards."""

    width: float
    strokes: tuple[Stroke, ...]


def _arc(centre: Point, radii: Point, start: float, end: float) -> list[Point]:
    """Part of an ellipse, in degrees, clockwise from three o'clock."""
    steps = max(2, round(abs(end - start) / 15))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [
        (centre[0] + radii[0] * math.cos(angle), centre[1] + radii[1] * math.sin(angle))
        for angle in angles
    ]


def _letter(width: float, *strokes: list[Point]) -> Letter:
    return Letter(width, tuple(_dense(stroke) for stroke in strokes))


def _dense(stroke: list[Point]) -> Stroke:
    """With points so near each other that the stroke can be bent."""
    points = [stroke[0]]
    for (x, y), (to_x, to_y) in pairwise(stroke):
        steps = max(1, round(math.hypot(to_x - x, to_y - y) / _STEP))
        points += [
            (x + (to_x - x) * step / steps, y + (to_y - y) * step / steps)
            for step in range(1, steps + 1)
        ]
    return tuple(points)


LETTERS = {
    "A": _letter(0.84, [(0, 1), (0.42, 0), (0.84, 1)], [(0.15, 0.66), (0.69, 0.66)]),
    "C": _letter(0.74, _arc((0.42, 0.5), (0.42, 0.5), -45, -315)),
    "D": _letter(
        0.76,
        [(0, 1), (0, 0), (0.3, 0), *_arc((0.3, 0.5), (0.46, 0.5), -90, 90), (0.3, 1), (0, 1)],
    ),
    "E": _letter(0.62, [(0.62, 0), (0, 0), (0, 1), (0.62, 1)], [(0, 0.48), (0.5, 0.48)]),
    "H": _letter(0.72, [(0, 0), (0, 1)], [(0.72, 0), (0.72, 1)], [(0, 0.5), (0.72, 0.5)]),
    "K": _letter(0.7, [(0, 0), (0, 1)], [(0.68, 0), (0.02, 0.56)], [(0.24, 0.4), (0.72, 1)]),
    "L": _letter(0.62, [(0, 0), (0, 1), (0.62, 1)]),
    "M": _letter(0.9, [(0, 1), (0.06, 0), (0.45, 0.66), (0.84, 0), (0.9, 1)]),
    "P": _letter(
        0.64, [(0, 1), (0, 0), (0.32, 0), *_arc((0.34, 0.28), (0.3, 0.28), -90, 90), (0, 0.56)]
    ),
    "R": _letter(
        0.7,
        [(0, 1), (0, 0), (0.34, 0), *_arc((0.36, 0.26), (0.28, 0.26), -90, 90), (0, 0.52)],
        [(0.3, 0.52), (0.7, 1)],
    ),
    "S": _letter(
        0.66,
        [
            *_arc((0.33, 0.25), (0.31, 0.25), -30, -270),
            *_arc((0.33, 0.75), (0.33, 0.25), -90, 145),
        ],
    ),
    "T": _letter(0.74, [(0, 0), (0.74, 0)], [(0.37, 0), (0.37, 1)]),
    "U": _letter(0.72, [(0, 0), (0, 0.62), *_arc((0.36, 0.62), (0.36, 0.38), 180, 0), (0.72, 0)]),
    "X": _letter(0.74, [(0, 0), (0.74, 1)], [(0.74, 0), (0, 1)]),
    "Z": _letter(0.7, [(0, 0), (0.7, 0), (0, 1), (0.7, 1)]),
}
ALPHABET = "".join(LETTERS)
