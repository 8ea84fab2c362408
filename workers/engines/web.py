"""The one way engines are called over HTTP: no redirect, no endless answer."""

from collections.abc import Mapping

import aiohttp

from workers.engines.protocol import LONGEST_ANSWER, EngineFailed

_OK = 200


async def post(
    session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]
) -> tuple[bytes, Mapping[str, str]]:
    """The answer's body and headers.

    Raises:
        EngineFailed: its status is not 200 (a redirect is not followed), or it is too long.
        aiohttp.ClientError, OSError: there was none.
    """
    async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
        if response.status != _OK:
            raise EngineFailed(f"HTTP {response.status}")
        content = b""
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > LONGEST_ANSWER:
                raise EngineFailed("its answer is too long")
        return content, response.headers
