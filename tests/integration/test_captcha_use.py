"""One captcha, one comment; and every way to get it wrong is told apart."""

import asyncio

from tests.captchas import aged
from tests.installation import Installation
from tests.reader import ARTICLE, Reader


def code_of(answer: dict[str, object], field: str = "captcha_answer") -> str:
    errors = answer["errors"]
    assert isinstance(errors, list), answer
    return str(next(error["code"] for error in errors if error["field"] == field))


async def test_the_same_form_twice_makes_one_comment(reader: Reader) -> None:
    form = reader.form(content="Gửi hai lần, chỉ một bình luận.")
    first, second = await reader.post(form), await reader.post(form)
    assert first[0] == second[0] == 202
    assert first[1]["id"] == second[1]["id"]


async def test_two_hundred_parallel_posts_make_one_comment(reader: Reader) -> None:
    form = reader.form(content="Hai trăm lần cùng lúc.")
    answers = await asyncio.gather(*(reader.post(form) for _ in range(200)))
    assert {status for status, _ in answers} == {202}
    assert len({answer["id"] for _, answer in answers}) == 1


async def test_two_hundred_different_forms_with_one_captcha_make_one_comment(
    reader: Reader,
) -> None:
    form = reader.form()
    answers = await asyncio.gather(
        *(reader.post({**form, "content": f"Bản thứ {n}"}) for n in range(200))
    )
    accepted = [answer for status, answer in answers if status == 202]
    refused = [answer for status, answer in answers if status == 422]
    assert (len(accepted), len(refused)) == (1, 199)
    assert {code_of(answer) for answer in refused} == {"captcha_spent"}


async def test_a_wrong_answer_burns_the_captcha_and_brings_a_fresh_one(reader: Reader) -> None:
    form = reader.form()
    status, answer = await reader.post({**form, "captcha_answer": "sai"})
    assert (status, code_of(answer)) == (422, "captcha_wrong")
    fresh = answer["captcha"]
    assert fresh["id"] != form["captcha_id"]
    async with reader.http.get(fresh["image_url"]) as response:
        assert response.status == 200
        assert response.content_type == "image/png"
    status, answer = await reader.post(form)
    assert (status, code_of(answer)) == (422, "captcha_burnt")
    known = reader.site.mint.open(fresh["id"])
    again = {**form, "captcha_id": known.id, "captcha_answer": known.answer}
    assert (await reader.post(again))[0] == 202


async def test_a_burnt_captcha_shows_no_picture(reader: Reader) -> None:
    form = reader.form()
    url = f"{reader.site.intake}/v1/captchas/{form['captcha_id']}/image"
    async with reader.http.get(url) as response:
        first = await response.read()
    async with reader.http.get(url) as response:
        assert await response.read() == first, "the picture must be the same every time"
        assert response.headers["Cache-Control"] == "no-store"
    await reader.post({**form, "captcha_answer": "sai"})
    async with reader.http.get(url) as response:
        assert response.status == 410


async def test_expired_is_told_apart_from_wrong(site: Installation, reader: Reader) -> None:
    old = aged(site, site.captcha(ARTICLE))
    form = reader.form(captcha_id=old.id, captcha_answer=old.answer)
    status, answer = await reader.post(form)
    assert (status, code_of(answer)) == (422, "captcha_expired")
    assert "captcha" in answer


async def test_a_form_sent_again_after_its_captcha_expired_is_still_the_same(
    site: Installation, reader: Reader
) -> None:
    captcha = site.captcha(ARTICLE)
    form = reader.form(captcha_id=captcha.id, captcha_answer=captcha.answer)
    status, first = await reader.post(form)
    assert status == 202
    status, second = await reader.post({**form, "captcha_id": aged(site, captcha).id})
    assert (status, second["id"]) == (202, first["id"])


async def test_a_spent_captcha_is_told(reader: Reader) -> None:
    form = reader.form()
    await reader.post(form)
    status, answer = await reader.post({**form, "content": "Một bình luận khác."})
    assert (status, code_of(answer)) == (422, "captcha_spent")


async def test_forged_and_foreign_captchas_are_refused(reader: Reader) -> None:
    form = reader.form()
    other = reader.site.captcha("night-train-timetable")
    for bad in (form["captcha_id"][:-4] + "AAAA", "x", "Ω" * 1000, other.id):
        status, answer = await reader.post({**form, "captcha_id": bad})
        assert (status, code_of(answer)) == (422, "captcha_invalid")


async def test_a_missing_answer_is_refused_and_burns_nothing(reader: Reader) -> None:
    form = reader.form()
    status, answer = await reader.post({**form, "captcha_answer": ""})
    assert (status, code_of(answer)) == (422, "required")
    assert (await reader.post(form))[0] == 202


async def test_a_mistake_elsewhere_keeps_the_captcha(reader: Reader) -> None:
    form = reader.form()
    status, answer = await reader.post({**form, "name": ""})
    assert (status, code_of(answer, "name")) == (422, "required")
    assert "captcha" not in answer
    assert (await reader.post(form))[0] == 202


async def test_reload_replaces_and_burns(reader: Reader) -> None:
    site = reader.site
    old = reader.form()
    async with reader.http.post(
        f"{site.intake}/v1/captchas", json={"article": ARTICLE, "replaces": old["captcha_id"]}
    ) as response:
        assert response.status == 201
        fresh = await response.json()
    assert fresh["id"] != old["captcha_id"]
    status, answer = await reader.post(old)
    assert (status, code_of(answer)) == (422, "captcha_burnt")
    async with reader.http.get(fresh["audio_url"]) as response:
        assert (response.status, response.content_type) == (200, "audio/wav")
