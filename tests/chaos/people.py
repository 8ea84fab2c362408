"""Readers who post and post again until they are answered, and a moderator who decides."""

import asyncio
import random
import re
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.chaos.tree import LOGIN, Tree
from tests.reader import ARTICLE, CLEAN, DOUBTFUL

_PAUSE = 0.25
# How many of the decisions are taken back.
_UNDONE = 0.3
# How many readers think again, and how many of those withdraw.
_CHANGED, _WITHDRAWN = 0.2, 0.3
_TIMEOUT = aiohttp.ClientTimeout(total=20, connect=3)
_GONE = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


@dataclass
class Testimony:
    """What people were told; the ledger has to agree."""

    answered: dict[str, str] = field(default_factory=dict)
    decided: list[tuple[str, int, str]] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    # By id, the words a reader was told are there now; None for a withdrawal.
    changed: dict[str, str | None] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    retries: int = 0


class People:
    """Everyone who uses the site during a run; `done` ends them."""

    def __init__(self, tree: Tree, seed: int) -> None:
        self.tree = tree
        self.testimony = Testimony()
        self.done = asyncio.Event()
        self._seed = seed
        self._number = 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, readers: int) -> None:
        self._tasks = [
            asyncio.create_task(self._read_and_write(random.Random(f"{self._seed}-{n}")))
            for n in range(readers)
        ]
        chance = random.Random(f"{self._seed}-moderator")
        self._tasks.append(asyncio.create_task(self._moderate(chance)))

    async def leave(self) -> None:
        """Everyone finishes what they are at: a reader goes on until answered."""
        self.done.set()
        await asyncio.gather(*self._tasks)

    async def _read_and_write(self, chance: random.Random) -> None:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
            while not self.done.is_set():
                self._number += 1
                token = f"c-{self._number}-{chance.randrange(10**9)}"
                await self._post_until_answered(http, token, self._form(token, chance), chance)
                await asyncio.sleep(chance.expovariate(1 / _PAUSE))

    def _form(self, token: str, chance: random.Random) -> dict[str, Any]:
        words = DOUBTFUL if chance.random() < 0.25 else CLEAN
        captcha = self.tree.site.captcha(ARTICLE)
        content = f"{words['content']} {token}"
        proof = {"captcha_id": captcha.id, "captcha_answer": captcha.answer}
        return {**words, "phone": "0912345678", "content": content, **proof}

    async def _post_until_answered(
        self,
        http: aiohttp.ClientSession,
        token: str,
        form: dict[str, Any],
        chance: random.Random,
    ) -> None:
        while True:
            status, answer = await self._post(http, form)
            if status == 202:
                self._answered(token, str(answer["id"]))
                if chance.random() >= 0.05:
                    if chance.random() < _CHANGED:
                        await self._think_again(http, answer, form, chance)
                    return
                # A double click: the same form once more.
            elif 400 <= status < 500 and status != 429:
                self.testimony.contradictions.append(f"{token}: {status} {answer}")
                return
            else:
                self.testimony.retries += 1
                await asyncio.sleep(chance.uniform(0.05, 0.5))

    async def _think_again(
        self,
        http: aiohttp.ClientSession,
        accepted: dict[str, Any],
        form: dict[str, Any],
        chance: random.Random,
    ) -> None:
        """Once, so that what was answered holds; an answer that is lost says nothing."""
        await asyncio.sleep(chance.uniform(0, 1))
        url = f"{self.tree.site.intake}/v1/receipts/{accepted['receipt']['code']}"
        words = None if chance.random() < _WITHDRAWN else f"{form['content']} Xin sửa."
        body = {"title": form["title"], "content": words} if words else None
        try:
            async with http.request("PUT" if words else "DELETE", url, json=body) as response:
                if response.status == 200:
                    self.testimony.changed[accepted["id"]] = words
        except _GONE:
            return

    def _answered(self, token: str, submission: str) -> None:
        known = self.testimony.answered.setdefault(token, submission)
        if known != submission:
            self.testimony.contradictions.append(f"{token}: {known} and then {submission}")

    async def _post(
        self, http: aiohttp.ClientSession, form: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        url = f"{self.tree.site.intake}/v1/articles/{ARTICLE}/comments"
        try:
            async with http.post(url, json=form) as response:
                return response.status, await response.json(content_type=None)
        except _GONE:
            return 0, {}

    async def _moderate(self, chance: random.Random) -> None:
        while not self.done.is_set():
            jar = aiohttp.CookieJar(unsafe=True)
            async with aiohttp.ClientSession(cookie_jar=jar, timeout=_TIMEOUT) as http:
                try:
                    await self._work_at_the_desk(http, chance)
                except _GONE:
                    await asyncio.sleep(0.3)

    async def _work_at_the_desk(self, http: aiohttp.ClientSession, chance: random.Random) -> None:
        csrf = await log_in(self.tree, http)
        moves = {
            "held": ("approve", "approve", "reject", "hold"),
            "published": ("remove",),
            "rejected": ("restore",),
            "removed": ("restore",),
            "approved": ("erase",),
        }
        while not self.done.is_set():
            state = chance.choice(list(moves))
            action = chance.choice(moves[state])
            await self._decide(http, csrf, (state, action), chance)
            await asyncio.sleep(chance.expovariate(1 / 0.4))

    async def _decide(
        self,
        http: aiohttp.ClientSession,
        csrf: str,
        wish: tuple[str, str],
        chance: random.Random,
    ) -> None:
        state, action = wish
        site = self.tree.site.moderation
        # The oldest that is approved is the one a worker has in its hands.
        sort = "oldest" if state == "approved" else "newest"
        query = {"state": state, "limit": "5" if state == "held" else "2", "sort": sort}
        async with http.get(f"{site}/v1/submissions", params=query) as response:
            response.raise_for_status()
            items = (await response.json())["items"]
        if not items:
            return
        headers = {"X-CSRF-Token": csrf, "Origin": site}
        if action == "erase":
            await self._erase(http, headers, items[0]["id"])
            return
        body = {
            "items": [{"id": item["id"], "seen_version": item["version"]} for item in items],
            "action": action,
        }
        async with http.post(f"{site}/v1/decisions", json=body, headers=headers) as response:
            answer = await response.json(content_type=None)
        self._decided(answer, action)
        if "batch" in answer and chance.random() < _UNDONE:
            # Within the moment of grace, or when it is over.
            await asyncio.sleep(chance.uniform(0, 1))
            url = f"{site}/v1/decisions/{answer['batch']}/undo"
            async with http.post(url, json={}, headers=headers) as response:
                self._decided(await response.json(content_type=None), "undo")

    def _decided(self, answer: dict[str, Any], action: str) -> None:
        for result in answer.get("results", []):
            if result["result"] == "done":
                self.testimony.decided.append((result["id"], result["version"], action))

    async def _erase(
        self, http: aiohttp.ClientSession, headers: dict[str, str], submission: str
    ) -> None:
        """While the workers have it: what they write afterwards must come too late."""
        url = f"{self.tree.site.moderation}/v1/submissions/{submission}/erase"
        async with http.post(url, json={}, headers=headers) as response:
            if response.status == 200:
                self.testimony.erased.add(submission)


async def log_in(tree: Tree, http: aiohttp.ClientSession) -> str:
    """Log a moderator in to the console; the session's CSRF token.

    Raises:
        ValueError: the console did not let them in (it may be going down).
    """
    site = tree.site.moderation
    form = {"login": LOGIN, "password": tree.password}
    async with http.post(f"{site}/login", data=form, headers={"Origin": site}) as response:
        found = re.search(r'name="csrf" value="([^"]+)"', await response.text())
    if found is None:
        raise ValueError("not let in")
    return found[1]
