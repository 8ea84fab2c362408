"""Reading a request's body strictly: what is wrong is named, nothing is repaired in silence."""

import asyncio
import json
import math
import re
from email.message import Message
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from commentdesk.web.errors import Problem

MAX_BYTES = 65_536
SECONDS: web.AppKey[float] = web.AppKey("body_seconds", float)
_MAX_FIELDS = 50
_MAX_PART_HEADERS = 8
_MAX_DEPTH = 8
_MAX_NUMBER_DIGITS = 20
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})

# What aiohttp raises for parts it cannot read.
_UNREADABLE = (
    ValueError,
    AssertionError,
    RuntimeError,
    HttpProcessingError,
    asyncio.IncompleteReadError,
)
_MAX_BRACKETS = 1_000
# What tells strings from the rest, and what opens and closes.
_MARK = re.compile(r'\\.|["{}\[\]]', re.DOTALL)
# No comment is as long. Larger bodies go on one at a time and a megabyte a second: what they
# cost, here and after, is cost that everyone on the loop waits for.
_LARGE = 16_384
_LARGE_BYTES_A_SECOND = 2**20
_LARGE_IN_TURN = asyncio.Lock()

_KINDS = {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}

Body = dict[str, Any]
_Bytes = TypeVar("_Bytes", bytes, bytearray)


class BodyTooLarge(Problem):
    """413, with the number of bytes there may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, "body_too_large", limit=limit)


async def read_body(request: web.Request, limit: int = MAX_BYTES) -> Body:
    """The body as a flat dictionary, from JSON, urlencoded or multipart.

    Raises:
        Problem: as `read_bytes`; 400 (unreadable), 415 (another kind).
    """
    if request.content_type not in _KINDS:
        raise Problem(415, "unsupported_media_type")
    try:
        raw = await read_bytes(request, limit)
    except BodyTooLarge:
        # What is left of it is read and thrown away, which costs too.
        await _wait_in_turn(limit)
        raise
    if len(raw) > _LARGE:
        await _wait_in_turn(len(raw))
    return await _parse(request, raw)


async def read_bytes(request: web.Request, limit: int) -> bytes:
    """The body as it was sent: whole, in plain UTF-8, and in good time.

    Raises:
        Problem: 400 (broken off), 408 (too slow), 413 (longer than `limit` bytes), 415 (packed,
            or in another character set).
    """
    _refuse_encodings(request)
    if (request.content_length or 0) > limit:
        raise BodyTooLarge(limit)
    try:
        if request.content.is_eof():
            # As short as most, it came with its head: no clock is set where nothing is waited for.
            return _within(request.content.read_nowait(), limit)
        async with asyncio.timeout(request.app[SECONDS]):
            return await _read(request, limit)
    except TimeoutError as error:
        raise Problem(408, "body_too_slow") from error
    except (OSError, web.RequestPayloadError, HttpProcessingError) as error:
        raise Problem(400, "bad_request") from error


async def _wait_in_turn(size: int) -> None:
    async with _LARGE_IN_TURN:
        await asyncio.sleep(size / _LARGE_BYTES_A_SECOND)


async def _parse(request: web.Request, raw: bytes) -> Body:
    match request.content_type:
        case "application/json":
            return parse_json(raw)
        case "multipart/form-data":
            return await _parse_multipart(request, raw)
        case _:
            return parse_form(raw)


def parse_json(raw: bytes) -> Body:
    """A JSON object.

    Raises:
        Problem: 400 naming the trouble: encoding, depth, numbers, duplicate keys, surrogates.
    """
    text = _decode(raw)
    _refuse_nesting(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Problem(400, "invalid_json") from error
    if not isinstance(value, dict):
        raise Problem(400, "json_not_object")
    _refuse_surrogates(text, value)
    return value


def parse_form(raw: bytes) -> Body:
    """An urlencoded form; every field once.

    Raises:
        Problem: 400 naming the trouble.
    """
    text = _decode(raw)
    if text.count("&") >= _MAX_FIELDS:
        raise Problem(400, "too_many_fields")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", separator="&")
    except UnicodeDecodeError as error:
        raise Problem(400, "invalid_utf8") from error
    except ValueError as error:
        raise Problem(400, "invalid_form") from error
    return _unique_fields(pairs)


def _refuse_encodings(request: web.Request) -> None:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, "unsupported_media_type")
    # Not asked of Python's codecs: they keep every unknown name they were asked for.
    if (request.charset or "utf-8").lower() not in _CHARSETS:
        raise Problem(415, "unsupported_media_type")


async def _read(request: web.Request, limit: int) -> bytes:
    raw = bytearray()
    while chunk := await request.content.readany():
        raw += chunk
        _within(raw, limit)
    return bytes(raw)


def _within(raw: _Bytes, limit: int) -> _Bytes:
    if len(raw) > limit:
        raise BodyTooLarge(limit)
    return raw


async def _parse_multipart(request: web.Request, raw: bytes) -> Body:
    # The reader would skip a preamble, which no form has, line by slow line.
    if not raw.startswith(b"--" + _boundary(request)):
        raise Problem(400, "invalid_form")
    # The whole body is here and within its limit; the reader has nothing to wait for.
    content = StreamReader(request.protocol, len(raw), loop=asyncio.get_running_loop())
    content.feed_data(raw)
    content.feed_eof()
    pairs: list[tuple[str, str]] = []
    try:
        reader = MultipartReader(request.headers, content, max_headers=_MAX_PART_HEADERS)
        while (part := await reader.next()) is not None:
            pairs.append(await _read_part(part))
            if len(pairs) > _MAX_FIELDS:
                raise Problem(400, "too_many_fields")
    except _UNREADABLE as error:
        raise Problem(400, "invalid_form") from error
    return _unique_fields(pairs)


def _boundary(request: web.Request) -> bytes:
    header = Message()
    header["Content-Type"] = request.headers["Content-Type"]
    return str(header.get_boundary("")).encode()


async def _read_part(part: BodyPartReader | MultipartReader | Any) -> tuple[str, str]:
    if not isinstance(part, BodyPartReader) or not part.name:
        raise Problem(400, "invalid_form")
    if not part.name.isprintable():
        # Bytes that are no UTF-8 come out of aiohttp's headers as surrogates.
        raise Problem(400, "invalid_form")
    if part.filename:
        raise Problem(400, "file_not_accepted")
    raw = bytearray()
    while chunk := await part.read_chunk():
        raw += chunk
    return part.name, _decode(bytes(raw))


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, "invalid_utf8") from error


def _refuse_nesting(text: str) -> None:
    """Count brackets, those inside strings left out; without recursion, and before any parsing."""
    if text.count("{") + text.count("[") <= _MAX_DEPTH:
        return
    depth = count = 0
    in_string = False
    for mark in _MARK.findall(text):
        if mark == '"':
            in_string = not in_string
        elif not in_string and len(mark) == 1:
            count += 1
            depth += 1 if mark in "{[" else -1
            if depth > _MAX_DEPTH:
                raise Problem(400, "json_too_deep")
            if count > _MAX_BRACKETS:
                raise Problem(400, "too_many_fields")


def _refuse_number(_text: str) -> float:
    raise Problem(400, "json_number")


def _read_int(text: str) -> int:
    if len(text) > _MAX_NUMBER_DIGITS:
        raise Problem(400, "json_number")
    return int(text)


def _read_float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_number(text)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem(400, "json_duplicate_key")
    return found


# Made once: `json.loads` makes one a call.
_DECODER = json.JSONDecoder(
    parse_constant=_refuse_number,
    parse_int=_read_int,
    parse_float=_read_float,
    object_pairs_hook=_unique_keys,
)


def _unique_fields(pairs: list[tuple[str, str]]) -> Body:
    if len(pairs) > _MAX_FIELDS:
        raise Problem(400, "too_many_fields")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Problem(400, "duplicate_field")
    return fields


def _refuse_surrogates(text: str, value: Body) -> None:
    # A surrogate can only come in by a \u escape: UTF-8 itself cannot carry one.
    if "\\u" not in text and "\\U" not in text:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Problem(400, "lone_surrogate") from error
