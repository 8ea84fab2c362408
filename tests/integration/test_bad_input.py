"""Every bad input gets a clear answer; nothing is repaired in silence, nothing is a 500."""

import json
import unicodedata
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.reader import ARTICLE, CLEAN, Reader

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


async def send(
    reader: Reader, body: bytes, content_type: str = JSON, **headers: str
) -> tuple[int, dict[str, Any]]:
    url = f"{reader.site.intake}/v1/articles/{ARTICLE}/comments"
    headers["Content-Type"] = content_type
    async with reader.http.post(url, data=body, headers=headers) as response:
        assert response.content_type in {"application/problem+json", "application/json"}
        return response.status, await response.json(content_type=None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"[]", "json_not_object"),
        (b'"text"', "json_not_object"),
        (b'{"name": "\xff\xfe"}', "invalid_utf8"),
        (b"[" * 50_000, "json_too_deep"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "json_too_deep"),
        (b'{"name": ' + b"9" * 50_000 + b"}", "json_number"),
        (b'{"name": NaN}', "json_number"),
        (b'{"name": Infinity}', "json_number"),
        (b'{"name": "a", "name": "b"}', "json_duplicate_key"),
        (b'{"name": "\\ud800"}', "lone_surrogate"),
        (b'{"\\ud800": 1}', "lone_surrogate"),
    ],
)
async def test_bad_json_is_a_400_that_names_the_trouble(
    reader: Reader, body: bytes, code: str
) -> None:
    status, answer = await send(reader, body)
    assert (status, answer["code"]) == (400, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"name=%ff%fe", "invalid_utf8"),
        (b"name=\xff", "invalid_utf8"),
        (b"name=a&name=b", "duplicate_field"),
        (b"&".join(b"f%d=1" % n for n in range(2_000)), "too_many_fields"),
    ],
)
async def test_bad_forms_are_a_400_that_names_the_trouble(
    reader: Reader, body: bytes, code: str
) -> None:
    status, answer = await send(reader, body, FORM)
    assert (status, answer["code"]) == (400, code)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"--x\r\n\r\nno name\r\n--x--\r\n", 400),
        (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--x--\r\n', 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nz\r\n--x--\r\n',
            400,
        ),
        (b"garbage", 400),
        (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"a" * 70_000, 413),
    ],
)
async def test_bad_multipart_is_refused(reader: Reader, body: bytes, status: int) -> None:
    found, answer = await send(reader, body, "multipart/form-data; boundary=x")
    assert found == status, answer


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [
        ("text/plain", {}),
        ("application/xml", {}),
        (f"{JSON}; charset=nonsense", {}),
        (f"{JSON}; charset=utf-16", {}),
        (JSON, {"Content-Encoding": "gzip"}),
    ],
)
async def test_other_kinds_of_body_are_a_415(
    reader: Reader, content_type: str, headers: dict[str, str]
) -> None:
    status, answer = await send(reader, b"{}", content_type, **headers)
    assert (status, answer["code"]) == (415, "unsupported_media_type")


async def test_a_body_too_large_is_a_413(reader: Reader) -> None:
    status, answer = await send(reader, json.dumps({"name": "a" * 100_000}).encode())
    assert (status, answer["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "required"),
        ("name", "   ", "required"),
        ("title", "", "required"),
        ("content", " \n ", "required"),
        ("name", "a" * 81, "too_long"),
        ("title", "a" * 151, "too_long"),
        ("content", "a" * 5_001, "too_long"),
        ("name", "a\x00b", "control_character"),
        ("content", "a\x00b", "control_character"),
        ("content", "a\x1b[31mb", "control_character"),
        ("title", "a\ufffeb", "control_character"),
    ],
)
async def test_each_field_says_what_is_wrong(
    reader: Reader, kind: str, field: str, value: str, code: str
) -> None:
    form = reader.form(**{field: value})
    if kind == "json":
        status, answer = await reader.post(form)
    elif kind == "form":
        status, answer = await send(reader, urlencode(form).encode(), FORM)
    else:
        parts = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
            for name, text in form.items()
        )
        body = (parts + "--x--\r\n").encode()
        status, answer = await send(reader, body, "multipart/form-data; boundary=x")
    assert status == 422
    assert [(e["field"], e["code"]) for e in answer["errors"]] == [(field, code)]
    assert answer["errors"][0]["message"] not in {"", code}


async def test_a_field_of_another_type_is_refused(reader: Reader) -> None:
    status, answer = await reader.post(reader.form(name=["a"]))
    assert (status, answer["errors"][0]["code"]) == (422, "wrong_type")


async def test_lengths_count_what_a_reader_sees(reader: Reader) -> None:
    family = "👨‍👩‍👧‍👦"
    assert (await reader.post(reader.form(name=family * 20)))[0] == 202
    decomposed = unicodedata.normalize("NFD", "ệ")
    assert (await reader.post(reader.form(name=decomposed * 80)))[0] == 202
    assert (await reader.post(reader.form(name=decomposed * 81)))[0] == 422


async def test_text_is_kept_in_nfc(reader: Reader) -> None:
    written = unicodedata.normalize("NFD", "Nguyễn Thị Hường")
    submission = await reader.accepted(name=written)
    await reader.reaches(submission, "published")
    comment = next(c for c in await reader.comments() if c["id"] == submission)
    assert comment["name"] == unicodedata.normalize("NFC", written)


async def test_what_a_reader_may_not_set_is_ignored(reader: Reader) -> None:
    submission = await reader.accepted(
        state="approved", id="1", received_at="2000", score=0, content="Xem vidu-khac.com"
    )
    assert submission != "1"
    await reader.reaches(submission, "held")


async def test_errors_speak_the_readers_language(reader: Reader) -> None:
    messages = {}
    for language in ("vi", "en"):
        _, answer = await reader.post(reader.form(name=""), headers={"Accept-Language": language})
        messages[language] = answer["errors"][0]["message"]
    assert messages["vi"] != messages["en"]


async def test_unknown_and_closed_articles(reader: Reader) -> None:
    status, answer = await reader.post(reader.form(), article="khong-co-bai-nay")
    assert (status, answer["code"]) == (404, "article_unknown")
    closed = {
        "title": "Đã đóng",
        "lead": "",
        "body": "Một bài đã đóng bình luận.",
        "language": "vi",
        "published_at": "2020-06-24T02:50:00Z",
        "comments": "closed",
    }
    async with reader.http.put(
        f"{reader.site.articles}/v1/articles/da-dong",
        json=closed,
        headers={"Authorization": f"Bearer {reader.site.token}"},
    ) as response:
        assert response.status in {200, 201}, await response.text()
    status, answer = await reader.post(reader.form("da-dong"), article="da-dong")
    assert (status, answer["code"]) == (409, "comments_closed")


async def test_a_parent_must_stand_under_the_same_article(reader: Reader) -> None:
    for parent in ("no-such-id", "00000000-0000-7000-8000-000000000000"):
        status, answer = await reader.post(reader.form(parent_id=parent))
        assert (status, answer["errors"][0]["code"]) == (422, "parent_unknown")


async def test_unknown_addresses_are_problem_documents(reader: Reader) -> None:
    for method, path, status in (
        ("GET", "/v1/nothing", 404),
        ("DELETE", "/v1/captchas", 405),
        ("GET", "/v1/submissions/none", 404),
        ("GET", "/v1/captchas/none/image", 404),
        ("GET", "/static/..%2f..%2fsettings.py", 404),
    ):
        async with reader.http.request(method, reader.site.intake + path) as response:
            assert (response.status, response.content_type) == (status, "application/problem+json")


async def test_the_plain_form_keeps_the_text_and_names_the_errors(reader: Reader) -> None:
    form = reader.form(name="", content="Văn bản <b>không được mất</b>")
    url = f"{reader.site.intake}/v1/articles/{ARTICLE}/comments?lang=vi"
    async with reader.http.post(url, data=form, headers={"Accept": "text/html"}) as response:
        page = await response.text()
        assert (response.status, response.content_type) == (422, "text/html")
    assert "Văn bản &lt;b&gt;không được mất&lt;/b&gt;" in page
    assert form["captcha_id"] in page, "a captcha that was answered well stays"


async def test_the_plain_form_thanks_and_leads_back_to_its_own_pages_only(reader: Reader) -> None:
    url = f"{reader.site.intake}/v1/articles/{ARTICLE}/comments?lang=vi"
    own = f"{reader.site.articles}/articles/{ARTICLE}"
    for asked in (
        own,
        "//evil.example/",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        f"http://evil.example\\@localhost:{reader.site.articles.rsplit(':', 1)[1]}/",
        f"{reader.site.articles}.evil.example/",
    ):
        form = reader.form(return_url=asked)
        async with reader.http.post(
            url, data=form, headers={"Accept": "text/html"}, allow_redirects=False
        ) as response:
            assert response.status == 303, await response.text()
            target = reader.site.intake + response.headers["Location"]
        async with reader.http.get(target) as response:
            page = await response.text()
        assert "evil" not in page
        assert own in page
    assert CLEAN["name"]
