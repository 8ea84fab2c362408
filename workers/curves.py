"""ROC curves as an SVG picture; false alarms are logarithmic, for what matters is below 5 %."""

from collections.abc import Iterable, Sequence
from html import escape
from math import log10

Curve = Sequence[tuple[float, float]]
_WIDTH, _HEIGHT, _MARGIN = 640, 420, 56
_LEAST = 0.001
_COLOURS = ("#0b6bcb", "#c8411b", "#2b8a3e", "#7048a8", "#946200", "#0f7c8a")
_TICKS = (0.001, 0.01, 0.1, 1.0)


def draw(curves: dict[str, Curve]) -> str:
    """The curves by name, as one SVG document."""
    parts = [*_axes()]
    for number, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        # Once for each place on the picture: a curve has thousands of thresholds.
        seen = dict.fromkeys(f"{_x(alarms):.0f},{_y(recall):.0f}" for alarms, recall in curve)
        places = " ".join(seen)
        parts.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(_text(_WIDTH - 130, _HEIGHT - 150 + 18 * number, name, colour))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="13">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _axes() -> Iterable[str]:
    for tick in _TICKS:
        yield _line(_x(tick), _y(0), _x(tick), _y(1))
        yield _text(_x(tick) - 12, _y(0) + 18, f"{tick:.1%}", "#333")
    for step in range(0, 11, 2):
        yield _line(_x(_LEAST), _y(step / 10), _x(1), _y(step / 10))
        yield _text(8, _y(step / 10) + 4, f"{step / 10:.0%}", "#333")
    yield _text(_x(0.02), _HEIGHT - 10, "honest comments held (false alarms)", "#333")
    yield _text(8, 20, "spam caught (recall)", "#333")


def _x(alarms: float) -> float:
    share = (log10(max(alarms, _LEAST)) - log10(_LEAST)) / -log10(_LEAST)
    return _MARGIN + share * (_WIDTH - 2 * _MARGIN)


def _y(recall: float) -> float:
    return _HEIGHT - _MARGIN - recall * (_HEIGHT - 2 * _MARGIN)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, said: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{escape(said)}</text>'
