"""One-time codes as a weapon: what they cost, whom they tell something, who guesses them."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from commentdesk.domain.memory import BanKind
from commentdesk.ledger.bans import ban
from tests.attacks.redis_contents import Eavesdropper, contents
from tests.codes import (
    SESSION,
    Asker,
    Gateway,
    asker_of,
    code_site,
    e164,
    errors_of,
    from_new_address,
    new_number,
    other_than,
    standing_gateway,
)
from tests.installation import Installation, until
from tests.reader import ARTICLE

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
each = pytest_asyncio.fixture(loop_scope="module")
# Numbers no text message goes to, and why.
COSTLY = {
    "024 3825 1234": "kind",
    "1900 1234": "kind",
    "1800 1234": "kind",
    "067 212 3456": "kind",
    "+44 909 879 0000": "kind",
    "+881 6 1234 5678": "country",
    "+65 8123 4567": "country",
    "+1 876 812 3456": "country",
}


@once
async def gateway() -> AsyncIterator[Gateway]:
    async with standing_gateway() as standing:
        yield standing


@once
async def site(
    tmp_path_factory: pytest.TempPathFactory, gateway: Gateway
) -> AsyncIterator[Installation]:
    """COMMENTDESK_LIMITS is off here, as in most tests: budgets hold all the same."""
    async with code_site(tmp_path_factory.mktemp("abuse"), **gateway.settings) as installation:
        yield installation


@each
async def asker(site: Installation) -> AsyncIterator[Asker]:
    async with asker_of(site) as one:
        yield one


@pytest.mark.parametrize("number", COSTLY)
async def test_no_message_to_a_number_that_costs_more_or_cannot_read_it(
    asker: Asker, gateway: Gateway, number: str
) -> None:
    before, calls = await asker.metric(COSTLY[number]), len(gateway.calls)
    await asker.asked(number)
    await asker.counted(COSTLY[number], before)
    assert len(gateway.calls) == calls


async def test_a_country_is_one_the_settings_name(tmp_path: Path, gateway: Gateway) -> None:
    settings = {**gateway.settings, "PHONE_CODE_COUNTRIES": "sg, us"}
    async with code_site(tmp_path, **settings) as abroad, asker_of(abroad) as one:
        for number in ("+65 8123 4567", "+1 202 555 0123"):
            before = await one.metric("sent")
            await one.asked(number)
            await one.counted("sent", before)
        await one.asked(new_number())
        await one.counted("country", 0)


async def test_the_answer_tells_nothing_of_the_number(
    asker: Asker, gateway: Gateway, site: Installation
) -> None:
    """Never seen, known, banned, out of budget, foreign, costly, not sendable: byte for byte the
    same, and given before anything is sent: the gateway hangs all the while.
    """
    known, banned, spent = new_number(), new_number(), new_number()
    submission = await asker.accepted(phone=known)
    ledger = site.ledger()
    written = await asker.accepted(phone=banned)
    await ban(ledger, kind=BanKind.PHONE, submission=written, actor="mai", until=None, note="")
    await ledger.close()
    before = await asker.metric("number_hourly")
    for _ in range(4):
        await asker.asked(spent)
    await asker.counted("number_hourly", before)

    numbers = [new_number(), known, banned, spent, *COSTLY]
    gateway.behaviour = "hang"
    try:
        answers = [await asker.ask(number, phone_code_session=SESSION) for number in numbers]
    finally:
        gateway.behaviour = "honest"
        gateway.opens.set()
    assert answers[0].status == 202
    assert set(answers) == {answers[0]}
    # What is known and what is banned gets its code like any other.
    for number in (known, banned):
        await gateway.code(number)
    assert await asker.state(submission)


async def test_a_number_gets_so_many_an_hour_however_it_is_written(
    asker: Asker, gateway: Gateway
) -> None:
    phone, before = new_number(), await asker.metric("number_hourly")
    writings = [phone, e164(phone), f"SĐT: {phone[:4]}.{phone[4:]}", f"0084{phone[1:]}"]
    for writing in writings:
        await asker.asked(writing)
    await asker.counted("number_hourly", before)
    await gateway.code(phone, 3)
    assert len(gateway.messages(phone)) == 3


@pytest.mark.parametrize(
    ("budget", "result", "numbers"),
    [
        ({"PHONE_CODES_NUMBER_HOURLY": "9", "PHONE_CODES_NUMBER_DAILY": "2"}, "number_daily", 1),
        ({"PHONE_CODES_SITE_DAILY": "2"}, "site_daily", 4),
    ],
)
async def test_a_day_has_its_budgets(
    tmp_path: Path, gateway: Gateway, budget: dict[str, Any], result: str, numbers: int
) -> None:
    async with code_site(tmp_path, **gateway.settings, **budget) as small, asker_of(small) as one:
        phones = [new_number() for _ in range(numbers)] * (4 // numbers)
        for phone in phones:
            await one.asked(phone)
        await one.counted(result, 1)

        async def two() -> bool:
            return sum(len(gateway.messages(phone)) for phone in set(phones)) == 2

        await until(two, "two are sent")


@pytest.mark.parametrize("addresses", [["192.0.2.77"], ["2001:db8::1", "2001:db8::2"]])
async def test_an_address_asks_so_often_an_hour(
    asker: Asker, gateway: Gateway, addresses: list[str]
) -> None:
    """The addresses of one /64 are one; whose number it is makes no difference."""
    sent = [{"X-Forwarded-For": addresses[n % len(addresses)]} for n in range(11)]
    phones = [new_number() for _ in sent]
    answers = [await asker.ask(p, headers=h) for p, h in zip(phones, sent, strict=True)]
    assert [answer.status for answer in answers] == [202] * 10 + [429]
    # Of hours by the clock, so that the last minute of one tells nothing.
    assert 1 <= int(dict(answers[-1].headers)["Retry-After"]) <= 3600
    await gateway.code(phones[9])
    assert gateway.messages(phones[10]) == []


@pytest.mark.parametrize("wrong", ["none", "wrong", "another article's", "burnt", "forged"])
async def test_a_code_costs_a_captcha(asker: Asker, gateway: Gateway, wrong: str) -> None:
    captcha = asker.site.captcha("library-of-things" if "article" in wrong else ARTICLE)
    pays: dict[str, Any] = {"captcha_id": captcha.id, "captcha_answer": captcha.answer}
    codes = {
        "none": "required",
        "wrong": "captcha_wrong",
        "burnt": "captcha_burnt",
    }
    if wrong == "none":
        pays["captcha_answer"] = ""
    elif wrong == "wrong":
        pays["captcha_answer"] = f"{captcha.answer[:-1]}?"
    elif wrong == "burnt":
        await asker.ask(new_number(), captcha_id=captcha.id, captcha_answer="sai")
    elif wrong == "forged":
        pays["captcha_id"] = ("A" if captcha.id[0] != "A" else "B") + captcha.id[1:]
    phone, calls = new_number(), len(gateway.calls)
    answer = await asker.ask(phone, **pays)
    expected = [("captcha_answer", codes.get(wrong, "captcha_invalid"))]
    assert (answer.status, answer.errors) == (422, expected)
    # Whoever comes after is served, and nothing was sent before.
    await asker.asked(after := new_number())
    await gateway.code(after)
    assert len(gateway.calls) == calls + 1


async def test_one_captcha_buys_one_code_however_many_ask_at_once(
    asker: Asker, gateway: Gateway
) -> None:
    captcha = asker.site.captcha(ARTICLE)
    pays: dict[str, Any] = {"captcha_id": captcha.id, "captcha_answer": captcha.answer}
    phones = [new_number() for _ in range(12)]
    answers = await asyncio.gather(*(asker.ask(phone, **pays) for phone in phones))
    assert Counter(answer.status for answer in answers) == {202: 1, 422: 11}
    [sent] = [p for p, answer in zip(phones, answers, strict=True) if answer.status == 202]
    await gateway.code(sent)
    assert sum(len(gateway.messages(phone)) for phone in phones) == 1


async def test_a_code_is_guessed_five_times_and_no_more(asker: Asker, gateway: Gateway) -> None:
    """At once, with a captcha each: no guess goes uncounted, and the right one comes too late."""
    phone = new_number()
    session = await asker.asked(phone)
    code = await gateway.code(phone)
    guesses = [other_than(code, step) for step in range(1, 13)]
    tried = await asyncio.gather(*(asker.send(phone, guess, session) for guess in guesses))
    told = Counter(error for _, answer in tried for _, error in errors_of(answer))
    assert told == {"phone_code_wrong": 4, "phone_code_burnt": 8}
    status, answer = await asker.send(phone, code, session)
    assert (status, errors_of(answer)) == (422, [("phone_code", "phone_code_burnt")])


async def test_a_code_is_good_in_the_form_it_was_asked_for_in_and_for_its_number(
    asker: Asker, gateway: Gateway
) -> None:
    """Read over a shoulder, it is of no use elsewhere; nor for a number nobody answered on."""
    phone = new_number()
    session = await asker.asked(phone)
    code = await gateway.code(phone)
    other = await asker.asked(new_number())
    for elsewhere in (other, SESSION, "", "x" * 64):
        status, answer = await asker.send(phone, code, elsewhere)
        assert (status, errors_of(answer)) == (422, [("phone_code", "phone_code_expired")])
    status, answer = await asker.send(new_number(), code, session)
    assert (status, errors_of(answer)) == (422, [("phone_code", "phone_code_expired")])
    status, answer = await asker.send(phone, code, session)
    assert status == 202, answer


async def test_of_many_comments_at_once_one_gets_the_code(asker: Asker, gateway: Gateway) -> None:
    phone = new_number()
    session = await asker.asked(phone)
    code = await gateway.code(phone)
    comments = [asker.send(phone, code, session, title=f"Ý kiến {n}") for n in range(12)]
    answers = await asyncio.gather(*comments)
    assert Counter(status for status, _ in answers) == {202: 1, 422: 11}
    refused = {e for status, answer in answers if status == 422 for e in errors_of(answer)}
    assert refused == {("phone_code", "phone_code_spent")}


async def test_a_captcha_spent_again_and_again_does_not_free_its_code(
    asker: Asker, gateway: Gateway
) -> None:
    """Another form on the captcha that took the code: refused, and the code stays taken."""
    phone = new_number()
    session = await asker.asked(phone)
    code = await gateway.code(phone)
    form = asker.form(phone=phone, phone_code=code, phone_code_session=session)
    assert (await asker.post(form))[0] == 202
    status, answer = await asker.post({**form, "title": "Khác"})
    assert ("captcha_answer", "captcha_spent") in errors_of(answer)
    status, answer = await asker.send(phone, code, session, title="Khác")
    assert (status, errors_of(answer)) == (422, [("phone_code", "phone_code_spent")])


@pytest.mark.parametrize(
    "session", ["short", "x" * 65, "blank in the session of it", "<b>" * 10, 5, None, ["x"] * 22]
)
async def test_a_session_that_is_none_of_ours_is_replaced(asker: Asker, session: Any) -> None:
    given = await asker.asked(new_number(), phone_code_session=session)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22,64}", given)
    assert given != session


async def test_many_slow_messages_keep_no_reader_waiting(tmp_path: Path) -> None:
    """A gateway that hangs fills the line; what no longer fits is dropped, answered as ever."""
    async with standing_gateway() as slow:
        slow.behaviour = "hang"
        settings = {**slow.settings, "PHONE_CODE_SEND_SECONDS": "60"}
        async with code_site(tmp_path, **settings) as full, asker_of(full) as one:
            first = await one.ask(new_number(), phone_code_session=SESSION)
            for _ in range(11):
                phones = [new_number() for _ in range(20)]
                asked = (one.ask(phone, phone_code_session=SESSION) for phone in phones)
                assert set(await asyncio.gather(*asked)) == {first}
            await one.counted("busy", 0)
            assert len(slow.calls) <= 4
            await one.accepted(phone=new_number())


async def test_neither_number_nor_code_stands_in_redis_or_a_log(
    asker: Asker, gateway: Gateway, site: Installation
) -> None:
    ears = Eavesdropper(site.redis.url)
    phone = new_number()
    session = await asker.asked(phone)
    code = await gateway.code(phone)
    await asker.send(phone, other_than(code), session)
    failed = new_number()
    before = await asker.metric("not_sent")
    gateway.behaviour = "error"
    await asker.asked(failed)
    await asker.counted("not_sent", before)
    gateway.behaviour = "honest"
    status, _ = await asker.send(phone, code, session)
    assert status == 202
    ears.stop()
    logs = [path.read_bytes() for path in site.folder.glob("*.log")]
    assert any(b"phone_code_not_sent" in log for log in logs)
    async with asker.http.get(f"{site.intake}/metrics") as response:
        metrics = await response.read()
    kept = [*ears.heard, *contents(site.redis.url), *logs, metrics]
    assert any(b"phone-code:" in piece for piece in kept)
    failed_code = gateway.messages(failed)[0]["code"]
    for number in (phone[1:], failed[1:]):
        assert not [piece for piece in kept if number.encode() in piece]
    for told in (code, failed_code):
        # By itself: six digits in a row are in many a time, id and key.
        alone = re.compile(rb"(?<![0-9A-Za-z.])%b(?![0-9A-Za-z])" % told.encode())
        assert not [piece for piece in kept if alone.search(piece)]


async def test_a_form_of_another_site_sends_no_message(asker: Asker, gateway: Gateway) -> None:
    """It may post blindly; without a captcha solved it gets nothing, and reads no answer."""
    url = f"{asker.site.intake}/v1/phone-codes"
    data = {"article": ARTICLE, "phone": new_number()}
    headers = {"Origin": "https://evil.example", **from_new_address()}
    async with asker.http.post(url, data=data, headers=headers) as response:
        assert response.status == 422
        assert "Access-Control-Allow-Origin" not in response.headers
    assert gateway.messages(data["phone"]) == []


async def test_a_stranger_at_the_door_is_slowed_like_everyone(
    tmp_path: Path, gateway: Gateway
) -> None:
    """With rate limits on, guesses at captchas are counted before anything is looked at."""
    limits: dict[str, Any] = {"LIMITS": "on", "SUBMISSIONS_LIMIT": "4/minute"}
    async with code_site(tmp_path, **gateway.settings, **limits) as slow, asker_of(slow) as one:
        headers = from_new_address()
        tries = [await one.ask("", headers=headers) for _ in range(5)]
        assert [answer.status for answer in tries] == [422] * 4 + [429]
