"""Whatever readers write wherever they can: a log is JSON lines, and none of their words."""

import json
import secrets
from typing import Any

import pytest
import pytest_asyncio
from rq import Queue
from rq.serializers import JSONSerializer

from commentdesk.redis_client import connect_blocking
from tests.attacks.raw import FORM, JSON, MULTIPART, Headers, send
from tests.conftest import ALL
from tests.installation import Installation, until
from tests.reader import ARTICLE, DOUBTFUL, Desk, Reader

MARK = f"dau-rieng-{secrets.token_hex(6)}"
FAKE = '{"event": "login", "level": "info", "process": "moderation"}'
PHONE = "0912345678"
# For fields that take lines, and for places that take bytes.
TYPED = f"{MARK}\n{FAKE}\n{MARK}\u2028{FAKE}"
BYTES = MARK.encode() + b" \xc2\x9b31m \xe2\x80\xa8" + FAKE.encode()
CONTROLS = BYTES + b"\x1b]0;" + MARK.encode() + b"\x07\x7f"
COMMENTS = f"/v1/articles/{ARTICLE}/comments".encode()


def part(disposition: bytes) -> bytes:
    return b"--x\r\nContent-Disposition: " + disposition + b"\r\n\r\nv\r\n--x--\r\n"


def everywhere(mark: bytes) -> list[tuple[str, bytes, bytes, Headers, bytes]]:
    """Requests with the mark in every place that takes it."""
    escaped = b"".join(b"%%%02x" % byte for byte in mark)
    names = [b"User-Agent", b"Referer", b"X-Request-ID", b"X-Forwarded-For", b"Forwarded", b"Via"]
    names += [b"Authorization", b"Accept-Language", b"Origin", b"Content-Encoding", mark[:8]]
    asked: list[tuple[str, bytes, bytes, Headers, bytes]] = []
    for service in ("intake", "moderation", "articles"):
        asked += [(service, b"GET", b"/healthz", [(name, mark)], b"") for name in names]
        asked += [
            (service, b"GET", b"/healthz", [(b"Cookie", cookie)], b"")
            for cookie in (mark, b"commentdesk_session=" + mark, mark + b"=" + mark)
        ]
        asked += [
            (service, b"GET", b"/" + escaped, [], b""),
            (service, b"GET", b"/" + mark, [], b""),
            (service, b"GET", b"/healthz?" + escaped + b"=" + escaped, [], b""),
            (service, b"GET", b"/v1/articles/" + escaped + b"/form", [], b""),
            (service, b"GET", b"/v1/submissions/" + escaped, [], b""),
            (service, b"GET", b"/v1/submissions?cursor=" + escaped, [], b""),
            (service, mark, b"/healthz", [], b""),
            (service, b"POST", b"/v1/captchas", [(b"Content-Type", mark)], b"{}"),
            (service, b"POST", b"/v1/captchas", [JSON], mark),
            (service, b"POST", b"/v1/captchas", [JSON], b'{"article": "' + mark + b'"}'),
            (service, b"PUT", b"/v1/comments", [JSON], mark),
        ]
    dispositions = (mark, b"form-data; name=" + mark, b"form-data; name*=" + mark + b"''%ff")
    asked += [("intake", b"POST", COMMENTS, [MULTIPART], part(d)) for d in dispositions]
    asked += [("intake", b"POST", COMMENTS, [FORM], escaped + b"=" + escaped)]
    login = b"login=" + escaped + b"&password=" + escaped + b"&next=" + escaped
    own = [FORM, (b"Sec-Fetch-Site", b"same-origin")]
    return [*asked, ("moderation", b"POST", b"/login", own, login)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def written(site: Installation) -> dict[str, bytes]:
    """The logs of every process after a day of such readers."""
    desk = await Desk.log_in(site, "mai")
    reader = Reader(site, desk.http)
    for mark in (BYTES, CONTROLS):
        for service, method, target, headers, body in everywhere(mark):
            send(getattr(site, service), method, target, headers, body)
    line = f"{MARK} {FAKE[:30]}"
    fields = {"name": line, "title": line, "content": f"{TYPED} vidu.com", "phone": PHONE}
    held = await reader.accepted(**fields)
    await reader.reaches(held, "held")
    await desk.decides("approve", held, note=TYPED)
    await reader.reaches(held, "published")
    for field in fields:
        status, _ = await reader.post(reader.form(**{field: f"{MARK}\x1b[31m"}))
        assert status == 422
    await desk_is_asked_too_much(desk)
    await workers_meet_a_stranger(site)
    await the_store_goes_away(site, reader, desk)
    await desk.close()
    site.stop()
    return {name: (site.folder / f"{name}.log").read_bytes() for name in ALL}


async def desk_is_asked_too_much(desk: Desk) -> None:
    form = dict.fromkeys(("text", "kind", "login", "role", "action", "back", "reason"), TYPED)
    form |= {f"item.{TYPED}": TYPED, "password": TYPED}
    headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
    for path in ("/rules/words", "/accounts", "/decisions", "/v1/decisions"):
        url = desk.site.moderation + path
        async with desk.http.post(url, json=form, headers=headers) as answer:
            assert answer.status == 422


async def workers_meet_a_stranger(site: Installation) -> None:
    """A job that is none of ours, with such a name: refused, and RQ has much to say of it."""
    connection = connect_blocking(site.redis.url)
    for name in ("checks", "publish", "upkeep"):
        queue = Queue(name, connection=connection, serializer=JSONSerializer)
        queue.enqueue_call(f"os.{MARK}\x1b[31m\n{FAKE}", args=(TYPED,), description=TYPED)

    async def all_taken() -> bool:
        return not any(
            Queue(name, connection=connection).count for name in ("checks", "publish", "upkeep")
        )

    await until(all_taken, "the workers have taken the strange jobs")
    connection.close()


async def the_store_goes_away(site: Installation, reader: Reader, desk: Desk) -> None:
    submission = await reader.accepted(**{**DOUBTFUL, "name": MARK, "content": f"{TYPED} x.vn"})
    await reader.reaches(submission, "held")
    site.kill("articles")
    await desk.decides("approve", submission, note=TYPED)
    status, _ = await reader.post(reader.form(MARK), article=MARK)
    assert status == 503

    async def failed() -> bool:
        return "delivery_failed" in site.log_of("publish")

    await until(failed, "the delivery has failed")


def lines(log: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.split(b"\n") if line]


@pytest.mark.parametrize("process", ALL)
def test_every_line_is_one_json_object(written: dict[str, bytes], process: str) -> None:
    # The article store had nothing to say: what is no HTTP is worth no line.
    assert written[process] or process == "articles"
    for line in lines(written[process]):
        assert {"event", "level", "timestamp", "process"} <= set(line)
        assert line["process"] == process
        assert "\n" not in line["event"]


@pytest.mark.parametrize("process", ALL)
def test_no_control_byte_reaches_a_terminal(written: dict[str, bytes], process: str) -> None:
    # ASCII alone: so no C1 byte, no line separator and no direction mark either.
    assert {byte for byte in written[process] if not 0x20 <= byte < 0x7F} <= {0x0A}


@pytest.mark.parametrize("process", ALL)
def test_nothing_that_was_typed_or_sent_is_in_it(written: dict[str, bytes], process: str) -> None:
    log = written[process]
    assert MARK.encode() not in log
    assert MARK.encode().hex().encode() not in log
    assert PHONE.encode() not in log
    assert b"127.0.0.1" not in log
    assert b"::1" not in log
    assert not any(line["event"] == "login" for line in lines(log))


def test_what_went_wrong_is_told_all_the_same(written: dict[str, bytes]) -> None:
    intake, publish = lines(written["intake"]), lines(written["publish"])
    assert any(line["event"] == "article_store_away" for line in intake)
    assert any(line["event"] == "delivery_failed" for line in publish)
    assert any(line.get("logger") == "rq.worker" for line in publish)
    assert not any(line["event"] == "request_failed" for line in intake)
