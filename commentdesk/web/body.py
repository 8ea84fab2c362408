"""Reading a request's body strictly: what is wrong is named, nothing is repaired in silence."""

import asyncio
import json
import math
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from commentdesk.web.errors import Problem

MAX_BYTES = 65_536
_MAX_FIELDS = 50
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

Body = dict[str, Any]


async def read_body(request: web.Request, limit: int = MAX_BYTES) -> Body:
    """The body as a flat dictionary, from JSON, urlencoded or multipart.

    Raises:
        Problem: 400 (unreadable), 413 (longer than `limit` bytes), 415 (another kind).
    """
    _refuse_encodings(request)
    match request.content_type:
        case "application/json":
            return parse_json(await _read(request, limit))
        case "application/x-www-form-urlencoded":
            return parse_form(await _read(request, limit))
        case "multipart/form-data":
            return await _read_multipart(request, limit)
    raise Problem(415, "unsupported_media_type")


def parse_json(raw: bytes) -> Body:
    """A JSON object.

    Raises:
        Problem: 400 naming the trouble: encoding, depth, numbers, duplicate keys, surrogates.
    """
    text = _decode(raw)
    if _depth(text) > _MAX_DEPTH:
        raise Problem(400, "json_too_deep")
    try:
        value = json.loads(
            text,
            parse_constant=_refuse_number,
            parse_int=_read_int,
            parse_float=_read_float,
            object_pairs_hook=_unique_keys,
        )
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
    if (request.content_length or 0) > limit:
        raise Problem(413, "body_too_large", limit=limit)
    raw = bytearray()
    while chunk := await request.content.readany():
        raw += chunk
        if len(raw) > limit:
            raise Problem(413, "body_too_large", limit=limit)
    return bytes(raw)


async def _read_multipart(request: web.Request, limit: int) -> Body:
    if (request.content_length or 0) > limit:
        raise Problem(413, "body_too_large", limit=limit)
    pairs: list[tuple[str, str]] = []
    size = 0
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            name, raw = await _read_part(part, limit - size, limit)
            size += len(raw) + len(name)
            pairs.append((name, _decode(raw)))
            if len(pairs) > _MAX_FIELDS:
                raise Problem(400, "too_many_fields")
    except _UNREADABLE as error:
        raise Problem(400, "invalid_form") from error
    return _unique_fields(pairs)


async def _read_part(
    part: BodyPartReader | MultipartReader | Any, left: int, limit: int
) -> tuple[str, bytes]:
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
        if len(raw) > left:
            raise Problem(413, "body_too_large", limit=limit)
    return part.name, bytes(raw)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, "invalid_utf8") from error


def _depth(text: str) -> int:
    """How deep brackets nest, not counting those inside strings; linear, no recursion."""
    depth = deepest = 0
    in_string = escaped = False
    if text.count("{") + text.count("[") <= _MAX_DEPTH:
        return 0
    for character in text:
        if in_string:
            escaped, in_string = (
                character == "\\" and not escaped,
                character != '"' or escaped,
            )
        elif character == '"':
            in_string = True
        elif character in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "}]":
            depth -= 1
    return deepest


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
