"""All engines of one worker process: opened once, asked together, each behind its breaker."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
from prometheus_client import Counter

from commentdesk.domain.finding import Finding, unknown
from commentdesk.domain.webhooks import key_of
from commentdesk.log import log
from commentdesk.outgoing import open_session
from commentdesk.settings import Settings
from workers.engines.akismet import Akismet
from workers.engines.breaker import Breaker
from workers.engines.endpoint import Endpoint
from workers.engines.protocol import Engine, EngineFailed, Question
from workers.engines.spamassassin import SpamAssassin

ANSWERS = Counter("commentdesk_engine_answers_total", "Outside engines asked", ["engine", "result"])
_AT_ONCE = 8
_NOT_ASKED = "not asked: it did not answer just now"
_TOO_LATE = "no answer in time"


@dataclass
class _Guarded:
    """An engine, its breaker, and how many of its questions are under way."""

    engine: Engine
    breaker: Breaker = field(default_factory=Breaker)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))


class Engines:
    """Those the settings name; none by default, and then nothing is opened."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._guarded: list[_Guarded] | None = None
        self._back: set[str] = set()

    @property
    def need_address(self) -> bool:
        """Whether one of them has to be told the writers' IP addresses."""
        return any(each.engine.needs_address for each in self._opened())

    async def ask(self, questions: Sequence[Question]) -> dict[str, tuple[Finding, ...]]:
        """Each submission's findings, one an engine, by id; a missing answer is unknown.

        A question has engine_seconds from when it is asked; all together have half of a lease.
        """
        asked = [(question, each) for question in questions for each in self._opened()]
        tasks = [asyncio.create_task(self._ask(each, question)) for question, each in asked]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=self._settings.lease_seconds / 2)
        finally:
            for task in tasks:
                task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        found: dict[str, tuple[Finding, ...]] = {q.submission.id: () for q in questions}
        for (question, each), end in zip(asked, ended, strict=True):
            late = unknown(each.engine.name, _TOO_LATE)
            found[question.submission.id] += (end if isinstance(end, Finding) else late,)
        return found

    def back(self) -> set[str]:
        """Which engines answer again since this was last asked."""
        back, self._back = self._back, set()
        return back

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _ask(self, each: _Guarded, question: Question) -> Finding:
        async with each.room:
            if not each.breaker.lets_through():
                ANSWERS.labels(each.engine.name, "not_asked").inc()
                return unknown(each.engine.name, _NOT_ASKED)
            try:
                async with asyncio.timeout(self._settings.engine_seconds):
                    finding = await each.engine.ask(question)
            except asyncio.CancelledError:
                each.breaker.left()
                raise
            # Whatever an answer does to whoever reads it: it is none.
            except Exception as error:
                each.breaker.failed()
                return _failed(each.engine.name, _trouble(error))
        if each.breaker.answered():
            self._back.add(each.engine.name)
        ANSWERS.labels(each.engine.name, str(finding.outcome)).inc()
        return finding

    def _opened(self) -> list[_Guarded]:
        if self._guarded is None:
            self._guarded = [_Guarded(engine) for engine in self._open()]
        return self._guarded

    def _open(self) -> list[Engine]:
        """Called within the worker's loop, for the session belongs to it."""
        settings, engines = self._settings, list[Engine]()
        key = settings.akismet_key.get_secret_value()
        if key or settings.endpoint_url:
            self._session = open_session()
            if key:
                base, articles = settings.akismet_url, settings.articles_url
                engines.append(Akismet(self._session, base, key, articles))
            if settings.endpoint_url:
                secret = key_of(settings.endpoint_secret.get_secret_value())
                engines.append(Endpoint(self._session, settings.endpoint_url, secret))
        if settings.spamd_address:
            engines.append(SpamAssassin(settings.spamd_address))
        return engines


def _failed(engine: str, trouble: str) -> Finding:
    ANSWERS.labels(engine, "failed").inc()
    log.warning("engine_without_answer", engine=engine, trouble=trouble)
    return unknown(engine, trouble)


def _trouble(error: Exception) -> str:
    """Its kind; its words alone where they are ours, for others may quote."""
    if isinstance(error, TimeoutError):
        return _TOO_LATE
    return str(error) if isinstance(error, EngineFailed) else type(error).__name__
