"""Reading a comment of 500 characters once, and every check's share of it, in CPU time."""

import random
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from commentdesk.domain.submission import Submission
from workers.checks import CHECKS, CheckContext, SiteFacts
from workers.checks.reading import Reading

BAR_MICROSECONDS = 300
LENGTH, TEXTS, ROUNDS = 500, 100, 7
# What the checks ask for.
VIEWS = ("plain", "joined", "unmasked", "expanded", "words", "contacts")
VIETNAMESE = (
    "Đọc bài này tôi thấy nhẹ cả người. Mùa thu năm ngoái vợ chồng tôi cũng đi bộ quanh hồ, mua "
    "hai gói cốm hết 120.000 đồng, ngồi ghế đá nghe các cụ kể chuyện tàu điện leng keng. Mong "
    "thành phố giữ được hàng cây, đừng chặt nữa! Ai chê thì chê, chứ tôi với mọi người trong xóm "
    "đều ủng hộ; có điều 9.30 sáng mới mở cửa thì hơi muộn. Cảm ơn tác giả, bài viết rất hay."
)
ENGLISH = (
    "I walked the same street in 2019 and it has changed less than people say. The new lights are "
    "fine, but whoever put the bins at 7.30 a.m. in front of the school was not thinking; my "
    "daughter counted twelve trucks. More trees, fewer cars, please, and thanks for an article "
    "that asks the people who live there, not only the council."
)


async def run() -> list[str]:
    """A table of microseconds a comment, all views made, and of what the checks add."""
    chance = random.Random(1)
    lines = [
        f"## Reading: {TEXTS} comments of {LENGTH} characters, median of {ROUNDS} rounds, CPU time",
        "",
        f"| µs a comment | all views and contacts (bar: {BAR_MICROSECONDS}) | {_names()} |",
        "|---|---|" + "---|" * len(CHECKS),
    ]
    for name, sample, form in (
        ("Vietnamese", VIETNAMESE, "NFC"),
        ("Vietnamese, NFD", VIETNAMESE, "NFD"),
        ("English", ENGLISH, "NFC"),
    ):
        texts = [_comment(sample, form, chance) for _ in range(TEXTS)]
        figures = [_microseconds(_read_all, texts), *_checks(texts)]
        lines.append(f"| {name} | " + " | ".join(f"{figure:.0f}" for figure in figures) + " |")
    return [*lines, ""]


def _names() -> str:
    return " | ".join(name for name, _ in CHECKS)


def _comment(sample: str, form: str, chance: random.Random) -> str:
    shuffled = " ".join(chance.choices(sample.split(), k=LENGTH))
    return unicodedata.normalize(form, shuffled)[:LENGTH]  # type: ignore[arg-type]


def _read_all(text: str) -> None:
    reading = Reading(text)
    for view in VIEWS:
        getattr(reading, view)


def _checks(texts: list[str]) -> list[float]:
    """Each check's own share: what it asks of the reading was made before."""
    site = SiteFacts.build("VN", [("banned", "vay nóng", "vay nong")], frozenset({"bao.vn"}))
    readings = [(made, CheckContext.of(made, site)) for made in map(_submission, texts)]
    for _, context in readings:
        for view in VIEWS:
            getattr(context.reading.whole, view)
    figures = []
    for _, check in CHECKS:
        # Once before: models and lists are made ready when they are first asked for.
        check(*readings[0])
        started = time.process_time()
        for made, context in readings:
            check(made, context)
        figures.append((time.process_time() - started) / len(texts) * 1e6)
    return figures


def _submission(text: str) -> Submission:
    at = datetime(2026, 9, 2, tzinfo=UTC)
    return Submission("1", "a", "Nguyễn Thị Mai", "Ý kiến", text, "vi", at, phone="0912345678")


def _microseconds(work: Callable[[str], None], texts: list[str]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for text in texts:
            work(text)
        rounds.append((time.process_time() - started) / len(texts) * 1e6)
    return median(rounds)
