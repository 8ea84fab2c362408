"""The client of services/articles."""

import json
from collections.abc import Sequence
from typing import Any

import aiohttp

from commentdesk.articlestore.protocol import (
    Article,
    Delivery,
    StoredComment,
    StoreRefused,
    StoreUnavailable,
    is_id,
)

_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=2)
# An article of the longest, each character escaped, is 6 MB.
_MOST_BYTES = 8 * 2**20


class BuiltinStore:
    """Speaks to the article store of this project over HTTP."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def article(self, article: str) -> Article | None:
        if not is_id(article):
            return None
        status, body = await self._call("GET", f"/v1/articles/{article}")
        if status == 404:  # noqa: PLR2004
            return None
        facts: dict[str, Any] = {name: body.get(name) for name in Article.__dataclass_fields__}
        # Stores of before sections were asked for, and articles that are in none.
        facts["section"] = facts["section"] or ""
        if facts["id"] != article or not all(isinstance(fact, str) for fact in facts.values()):
            raise StoreUnavailable("answer not understood")
        return Article(**facts)

    async def publish(self, comments: Sequence[StoredComment]) -> dict[str, Delivery]:
        items = [
            {**comment.__dict__, "received_at": comment.received_at.isoformat()}
            for comment in comments
        ]
        _, body = await self._call("PUT", "/v1/comments", {"items": items})
        try:
            return {result["id"]: Delivery(result["result"]) for result in body["results"]}
        except (LookupError, TypeError, ValueError) as error:
            raise StoreUnavailable("answer not understood") from error

    async def retract(self, versions: dict[str, int]) -> None:
        for comment, version in versions.items():
            await self._call("DELETE", f"/v1/comments/{comment}?version={version}")

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _call(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        if self._session is None:
            # Made here, not in __init__: a session belongs to the loop that runs it.
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=_TIMEOUT)
        try:
            async with self._session.request(
                method, self._url + path, json=body, allow_redirects=False
            ) as response:
                if response.status >= 500 or response.status == 429:  # noqa: PLR2004
                    raise StoreUnavailable(f"HTTP {response.status}", _retry_after(response))
                if response.status >= 300 and response.status != 404:  # noqa: PLR2004
                    raise StoreRefused(f"HTTP {response.status}")
                return response.status, await _document(response)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise StoreUnavailable(type(error).__name__) from error


async def _document(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The answer's JSON object; a store that sends without end, or nonsense, is of no use now."""
    raw = bytearray()
    async for chunk in response.content.iter_any():
        raw += chunk
        if len(raw) > _MOST_BYTES:
            raise StoreUnavailable("answer too long")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise StoreUnavailable("answer not understood") from error
    if not isinstance(document, dict):
        raise StoreUnavailable("answer not understood")
    return document


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
