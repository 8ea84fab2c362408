"""Requests no browser sends: each gets a clear refusal, the same on both databases, never a 500."""

import json
import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commentdesk.ledger.tables import submissions
from tests.attacks.raw import FORM, JSON, MULTIPART, Answer, Headers, send
from tests.conftest import sqlite_urls
from tests.installation import Installation, Postgres, Redis
from tests.reader import ARTICLE, Desk

COMMENTS = f"/v1/articles/{ARTICLE}/comments".encode()
NONE = "0" * 36


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Desk]:
    """An admin logged in to an installation without workers, on each database."""
    folder = tmp_path_factory.mktemp("odd")
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        name = secrets.token_hex(6)
        urls = (await server.create(f"{name}-l"), await server.create(f"{name}-a"))
    installation = Installation(folder, redis, urls)
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.start("articles", "intake", "moderation")
    opened = await Desk.log_in(installation, "mai")
    yield opened
    await opened.close()
    installation.stop()


def signed(desk: Desk) -> Headers:
    """What the admin's browser sends along."""
    cookies = {cookie.key: cookie.value for cookie in desk.http.cookie_jar}
    return [
        (b"Cookie", f"commentdesk_session={cookies['commentdesk_session']}".encode()),
        (b"X-CSRF-Token", desk.csrf.encode()),
        (b"Sec-Fetch-Site", b"same-origin"),
    ]


def code_of(answer: Answer) -> str:
    return str(json.loads(answer.body)["code"])


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/v1/submissions/a%00b", 404),
        (b"/v1/submissions/" + b"%00" * 36, 404),
        (b"/v1/submissions/" + b"0" * 36, 404),
        (b"/v1/submissions/%ff", 404),
        (b"/v1/submissions/\xff", 400),
        (b"/v1/captchas/%00/image", 404),
        (b"/v1/captchas/%ed%a0%80/audio", 404),
        (b"/v1/articles/%00/form", 404),
        (b"/v1/articles/%ff/form", 404),
        (b"/v1/articles/..%2f..%2fx/form", 404),
        (f"/v1/articles/{ARTICLE}/form?parent_id=%00&return_url=%ff&lang=%ed".encode(), 200),
        (f"/v1/articles/{ARTICLE}/form?parent_id=".encode() + b"\xff", 400),
        (b"/receipts?return_url=http://%5b", 200),
        (b"/receipts?return_url=http://a:99999999/", 200),
        (b"/static/%00", 404),
        (b"/static/..%2fviews.py", 404),
    ],
)
def test_addresses_that_lead_nowhere(desk: Desk, target: bytes, status: int) -> None:
    assert send(desk.site.intake, b"GET", target).status == status


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (b"Authorization", b"Bearer \xff"),
        (b"Authorization", b"\xc3\xa9"),
        (b"Cookie", b"commentdesk_session=\xff"),
        (b"Cookie", b"commentdesk_session=\xc3\xa9"),
        (b"Cookie", b"commentdesk_session=" + b"a" * 7000),
        (b"Accept-Language", b"\xff;q=\xff,vi;q=nan,en;q=inf"),
        (b"Origin", b"\xff"),
        (b"X-Forwarded-For", b"\xff, ::1%\xff"),
        (b"User-Agent", b"\xff\xfe"),
    ],
)
def test_header_bytes_that_are_no_text(desk: Desk, header: bytes, value: bytes) -> None:
    odd = [(header, value)]
    site = desk.site
    assert send(site.articles, b"PUT", b"/v1/comments", [*odd, JSON], b"{}").status == 401
    assert send(site.articles, b"GET", b"/v1/articles", odd).status == 200
    assert send(site.moderation, b"GET", b"/v1/submissions", odd).status == 401
    login = [*odd, FORM, (b"Sec-Fetch-Site", b"same-origin")]
    assert send(site.moderation, b"POST", b"/login", login, b"login=a&password=b").status == 403
    asked = json.dumps({"article": ARTICLE}).encode()
    assert send(site.intake, b"POST", b"/v1/captchas", [*odd, JSON], asked).status == 201


@pytest.mark.parametrize(
    "kind",
    [
        b"application/json; charset=\xff",
        b"application/json; charset=hex",
        b"application/json; charset=utf-7",
        b"application/json; charset=" + b"a" * 5000,
        b"\xff/\xff",
        b"multipart/mixed; boundary=x",
    ],
)
def test_kinds_of_body_that_are_none(desk: Desk, kind: bytes) -> None:
    answer = send(desk.site.intake, b"POST", COMMENTS, [(b"Content-Type", kind)], b"{}")
    assert (answer.status, code_of(answer)) == (415, "unsupported_media_type")


def part(headers: bytes, body: bytes = b"v") -> bytes:
    return b"--x\r\n" + headers + b"\r\n\r\n" + body + b"\r\n--x--\r\n"


NAMED = b'Content-Disposition: form-data; name="name"'


@pytest.mark.parametrize(
    "body",
    [
        part(b'Content-Disposition: form-data; name="a\x1b[31m"'),
        part(b'Content-Disposition: form-data; name="\xff"'),
        part(b'Content-Disposition: form-data; name="\xc2\x9b"'),
        part(b"Content-Disposition: form-data; name*=utf-8''%ff"),
        part(b"Content-Disposition: form-data; name*=utf-8''%00"),
        part(b'Content-Disposition: attachment; name="a"; name="b"'),
        part(b"\xff: \xff"),
        part(b"no colon"),
        part(NAMED + b"\r\nA: " + b"b" * 9000),
        part(NAMED + b"\r\nA: b" * 500),
        part(NAMED + b"\r\nContent-Type: multipart/mixed; boundary=y"),
        part(b'Content-Disposition: form-data; name="_charset_"', b"utf-16"),
        part(b'Content-Disposition: form-data; name="_charset_"', b"a" * 100),
        b"--x\r\n" + NAMED + b"\r\n\r\ncut",
        b"--x\r\nContent-Dispo",
        b"\r\n".join([b"--x\r\n" + NAMED + b"\r\n\r\nv"] * 2 + [b"--x--"]),
        b"\r\n".join(
            [b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nv' % n for n in range(60)]
        ),
    ],
)
def test_parts_that_cannot_be_read(desk: Desk, body: bytes) -> None:
    answer = send(desk.site.intake, b"POST", COMMENTS, [MULTIPART], body)
    assert answer.status == 400, answer
    assert b"application/problem+json" in answer.head
    assert code_of(answer) in {"invalid_form", "too_many_fields", "duplicate_field"}


FRAGMENTS = st.sampled_from(
    [
        *(
            b"--x\r\n",
            b"\r\n--x\r\n",
            b"--x--\r\n",
            b"--",
            b"x",
            b"\r\n",
            b"\r",
            b"\n",
            b"\r\n\r\n",
        ),
        *(NAMED, b'Content-Disposition: form-data; name="title"', b"Content-Disposition:"),
        *(b"; filename=a", b"; filename*=utf-8''%e1", b"Content-Type: text/plain; charset=utf-16"),
        *(b"Content-Transfer-Encoding: base64", b"Content-Encoding: gzip", b"Content-Length: 3"),
        *(b"\x00", b"\xff", b"\xc3", b"\xe1\xbb\x87", b":", b";", b'"', b"=", b"_charset_"),
    ]
)


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(FRAGMENTS | st.binary(max_size=8), max_size=25).map(b"".join))
def test_no_heap_of_parts_is_our_mistake(desk: Desk, body: bytes) -> None:
    for start in (b"", b"--x\r\n" + NAMED + b"\r\n\r\n"):
        answer = send(desk.site.intake, b"POST", COMMENTS, [MULTIPART], start + body)
        assert answer.status in {400, 422}, answer
        assert b"application/problem+json" in answer.head


@pytest.mark.parametrize("field", ["name", "phone", "title", "content", "parent_id", "captcha_id"])
@pytest.mark.parametrize("text", ["a\x00b", "a\ufffeb", "a\U0010ffffb", "a\x9bb"])
def test_what_one_database_cannot_keep_both_refuse(desk: Desk, field: str, text: str) -> None:
    captcha = desk.site.captcha(ARTICLE)
    form = {
        **{"name": "Mai", "title": "Hay", "content": "Hay"},
        **{"captcha_id": captcha.id, "captcha_answer": captcha.answer, field: text},
    }
    answer = send(desk.site.intake, b"POST", COMMENTS, [JSON], json.dumps(form).encode())
    assert answer.status == 422
    wrong = [(error["field"], error["code"]) for error in json.loads(answer.body)["errors"]]
    assert (field, "control_character") in wrong
    assert [name for name, _ in wrong].count(field) == 1, "one trouble is told once"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (b"/decisions", b"action=approve&item.%00=1"),
        (b"/decisions", b"action=approve&item.\xc3\xa9=1"),
        (b"/decisions", b"action=approve&item.=1"),
        (b"/decisions", b"action=approve&item.x=1"),
        (b"/decisions", b"action=approve&item." + NONE.encode() + b"=%D9%A1"),
        (b"/decisions", b"action=approve%00&item." + NONE.encode() + b"=1"),
        (b"/rules/words", b"text=%00&kind=banned"),
        (b"/rules/words", b"text=a&kind=%00"),
        (b"/rules/words/remove", b"word=%00"),
        (b"/accounts", b"login=%00&role=admin"),
        (b"/accounts", b"login=eve&role=%00"),
        (b"/accounts", b"login=eve&role=admin&sections=%00"),
        (b"/accounts/disable", b"account=%00"),
        (b"/account/password", b"password=%00&new_password=%00&again=%00"),
        (b"/account/sessions/end", b"session=%00"),
        (b"/stuck/replay", b"submission=%00"),
    ],
)
def test_forms_of_the_console_that_no_page_of_it_makes(
    desk: Desk, path: bytes, body: bytes
) -> None:
    answer = send(desk.site.moderation, b"POST", path, [*signed(desk), FORM], body)
    assert answer.status == 422, answer.head


def test_a_part_of_the_console_named_in_no_text_is_refused(desk: Desk) -> None:
    body = part(b'Content-Disposition: form-data; name="item.\xff"', b"1")
    answer = send(desk.site.moderation, b"POST", b"/decisions", [*signed(desk), MULTIPART], body)
    assert answer.status == 400


@pytest.mark.parametrize(
    "query",
    [b"q=%ff", b"q=%ed%a0%80", b"q=%25_%5c", b"article=%f4%90%80%80", b"q=" + b"%EF%B7%BA" * 200],
)
def test_questions_to_the_desk_in_no_language(desk: Desk, query: bytes) -> None:
    for target in (b"/v1/submissions?", b"/?"):
        answer = send(desk.site.moderation, b"GET", target + query, signed(desk))
        assert answer.status == 200


async def test_nothing_of_it_reached_the_ledger_or_was_a_mistake_of_ours(desk: Desk) -> None:
    ledger = desk.site.ledger()
    async with ledger.database.reading() as connection:
        assert (await connection.execute(submissions.select())).all() == []
    await ledger.close()
    for process in ("intake", "moderation", "articles"):
        log = desk.site.log_of(process)
        assert "request_failed" not in log
        assert "database_away" not in log
