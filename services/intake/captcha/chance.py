"""Dice that fall the same way for one seed: asking twice gives the same picture and sound."""

import contextlib
import random
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any


class SeededSecrets:
    """Stands where the `captcha` package asks the `secrets` module."""

    _dice: ContextVar[random.Random] = ContextVar("dice")

    @contextlib.contextmanager
    def seeded(self, seed: str) -> Iterator[None]:
        # Not for secrecy: the answer is drawn by the operating system's randomness.
        token = self._dice.set(random.Random(seed))  # noqa: S311
        try:
            yield
        finally:
            self._dice.reset(token)

    def randbelow(self, limit: int) -> int:
        return self._dice.get().randrange(limit)

    def randbits(self, count: int) -> int:
        return self._dice.get().getrandbits(count)

    def choice(self, options: Any) -> Any:
        return self._dice.get().choice(options)


CHANCE = SeededSecrets()
