"""Proofs of work under attack: forged, replayed, borrowed, made easier; each is one comment."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from services.intake.captcha.minting import Captcha
from services.intake.captcha.work import PAYLOAD_LENGTH, Works
from tests.attacks.neighbours import neighbour
from tests.attacks.test_captcha_attacks import code_of, standing, wrong
from tests.captchas import aged
from tests.installation import Installation
from tests.reader import ARTICLE, Reader
from tests.solver import found, packed, solve

TRIES = 40
FIELD = "captcha_work"
Document = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def working(
    front: Installation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """Intake that asks for work alone."""
    folder = tmp_path_factory.mktemp("working")
    installation = neighbour(front, folder, CAPTCHA="work", CAPTCHA_WORK=str(TRIES))
    await installation.start("intake")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def choosing(
    front: Installation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """Intake that takes either."""
    folder = tmp_path_factory.mktemp("choosing")
    installation = neighbour(front, folder, CAPTCHA="image-or-work", CAPTCHA_WORK=str(TRIES))
    await installation.start("intake")
    yield installation
    installation.stop()


@pytest.fixture
def worker(working: Installation, http: aiohttp.ClientSession) -> Reader:
    return Reader(working, http)


async def issued(reader: Reader, article: str = ARTICLE) -> Document:
    """A captcha as a form gets it."""
    url = f"{reader.site.intake}/v1/captchas"
    async with reader.http.post(url, json={"article": article}) as response:
        assert response.status == 201
        document: Document = await response.json()
    return document


def worked(reader: Reader, captcha: Document, payload: object, **fields: Any) -> Document:
    """A form with this captcha and this proof of work, and no answer."""
    return reader.form(captcha_id=captcha["id"], captcha_answer="", captcha_work=payload, **fields)


def works(site: Installation, secret: str = "") -> Works:
    return Works(secret or site.settings.secret.get_secret_value())


async def test_work_alone_buys_one_comment_and_no_other(worker: Reader) -> None:
    captcha = await issued(worker)
    assert (captcha["ask"], captcha["image_url"], captcha["audio_url"]) == ("work", None, None)
    payload = solve(captcha["work"])
    form = worked(worker, captcha, payload)
    answers = [await worker.post(form) for _ in range(3)]
    assert {status for status, _ in answers} == {202}
    assert len({answer["id"] for _, answer in answers}) == 1
    status, told = await worker.post({**form, "content": "Một bình luận khác, cùng một phép tính."})
    assert (status, code_of(told, FIELD)) == (422, "captcha_spent")
    assert told["captcha"]["id"] != captcha["id"]
    assert await standing(worker.site, form) == (1, 1)


async def test_two_hundred_forms_at_once_with_one_proof_are_one_comment(worker: Reader) -> None:
    captcha = await issued(worker)
    payload = solve(captcha["work"])
    forms = [worked(worker, captcha, payload, content=f"Bản thứ {n}.") for n in range(200)]
    answers = await asyncio.gather(*(worker.post(form) for form in forms))
    refused = [code_of(answer, FIELD) for status, answer in answers if status == 422]
    assert refused == ["captcha_spent"] * 199
    assert await standing(worker.site, forms[0]) == (1, 1)


def _other_salt(work: Document) -> Document:
    return {**work, "parameters": {**work["parameters"], "salt": "00" * 16}}


def _changed(**changes: Any) -> Callable[[Document], Document]:
    return lambda work: {**work, "parameters": {**work["parameters"], **changes}}


FORGERIES: dict[str, Callable[[Document], str]] = {
    "wrong number": lambda work: packed(work, 0, "0" * 64),
    "number alone": lambda work: packed(work, found(work)[0], ""),
    "prefix alone": lambda work: packed(work, 7, work["parameters"]["keyPrefix"]),
    "unsigned": lambda work: solve({"parameters": work["parameters"]}),
    "signed with nothing": lambda work: solve({**work, "signature": ""}),
    "another salt": lambda work: packed(_other_salt(work), *found(work)),
    "cheaper": lambda work: packed(_changed(cost=1)(work), *found(work)),
    "no prefix": lambda work: packed(_changed(keyPrefix="")(work), *found(work)),
    "another hash": lambda work: packed(_changed(algorithm="SHA-256")(work), *found(work)),
    "later": lambda work: packed(_changed(expiresAt=4_000_000_000)(work), *found(work)),
    "without its key": lambda work: packed(_changed(keySignature=None)(work), *found(work)),
    "more tries": lambda work: packed(
        _changed(data={**work["parameters"]["data"], "tries": 10**9})(work), *found(work)
    ),
    "no data": lambda work: packed(_changed(data=None)(work), *found(work)),
    "not base64": lambda _: "!!!",
    "not JSON": lambda _: base64.b64encode(b"\xff{").decode(),
    "a list": lambda _: base64.b64encode(b"[]").decode(),
    "a string within": lambda _: base64.b64encode(b'{"challenge":"x","solution":1}').decode(),
    "deep": lambda _: base64.b64encode(b"[" * 2_900).decode(),
    "a huge number": lambda work: packed(work, 10**1_000, "00"),
    "a version before": lambda _: base64.b64encode(
        json.dumps({"algorithm": "SHA-256", "number": 1, "salt": "a", "signature": "b"}).encode()
    ).decode(),
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_proof_buys_nothing_and_costs_more_work_alone(
    worker: Reader, forgery: str
) -> None:
    captcha = await issued(worker)
    status, told = await worker.post(worked(worker, captcha, FORGERIES[forgery](captcha["work"])))
    assert (status, code_of(told, FIELD)) == (422, "captcha_work_wrong")
    assert told["captcha"]["id"] == captcha["id"]
    form = worked(worker, captcha, solve(told["captcha"]["work"]))
    assert await standing(worker.site, form) == (0, 0)
    assert (await worker.post(form))[0] == 202


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("", "required"),
        (None, "required"),
        ({}, "wrong_type"),
        (7, "wrong_type"),
        ("A" * (PAYLOAD_LENGTH + 1), "too_long"),
        ("\x00", "control_character"),
    ],
)
async def test_what_is_no_payload_is_refused_and_the_captcha_stays(
    worker: Reader, payload: object, code: str
) -> None:
    captcha = await issued(worker)
    status, told = await worker.post(worked(worker, captcha, payload))
    assert (status, code_of(told, FIELD)) == (422, code)
    assert [error["field"] for error in told["errors"]] == [FIELD]
    assert (await worker.post(worked(worker, captcha, solve(captcha["work"]))))[0] == 202


async def test_work_for_one_captcha_is_good_for_no_other(worker: Reader) -> None:
    mine, other = await issued(worker), await issued(worker)
    elsewhere = await issued(worker, "night-train-timetable")
    for borrowed in (other, elsewhere):
        status, told = await worker.post(worked(worker, mine, solve(borrowed["work"])))
        assert (status, code_of(told, FIELD)) == (422, "captcha_work_wrong")
    status, told = await worker.post(worked(worker, elsewhere, solve(elsewhere["work"])))
    assert (status, code_of(told, FIELD)) == (422, "captcha_invalid")
    form = worked(worker, {"id": other["id"][:-4] + "AAAA"}, solve(mine["work"]))
    assert code_of((await worker.post(form))[1], FIELD) == "captcha_invalid"


async def test_work_by_another_key_or_made_easier_is_refused(worker: Reader) -> None:
    captcha = worker.site.captcha(ARTICLE)
    shown = {"id": captcha.id}
    foreign = works(worker.site, "another secret, long enough").ask(captcha, TRIES)
    status, told = await worker.post(worked(worker, shown, solve(foreign)))
    assert (status, code_of(told, FIELD)) == (422, "captcha_work_wrong")
    # Kept from times when less was asked for.
    easy = works(worker.site).ask(captcha, TRIES // 2 - 1)
    status, told = await worker.post(worked(worker, shown, solve(easy)))
    assert (status, code_of(told, FIELD)) == (422, "captcha_work_required")
    assert told["captcha"]["id"] == captcha.id
    assert told["captcha"]["work"]["parameters"]["data"]["tries"] == TRIES
    # One step of a surge is forgiven to who has just worked.
    assert (
        await worker.post(worked(worker, shown, solve(works(worker.site).ask(captcha, TRIES // 2))))
    )[0] == 202


async def test_work_dies_with_its_captcha_but_for_the_form_that_was_taken(worker: Reader) -> None:
    captcha = worker.site.captcha(ARTICLE)
    payload = solve(works(worker.site).ask(captcha, TRIES))
    form = worked(worker, {"id": captcha.id}, payload)
    _, first = await worker.post(form)
    later = {**form, "captcha_id": aged(worker.site, captcha).id}
    assert (await worker.post(later))[1]["id"] == first["id"]
    late = aged(worker.site, worker.site.captcha(ARTICLE))
    form = worked(worker, {"id": late.id}, solve(works(worker.site).ask(late, TRIES)))
    status, told = await worker.post(form)
    assert (status, code_of(told, FIELD)) == (422, "captcha_expired")
    assert told["captcha"]["id"] != late.id


async def test_an_answer_does_not_stand_for_work_nor_does_plain_text(worker: Reader) -> None:
    captcha = worker.site.captcha(ARTICLE)
    status, told = await worker.post(
        worker.form(captcha_id=captcha.id, captcha_answer=captcha.answer)
    )
    assert (status, code_of(told, FIELD)) == (422, "required")
    # A receipt is for who did the work, not for who knows the captcha's id and the comment.
    payload = solve(works(worker.site).ask(captcha, TRIES))
    form = worked(worker, {"id": captcha.id}, payload)
    assert (await worker.post(form))[0] == 202
    status, told = await worker.post({**form, "captcha_work": ""})
    assert (status, code_of(told, FIELD)) == (422, "captcha_spent")


async def test_the_form_without_script_has_its_picture_everywhere(worker: Reader) -> None:
    url = f"{worker.site.intake}/v1/articles/{ARTICLE}"
    browser = {"Accept": "text/html"}
    async with worker.http.get(f"{url}/form", headers=browser) as response:
        page = await response.text()
    assert "/image" in page
    form = worker.form()
    async with worker.http.post(
        f"{url}/comments", data=form, headers=browser, allow_redirects=False
    ) as response:
        assert response.status == 303
    guess = {**worker.form(), "captcha_answer": "sai"}
    async with worker.http.post(f"{url}/comments", data=guess, headers=browser) as response:
        assert response.status == 422
        assert "/image" in await response.text()


async def test_where_there_is_a_choice_either_is_taken_and_an_answer_is_judged(
    choosing: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(choosing, http)
    captcha = await issued(reader)
    assert captcha["ask"] == "either"
    assert captcha["image_url"]
    assert captcha["work"]
    assert (await reader.post(reader.form()))[0] == 202
    assert (await reader.post(worked(reader, captcha, solve(captcha["work"]))))[0] == 202
    status, told = await reader.post(worked(reader, await issued(reader), ""))
    assert (status, code_of(told)) == (422, "required")
    # Work does not let one guess on: a wrong answer burns the captcha.
    other = await issued(reader)
    form = worked(reader, other, solve(other["work"]))
    known: Captcha = reader.site.mint.open(other["id"])
    guess = {**form, "captcha_answer": wrong(known.answer)}
    assert code_of((await reader.post(guess))[1]) == "captcha_wrong"
    assert code_of((await reader.post(form))[1], FIELD) == "captcha_burnt"
    assert await standing(reader.site, form) == (0, 0)


async def test_the_challenge_does_not_tell_the_captchas_nonce(worker: Reader) -> None:
    captcha = worker.site.captcha(ARTICLE)
    assert captcha.nonce not in json.dumps(works(worker.site).ask(captcha, TRIES))
