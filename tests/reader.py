"""The people of the tests: a reader who posts, a moderator who decides."""

import html
import re
from typing import Any

import aiohttp
from yarl import URL

from tests.installation import PASSWORD, Installation, until

ARTICLE = "pho-di-bo-mua-thu"
CLEAN = {
    "name": "Nguyễn Thị Hương",
    "phone": "",
    "title": "Bài viết rất hay",
    "content": "Cảm ơn tác giả, tôi đọc mà nhớ những buổi sáng mùa thu đi bộ quanh hồ.",
}
DOUBTFUL = {**CLEAN, "content": "Xem thêm ở trang vidu-quangcao.com nhé mọi người."}


class Reader:
    """Posts to intake and looks at the article page."""

    def __init__(self, site: Installation, http: aiohttp.ClientSession) -> None:
        self.site, self.http = site, http

    def form(self, article: str = ARTICLE, **fields: Any) -> dict[str, Any]:
        """A filled-in form with a fresh captcha, right answer included."""
        captcha = self.site.captcha(article)
        return {
            **CLEAN,
            "captcha_id": captcha.id,
            "captcha_answer": captcha.answer,
            **fields,
        }

    async def post(
        self, form: Any, article: str = ARTICLE, **options: Any
    ) -> tuple[int, dict[str, Any]]:
        url = f"{self.site.intake}/v1/articles/{article}/comments"
        async with self.http.post(url, json=form, **options) as response:
            return response.status, await response.json(content_type=None)

    async def accepted(self, **fields: Any) -> str:
        """Post a form that is accepted; its id."""
        status, answer = await self.post(self.form(**fields))
        assert status == 202, answer
        return str(answer["id"])

    async def state(self, submission: str) -> str:
        async with self.http.get(f"{self.site.intake}/v1/submissions/{submission}") as response:
            return str((await response.json())["state"])

    async def reaches(self, submission: str, state: str) -> None:
        async def there() -> bool:
            return await self.state(submission) == state

        await until(there, f"{submission} is {state}")

    async def comments(self, article: str = ARTICLE) -> list[dict[str, Any]]:
        """All comments of the article, by the store's public list."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            url = f"{self.site.articles}/v1/articles/{article}/comments"
            async with self.http.get(url, params={"cursor": cursor} if cursor else {}) as response:
                page = await response.json()
            found += page["items"]
            cursor = page["next"]
            if not cursor:
                return found

    async def page(self, article: str = ARTICLE) -> str:
        async with self.http.get(f"{self.site.articles}/articles/{article}") as response:
            return await response.text()


class Desk:
    """A moderator logged in to the console."""

    def __init__(self, site: Installation, http: aiohttp.ClientSession, csrf: str) -> None:
        self.site, self.http, self.csrf = site, http, csrf

    @classmethod
    async def log_in(cls, site: Installation, login: str, password: str = PASSWORD) -> "Desk":
        http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        headers = {"Origin": site.moderation}
        async with http.get(f"{site.moderation}/login") as response:
            hidden = re.search(r'name="csrf" value="([^"]+)"', await response.text())
        form = {"login": login, "password": password, "csrf": hidden[1] if hidden else ""}
        url = f"{site.moderation}/login"
        async with http.post(url, data=form, headers=headers) as response:
            text = await response.text()
            assert response.status == 200, text[:500]
        found = re.search(r'name="csrf" value="([^"]+)"', text)
        assert found, text[:500]
        return cls(site, http, found[1])

    async def once_more(self) -> "Desk | None":
        """The same session with connections of its own; None if it has ended."""
        jar = aiohttp.CookieJar(unsafe=True)
        for cookie in self.http.cookie_jar:
            jar.update_cookies({cookie.key: cookie}, URL(self.site.moderation))
        again = Desk(self.site, aiohttp.ClientSession(cookie_jar=jar), self.csrf)
        async with again.http.get(f"{self.site.moderation}/v1/stats") as response:
            if response.status == 200:
                return again
        await again.close()
        return None

    async def close(self) -> None:
        await self.http.close()

    async def get(self, path: str, **params: str) -> tuple[int, Any]:
        async with self.http.get(self.site.moderation + path, params=params) as response:
            return response.status, await response.json(content_type=None)

    async def page(self, path: str = "/", **params: str) -> str:
        async with self.http.get(self.site.moderation + path, params=params) as response:
            return await response.text()

    async def text(self, path: str = "/", **params: str) -> str:
        """What a moderator reads on a page: its text without the tags."""
        return html.unescape(re.sub(r"<[^>]*>", "", await self.page(path, **params)))

    async def find(self, submission: str) -> dict[str, Any]:
        status, found = await self.get(f"/v1/submissions/{submission}")
        assert status == 200, found
        return dict(found)

    async def decide(
        self, action: str, *items: tuple[str, int], **more: str
    ) -> tuple[int, dict[str, Any]]:
        body = {
            "items": [{"id": item, "seen_version": version} for item, version in items],
            "action": action,
            **more,
        }
        headers = {"X-CSRF-Token": self.csrf, "Origin": self.site.moderation}
        url = f"{self.site.moderation}/v1/decisions"
        async with self.http.post(url, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def erase(self, submission: str) -> int:
        """The answer's status; an admin's right."""
        headers = {"X-CSRF-Token": self.csrf, "Origin": self.site.moderation}
        url = f"{self.site.moderation}/v1/submissions/{submission}/erase"
        async with self.http.post(url, json={}, headers=headers) as response:
            return response.status

    async def decides(self, action: str, submission: str, **more: str) -> dict[str, Any]:
        """Decide on what is there now; it must succeed."""
        version = (await self.find(submission))["version"]
        status, answer = await self.decide(action, (submission, version), **more)
        assert status == 200, answer
        return answer
