"""So many comments on the desk that no moderator sees the end, put straight into the ledger."""

import secrets
from datetime import timedelta
from typing import Any

import uuid_utils
from playwright.async_api import CDPSession, Page

from commentdesk.database import now
from commentdesk.ledger import Ledger
from commentdesk.ledger.tables import submissions, verdicts

_AT_ONCE = 2_000
_SENTENCE = "Tôi đọc bài này hai lần và vẫn thấy điều tác giả viết là đúng. "
# In the document: every card, and which numbers the first and the last of them have.
CARDS_IN_DOCUMENT = """() => {
  const titles = [...document.querySelectorAll("#list .card h2")];
  const numbers = titles.map((title) => Number(title.textContent));
  return { count: numbers.length, first: numbers[0], last: numbers.at(-1) };
}"""


async def fill(ledger: Ledger, count: int) -> list[str]:
    """Comments that wait, titled 1, 2, 3…, the oldest first; their ids."""
    first = now() - timedelta(days=2)
    rows = [_row(first + timedelta(seconds=number), number) for number in range(1, count + 1)]
    checked = {"action": "hold", "score": 0.5, "findings": [], "at": first}
    for start in range(0, count, _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        async with ledger.database.writing() as connection:
            await connection.execute(submissions.insert(), some)
            found = [{"submission": row["id"], **checked} for row in some]
            await connection.execute(verdicts.insert(), found)
    return [str(row["id"]) for row in rows]


def _row(at: Any, number: int) -> dict[str, Any]:
    milliseconds = int(at.timestamp() * 1000)
    return {
        # A UUIDv7 of that time.
        "id": str(uuid_utils.UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62) | number)),
        "article": "dai",
        "name": "Nguyễn Thị Hương",
        "title": str(number),
        "content": "Tôi đọc bài này hai lần và vẫn thấy điều tác giả viết là đúng. "
        * (number % 5 + 1),
        "language": "vi",
        "consent": True,
        "client": {},
        "received_at": at,
        "captcha_nonce": secrets.token_bytes(16),
        "form_hash": b"",
        "folded": "",
        "folded_name": "nguyen thi huong",
        "risk": 0.5,
        "doubts": "",
        "state": "held",
        "version": 2,
        "fence": 1,
        "attempts": 0,
        "hints": 0,
    }


async def scroll_down_to(page: Page, number: int) -> None:
    """As the End key does, again and again, until the comment is in the document."""
    while True:
        shown = await page.evaluate(CARDS_IN_DOCUMENT)
        if (shown["last"] or 0) >= number:
            return
        await page.evaluate("scrollTo(0, document.body.scrollHeight)")
        await page.wait_for_function(
            f"(last) => ({CARDS_IN_DOCUMENT})().last > last", arg=shown["last"] or 0
        )


async def memory(session: CDPSession) -> dict[str, float]:
    """The page's metrics once garbage is gone; `Nodes` and `JSHeapUsedSize` (bytes) among them."""
    await session.send("HeapProfiler.collectGarbage")
    answer = await session.send("Performance.getMetrics")
    return {each["name"]: each["value"] for each in answer["metrics"]}
