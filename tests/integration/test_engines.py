"""Outside engines, real ones: what each is told, and what its answer becomes."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from commentdesk.domain.finding import Finding, Outcome
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import has_control_character, normalize, normalize_line
from commentdesk.settings import Settings
from tests.conftest import missing
from tests.engines import COMPANY, SECRET, SPAM_WORD, Outside, Spamd, settings
from workers.engines import Engines, Question
from workers.engines.breaker import Breaker
from workers.engines.spamassassin import message

PHONE = "0912345678"
ADDRESS = "203.0.113.7"
HONEST = Submission(
    id="0199-honest",
    article="pho-di-bo",
    name="Nguyễn Thị Hương",
    title="Bài viết rất hay",
    content="Cảm ơn tác giả, tôi đọc mà nhớ những buổi sáng mùa thu.\n\nMong có phần hai.",
    language="vi",
    received_at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
    phone=PHONE,
    address=ADDRESS,
    client={"form": "application/json"},
)
SPAM = replace(HONEST, id="0199-spam", content=f"Vào {SPAM_WORD} nhận quà")
# The test every SpamAssassin knows (spamassassin.apache.org/gtube).
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    async with Outside().standing() as server:
        yield server


async def findings(chosen: Settings, *submissions: Submission) -> list[tuple[Finding, ...]]:
    engines = Engines(chosen)
    try:
        questions = [Question.about(each, ADDRESS) for each in submissions]
        found = await engines.ask(questions)
    finally:
        await engines.close()
    return [found[each.id] for each in submissions]


def outcomes(found: Sequence[tuple[Finding, ...]]) -> list[str]:
    return [str(finding.outcome) for each in found for finding in each]


async def test_none_is_asked_by_default() -> None:
    engines = Engines(settings())
    assert not engines.need_address
    assert await engines.ask([Question.about(HONEST)]) == {HONEST.id: ()}
    assert engines.back() == set()


def test_a_question_carries_no_phone_and_an_address_only_where_it_is_given() -> None:
    question = Question.about(HONEST)
    assert (question.submission.phone, question.submission.address) == ("", "")
    assert question.address == ""
    assert ADDRESS not in repr(Question.about(HONEST, ADDRESS))


async def test_akismet_says_spam_or_not(outside: Outside) -> None:
    plain = replace(SPAM, id="0199-plain", content=f"{SPAM_WORD} discard")
    found = await findings(settings(**outside.akismet), HONEST, SPAM, plain)
    assert outcomes(found) == ["clean", "bad", "bad"]
    assert [each.reasons[0].code for [each] in found[1:]] == ["akismet_spam", "akismet_discard"]
    assert found[1][0].score < found[2][0].score


async def test_akismet_is_told_what_the_document_says_and_no_more(outside: Outside) -> None:
    await findings(settings(**outside.akismet), HONEST)
    [told] = outside.asked
    assert told == {
        "api_key": "akismet-key",
        "blog": "https://bao.example",
        "user_ip": ADDRESS,
        "permalink": "https://bao.example/articles/pho-di-bo",
        "comment_type": "comment",
        "comment_author": HONEST.name,
        "comment_content": f"{HONEST.title}\n\n{HONEST.content}",
        "comment_date_gmt": "2026-11-25T09:00:00+00:00",
        "blog_lang": "vi",
        "blog_charset": "UTF-8",
    }
    assert PHONE not in str(outside.calls)


async def test_an_endpoint_is_told_no_phone_and_no_address_and_can_see_who_calls(
    outside: Outside,
) -> None:
    found = await findings(settings(**outside.endpoint), HONEST, SPAM)
    assert outcomes(found) == ["clean", "suspect"]
    assert found[1][0].score == 0.7
    assert found[1][0].reasons[0].text == "our list"
    assert set(outside.asked[0]) == {
        *("id", "article", "parent", "name", "title", "content", "language", "received_at")
    }
    for headers, body in outside.calls:
        assert PHONE.encode() not in body
        assert ADDRESS.encode() not in body
        assert json.loads(body)["type"] == "comment.check"
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        digest = hmac.new(key, signed, hashlib.sha256).digest()
        assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert len({headers["webhook-id"] for headers, _ in outside.calls}) == 2


async def test_an_endpoint_may_not_know_and_is_alive(outside: Outside) -> None:
    outside.answer = b'{"outcome": "unknown", "score": 0, "reasons": []}'
    many = [replace(HONEST, id=f"0199-{n}") for n in range(10)]
    assert outcomes(await findings(settings(**outside.endpoint), *many)) == ["unknown"] * 10
    assert len(outside.asked) == 10


async def test_a_batch_is_asked_at_once_but_not_all_of_it(outside: Outside) -> None:
    many = [replace(HONEST, id=f"0199-{n}") for n in range(50)]
    both = {**outside.endpoint, **outside.akismet}
    outside.behaviour = "in company"
    found = await findings(settings(**both), *many)
    assert outcomes(found) == ["clean"] * 100
    assert outside.most_at_once <= 2 * COMPANY


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_dead_engine_is_left_alone_and_tried_now_and_then() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    assert breaker.answered(), "nobody knows what was before this process"
    assert not breaker.answered()
    for _ in range(3):
        assert breaker.lets_through()
        breaker.failed()
    pauses = []
    for _ in range(6):
        assert not breaker.lets_through()
        start = clock.now
        while not breaker.lets_through():
            clock.now += 1
        assert not breaker.lets_through(), "one question alone is the probe"
        pauses.append(clock.now - start)
        breaker.failed()
    assert pauses == [5, 10, 20, 40, 60, 60]
    clock.now += 60
    assert breaker.lets_through()
    breaker.left()
    assert breaker.lets_through(), "a probe that nobody waited for is none"
    assert breaker.answered()
    assert breaker.lets_through()
    breaker.failed()
    assert breaker.lets_through()


async def test_an_engine_that_hangs_costs_a_batch_one_time_box(outside: Outside) -> None:
    outside.behaviour = "hanging"
    engines = Engines(settings(**outside.endpoint, engine_seconds=0.2))
    many = [Question.about(replace(HONEST, id=f"0199-{n}")) for n in range(50)]
    assert set(outcomes(list((await engines.ask(many)).values()))) == {"unknown"}
    first = len(outside.asked)
    assert first <= COMPANY + 2, "after the third failure nothing was asked any more"
    await engines.ask(many)
    assert len(outside.asked) == first, "nor was the next batch"
    assert engines.back() == set()
    await engines.close()


async def test_an_engine_is_back_once(outside: Outside) -> None:
    outside.behaviour = "broken"
    engines = Engines(settings(**outside.endpoint))
    question = Question.about(HONEST)
    assert outcomes([(await engines.ask([question]))[HONEST.id]]) == ["unknown"]
    outside.behaviour = "honest"
    assert outcomes([(await engines.ask([question]))[HONEST.id]]) == ["clean"]
    assert engines.back() == {"endpoint"}
    await engines.ask([question])
    assert engines.back() == set()
    await engines.close()


# SpamAssassin.


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def spamd(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Spamd]:
    if not Spamd.here():
        missing("SpamAssassin's spamd")
    server = Spamd(tmp_path_factory.mktemp("spamd"))
    await server.start()
    yield server
    server.stop()


async def test_spamd_knows_spam(spamd: Spamd) -> None:
    spam = replace(HONEST, id="0199-gtube", content=f"Chào bạn\n{GTUBE}\n")
    [[honest], [found]] = await findings(
        settings(spamd_address=f"unix:{spamd.socket}"), HONEST, spam
    )
    assert (honest.check, honest.outcome) == ("spamassassin", Outcome.CLEAN)
    assert found.outcome is Outcome.BAD
    assert 0.9 < found.score < 1
    score, *rules = found.reasons
    assert score.code == "spamassassin_score"
    assert score.text.endswith(" / 5")
    assert "GTUBE" in {rule.text for rule in rules}
    log = spamd.log.read_text()
    assert PHONE not in log
    assert ADDRESS not in log


async def test_spamd_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    assert outcomes(await findings(settings(spamd_address=f"unix:{tmp_path}/none"), HONEST)) == [
        "unknown"
    ]
    assert outcomes(await findings(settings(spamd_address="127.0.0.1:1"), HONEST)) == ["unknown"]


line = st.text(max_size=80).map(normalize_line).filter(lambda t: not has_control_character(t))
text = st.text(max_size=300).map(normalize).filter(lambda t: not has_control_character(t))


@given(line, line, text)
def test_every_submission_makes_a_message(name: str, title: str, content: str) -> None:
    """No name is a header of its own, whatever is in it."""
    written = replace(HONEST, name=name, title=title, content=content)
    letter = message_from_bytes(message(Question.about(written)), policy=SMTP)
    assert [header.lower() for header in letter] == [
        *("from", "to", "subject", "date", "message-id", "content-type"),
        *("content-transfer-encoding", "mime-version"),
    ]
    assert not letter.is_multipart()
