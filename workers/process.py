"""What one worker process holds from its first job to its last: loop, ledger, store, queues."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import cache
from typing import Any, TypeVar

from commentdesk.articlestore import ArticleStore, BuiltinStore
from commentdesk.ledger import Ledger
from commentdesk.live import Live
from commentdesk.queues import Queues
from commentdesk.settings import Settings, read_settings
from workers.engines import Engines
from workers.lists import SiteLists
from workers.policies import SitePolicies

Result = TypeVar("Result")


class JobFailed(Exception):
    """A job's failure by its kind and the places it went through, without its words.

    RQ writes them to Redis and to the log, and a database quotes the row that it refuses.
    """


class WorkerProcess:
    """The parts a job works with; the event loop lives across jobs, so that its pools do.

    The loop runs beside the main thread: RQ's job timeout interrupts the waiting main thread,
    never the loop in the middle of its own work.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger(settings)
        self.lists = SiteLists(settings, self.ledger)
        self.policies = SitePolicies(settings, self.ledger)
        self.engines = Engines(settings)
        self.queues = Queues(settings)
        self.live = Live(settings.redis_url)
        self.store: ArticleStore = BuiltinStore(
            settings.store_url, settings.service_token.get_secret_value()
        )
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="loop", daemon=True).start()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run to the end from the main thread; an interrupted wait cancels the work.

        Raises:
            JobFailed: in the place of whatever the work raised.
        """
        future = self.start(_without_quotes(coroutine))
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def start(self, coroutine: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Run beside the jobs."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        self.run(self._close())

    async def _close(self) -> None:
        await self.engines.close()
        await self.store.close()
        await self.live.close()
        await self.ledger.close()
        self.queues.close()


async def _without_quotes(coroutine: Coroutine[Any, Any, Result]) -> Result:
    try:
        return await coroutine
    except Exception as error:
        raise JobFailed(type(error).__name__).with_traceback(error.__traceback__) from None


@cache
def this_process() -> WorkerProcess:
    """The one worker process this interpreter is; made at the first call."""
    return WorkerProcess(read_settings())
