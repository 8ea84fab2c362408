"""A circuit breaker: an engine that is down costs its time-box now and then, not every batch."""

import time
from collections.abc import Callable

_FAILURES = 3
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 60.0


class Breaker:
    """Closed while the engine answers; open, after some failures in a row, for a pause that
    doubles with each probe that fails; then one question is let through as a probe.

    Seconds of `clock`; used from one event loop.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._pause = _FIRST_PAUSE
        self._closed_until_asked = 0.0
        self._probing = False
        # Until it has answered once, its first answer is a recovery: who knows what was before.
        self._proven = False

    def lets_through(self) -> bool:
        """Whether a question may be asked now; who is told so has to report how it went."""
        if self._failures < _FAILURES:
            return True
        if self._probing or self._clock() < self._closed_until_asked:
            return False
        self._probing = True
        return True

    def answered(self) -> bool:
        """It has answered; whether that is news: it did not before, or was never asked."""
        news = self._failures >= _FAILURES or not self._proven
        self._failures, self._pause, self._probing, self._proven = 0, _FIRST_PAUSE, False, True
        return news

    def failed(self) -> None:
        """It did not answer in time, or nonsense."""
        if self._probing:
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        self._failures, self._probing = self._failures + 1, False
        self._closed_until_asked = self._clock() + self._pause

    def left(self) -> None:
        """It was not waited for to the end: nothing is known."""
        self._probing = False
