"""How addresses outside, which settings alone name, are called: without cookie or proxy."""

import aiohttp


def open_session() -> aiohttp.ClientSession:
    """For all calls of one process to outside; opened within its loop. Callers follow no redirect.

    What an answer is packed in is not unpacked: a small one could become a huge one.
    """
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"User-Agent": "Commentdesk", "Accept-Encoding": "identity"},
    )
