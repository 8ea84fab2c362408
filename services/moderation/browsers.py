"""A browser in plain words, from what it says of itself (User-Agent)."""

import re

# The first that fits: each also passes itself off as those below it.
_BROWSERS = (
    (r"coc_coc_browser/", "Cốc Cốc"),
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"CriOS/|Chrom(?:e|ium)/", "Chrome"),
    (r"Version/[0-9.]+ .{0,40}Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux|X11", "Linux"),
)
_LONGEST = 500


def browser_of(user_agent: str) -> str:
    """`Firefox, Windows`; a part that is not known is left out, and nothing it said is kept."""
    told = user_agent[:_LONGEST]
    return ", ".join(filter(None, (_first(told, _BROWSERS), _first(told, _SYSTEMS))))


def _first(told: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for pattern, name in known if re.search(pattern, told)), "")
