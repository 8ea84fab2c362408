"""The phone field of the form: what cannot be a number is told at once, and why."""

import html

import pytest
import sqlalchemy as sql

from commentdesk.ledger.tables import submissions
from tests.installation import Installation
from tests.reader import ARTICLE, CLEAN, Reader


@pytest.mark.parametrize(
    ("phone", "code", "vietnamese", "english"),
    [
        ("091234567", "phone_too_short", "thiếu chữ số (mới có 9)", "too few digits (9)"),
        ("0912 345 6789", "phone_too_long", "thừa chữ số (có 11)", "too many digits (11)"),
        ("gọi tôi", "phone_not_a_number", "chưa phải là số", "not a phone number"),
        ("+999 123 456", "phone_country_unknown", "Không nước nào", "No country"),
        ("+65 8123 456 78", "phone_wrong_length", "không có số điện thoại dài", "has 11 digits"),
    ],
)
async def test_what_cannot_be_a_number_is_refused_with_the_reason(
    reader: Reader, phone: str, code: str, vietnamese: str, english: str
) -> None:
    form = reader.form(phone=phone)
    for language, said in (("vi", vietnamese), ("en", english)):
        status, answer = await reader.post(form, headers={"Accept-Language": language})
        assert status == 422
        [error] = answer["errors"]
        assert (error["field"], error["code"]) == ("phone", code)
        assert said in error["message"]
        assert phone not in error["message"]
    # The captcha was right, and stays good for the number put right.
    status, _ = await reader.post({**form, "phone": "0912 345 678"})
    assert status == 202


async def test_a_plain_form_comes_back_with_its_text(reader: Reader) -> None:
    form = reader.form(phone="0912 34", content="Một ý kiến dài đã gõ xong.")
    url = f"{reader.site.intake}/v1/articles/{ARTICLE}/comments"
    async with reader.http.post(url, data=form, headers={"Accept": "text/html"}) as response:
        page = html.unescape(await response.text())
    assert response.status == 422
    for kept in (form["content"], CLEAN["name"], 'value="0912 34"', "thiếu chữ số"):
        assert kept in page


async def test_all_writings_of_a_number_have_one_hash(site: Installation, reader: Reader) -> None:
    """Whatever plan or script it is written in, and another number has another."""
    same = ["0168 812 3456", "+84 (0)38 812 3456", "٠٣٨٨١٢٣٤٥٦", "SĐT: 038.812.3456 (Zalo)"]
    ids = [await reader.accepted(phone=phone) for phone in [*same, "0388123457"]]
    ledger = site.ledger()
    query = sql.select(submissions.c.id, submissions.c.phone_hash, submissions.c.phone_sealed)
    async with ledger.database.reading() as connection:
        found = {row.id: row for row in await connection.execute(query)}
    hashes = [found[submission].phone_hash for submission in ids]
    assert len(set(hashes[:-1])) == 1
    assert hashes[-1] not in hashes[:-1]
    # What is shown on a click is what was typed.
    assert ledger.unseal(found[ids[0]].phone_sealed, ids[0]) == same[0]
    await ledger.close()
