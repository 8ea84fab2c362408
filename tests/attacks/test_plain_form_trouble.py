"""Whatever goes wrong, the form without JavaScript comes back as a page with the reader's text."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.attacks.limited import MOST, from_elsewhere, limited_site
from tests.installation import Installation, Redis
from tests.reader import ARTICLE, Reader

TYPED = {"title": "Tiêu đề <phải> còn", "content": "Chữ này phải còn: ở, ữ & ợ."}
SHOWN = ("Tiêu đề &lt;phải&gt; còn", "Chữ này phải còn: ở, ữ &amp; ợ.")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    folder = tmp_path_factory.mktemp("plain")
    async with limited_site(folder, redis, "articles", "intake") as installation:
        closed = {
            "title": "Đã đóng",
            "lead": "",
            "body": "Một bài đã đóng bình luận.",
            "language": "vi",
            "published_at": "2020-06-24T02:50:00Z",
            "comments": "closed",
        }
        url = f"{installation.articles}/v1/articles/da-dong"
        token = {"Authorization": f"Bearer {installation.token}"}
        async with (
            aiohttp.ClientSession() as http,
            http.put(url, json=closed, headers=token) as response,
        ):
            assert response.status in {200, 201}
        yield installation


async def ask(
    reader: Reader,
    method: str,
    path: str,
    form: dict[str, Any] | None = None,
    language: str = "vi",
    address: dict[str, str] | None = None,
) -> tuple[int, str, Any]:
    """What a browser without JavaScript gets: status, page, headers."""
    headers = {"Accept": "text/html", **(address or from_elsewhere())}
    url = f"{reader.site.intake}/v1/articles/{path}"
    async with reader.http.request(
        method, url, data=form, params={"lang": language}, headers=headers, allow_redirects=False
    ) as response:
        assert response.content_type == "text/html" or response.status == 303, await response.text()
        return response.status, await response.text(), response.headers


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("article", "status", "words"),
    [
        ("khong-co", 404, {"vi": "Không có bài viết này.", "en": "There is no such article."}),
        (
            "da-dong",
            409,
            {
                "vi": "Bài viết này đã đóng bình luận.",
                "en": "Comments on this article are closed.",
            },
        ),
    ],
)
async def test_an_article_that_takes_no_comments(
    reader: Reader, article: str, status: int, words: dict[str, str], language: str
) -> None:
    form = reader.form(article, **TYPED)
    for path in (f"{article}/comments", f"{article}/form"):
        answered, page, _ = await ask(reader, "POST", path, form, language)
        assert answered == status
        assert words[language] in page
        assert all(text in page for text in SHOWN)
        assert 'class="send"' not in page
    answered, page, _ = await ask(reader, "GET", f"{article}/form", language=language)
    assert answered == status
    assert words[language] in page
    assert "<form" not in page


@pytest.mark.parametrize(
    ("language", "words"), [("vi", "Bạn gửi hơi nhanh. Hãy thử lại sau"), ("en", "a little fast")]
)
async def test_too_many_comments(reader: Reader, language: str, words: str) -> None:
    form = reader.form(**TYPED)
    address = from_elsewhere()
    for _ in range(MOST):
        status, _, _ = await ask(reader, "POST", f"{ARTICLE}/comments", form, address=address)
        assert status == 303
    status, page, headers = await ask(
        reader, "POST", f"{ARTICLE}/comments", form, language, address=address
    )
    assert status == 429
    assert words in page
    assert f" {headers['Retry-After']} " in page
    assert all(text in page for text in SHOWN)
    assert form["captcha_id"] in page, "the answer that was not looked at stays"
    assert f'value="{form["captcha_answer"]}"' in page


async def test_too_many_captchas(reader: Reader) -> None:
    form = reader.form(**TYPED)
    address = from_elsewhere()
    for _ in range(MOST):
        status, page, _ = await ask(reader, "POST", f"{ARTICLE}/form", form, address=address)
        assert status == 200
        assert form["captcha_id"] not in page
    status, page, headers = await ask(reader, "POST", f"{ARTICLE}/form", form, address=address)
    assert status == 429
    assert f" {headers['Retry-After']} " in page
    assert all(text in page for text in SHOWN)
    assert form["captcha_id"] in page, "the one the reader has stays"
    status, page, _ = await ask(reader, "GET", f"{ARTICLE}/form", address=address)
    assert status == 429
    assert "/image" not in page, "no captcha is given beyond the limit"
    assert f'formaction="/v1/articles/{ARTICLE}/form' in page, "but one can be asked for later"


@pytest.mark.parametrize("field", ["name", "title", "content"])
async def test_a_text_that_is_too_long_comes_back(reader: Reader, field: str) -> None:
    form = reader.form(**{**TYPED, field: "Dài quá 👨‍👩‍👧‍👦 " * 560})
    status, page, _ = await ask(reader, "POST", f"{ARTICLE}/comments", form)
    assert status == 422
    assert "Dài quá: tối đa" in page
    assert form[field].strip() in page


async def test_a_browser_never_sends_more_than_is_read(reader: Reader) -> None:
    _, page, _ = await ask(reader, "GET", f"{ARTICLE}/form")
    assert 'enctype="multipart/form-data"' in page
    # A browser's maxlength counts UTF-16; the dearest in UTF-8 are three bytes each.
    longest = {"name": 160, "phone": 80, "title": 300, "content": 10_000}
    for length in longest.values():
        assert f'maxlength="{length}"' in page
    form = reader.form(**{field: "ệ" * length for field, length in longest.items()})
    with aiohttp.MultipartWriter("form-data") as body:
        for name, value in form.items():
            body.append(value).set_content_disposition("form-data", name=name)
    url = f"{reader.site.intake}/v1/articles/{ARTICLE}/comments"
    headers = {"Accept": "text/html", **from_elsewhere()}
    async with reader.http.post(url, data=body, headers=headers) as response:
        assert response.status == 422
        assert form["content"] in await response.text()


async def test_the_article_store_is_away_and_the_article_was_never_seen(
    redis: Redis, tmp_path_factory: pytest.TempPathFactory, http: aiohttp.ClientSession
) -> None:
    async with limited_site(tmp_path_factory.mktemp("alone"), redis, "intake") as alone:
        reader = Reader(alone, http)
        form = reader.form(**TYPED)
        for path in (f"{ARTICLE}/comments", f"{ARTICLE}/form"):
            status, page, headers = await ask(reader, "POST", path, form)
            assert status == 503
            assert int(headers["Retry-After"]) > 0
            assert "Hãy gửi lại sau ít phút; nội dung của bạn vẫn còn." in page
            assert all(text in page for text in SHOWN)
            assert form["captcha_id"] in page
