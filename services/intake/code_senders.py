"""Who carries a one-time code to a phone: the operator's terminal, or an HTTP gateway."""

import json
import time
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
import uuid_utils

from commentdesk.domain.phone import mask_phone
from commentdesk.domain.webhooks import key_of, signed
from commentdesk.log import log
from commentdesk.outgoing import open_session
from commentdesk.settings import Settings

_TAKEN = range(200, 300)


class NotSent(Exception):
    """The gateway did not take it; why, without anything it was given."""


@dataclass(frozen=True)
class CodeMessage:
    """A code for a number (E.164), and the words it is told in."""

    number: str = field(repr=False)
    code: str = field(repr=False)
    text: str = field(repr=False)
    language: str


class CodeSender(Protocol):
    """One way to a phone. To add one: a class like these, and its line in `open_sender`."""

    async def send(self, message: CodeMessage) -> None:
        """Hand it over; raises whatever stands in the way. It has its time, and no second try."""

    async def close(self) -> None: ...


class ConsoleSender:
    """For development: the code and the masked number in intake's log, on the terminal."""

    async def send(self, message: CodeMessage) -> None:
        log.warning("phone_code", phone=mask_phone(message.number), code=message.code)

    async def close(self) -> None:
        """Nothing was opened."""


class GatewaySender:
    """A gateway, told number, code, text and language; signed as Standard Webhooks has it."""

    def __init__(self, url: str, key: bytes) -> None:
        self._url, self._key = url, key
        self._session = open_session()

    async def send(self, message: CodeMessage) -> None:
        data = {
            "phone": message.number,
            "code": message.code,
            "text": message.text,
            "language": message.language,
        }
        body = json.dumps({"type": "phone.code", "data": data}, ensure_ascii=False).encode()
        headers = signed(self._key, str(uuid_utils.uuid7()), int(time.time()), body)
        headers["Content-Type"] = "application/json"
        # A redirect would carry number and code to an address nobody has set. Of the answer the
        # status alone is read, so that nobody can make it long.
        async with self._session.post(
            self._url, data=body, headers=headers, allow_redirects=False
        ) as response:
            if response.status not in _TAKEN:
                raise NotSent(f"HTTP {response.status}")

    async def close(self) -> None:
        await self._session.close()


def open_sender(settings: Settings) -> CodeSender:
    """The sender that the settings name; opened within the loop it is used in."""
    if settings.phone_code_sender == "http":
        secret = settings.phone_code_gateway_secret.get_secret_value()
        return GatewaySender(settings.phone_code_gateway, key_of(secret))
    return ConsoleSender()


# What sending is expected to raise.
SENDING_TROUBLE = (NotSent, aiohttp.ClientError, OSError, TimeoutError)
