"""One-time codes: off unless wanted, a code proves a phone for one comment, and costs no text."""

import base64
import hashlib
import hmac
import html
import json
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import redis as redis_client
import sqlalchemy as sql

from commentdesk.domain.webhooks import key_of
from commentdesk.ledger.tables import submissions
from tests.codes import (
    SECRET,
    Asker,
    Gateway,
    asker_of,
    code_site,
    errors_of,
    new_number,
    other_than,
    standing_gateway,
)
from tests.conftest import ALL
from tests.installation import Installation, Postgres
from tests.operator import commentdesk, succeeds
from tests.reader import ARTICLE, DOUBTFUL, Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
each = pytest_asyncio.fixture(loop_scope="module")


@once
async def gateway() -> AsyncIterator[Gateway]:
    async with standing_gateway() as standing:
        yield standing


@once
async def offering(
    tmp_path_factory: pytest.TempPathFactory, gateway: Gateway
) -> AsyncIterator[Installation]:
    """Codes are offered, and sent by the gateway."""
    async with code_site(tmp_path_factory.mktemp("codes"), **gateway.settings) as site:
        yield site


@each
async def asker(offering: Installation) -> AsyncIterator[Asker]:
    async with asker_of(offering) as one:
        yield one


def keys_of_codes(site: Installation) -> list[bytes]:
    with redis_client.Redis.from_url(site.redis.url) as client:
        return list(client.scan_iter("commentdesk:phone-code:*"))


async def proven(site: Installation, submission: str) -> bool:
    ledger = site.ledger()
    query = sql.select(submissions.c.phone_proven).where(submissions.c.id == submission)
    async with ledger.database.reading() as connection:
        found: bool = (await connection.execute(query)).scalar_one()
    await ledger.close()
    return found


async def test_off_by_default(tmp_path: Path) -> None:
    """No route, no button, nothing of it in the widget; a code sent all the same is not read."""
    async with code_site(tmp_path, PHONE_CODES="off") as site, asker_of(site) as one:
        answer = await one.ask(new_number())
        assert (answer.status, answer.document["code"]) == (404, "not_found")
        async with one.http.get(f"{site.intake}/v1/articles/{ARTICLE}/form") as response:
            page = await response.text()
        assert "phone_code" not in page
        assert "get_code" not in page
        async with one.http.get(f"{site.intake}/widget.js") as response:
            script = await response.text()
        assert "class PhoneCode" not in script
        submission = await one.accepted(phone=new_number(), phone_code=5, phone_code_session=[])
        assert not await proven(site, submission)
        form = one.form(phone=new_number(), get_code="1")
        url = f"{site.intake}/v1/articles/{ARTICLE}/form"
        async with one.http.post(url, data=form, headers={"Accept": "text/html"}) as response:
            assert response.status == 200


async def test_a_code_is_told_to_the_gateway_signed_and_in_the_readers_language(
    asker: Asker, gateway: Gateway
) -> None:
    for language, words in (("vi", "la ma xac nhan"), ("en", "is your code")):
        phone = new_number()
        answer = await asker.ask(
            phone, headers={"Accept-Language": language, "X-Forwarded-For": "192.0.2.1"}
        )
        assert answer.status == 202
        code = await gateway.code(phone)
        headers, body = gateway.calls[-1]
        [message] = gateway.messages(phone)
        assert re.fullmatch(r"\d{6}", code)
        assert message["language"] == language
        assert message["text"].startswith(f"{code} {words}")
        # One text message: 160 letters of its own small alphabet.
        assert len(message["text"]) <= 160
        assert message["text"].isascii()
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.digest(key_of(SECRET), signed, hashlib.sha256)
        assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


async def test_a_right_code_proves_the_phone_of_one_comment(
    asker: Asker, gateway: Gateway, offering: Installation
) -> None:
    phone = new_number()
    session = await asker.asked(phone)
    code = await gateway.code(phone)
    # As people write numbers, and codes.
    form = asker.form(
        phone=f"+84 {phone[1:4]} {phone[4:]}",
        phone_code=f"{code[:3]} {code[3:]}",
        phone_code_session=session,
    )
    status, answer = await asker.post(form)
    assert status == 202, answer
    assert await proven(offering, answer["id"])
    # The same form again is the same comment; another one needs a code of its own.
    assert await asker.post(form) == (202, answer)
    status, refused = await asker.send(phone, code, session, title="Thêm một ý")
    assert (status, errors_of(refused)) == (422, [("phone_code", "phone_code_spent")])
    # Without a code nothing changes.
    assert not await proven(offering, await asker.accepted(phone=phone))


async def test_a_wrong_code_is_told_in_the_readers_language(asker: Asker, gateway: Gateway) -> None:
    phone = new_number()
    session = await asker.asked(phone)
    wrong = other_than(await gateway.code(phone))
    form = asker.form(phone=phone, phone_code=wrong, phone_code_session=session)
    for language, words in (("vi", "chưa đúng"), ("en", "was not right")):
        status, answer = await asker.post(form, headers={"Accept-Language": language})
        assert (status, errors_of(answer)) == (422, [("phone_code", "phone_code_wrong")])
        assert words in answer["errors"][0]["message"]
        assert "captcha" not in answer


async def test_a_form_refused_for_another_reason_costs_no_code(
    asker: Asker, gateway: Gateway, offering: Installation
) -> None:
    """Wrong captcha, a burnt one (the back button), a missing title: one message is enough."""
    phone = new_number()
    session = await asker.asked(phone)
    proof = {
        "phone": phone,
        "phone_code": await gateway.code(phone),
        "phone_code_session": session,
    }
    form = asker.form(**proof)
    status, answer = await asker.post({**form, "captcha_answer": "sai"})
    assert (status, errors_of(answer)) == (422, [("captcha_answer", "captcha_wrong")])
    status, answer = await asker.post(form)
    assert (status, errors_of(answer)) == (422, [("captcha_answer", "captcha_burnt")])
    status, answer = await asker.post(asker.form(**proof, title=""))
    assert (status, errors_of(answer)) == (422, [("title", "required")])
    status, answer = await asker.post(asker.form(**proof))
    assert status == 202, answer
    assert await proven(offering, answer["id"])
    assert len(gateway.messages(phone)) == 1


async def test_a_code_that_is_gone_is_asked_for_again(
    asker: Asker, gateway: Gateway, offering: Installation
) -> None:
    """Its time is over, or Redis was emptied: what was accepted stands, the text is kept."""
    phone = new_number()
    session = await asker.asked(phone)
    code = await gateway.code(phone)
    with redis_client.Redis.from_url(offering.redis.url) as client:
        for key in keys_of_codes(offering):
            assert 0 < client.ttl(key) <= 600
        client.flushall()
    status, answer = await asker.send(phone, code, session)
    assert (status, errors_of(answer)) == (422, [("phone_code", "phone_code_expired")])
    assert await asker.asked(phone, phone_code_session=session) == session
    status, answer = await asker.send(phone, await gateway.code(phone, 2), session)
    assert status == 202, answer


async def test_a_code_lasts_as_long_as_the_settings_say(tmp_path: Path, gateway: Gateway) -> None:
    settings = {**gateway.settings, "PHONE_CODE_SECONDS": "77"}
    async with code_site(tmp_path, **settings) as site, asker_of(site) as one:
        phone = new_number()
        await one.asked(phone)
        await gateway.code(phone)
        [key] = keys_of_codes(site)
        with redis_client.Redis.from_url(site.redis.url) as client:
            assert 60 < client.ttl(key) <= 77


async def test_the_newest_code_counts(asker: Asker, gateway: Gateway) -> None:
    phone = new_number()
    session = await asker.asked(phone)
    first = await gateway.code(phone)
    await asker.asked(phone, phone_code_session=session)
    second = await gateway.code(phone, 2)
    if first != second:
        status, _ = await asker.send(phone, first, session)
        assert status == 422
    status, answer = await asker.send(phone, second, session)
    assert status == 202, answer


async def test_a_captcha_buys_one_code_and_stays_good_for_the_comment(
    asker: Asker, gateway: Gateway
) -> None:
    phone = new_number()
    captcha = asker.site.captcha(ARTICLE)
    pays: dict[str, Any] = {"captcha_id": captcha.id, "captcha_answer": captcha.answer}
    session = await asker.asked(phone, **pays)
    code = await gateway.code(phone)
    again = await asker.ask(phone, phone_code_session=session, **pays)
    assert (again.status, again.errors) == (422, [("captcha_answer", "captcha_bought_code")])
    fresh = again.document["captcha"]["id"]
    status, answer = await asker.send(phone, code, session, **pays)
    assert status == 202, answer
    # A spent captcha buys nothing; the fresh one does.
    spent = await asker.ask(phone, **pays)
    assert spent.errors == [("captcha_answer", "captcha_spent")]
    opened = asker.site.mint.open(fresh)
    await asker.asked(phone, captcha_id=opened.id, captcha_answer=opened.answer)


async def test_what_cannot_be_a_number_is_told_before_the_captcha_is_looked_at(
    asker: Asker,
) -> None:
    captcha = asker.site.captcha(ARTICLE)
    pays: dict[str, Any] = {"captcha_id": captcha.id, "captcha_answer": captcha.answer}
    for phone, code in (("", "required"), ("0912 34", "phone_too_short"), (5, "wrong_type")):
        answer = await asker.ask(phone, **pays)
        assert (answer.status, answer.errors) == (422, [("phone", code)])
    await asker.asked(new_number(), **pays)


@pytest.mark.parametrize("behaviour", ["error", "redirect", "down", "hang"])
async def test_a_gateway_in_trouble_costs_the_reader_a_second_asking_at_most(
    tmp_path: Path, behaviour: str
) -> None:
    async with standing_gateway() as gateway:
        # As short only where it is waited for: the answer after that comes in time.
        patience = "1" if behaviour == "hang" else "30"
        settings = {**gateway.settings, "PHONE_CODE_SEND_SECONDS": patience}
        async with code_site(tmp_path, **settings) as site, asker_of(site) as one:
            phone = new_number()
            if behaviour == "down":
                await gateway.stop()
            gateway.behaviour = behaviour
            session = await one.asked(phone)
            await one.counted("not_sent", 0)
            assert gateway.redirected == 0
            # The comment needs no code where codes are offered.
            await one.accepted(phone=phone)
            if behaviour == "down":
                await gateway.start()
            gateway.behaviour = "honest"
            gateway.opens.set()
            gateway.calls.clear()
            await one.asked(phone, phone_code_session=session)
            status, answer = await one.send(phone, await gateway.code(phone), session)
            assert status == 202, answer


async def test_redis_away_sends_nothing_and_loses_no_comment(
    tmp_path: Path, gateway: Gateway
) -> None:
    async with code_site(tmp_path, **gateway.settings) as site, asker_of(site) as one:
        phone = new_number()
        session = await one.asked(phone)
        code = await gateway.code(phone)
        site.redis.stop()
        another = new_number()
        await one.asked(another)
        await one.counted("uncounted", 0)
        assert gateway.messages(another) == []
        status, answer = await one.send(phone, code, session)
        assert (status, errors_of(answer)) == (422, [("phone_code", "phone_code_unknown")])
        await one.accepted(phone=phone)
        site.redis.start()


async def test_required_a_phone_comes_with_its_code_or_not_at_all(
    tmp_path: Path, gateway: Gateway
) -> None:
    async with (
        code_site(tmp_path, PHONE_CODES="required", **gateway.settings) as site,
        asker_of(site) as one,
    ):
        phone = new_number()
        form = one.form(phone=phone)
        for language, words in (("vi", "Nhận mã"), ("en", "Get code")):
            status, answer = await one.post(form, headers={"Accept-Language": language})
            assert (status, errors_of(answer)) == (422, [("phone_code", "phone_code_required")])
            assert words in answer["errors"][0]["message"]
        session = await one.asked(phone)
        proof = {"phone_code": await gateway.code(phone), "phone_code_session": session}
        status, answer = await one.post({**form, **proof})
        assert status == 202, answer
        assert await proven(site, answer["id"])
        # The same form again, its code meanwhile gone, is still the same comment.
        with redis_client.Redis.from_url(site.redis.url) as client:
            client.flushall()
        assert await one.post({**form, **proof}) == (202, answer)
        await one.accepted(phone="")


async def test_the_plain_form_asks_and_keeps_the_text(
    asker: Asker, gateway: Gateway, offering: Installation
) -> None:
    phone, words = new_number(), "Một ý kiến dài đã gõ xong."
    page_url = f"{offering.intake}/v1/articles/{ARTICLE}"
    headers = {"Accept": "text/html"}
    async with asker.http.get(f"{page_url}/form") as response:
        assert 'name="get_code"' in await response.text()
    form = asker.form(phone=phone, content=words)
    asking = {**form, "get_code": "1", "phone_code": "", "phone_code_session": ""}
    async with asker.http.post(f"{page_url}/form", data=asking, headers=headers) as response:
        page = html.unescape(await response.text())
        assert response.status == 200
    for kept in (words, f'value="{phone}"', form["captcha_id"], form["captcha_answer"]):
        assert kept in page
    assert "tin nhắn sẽ tới" in page
    [session] = re.findall(r'name="phone_code_session" value="([^"]+)"', page)

    code = await gateway.code(phone)
    sending = {**form, "phone_code": other_than(code), "phone_code_session": session}
    async with asker.http.post(f"{page_url}/comments", data=sending, headers=headers) as response:
        page = html.unescape(await response.text())
        assert response.status == 422
    for kept in (words, session, form["captcha_id"], 'href="#phone_code"', "chưa đúng"):
        assert kept in page
    sending["phone_code"] = code
    async with asker.http.post(
        f"{page_url}/comments", data=sending, headers=headers, allow_redirects=False
    ) as response:
        assert response.status == 303


async def test_a_button_pressed_twice_leaves_the_first_code_good(
    asker: Asker, gateway: Gateway, offering: Installation
) -> None:
    """The browser shows the second answer alone; the session stands in the page from the start."""
    phone = new_number()
    url = f"{offering.intake}/v1/articles/{ARTICLE}/form"
    async with asker.http.get(url) as response:
        [session] = re.findall(r'name="phone_code_session" value="([^"]+)"', await response.text())
    form = asker.form(phone=phone, get_code="1", phone_code="", phone_code_session=session)
    for status in (200, 422):
        async with asker.http.post(url, data=form, headers={"Accept": "text/html"}) as response:
            page = html.unescape(await response.text())
            assert response.status == status
            assert session in page
    assert "Để nhận mã khác" in page
    status, answer = await asker.send(phone, await gateway.code(phone), session)
    assert status == 202, answer


async def test_the_console_sender_tells_the_operator_and_masks_the_number(tmp_path: Path) -> None:
    async with code_site(tmp_path) as site, asker_of(site) as one:
        phone = new_number()
        session = await one.asked(phone)
        await one.counted("sent", 0)
        lines = [json.loads(line) for line in site.log_of("intake").splitlines()]
        [told] = [line for line in lines if line["event"] == "phone_code"]
        assert told["phone"] == f"849…{phone[-3:]}"
        assert phone[1:] not in site.log_of("intake")
        status, answer = await one.send(phone, told["code"], session)
        assert status == 202, answer
        async with one.http.get(f"{site.intake}/readyz") as response:
            assert "degraded" in (await response.json())["parts"]["phone_codes"]
        done = commentdesk("doctor", settings=site.environment)
        assert done.returncode != 0
        assert "PHONE_CODE_SENDER=console" in done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_a_moderator_sees_what_is_proven(
    tmp_path: Path, gateway: Gateway, kind: str, request: pytest.FixtureRequest
) -> None:
    """In the API, in the console, among the reasons and in an export; on both databases."""
    databases = None
    if kind == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        name = secrets.token_hex(6)
        databases = (await server.create(f"{name}-l"), await server.create(f"{name}-a"))
    async with (
        code_site(tmp_path, *ALL, databases=databases, **gateway.settings) as site,
        asker_of(site) as one,
    ):
        phone = new_number()
        session = await one.asked(phone)
        status, answer = await one.send(phone, await gateway.code(phone), session, **DOUBTFUL_TEXT)
        assert status == 202, answer
        typed = await one.accepted(phone=new_number(), **DOUBTFUL_TEXT)
        ids = {answer["id"]: True, typed: False}
        desk = await Desk.log_in(site, "mai")
        for submission, is_proven in ids.items():
            await one.reaches(submission, "held")
            found = await desk.find(submission)
            assert found["phone_proven"] is is_proven
            codes = {r["code"] for f in found["findings"] for r in f["reasons"]}
            assert ("phone_proven" in codes) is is_proven
            card = await desk.text(f"/submissions/{submission}")
            assert ("đã xác nhận bằng mã" in card) is is_proven
        exported = [json.loads(line) for line in _export(site)]
        told = {d["id"]: d["phone_proven"] for d in exported if d["type"] == "submission"}
        assert told == ids
        # With the number its proof is forgotten.
        assert await desk.erase(answer["id"]) == 200
        assert not await proven(site, answer["id"])
        await desk.close()


DOUBTFUL_TEXT = {"content": DOUBTFUL["content"]}


def _export(site: Installation) -> list[str]:
    return succeeds("export", settings=site.environment).splitlines()


async def test_what_a_client_is_told_is_in_the_openapi_document(offering: Installation) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{offering.intake}/openapi.json") as response,
    ):
        document = await response.json()
    assert "/v1/phone-codes" in document["paths"]
    assert "phone_code" in document["components"]["schemas"]["Comment"]["properties"]
