"""What a reader does with a receipt, over HTTP."""

from typing import Any

import aiohttp

from tests.installation import Installation, until

CORRECTED = {"title": "Bài hay", "content": "Tôi sửa lại: cảm ơn tác giả."}


class Receipts:
    """By code; in English, unless said otherwise."""

    def __init__(self, site: Installation, http: aiohttp.ClientSession) -> None:
        self.site, self.http = site, http

    async def call(
        self, method: str, code: str, json: Any = None, language: str = "en", **headers: str
    ) -> tuple[int, Any]:
        url = f"{self.site.intake}/v1/receipts/{code}"
        headers = {"Accept-Language": language, **headers}
        async with self.http.request(method, url, json=json, headers=headers) as response:
            assert response.headers["Cache-Control"] == "no-store"
            return response.status, await response.json(content_type=None)

    async def get(self, code: str, language: str = "en") -> dict[str, Any]:
        status, found = await self.call("GET", code, language=language)
        assert status == 200, found
        return dict(found)

    async def correct(self, code: str, **fields: Any) -> tuple[int, Any]:
        return await self.call("PUT", code, {**CORRECTED, **fields})

    async def withdraw(self, code: str) -> tuple[int, Any]:
        return await self.call("DELETE", code)

    async def reaches(self, code: str, status: str) -> dict[str, Any]:
        async def there() -> dict[str, Any] | None:
            found = await self.get(code)
            return found if found["status"] == status else None

        return dict(await until(there, f"{code} is {status}"))

    async def page(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, page and where it leads."""
        url = self.site.intake + path if path.startswith("/") else path
        method = "POST" if form else "GET"
        async with self.http.request(
            method, url, data=form, allow_redirects=False, headers={"Accept": "text/html"}
        ) as response:
            assert response.content_type == "text/html" or response.status == 303
            text = await response.text()
            return response.status, text, response.headers.get("Location", "")
