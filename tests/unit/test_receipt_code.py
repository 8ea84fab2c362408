"""Codes that are typed from paper."""

import re
import secrets

import pytest

from commentdesk.domain.receipt_code import ALPHABET, PATTERN, code_from, read_code


def test_a_code_says_all_of_its_sixty_bits() -> None:
    assert code_from(bytes(32)) == "0000-0000-0000"
    assert code_from(b"\xff" * 32) == "ZZZZ-ZZZZ-ZZZZ"
    bits = [bytes.fromhex(f"{1 << place:016x}") for place in range(4, 64)]
    assert len({code_from(each) for each in bits}) == 60
    assert len(ALPHABET) == len(set(ALPHABET)) == 32


@pytest.mark.parametrize(
    "typed",
    [
        "70A1-9QXA-B2CD",
        "70a19qxab2cd",
        "  7oAl 9qxa b2cd ",
        "70AI\u20139QXA\u2014B2CD",
        "70aL.9QXA.B2CD",
        "7 0 A 1 9 Q X A B 2 C D",
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert read_code(typed) == "70A1-9QXA-B2CD"


@pytest.mark.parametrize(
    "typed",
    [
        *("", "70A1-9QXA-B2C", "70A1-9QXA-B2CDE", "70A1-9QXA-B2CU", "70A1-9QXA-B2C\u0660"),
        *("x" * 4000, "70A1-9QXA-B2CD" + " " * 40, "70A1\u20009QXA B2CD"),
        *("ıııı-ıııı-ıııı", "ß" * 12, "ﬀ" * 6),
    ],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


def test_what_is_written_is_read() -> None:
    for _ in range(200):
        code = code_from(secrets.token_bytes(32))
        assert read_code(code) == code
        assert re.fullmatch(PATTERN, code)
