"""Bodies made to cost much: refused by name, cheaply, and nobody else waits or pays for them.

What is wrong in an ordinary body is in tests/integration/test_bad_input.py.
"""

import json
import zlib
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from typing import Any

import aiohttp
import psutil
import pytest

from tests.attacks.wire import Others, comment_path, in_turns, process_of, say
from tests.installation import Installation
from tests.reader import ARTICLE, CLEAN, Reader

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
_MOST_GROWTH = 20 * 2**20


def part(name: str, value: bytes = b"v", headers: bytes = b"") -> bytes:
    disposition = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n'.encode()
    return disposition + headers + b"\r\n" + value + b"\r\n"


def parts(*all_parts: bytes) -> bytes:
    return b"".join(all_parts) + b"--x--\r\n"


@cache
def packed(window: int) -> bytes:
    """200 MB of nothing."""
    packing = zlib.compressobj(9, zlib.DEFLATED, window)
    return b"".join(packing.compress(bytes(10**6)) for _ in range(200)) + packing.flush()


async def without_length() -> AsyncIterator[bytes]:
    """200 MB, of which the sender does not say how much it will be."""
    for _ in range(200 * 16):
        yield b"a" * 2**16


class Attack:
    """A body and the answer it must get."""

    def __init__(
        self, kind: str, body: bytes | Callable[[], Any], status: int, code: str, packing: str = ""
    ) -> None:
        self.headers = {"Content-Type": kind}
        if packing:
            self.headers["Content-Encoding"] = packing
        self._body = body
        self.answer = (status, code)

    async def run(self, http: aiohttp.ClientSession, url: str) -> tuple[int, str]:
        body = self._body if isinstance(self._body, bytes) else self._body()
        async with http.post(url, data=body, headers=self.headers) as response:
            text = await response.text()
            found = json.loads(text)["code"] if "json" in response.content_type else ""
            return response.status, found


def form_with_part(headers: bytes) -> Attack:
    return Attack(MULTIPART, parts(part("a", b"", headers)), 400, "invalid_form")


# Made when they are first sent, not by every worker that reads this file.
GZIP, DEFLATE = partial(packed, 31), partial(packed, 15)
UNSUPPORTED = (415, "unsupported_media_type")
ATTACKS = {
    "1.1 MB": Attack(JSON, b'{"name":"' + b"a" * 1_100_000 + b'"}', 413, "body_too_large"),
    "JSON without end": Attack(JSON, without_length, 413, "body_too_large"),
    "form without end": Attack(FORM, without_length, 413, "body_too_large"),
    "multipart without end": Attack(MULTIPART, without_length, 413, "body_too_large"),
    "gzip bomb": Attack(JSON, GZIP, *UNSUPPORTED, "gzip"),
    "gzip bomb as a form": Attack(FORM, GZIP, *UNSUPPORTED, "gzip"),
    "gzip bomb as multipart": Attack(MULTIPART, GZIP, *UNSUPPORTED, "x-gzip"),
    "gzip twice": Attack(JSON, GZIP, *UNSUPPORTED, "gzip, gzip"),
    "deflate bomb": Attack(JSON, DEFLATE, *UNSUPPORTED, "deflate"),
    "brotli": Attack(JSON, b"\x5b\xff\xff\x00" * 20, *UNSUPPORTED, "br"),
    "zstandard": Attack(JSON, b"\x28\xb5\x2f\xfd" + bytes(50), *UNSUPPORTED, "zstd"),
    "10,000 fields": Attack(
        FORM, b"&".join(b"%d=" % n for n in range(10_000)), 400, "too_many_fields"
    ),
    "10,000 parts": Attack(
        MULTIPART, parts(*(part(str(n), b"") for n in range(10_000))), 413, "body_too_large"
    ),
    "51 parts": Attack(
        MULTIPART, parts(*(part(str(n), b"") for n in range(51))), 400, "too_many_fields"
    ),
    "no boundary": Attack("multipart/form-data", b"--x", 400, "invalid_form"),
    "a long boundary": Attack(
        f"multipart/form-data; boundary={'x' * 300}", b"--" + b"x" * 300, 400, "invalid_form"
    ),
    "an empty boundary": Attack(
        'multipart/form-data; boundary=""', b"--\r\n\r\n\r\n", 400, "invalid_form"
    ),
    "a long preamble": Attack(MULTIPART, b"\n" * 60_000 + parts(part("a")), 400, "invalid_form"),
    "multipart in multipart": Attack(
        MULTIPART,
        parts(part("a", b"--y\r\n\r\n\r\n--y--", b"Content-Type: multipart/mixed; boundary=y\r\n")),
        400,
        "invalid_form",
    ),
    "a file": Attack(MULTIPART, parts(part('a"; filename="b')), 400, "file_not_accepted"),
    "a file, RFC 5987": Attack(
        MULTIPART, parts(part("a\"; filename*=UTF-8''b; x=\"")), 400, "file_not_accepted"
    ),
    "_charset_": Attack(
        MULTIPART, parts(part("_charset_", b"utf-7"), part("name", b"+ADw-")), 400, "invalid_form"
    ),
    "a long _charset_": Attack(
        MULTIPART, parts(part("_charset_", b"u" * 100)), 400, "invalid_form"
    ),
    "a part's header of 60 kB": form_with_part(b"X: " + b"y" * 60_000 + b"\r\n"),
    "2,000 headers of a part": form_with_part(b"".join(b"X%d: y\r\n" % n for n in range(2_000))),
    "a part's header without colon": form_with_part(b"no colon\r\n"),
    "NUL in a part's header": form_with_part(b"X: a\x00b\r\n"),
    "no name but nonsense": Attack(
        MULTIPART, b'--x\r\nContent-Disposition: ;;;"\r\n\r\na\r\n--x--\r\n', 400, "invalid_form"
    ),
    "a body cut off": Attack(MULTIPART, part("a")[:-20], 400, "invalid_form"),
    "50,000 brackets": Attack(JSON, b"[" * 50_000 + b"]" * 15_000, 400, "json_too_deep"),
    "10,000 objects": Attack(JSON, b'{"a":' * 10_000, 400, "json_too_deep"),
    "flat brackets": Attack(JSON, b"[" + b"[]," * 20_000 + b"1]", 400, "too_many_fields"),
    "60,000 digits": Attack(JSON, b'{"name":' + b"9" * 60_000 + b"}", 400, "json_number"),
    "100,000 digits": Attack(JSON, b'{"name":' + b"9" * 100_000 + b"}", 413, "body_too_large"),
    "a float of 60,000 digits": Attack(JSON, b'{"name":0.' + b"9" * 60_000 + b"}", 422, "invalid"),
    "an exponent": Attack(JSON, b'{"name":1e999999999}', 400, "json_number"),
    "6,000 keys": Attack(
        JSON, json.dumps({str(n): 0 for n in range(6_000)}).encode(), 422, "invalid"
    ),
    # Equal as numbers modulo 2^61-1, which is how Python hashes them.
    "keys that collide": Attack(
        JSON, json.dumps({str(n * (2**61 - 1)): 0 for n in range(1_500)}).encode(), 422, "invalid"
    ),
    "a byte order mark": Attack(JSON, b"\xef\xbb\xbf{}", 400, "invalid_json"),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_a_greedy_body_gets_its_answer(reader: Reader, name: str) -> None:
    attack = ATTACKS[name]
    assert await attack.run(reader.http, reader.site.intake + comment_path()) == attack.answer


@pytest.mark.parametrize("name", ["1.1 MB", "JSON without end", "gzip bomb", "50,000 brackets"])
@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("intake", "/v1/captchas"),
        ("intake", f"/v1/articles/{ARTICLE}/form"),
        ("moderation", "/login"),
    ],
)
async def test_every_address_that_reads_a_body_refuses_it(
    site: Installation, name: str, service: str, path: str
) -> None:
    url = getattr(site, service)
    attack = ATTACKS[name]
    async with aiohttp.ClientSession(headers={"Origin": url}) as http:
        assert (await attack.run(http, url + path))[0] == attack.answer[0]


async def test_the_article_store_refuses_them_from_its_own_too(site: Installation) -> None:
    headers = {"Authorization": f"Bearer {site.token}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        url = f"{site.articles}/v1/comments"
        for headers, status in (({"Content-Encoding": "gzip"}, 415), ({}, 400)):
            kind = {"Content-Type": JSON, **headers}
            async with http.put(url, data=GZIP(), headers=kind) as response:
                assert response.status == status


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 10_000_000,
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
        + b"".join(b"X%d: a\r\n" % n for n in range(10_000)),
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n",
    ],
    ids=["a header of 10 MB", "10,000 headers", "a path of 100 kB"],
)
async def test_a_head_without_end_ends_the_connection(site: Installation, head: bytes) -> None:
    async with Others.served(f"{site.intake}/healthz"):
        answers = await say(site.intake, head + b"\r\n\r\n")
    # The answer may be lost where the connection is reset under what is still being sent.
    assert [answer.status for answer in answers] in ([400], [])


async def test_many_at_once_cost_no_memory_and_stop_nobody(reader: Reader) -> None:
    url = reader.site.intake + comment_path()
    for _ in range(20):
        await reader.accepted()
    intake = process_of(reader.site, "intake")
    before = intake.memory_info().rss
    attacks = [*ATTACKS.values()] * 2

    async def run(number: int) -> None:
        assert await attacks[number].run(reader.http, url) == attacks[number].answer

    async with Others.served(f"{reader.site.intake}/receipts") as others:
        await in_turns(len(attacks), 8, run)
        answered = others.answered
    # Eight attack at a time and one asks: in a loop that is fair, one answer in nine is his.
    assert answered >= len(attacks) / 8 / 2
    assert intake.memory_info().rss - before < _MOST_GROWTH
    assert process_of(reader.site, "intake") == intake
    await reader.accepted()


async def test_thousands_of_marks_on_one_letter_become_four(reader: Reader) -> None:
    # Before the hundreds of long ones below: behind them, it would wait its turn.
    submission = await reader.accepted(content="a" + "\u0301\u0323" * 5_000)
    await reader.reaches(submission, "published")
    comment = next(c for c in await reader.comments() if c["id"] == submission)
    assert len(comment["content"]) <= 5


# The square of how many there are is what putting marks in order, and telling where a flag
# begins, would take.
COSTLY = {
    "marks in disorder": "a" + "\u0301\u0323" * 15_000,
    "marks of music": "a" + "\U0001d165\U0001d16d" * 7_500,
    "marks within marks": "\u0f73" * 20_000,
    "marks kept apart by nothing": ("\u0301\u0323" * 15 + "\u200d") * 900,
    "marks that are letters": "\uff9e\u0301" * 12_000,
    "flags": "\U0001f1fb\U0001f1f3" * 7_500,
}


@pytest.mark.parametrize("name", COSTLY)
async def test_no_text_costs_more_than_its_length(reader: Reader, name: str) -> None:
    intake = process_of(reader.site, "intake")
    ordinary = [reader.form(content=CLEAN["content"] * 50) for _ in range(40)]
    costly = [reader.form(content=COSTLY[name]) for _ in range(4)]
    per_ordinary = await _seconds_each(intake, reader, ordinary)
    per_costly = await _seconds_each(intake, reader, costly)
    # Processor seconds, whatever else the machine does; a hundredfold where it goes by the square.
    assert per_costly < 30 * per_ordinary


async def _seconds_each(
    process: psutil.Process, reader: Reader, forms: list[dict[str, Any]]
) -> float:
    before = process.cpu_times().user
    url = reader.site.intake + comment_path()
    for form in forms:
        # As UTF-8: escaped, it would be too large.
        body = json.dumps(form, ensure_ascii=False).encode()
        async with reader.http.post(url, data=body, headers={"Content-Type": JSON}) as response:
            assert response.status in {202, 422}
    return (process.cpu_times().user - before) / len(forms)


async def test_flags_are_counted_as_a_reader_sees_them(reader: Reader) -> None:
    flag = "\U0001f1fb\U0001f1f3"
    assert (await reader.post(reader.form(name=flag * 80)))[0] == 202
    status, answer = await reader.post(reader.form(name=flag * 81))
    assert (status, answer["errors"][0]["code"]) == (422, "too_long")
