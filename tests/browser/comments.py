"""Comments that wait on the desk, put there as intake and the checks put them, at once."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.finding import Finding, Reason, bad, clean, suspect
from commentdesk.domain.policy import Verdict, combined
from commentdesk.domain.state import Action, Work
from commentdesk.domain.submission import Submission
from commentdesk.ledger import Ledger
from commentdesk.ledger.admit import Admission, admit
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.claim import Claim, claim
from commentdesk.ledger.fingerprints import Print, keep_prints
from commentdesk.ledger.record import record_verdicts
from commentdesk.ledger.tables import fingerprints
from tests.reader import ARTICLE

_AT_ONCE = 100
_NAMES = ("Nguyễn Thị Hương", "Trần Văn Bền", "Lê Minh Đức", "Phạm Thu Hà", "John Carter")
_TEXTS = (
    "Cảm ơn tác giả, tôi đọc mà nhớ những buổi sáng mùa thu đi bộ quanh hồ.",
    "Xem thêm ở trang vidu-quangcao.com nhé mọi người, ai cũng vay được.",
    "Đề nghị thành phố giữ lại hàng cây, đừng chặt nữa. Nhà tôi ở đó đã ba đời.",
    "The new lights are fine, but whoever put the bins in front of the school was not thinking.",
    "Bài dài mà hay. " * 80,
)
_LINK = "vidu-quangcao.com"
CLIENT = {
    "form": "widget",
    "seconds": 42,
    "pasted": True,
    "captcha_wrong": 1,
    "captcha_reloads": 2,
}


@dataclass(frozen=True)
class Comment:
    """What is to wait; those with the same `campaign` are told as near copies of one another."""

    title: str
    content: str = _TEXTS[0]
    name: str = _NAMES[0]
    phone: str = ""
    address: str = "203.0.113.7"
    article: str = ARTICLE
    parent: str | None = None
    campaign: str = ""


def many(count: int, title: str = "Ý kiến") -> list[Comment]:
    """Comments of different people, every other with a doubt about it."""
    people = zip(range(1, count + 1), cycle(_NAMES), cycle(_TEXTS), strict=False)
    return [
        Comment(f"{title} {number}", text, name, phone=f"09123{number:05}")
        for number, name, text in people
    ]


async def wait(ledger: Ledger, comments: Sequence[Comment]) -> list[str]:
    """Have them all held, oldest first; their ids."""
    begun = now() - timedelta(hours=1)
    made = [
        _submission(comment, begun + timedelta(milliseconds=number))
        for number, comment in enumerate(comments)
    ]
    for start in range(0, len(made), _AT_ONCE):
        some = made[start : start + _AT_ONCE]
        await admit(ledger, [Admission(each, secrets.token_bytes(12)) for each in some])
        taken = await claim(ledger, Work.CHECK, [each.id for each in some])
        await record_verdicts(ledger, [(one, _verdict(one)) for one in taken])
    await _fold(ledger, zip(comments, made, strict=True))
    return [each.id for each in made]


def _submission(comment: Comment, at: datetime) -> Submission:
    return Submission(
        id=new_id(),
        article=comment.article,
        name=comment.name,
        title=comment.title,
        content=comment.content,
        language="vi",
        received_at=at,
        phone=comment.phone,
        address=comment.address,
        parent=comment.parent,
        client=CLIENT,
    )


def _verdict(taken: Claim) -> Verdict:
    findings = tuple(_findings(taken.submission))
    return Verdict(Action.HOLD, combined(findings), findings)


def _findings(submission: Submission) -> Iterable[Finding]:
    start = submission.content.find(_LINK)
    yield clean("phone")
    if start < 0:
        yield clean("links")
        return
    span = (start, start + len(_LINK))
    yield suspect("links", 0.4, [Reason("link", _LINK, "content", span)], holds=True)
    yield bad("spam", 0.9, [Reason("spam_word", "vay", "content"), Reason("spam_link", _LINK)])


async def _fold(ledger: Ledger, pairs: Iterable[tuple[Comment, Submission]]) -> None:
    first: dict[str, str] = {}
    members = [
        (made.id, first.setdefault(comment.campaign, made.id))
        for comment, made in pairs
        if comment.campaign
    ]
    if not members:
        return
    await keep_prints(ledger, [Print(one, now(), ARTICLE, None, None, None) for one, _ in members])
    async with ledger.database.writing() as connection:
        for one, campaign in members:
            await connection.execute(
                sql.update(fingerprints)
                .where(fingerprints.c.submission == one)
                .values(campaign=campaign)
            )
