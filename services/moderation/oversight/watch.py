"""Looking at something again and again, as long as the service runs."""

import asyncio
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from sqlalchemy.exc import SQLAlchemyError

from commentdesk.log import log

_LOOK_SECONDS = 10.0


class Watch(ABC):
    """Calls its own `look` every ten seconds, and once at the start."""

    # As the log calls what is looked at.
    name: ClassVar[str]

    def __init__(self) -> None:
        self._looking: asyncio.Task[None] | None = None

    @abstractmethod
    async def look(self) -> Any:
        """Look once.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the ledger is away.
        """

    async def start(self) -> None:
        self._looking = asyncio.create_task(self._keep_looking())

    async def close(self) -> None:
        if self._looking:
            self._looking.cancel()

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning(f"{self.name}_not_seen", error=type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)
