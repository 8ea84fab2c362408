"""A browser in plain words, from what it says of itself (User-Agent)."""

# The first that fits: each also passes itself off as those below it.
_BROWSERS = (
    ("Cốc Cốc", ("coc_coc_browser/",)),
    ("Edge", ("Edg/", "Edge/", "EdgA/", "EdgiOS/")),
    ("Opera", ("OPR/", "Opera")),
    ("Samsung Internet", ("SamsungBrowser/",)),
    ("Firefox", ("Firefox/", "FxiOS/")),
    ("Chrome", ("Chrome/", "Chromium/", "CriOS/")),
    ("Safari", ("Safari/",)),
)
_SYSTEMS = (
    ("iPhone", ("iPhone", "iPod")),
    ("iPad", ("iPad",)),
    ("Android", ("Android",)),
    ("Windows", ("Windows",)),
    ("ChromeOS", ("CrOS",)),
    ("macOS", ("Mac OS X", "Macintosh")),
    ("Linux", ("Linux", "X11")),
)


def browser_of(user_agent: str) -> str:
    """`Firefox, Windows`; a part that is not known is left out, and nothing it said is kept."""
    return ", ".join(filter(None, (_first(user_agent, _BROWSERS), _first(user_agent, _SYSTEMS))))


def _first(told: str, known: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return next((name for name, marks in known if any(mark in told for mark in marks)), "")
