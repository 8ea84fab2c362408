"""Who has which submission open: a courtesy between colleagues, kept in memory for a minute."""

import time

_KEPT_SECONDS = 60.0
# A moderator has a few open; beyond, the oldest are forgotten.
_MOST_KEPT = 10_000


class Presence:
    """Of each submission, who opened it last and until when that is believed."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, float]] = {}

    def note(self, submission: str, login: str, *, opened: bool) -> None:
        """Somebody opened it, or left it."""
        if opened:
            self._open.pop(submission, None)
            self._open[submission] = (login, time.monotonic() + _KEPT_SECONDS)
            if len(self._open) > _MOST_KEPT:
                del self._open[next(iter(self._open))]
        elif self._open.get(submission, ("",))[0] == login:
            del self._open[submission]

    def opened_by(self, submission: str) -> str | None:
        """Who has it open, as far as known."""
        login, until = self._open.get(submission, (None, 0.0))
        return login if until > time.monotonic() else None
