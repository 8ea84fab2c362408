"""One-time codes after the answer: checked, counted, kept and sent while nobody waits for it.

Off the request's path, so that neither the answer nor its time tells what became of a code.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field

from prometheus_client import Counter
from redis.exceptions import RedisError

from commentdesk.log import log
from commentdesk.phones import PhoneNumber
from commentdesk.settings import Settings
from commentdesk.web import Texts
from services.intake.code_budget import CodeBudget
from services.intake.code_senders import SENDING_TROUBLE, CodeMessage, CodeSender, NotSent
from services.intake.code_store import CodeStore, new_code

CODES = Counter("commentdesk_phone_codes_total", "One-time codes asked for, by result", ["result"])
_MOST_WAITING = 200
_SENT_AT_ONCE = 4
# By then the answer is out: the work for a code beside it would tell, by its time, of a budget.
_ANSWERED_SECONDS = 0.1
_MINUTE = 60


@dataclass(frozen=True)
class Wanted:
    """A code that a reader asked for."""

    number: PhoneNumber = field(repr=False)
    session: str = field(repr=False)
    language: str


class CodeDispatch:
    """A bounded line, and a few that work it off."""

    def __init__(
        self,
        settings: Settings,
        texts: Texts,
        store: CodeStore,
        budget: CodeBudget,
        sender: CodeSender,
    ) -> None:
        self._settings, self._texts = settings, texts
        self._store, self._budget, self._sender = store, budget, sender
        self._line: asyncio.Queue[Wanted] = asyncio.Queue(_MOST_WAITING)
        self._working: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._working = [asyncio.create_task(self._work()) for _ in range(_SENT_AT_ONCE)]

    async def close(self) -> None:
        """Who still waits asks again; nothing of a comment hangs on it."""
        for task in self._working:
            task.cancel()
        for task in self._working:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._sender.close()

    def want(self, wanted: Wanted) -> None:
        """Put it in line once it is answered; one too many is dropped, the answer the same."""
        asyncio.get_running_loop().call_later(_ANSWERED_SECONDS, self._enter, wanted)

    def _enter(self, wanted: Wanted) -> None:
        try:
            self._line.put_nowait(wanted)
        except asyncio.QueueFull:
            CODES.labels("busy").inc()

    async def _work(self) -> None:
        while True:
            wanted = await self._line.get()
            result = "failed"
            try:
                result = await self._serve(wanted)
            except (RedisError, OSError) as error:
                log.warning("phone_code_not_kept", error=type(error).__name__)
            except Exception as error:
                # An exception's text may quote the number.
                log.error("phone_code_failed", error=type(error).__name__)
            CODES.labels(result).inc()

    async def _serve(self, wanted: Wanted) -> str:
        """Nothing is asked about the number itself (known, banned): what is not looked up, no
        delay and no message can tell.
        """
        if refused := await self._budget.refusal(wanted.number):
            return refused
        code = new_code()
        await self._store.keep(wanted.session, wanted.number.e164, code)
        try:
            async with asyncio.timeout(self._settings.phone_code_send_seconds):
                await self._sender.send(self._message(wanted, code))
        except SENDING_TROUBLE as error:
            log.warning("phone_code_not_sent", error=type(error).__name__, reason=_reason(error))
            return "not_sent"
        return "sent"

    def _message(self, wanted: Wanted, code: str) -> CodeMessage:
        minutes = max(1, self._settings.phone_code_seconds // _MINUTE)
        text = self._texts.say(
            wanted.language,
            "message.phone_code",
            code=code,
            site=self._settings.site_name,
            minutes=minutes,
        )
        return CodeMessage(wanted.number.e164, code, text, wanted.language)


def _reason(error: BaseException) -> str:
    """Its text where it is ours; a library's may quote the address with what stands in it."""
    return str(error) if isinstance(error, NotSent) else ""
