"""Charts as SVG, drawn here by pygal: no script, nothing from elsewhere, readable day and night.

An SVG is shown as an image, where its own style sheet counts and the page's does not; it asks the
browser itself whether it is dark. Colours are the console's (static/console.css).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# An image's own policy, for whoever opens it by itself.
CSP = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_WIDTH, _HEIGHT = 720, 260
_NAME = "figure"
_SIZES = {
    "label_font_size": 12,
    "major_label_font_size": 12,
    "legend_font_size": 13,
    "no_data_font_size": 15,
}
_FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif'
# So many labels stand beside each other.
_LABELS = 12
# Ink, quiet, line; then a colour for each series.
_LIGHT = ("#1c2126", "#59636e", "#d9dde2", ("#0b5cad", "#0b6e4f", "#b3261e"))
_DARK = ("#e5e8eb", "#a0a9b3", "#343b42", ("#86bdf6", "#4cc296", "#ff8a80"))
# No series is told by its colour alone.
_DASHES = ("none", "7 3", "2 3")
_NOT_WANTED = frozenset({"script", "desc"})
_SHAPE = """
text { stroke: none; }
text.no_data { text-anchor: middle; }
.axis.x text { text-anchor: middle; }
.axis.y text { text-anchor: end; }
.line { fill: none; }
.background, .tooltip { fill: none; stroke: none; }
.vertical .axis.x .guide.line { stroke: none; }
.series .line { stroke-width: 2px; }
"""


@dataclass(frozen=True)
class Chart:
    """What is drawn: a value of each series for each label; None is no value."""

    title: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    # Said where there is nothing to draw.
    nothing: str
    # One on another instead of lines.
    stacked: bool = False
    # Of _LIGHT and _DARK, which colour the first series has.
    colour: int = 0


def draw(chart: Chart) -> str:
    """The chart as a whole SVG document; slow, so not for the event loop."""
    # Imported here: a third of a second that only this needs.
    import pygal  # type: ignore[import-untyped]
    from pygal.etree import etree  # type: ignore[import-untyped]
    from pygal.style import Style  # type: ignore[import-untyped]

    kind = pygal.StackedBar if chart.stacked else pygal.Line
    drawn = kind(
        width=_WIDTH,
        height=_HEIGHT,
        js=(),
        css=(f"inline:{_style(chart.colour)}",),
        style=Style(font_family=_FONT, **_SIZES),
        classes=(),
        margin=8,
        dots_size=2,
        min_scale=2,
        max_scale=6,
        include_x_axis=True,
        legend_at_bottom=True,
        legend_at_bottom_columns=len(chart.series),
        legend_box_size=10,
        show_minor_x_labels=False,
        x_labels_major_every=-(-len(chart.labels) // _LABELS) or 1,
        truncate_label=-1,
        truncate_legend=-1,
        no_data_text=chart.nothing,
        value_formatter=lambda value: f"{value:g}",
    )
    drawn.uuid = _NAME
    drawn.title = None
    drawn.x_labels = list(chart.labels)
    for name, values in chart.series.items():
        drawn.add(name, list(values))
    root = drawn.render_tree()
    _bare(root, chart.title)
    return str(etree.tostring(root, encoding="unicode"))


def _style(first: int) -> str:
    dark = _colours(first, *_DARK)
    return f"{_SHAPE}{_colours(first, *_LIGHT)}@media (prefers-color-scheme: dark) {{ {dark} }}"


def _colours(first: int, ink: str, quiet: str, line: str, series: Sequence[str]) -> str:
    rules = [
        f"text {{ fill: {quiet}; }} .legends text, text.no_data {{ fill: {ink}; }}",
        f".axis .line {{ stroke: {quiet}; }} .axis .guide.line {{ stroke: {line}; }}",
    ]
    for number, colour in enumerate(series[first:]):
        rules.append(
            f".color-{number} {{ fill: {colour}; stroke: {colour}; }} "
            f".serie-{number} .line {{ fill: none; stroke-dasharray: {_DASHES[number]}; }}"
        )
    return "\n".join(rules)


def _bare(root: Any, title: str) -> None:
    """Take out scripts, comments and the texts of tooltips; the drawing says what it is."""
    for parent in list(root.iter()):
        for child in list(parent):
            # A comment's tag is no text.
            wanted = isinstance(child.tag, str) and child.tag not in _NOT_WANTED
            if not wanted or "tooltip-overlay" in child.get("class", ""):
                parent.remove(child)
    root.set("role", "img")
    root.find("title").text = title
