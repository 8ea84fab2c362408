"""Captchas under attack: replayed, raced, guessed, harvested, left out; each is one comment."""

import asyncio
import base64
import re
import secrets
import struct
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import redis as redis_client
import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.ledger.tables import events, metadata, submissions
from commentdesk.sealing import Sealing
from services.intake.captcha.minting import Captcha, CaptchaMint
from services.intake.mint import PURPOSE
from tests.attacks.neighbours import neighbour
from tests.conftest import sqlite_urls
from tests.installation import Installation, Postgres, Redis, until
from tests.reader import ARTICLE, Reader
from tests.solver import solve

Readers = tuple[Reader, Reader]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def front_on_postgres(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """The same as `front`, with its ledger on PostgreSQL."""
    folder = tmp_path_factory.mktemp("postgres-front")
    redis = Redis(folder)
    urls = (await postgres.create(secrets.token_hex(6)), sqlite_urls(folder)[1])
    installation = Installation(folder, redis, urls)
    installation.migrate()
    await installation.start("articles", "intake")
    yield installation
    installation.stop()
    redis.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def second(
    front: Installation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """A second intake process, on the same ledger and the same Redis."""
    installation = neighbour(front, tmp_path_factory.mktemp("second"))
    await installation.start("intake")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def second_on_postgres(
    front_on_postgres: Installation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """A second intake process there too."""
    installation = neighbour(front_on_postgres, tmp_path_factory.mktemp("second"))
    await installation.start("intake")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def strict(
    front: Installation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """Intake with its limits on, and captchas that last two seconds."""
    installation = neighbour(
        front,
        tmp_path_factory.mktemp("strict"),
        LIMITS="on",
        CAPTCHAS_LIMIT="5/day",
        PICTURES_LIMIT="3/day",
        SOUNDS_LIMIT="2/day",
        CAPTCHA_SECONDS="2",
        TRUSTED_PROXIES="127.0.0.0/8,::1/128",
    )
    await installation.start("intake")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def without_redis(
    front: Installation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """Intake whose Redis is away."""
    folder = tmp_path_factory.mktemp("without")
    installation = neighbour(front, folder, REDIS_URL=f"unix://{folder / 'nobody.sock'}")
    await installation.start("intake")
    yield installation
    installation.stop()


@pytest.fixture
def readers(front: Installation, second: Installation, http: aiohttp.ClientSession) -> Readers:
    """One reader at each of the two processes."""
    return Reader(front, http), Reader(second, http)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def racers(request: pytest.FixtureRequest, http: aiohttp.ClientSession) -> Readers:
    """The same, on each database."""
    where = "_on_postgres" if request.param == "postgresql" else ""
    front, second = (request.getfixturevalue(f"{name}{where}") for name in ("front", "second"))
    return Reader(front, http), Reader(second, http)


def code_of(answer: dict[str, Any], field: str = "captcha_answer") -> str:
    return str(next(error["code"] for error in answer["errors"] if error["field"] == field))


def wrong(answer: str, number: int = 1) -> str:
    """Another answer than this one, a different one for each number below 10,000."""
    return f"{answer[:-1]}{number:04d}"


async def all_at_once(
    reader: Reader, form: dict[str, Any], guesses: int
) -> list[tuple[int, dict[str, Any]]]:
    """The answers to so many wrong guesses and the right one, sent together."""
    wrongs = [wrong(form["captcha_answer"], n) for n in range(1, guesses + 1)]
    forms = [{**form, "captcha_answer": guess} for guess in [*wrongs, form["captcha_answer"]]]
    return list(await asyncio.gather(*(reader.post(each) for each in forms)))


async def standing(site: Installation, form: dict[str, Any]) -> tuple[int, int]:
    """How many submissions, and events of them, the form's captcha has bought."""
    nonce = bytes.fromhex(site.mint.open(form["captcha_id"]).nonce)
    bought = sql.select(submissions.c.id).where(submissions.c.captcha_nonce == nonce)
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        ids = (await connection.execute(bought)).scalars().all()
        told = sql.select(sql.func.count()).where(events.c.submission.in_(ids))
        number_told = (await connection.execute(told)).scalar_one()
    await ledger.close()
    return len(ids), number_told


async def test_a_hundred_replays_in_series_are_one_comment(racers: Readers) -> None:
    form = racers[0].form()
    answers = [await racers[n % 2].post(form) for n in range(100)]
    assert {status for status, _ in answers} == {202}
    assert len({answer["id"] for _, answer in answers}) == 1
    for n in range(100):
        status, answer = await racers[n % 2].post({**form, "content": f"Một bản khác, số {n}."})
        assert (status, code_of(answer)) == (422, "captcha_spent")
    assert await standing(racers[0].site, form) == (1, 1)


async def test_two_hundred_forms_at_once_on_two_processes_are_one_comment(
    racers: Readers,
) -> None:
    form = racers[0].form()
    answers = await asyncio.gather(
        *(racers[n % 2].post({**form, "content": f"Bản thứ {n}."}) for n in range(200))
    )
    refused = [code_of(answer) for status, answer in answers if status == 422]
    assert sorted({status for status, _ in answers}) == [202, 422]
    assert refused == ["captcha_spent"] * 199
    assert await standing(racers[0].site, form) == (1, 1)


async def test_guesses_one_after_another_are_one_guess(racers: Readers) -> None:
    form = racers[0].form()
    guesses = [wrong(form["captcha_answer"], n) for n in range(1, 20)] + [form["captcha_answer"]]
    codes = []
    for n, guess in enumerate(guesses):
        status, answer = await racers[n % 2].post({**form, "captcha_answer": guess})
        assert status == 422
        codes.append(code_of(answer))
    assert codes == ["captcha_wrong"] + ["captcha_burnt"] * 19
    assert await standing(racers[0].site, form) == (0, 0)


async def test_guesses_all_at_once_are_one_guess(racers: Readers) -> None:
    bought = []
    for _ in range(10):
        form = racers[0].form()
        answers = await all_at_once(racers[0], form, guesses=29)
        codes = Counter(code_of(answer) for status, answer in answers if status == 422)
        stands, told = await standing(racers[0].site, form)
        # Whichever comes first is the one try; now and then that is the right one.
        assert [status for status, _ in answers].count(202) == stands == told
        assert (codes["captcha_wrong"], stands) in {(1, 0), (0, 1), (1, 1)}
        assert codes.keys() <= {"captcha_wrong", "captcha_burnt", "captcha_spent"}
        bought.append(stands)
    assert sum(bought) < len(bought)


async def test_a_wrong_answer_takes_nothing_from_the_comment_that_stands(racers: Readers) -> None:
    form = racers[0].form()
    _, first = await racers[0].post(form)
    guess = {**form, "captcha_answer": wrong(form["captcha_answer"])}
    status, answer = await racers[1].post(guess)
    assert (status, code_of(answer)) == (422, "captcha_spent")
    for reader in racers:
        status, again = await reader.post(form)
        assert (status, again["id"]) == (202, first["id"])


async def test_what_a_captcha_was_spent_on_is_told_to_the_form_that_spent_it_alone(
    racers: Readers,
) -> None:
    """Who sends a comment again after taking it back finds it so; nobody else finds anything."""
    reader, other = racers
    form = reader.form(phone="0912 345 678")
    _, first = await reader.post(form)
    code = first["receipt"]["code"]
    changes = {**dict.fromkeys(("name", "title", "content"), "khác"), "phone": "0987 654 321"}
    nearly = [{**form, name: value} for name, value in changes.items()]
    nearly += [{**form, "phone": ""}, {**form, "captcha_answer": wrong(form["captcha_answer"])}]
    for one in nearly:
        status, answer = await other.post(one)
        assert (status, code_of(answer)) == (422, "captcha_spent")
        assert not any(told in str(answer) for told in (first["id"], code))
    # Also when another captcha has taken its place, as in a form that was opened anew.
    await replace(reader, form["captcha_id"])
    status, again = await other.post(form)
    assert (status, again["id"], again["receipt"]["code"]) == (202, first["id"], code)
    assert await standing(reader.site, form) == (1, 1)


async def test_a_form_taken_back_in_time_never_arrives(racers: Readers) -> None:
    """Its captcha replaced before it came, it is refused however often it is asked for."""
    form = racers[0].form()
    await replace(racers[0], form["captcha_id"])
    for reader in racers:
        status, answer = await reader.post(form)
        assert (status, code_of(answer)) == (422, "captcha_burnt")
    assert await standing(racers[0].site, form) == (0, 0)


async def replace(reader: Reader, captcha: str) -> None:
    url = f"{reader.site.intake}/v1/captchas"
    async with reader.http.post(url, json={"article": ARTICLE, "replaces": captcha}) as response:
        assert response.status == 201


async def test_without_redis_one_try_and_one_comment_still(
    without_redis: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(without_redis, http)
    async with http.get(f"{without_redis.intake}/readyz") as response:
        assert "degraded" in (await response.json())["parts"]["redis"]
    guessed = reader.form()
    guess = {**guessed, "captcha_answer": wrong(guessed["captcha_answer"])}
    assert (await reader.post(guess))[0] == 422
    assert {status for status, _ in await all_at_once(reader, guessed, guesses=19)} == {422}
    form = reader.form()
    answers = await asyncio.gather(
        *(reader.post({**form, "content": f"Bản thứ {n}."}) for n in range(50))
    )
    assert [status for status, _ in answers].count(202) == 1
    assert await standing(without_redis, form) == (1, 1)


@pytest.mark.parametrize("mistake", [{}, {"name": ""}], ids=["whole", "with-a-mistake"])
@pytest.mark.parametrize("lost", ["burnt", "expired", "spent"])
async def test_what_is_said_of_a_lost_captcha_is_the_same_for_every_answer(
    readers: Readers, lost: str, mistake: dict[str, str]
) -> None:
    reader = readers[0]
    form = reader.form()
    if lost == "burnt":
        await reader.post({**form, "captcha_answer": wrong(form["captcha_answer"])})
    elif lost == "spent":
        await reader.post({**form, "content": "Bình luận đã dùng mã này."})
    else:
        old = expired(reader.site)
        form |= {"captcha_id": old.id, "captcha_answer": old.answer}
    right, heard = form["captcha_answer"], reader.site.mint.open(form["captcha_id"]).digits
    said = []
    for guess in (right, heard, wrong(right), "chữ", right):
        status, answer = await reader.post({**form, **mistake, "captcha_answer": guess})
        assert answer.pop("captcha")["id"] != form["captcha_id"]
        said.append((status, answer))
    assert said == [said[0]] * 5
    assert code_of(said[0][1]) == f"captcha_{lost}"


async def test_a_mistake_elsewhere_beside_a_right_answer_spends_nothing(readers: Readers) -> None:
    form = readers[0].form()
    for reader in readers:
        status, answer = await reader.post({**form, "name": ""})
        assert status == 422
        assert "captcha" not in answer
    assert (await readers[0].post(form))[0] == 202


async def test_the_answer_stands_nowhere_but_in_picture_and_sound(readers: Readers) -> None:
    reader = readers[0]
    site = reader.site
    async with reader.http.get(f"{site.intake}/v1/articles/{ARTICLE}/form") as response:
        page = await response.text()
        assert "Set-Cookie" not in response.headers
    found = re.search(r"/v1/captchas/([^/\"]+)/image", page)
    assert found
    captcha = site.mint.open(found[1])
    token = base64.urlsafe_b64decode(captcha.id + "=" * (-len(captcha.id) % 4))
    for answer in (captcha.answer, captcha.digits):
        assert answer not in page.replace(site.intake, "").replace(site.articles, "")
        assert answer.encode() not in token
    for kind, chunks in (("image", png_chunks), ("audio", wav_chunks)):
        async with reader.http.get(f"{site.intake}/v1/captchas/{captcha.id}/{kind}") as response:
            body = await response.read()
            headers = {n: v for n, v in response.headers.items() if n not in {"Content-Length"}}
        assert captcha.answer not in str(headers)
        assert {"Content-Disposition", "ETag", "Set-Cookie"}.isdisjoint(headers)
        assert headers["Cache-Control"] == "no-store"
        # Nothing but the drawing and the samples: no text, no times, no EXIF.
        assert set(chunks(body)) <= {"IHDR", "PLTE", "tRNS", "IDAT", "IEND", "fmt ", "data"}


def png_chunks(body: bytes) -> Iterator[str]:
    """The chunk types of a PNG (W3C PNG §5.3), to its very end."""
    assert body[:8] == b"\x89PNG\r\n\x1a\n"
    place = 8
    while place < len(body):
        length, kind = struct.unpack(">I4s", body[place : place + 8])
        yield kind.decode("ascii")
        place += 12 + length
    assert place == len(body)


def wav_chunks(body: bytes) -> Iterator[str]:
    """The chunk names of a RIFF WAVE file, to its very end."""
    assert (body[:4], body[8:12]) == (b"RIFF", b"WAVE")
    place = 12
    while place < len(body):
        kind, length = struct.unpack("<4sI", body[place : place + 8])
        yield kind.decode("ascii")
        place += 8 + length + length % 2
    assert place == len(body)


async def test_a_thousand_harvested_captchas_store_nothing(readers: Readers) -> None:
    reader = readers[0]
    url = f"{reader.site.intake}/v1/captchas"

    async def harvest() -> str:
        async with reader.http.post(url, json={"article": ARTICLE}) as response:
            assert response.status == 201
            return reader.site.mint.open((await response.json())["id"]).nonce

    # The first one asked for makes the ledger remember the article.
    await harvest()
    rows, kept = await rows_of(reader.site), redis_bytes(reader.site)
    nonces = await asyncio.gather(*(harvest() for _ in range(1_000)))
    assert len(set(nonces)) == 1_000
    assert await rows_of(reader.site) == rows
    # What other tests left there may have ended meanwhile.
    left = redis_bytes(reader.site)
    assert left == {key: size for key, size in kept.items() if key in left}


async def rows_of(site: Installation) -> dict[str, int]:
    """Rows of every table of the ledger."""
    found: dict[str, int] = {}
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        for table in metadata.sorted_tables:
            count = sql.select(sql.func.count()).select_from(table)
            found[table.name] = (await connection.execute(count)).scalar_one()
    await ledger.close()
    return found


def redis_bytes(site: Installation) -> dict[bytes, int]:
    """What each key takes that is there all the while."""
    with redis_client.Redis.from_url(site.redis.url) as connection:
        sizes = {key: connection.memory_usage(key) for key in connection.scan_iter()}
    return {key: size for key, size in sizes.items() if size}


async def test_a_harvested_captcha_is_good_for_no_other_article_key_or_purpose(
    readers: Readers,
) -> None:
    reader = readers[0]
    secret = reader.site.settings.secret.get_secret_value()
    harvested = (
        reader.site.captcha("night-train-timetable"),
        CaptchaMint(Sealing(secrets.token_hex(24), PURPOSE), 600).mint(ARTICLE),
        CaptchaMint(Sealing(secret, "personal-data"), 600).mint(ARTICLE),
    )
    for captcha in harvested:
        form = reader.form(captcha_id=captcha.id, captcha_answer=captcha.answer)
        status, answer = await reader.post(form)
        assert (status, code_of(answer)) == (422, "captcha_invalid")


async def test_a_captcha_dies_when_its_time_is_over(
    strict: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(strict, http)
    began = now()
    status, document = await issue(strict, http, "2001:db8:1::1")
    assert status == 201
    captcha = strict.mint.open(document["id"])
    # In whole seconds, rounded down.
    assert timedelta(seconds=1) < captcha.expires_at - began
    assert captcha.expires_at - now() <= timedelta(seconds=2)
    async with http.get(document["image_url"]) as response:
        assert response.status == 200 or captcha.expired(now())

    async def over() -> bool:
        return captcha.expired(now())

    await until(over, "the captcha's time is over")
    form = reader.form(captcha_id=captcha.id, captcha_answer=captcha.answer)
    status, answer = await reader.post(form)
    assert (status, code_of(answer)) == (422, "captcha_expired")
    await expect_gone(reader, captcha.id)


@pytest.mark.parametrize("lost", ["spent", "burnt", "expired", "replaced"])
async def test_a_lost_captcha_is_neither_shown_nor_spoken(readers: Readers, lost: str) -> None:
    reader = readers[0]
    form = reader.form()
    if lost == "spent":
        assert (await reader.post(form))[0] == 202
    elif lost == "burnt":
        await reader.post({**form, "captcha_answer": wrong(form["captcha_answer"])})
    elif lost == "replaced":
        body = {"article": ARTICLE, "replaces": form["captcha_id"]}
        async with reader.http.post(f"{reader.site.intake}/v1/captchas", json=body) as response:
            assert response.status == 201
    else:
        form["captcha_id"] = expired(reader.site).id
    for one in readers:
        await expect_gone(one, form["captcha_id"])


async def expect_gone(reader: Reader, captcha: str) -> None:
    for kind in ("image", "audio"):
        async with reader.http.get(f"{reader.site.intake}/v1/captchas/{captcha}/{kind}") as answer:
            assert answer.status == 410
            assert answer.headers["Cache-Control"] == "no-store"


def expired(site: Installation) -> Captcha:
    """A captcha of this installation whose time is over."""
    secret = site.settings.secret.get_secret_value()
    return CaptchaMint(Sealing(secret, PURPOSE), -1).mint(ARTICLE)


LEFT_OUT = object()


@pytest.mark.parametrize("field", ["captcha_id", "captcha_answer"])
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (LEFT_OUT, "required"),
        (None, "required"),
        ("", "required"),
        ("   ", "required"),
        ("\u3000\u00a0", "required"),
        ([], "wrong_type"),
        ({}, "wrong_type"),
        (["12345"], "wrong_type"),
        (12345, "wrong_type"),
        (True, "wrong_type"),
        (0, "wrong_type"),
    ],
)
async def test_a_captcha_left_out_is_refused_and_costs_the_honest_nothing(
    readers: Readers, field: str, sent: Any, code: str
) -> None:
    form = readers[0].form()
    bad = {name: value for name, value in form.items() if name != field or sent is not LEFT_OUT}
    if sent is not LEFT_OUT:
        bad[field] = sent
    status, answer = await readers[0].post(bad)
    assert status == 422
    assert code_of(answer, field) == code
    assert await standing(readers[0].site, form) == (0, 0)
    assert (await readers[0].post(form))[0] == 202


@pytest.mark.parametrize(
    ("written", "accepted"),
    [
        ("{}", True),
        (" {} ", True),
        ("\t{}\u3000", True),
        ("wide", True),
        ("spaced", True),
        ("arabic", False),
        ("devanagari", False),
        ("{}.0", False),
        ("+{}", False),
        ("{}\u200b", False),
        ("0{}", False),
        ("{}%", False),
    ],
)
async def test_only_width_and_blanks_are_forgiven_in_an_answer(
    readers: Readers, written: str, accepted: bool
) -> None:
    reader = readers[0]
    form = reader.form()
    digits = reader.site.mint.open(form["captcha_id"]).digits
    scripts = {"wide": 0xFF10, "arabic": 0x0660, "devanagari": 0x0966}
    if written in scripts:
        answer = "".join(chr(scripts[written] + int(digit)) for digit in digits)
    else:
        answer = " ".join(digits) if written == "spaced" else written.format(digits)
    status, told = await reader.post({**form, "captcha_answer": answer})
    if accepted:
        # Right; heard, it costs work beside it.
        assert (status, code_of(told, "captcha_work")) == (422, "captcha_work_required")
    else:
        assert (status, code_of(told)) == (422, "captcha_wrong")
        assert code_of((await reader.post(form))[1]) == "captcha_burnt"


async def test_captchas_are_issued_to_one_address_only_so_often(
    strict: Installation, http: aiohttp.ClientSession
) -> None:
    statuses = [(await issue(strict, http, "2001:db8:2::1"))[0] for _ in range(5)]
    assert statuses == [201] * 5
    headers = {"X-Forwarded-For": "2001:db8:2::2", "Accept": "text/html"}
    form = f"{strict.intake}/v1/articles/{ARTICLE}/form"
    for method, url, kind, body in (
        ("POST", f"{strict.intake}/v1/captchas", "application/json", b'{"article": "x"}'),
        ("GET", form, "text/plain", b""),
        ("POST", form, "application/x-www-form-urlencoded", b"name=x"),
    ):
        headers["Content-Type"] = kind
        async with http.request(method, url, headers=headers, data=body) as response:
            assert response.status == 429, f"{method} {url} issues captchas past the limit"
            assert int(response.headers["Retry-After"]) >= 1
    assert (await issue(strict, http, "2001:db8:3::1"))[0] == 201


async def test_pictures_and_sounds_have_budgets_of_their_own(
    strict: Installation, http: aiohttp.ClientSession
) -> None:
    headers = {"X-Forwarded-For": "2001:db8:4::1"}
    for kind, most in (("audio", 2), ("image", 3)):
        # What is not ours costs as much: nobody tries ids for nothing.
        url = f"{strict.intake}/v1/captchas/{'A' * 40}/{kind}"
        statuses = []
        for _ in range(most + 1):
            async with http.get(url, headers=headers) as response:
                statuses.append(response.status)
        assert statuses == [404] * most + [429]
        assert int(response.headers["Retry-After"]) >= 1
    assert (await issue(strict, http, "2001:db8:4::1"))[0] == 201


async def test_a_crowd_that_asks_for_pictures_is_served_in_turn_or_told_when(
    readers: Readers,
) -> None:
    reader = readers[0]
    captcha = reader.site.captcha(ARTICLE)
    url = f"{reader.site.intake}/v1/captchas/{captcha.id}/image"
    shown = set()

    async def asks() -> int:
        async with reader.http.get(url) as response:
            if response.status == 503:
                assert int(response.headers["Retry-After"]) >= 1
            else:
                shown.add(await response.read())
            return response.status

    statuses = Counter(await asyncio.gather(*(asks() for _ in range(300))))
    assert statuses.keys() == {200, 503}
    assert len(shown) == 1
    assert await asks() == 200


async def test_the_sound_is_in_the_readers_language_and_its_digits_are_an_answer(
    readers: Readers,
) -> None:
    reader = readers[0]
    captcha = reader.site.captcha(ARTICLE)
    url = f"{reader.site.intake}/v1/captchas/{captcha.id}/audio"

    async def heard(query: str, accepted: str) -> bytes:
        headers = {"Accept-Language": accepted}
        async with reader.http.get(url + query, headers=headers) as response:
            assert (response.status, response.content_type) == (200, "audio/wav")
            return await response.read()

    english = await heard("?lang=en", "vi")
    assert english == await heard("", "en-GB,en") == await heard("?lang=en", "en")
    assert english != await heard("", "vi-VN") == await heard("?lang=vi", "en")
    form = reader.form(captcha_id=captcha.id, captcha_answer=" ".join(captcha.digits))
    # What is heard costs work beside it, and is an answer then.
    status, told = await reader.post(form)
    assert (status, code_of(told, "captcha_work")) == (422, "captcha_work_required")
    assert (told["captcha"]["id"], told["captcha"]["ask"]) == (captcha.id, "both")
    form["captcha_work"] = solve(told["captcha"]["work"])
    assert (await reader.post(form))[0] == 202
    assert (await reader.post({**form, "captcha_answer": captcha.answer}))[0] == 202


async def issue(
    site: Installation, http: aiohttp.ClientSession, address: str
) -> tuple[int, dict[str, Any]]:
    """Ask for a captcha from this address."""
    headers = {"X-Forwarded-For": address}
    async with http.post(
        f"{site.intake}/v1/captchas", json={"article": ARTICLE}, headers=headers
    ) as response:
        return response.status, await response.json(content_type=None)
