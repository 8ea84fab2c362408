"""An outside engine that lies, hangs, floods or leads elsewhere: unknown, and nothing worse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentdesk.domain.finding import Finding
from tests.engines import Outside, settings
from tests.integration.test_engines import ADDRESS, HONEST, PHONE
from workers.engines import EngineFailed, Engines, Question, endpoint, spamassassin
from workers.engines.endpoint import Answer

# For what never ends.
TIME_BOX = {"engine_seconds": 1.0}
GOOD = b'{"outcome": "clean", "score": 0, "reasons": []}'


async def asked(outside: Outside, kind: str, **box: float) -> Finding:
    engines = Engines(settings(**getattr(outside, kind), **box))
    try:
        [finding] = (await engines.ask([Question.about(HONEST, ADDRESS)]))[HONEST.id]
    finally:
        await engines.close()
    return finding


@pytest.mark.parametrize("kind", ["akismet", "endpoint"])
@pytest.mark.parametrize(
    "behaviour",
    ["hanging", "broken", "redirecting", "huge", "endless", "dripping", "packed"],
)
async def test_however_it_misbehaves_the_answer_is_unknown(kind: str, behaviour: str) -> None:
    async with Outside().standing() as outside:
        outside.behaviour = behaviour
        ends = behaviour not in {"hanging", "endless", "dripping"}
        finding = await asked(outside, kind, **({} if ends else TIME_BOX))
        assert (finding.outcome, finding.score) == ("unknown", 0)
        assert [reason.code for reason in finding.reasons] == ["check_failed"]
        assert len(outside.calls) == 1
        assert outside.redirected == 0, "no redirect is followed"
        for told in (PHONE, ADDRESS, HONEST.name, outside.url, "akismet-key"):
            assert told not in finding.reasons[0].text


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"null", b"[]", b"true", b"clean", GOOD[:-1], GOOD + b"x", b"\xff" + GOOD),
        *(b"[" * 60_000, b'{"a":' * 9_000, b"9" * 60_000),
        b'{"outcome": "clean"}',
        b'{"outcome": "clean", "score": 0}',
        b'{"outcome": "clean", "score": 0, "reasons": [], "action": "approve"}',
        b'{"outcome": "clean", "score": 0, "score": 0, "reasons": []}',
        b'{"outcome": "approve", "score": 0, "reasons": []}',
        b'{"outcome": "CLEAN", "score": 0, "reasons": []}',
        b'{"outcome": ["clean"], "score": 0, "reasons": []}',
        *(
            b'{"outcome": "clean", "score": %s, "reasons": []}' % score
            for score in (b"-0.1", b"1.1", b"NaN", b"Infinity", b"1e999", b'"0"', b"true", b"null")
        ),
        *(
            b'{"outcome": "bad", "score": 1, "reasons": %s}' % reasons
            for reasons in (b"null", b'"x"', b"[1]", b'["\\u0000"]', b'["\\ud800"]')
        ),
        b'{"outcome": "bad", "score": 1, "reasons": ["%s"]}' % (b"x" * 201),
        b'{"outcome": "bad", "score": 1, "reasons": ["a","a","a","a","a","a"]}',
    ],
)
async def test_an_answer_that_was_not_agreed_is_none(answer: bytes) -> None:
    async with Outside().standing() as outside:
        outside.answer = answer
        assert (await asked(outside, "endpoint")).outcome == "unknown"


@pytest.mark.parametrize(
    "answer", [b"", b"invalid", b"truefalse", b"TRUE", b"1", b"<html>true</html>", b"true\x00"]
)
async def test_akismet_says_true_or_false_and_nothing_else(answer: bytes) -> None:
    async with Outside().standing() as outside:
        outside.answer = answer
        assert (await asked(outside, "akismet")).outcome == "unknown"


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_nothing_it_answers_breaks_the_reader(answer: bytes) -> None:
    reads: tuple[Callable[[bytes], object], ...] = (
        endpoint.read_answer,
        spamassassin.read_answer,
    )
    for read in reads:
        with suppress(EngineFailed):
            assert isinstance(read(answer), Answer | tuple)


@asynccontextmanager
async def spamd_that_says(answer: bytes, *, ends: bool = True) -> AsyncIterator[str]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.write(answer)
        if ends:
            writer.close()
        else:
            await reader.read()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"{host}:{port}"
    server.close()


SPAM = b"Spam: True ; 6.8 / 5.0"
HAM = b"Spam: False ; 0.1 / 5.0"
OK = b"SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\n"


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (b"", True),
        (OK + HAM + b"\r\n\r\n", False),
        (OK + HAM, True),
        (OK + b"\r\n", True),
        (OK + HAM + b"\r\n" + SPAM + b"\r\n\r\n", True),
        (OK + b"Spam: False ; 0.1 / 0.0\r\n\r\n", True),
        (OK + b"Spam: False ; nan / 5.0\r\n\r\n", True),
        (OK + b"Spam: False ; 1e9 / 5.0\r\n\r\n", True),
        (OK.replace(b"0 EX_OK", b"74 EX_IOERR") + HAM + b"\r\n\r\n", True),
        (OK.replace(b"length: 0", b"length: 9") + HAM + b"\r\n\r\nGTUBE", True),
        (OK + HAM + b"\r\n\r\n" + b"A" * 100_000, True),
        (b"HTTP/1.1 200 OK\r\n\r\nfalse", True),
    ],
)
async def test_a_spamd_that_is_none_is_unknown(answer: bytes, ends: bool) -> None:
    async with spamd_that_says(answer, ends=ends) as address:
        engines = Engines(settings(spamd_address=address, **({} if ends else TIME_BOX)))
        [finding] = (await engines.ask([Question.about(HONEST)]))[HONEST.id]
        assert finding.outcome == "unknown"


async def test_a_spamd_as_agreed_is_heard() -> None:
    """The answers above fail for what is wrong in them."""
    async with spamd_that_says(OK + SPAM + b"\r\n\r\n") as address:
        engines = Engines(settings(spamd_address=address))
        [finding] = (await engines.ask([Question.about(HONEST)]))[HONEST.id]
        assert (finding.outcome, finding.reasons[0].text) == ("suspect", "6.8 / 5")


async def test_no_comment_of_the_batch_is_waved_through_when_time_is_over() -> None:
    async with Outside().standing() as outside:
        outside.behaviour = "hanging"
        chosen = settings(**outside.endpoint, engine_seconds=1.0, lease_seconds=1.2)
        engines = Engines(chosen)
        many = [Question.about(replace(HONEST, id=f"0199-{n}")) for n in range(30)]
        found = await engines.ask(many)
        assert [f.outcome for each in found.values() for f in each] == ["unknown"] * 30
        await engines.close()
