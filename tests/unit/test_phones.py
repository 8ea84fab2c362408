"""Phone numbers as people write them, each with the answer that the numbering plans give."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from phonenumbers import carrier
from phonenumbers.phonenumber import PhoneNumber as Parsed

from commentdesk import phones
from commentdesk.domain.vietnam import NEW_AREA_CODE, NEW_MOBILE_PREFIX, carrier_of
from commentdesk.phones import PhoneKind, PhoneNumber, PhoneRefused, matching_form, read_phone
from tests.unit.test_checks import HONEST, answer, codes
from workers.checks.phone import check_phone

_ROWS = [
    (line.split("\t") + [""] * 3)[:4]
    for line in (Path(__file__).parent / "phone_writings.tsv").read_text("utf-8").split("\n")
    if line and not line.startswith("#")
]


def test_the_table_is_long_and_names_a_writing_once() -> None:
    assert len(_ROWS) >= 150
    assert len({row[0] for row in _ROWS}) == len(_ROWS)


@pytest.mark.parametrize(("writing", "expected", "kind", "doubt"), _ROWS)
def test_a_writing_is_what_the_numbering_plan_says(
    writing: str, expected: str, kind: str, doubt: str
) -> None:
    if not kind:
        with pytest.raises(PhoneRefused) as refused:
            read_phone(writing, "VN")
        assert refused.value.trouble == expected
        assert not any(c.isdigit() for c in str(refused.value)), "the number is not repeated"
    else:
        number = read_phone(writing, "VN")
        assert (number.e164, number.kind) == (expected, kind)
        assert number.e164 not in repr(number)
    finding = answer(check_phone, replace(HONEST, phone=writing))
    wanted = doubt or ("" if kind else expected)
    assert codes(finding) == ([wanted] if wanted else [])


def test_old_and_new_writings_of_a_number_match() -> None:
    for writings in (
        ("0912345678", "+84 (0)912 345 678", "84.912.345.678", "٠٩١٢٣٤٥٦٧٨"),
        ("0168 812 3456", "038 812 3456", "+84388123456"),
        ("0511 3822 123", "+84 236 3822123"),
    ):
        assert len({matching_form(writing, "VN") for writing in writings}) == 1
    assert matching_form("", "VN") == ""
    assert matching_form("gọi 12", "VN") == "12"


def test_an_extension_and_an_old_plan_are_told() -> None:
    assert read_phone("024 3822 1234 máy lẻ 105", "VN").extension == "105"
    assert read_phone("0168 812 3456", "VN").converted
    assert not read_phone("038 812 3456", "VN").converted


@pytest.mark.parametrize(("region", "writing"), [("US", "650 253 0000"), ("JP", "03-1234-5678")])
def test_a_site_elsewhere_reads_its_own_numbers_and_vietnams(region: str, writing: str) -> None:
    assert read_phone(writing, region).region == region
    assert read_phone("+84 0912 345 678", region).e164 == "+84912345678"


def test_every_old_prefix_leads_to_one_of_today() -> None:
    assert len(NEW_MOBILE_PREFIX) == len(set(NEW_MOBILE_PREFIX.values())) == 21
    # 63 provinces; four kept their codes (0210, 0211, 0218, 0219).
    assert len(NEW_AREA_CODE) == len(set(NEW_AREA_CODE.values())) == 59
    for code in NEW_AREA_CODE.values():
        number = read_phone(f"0{code}38221234"[:11], "VN")
        assert number.kind is PhoneKind.FIXED


def test_carriers_are_those_of_the_numbering_plan() -> None:
    """libphonenumber's own table, which is too large to carry along, says the same."""
    names = {
        "Wintel": "Reddi",
        "VinaPhone": "Vinaphone",
        "Gmobile": "G-Mobile",
        "iTel": "Vinaphone",
    }
    for prefix in range(30, 100):
        if ours := carrier_of(f"{prefix}2345678"):
            numbers = (Parsed(84, int(f"{prefix}{digit}345678")) for digit in range(10))
            theirs = {carrier.name_for_number(number, "en").casefold() for number in numbers}
            assert theirs & {names.get(ours, ours).casefold()} or theirs == {""}, prefix


def test_the_short_way_says_what_the_long_way_says(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(84)
    heads = ("0", "+84", "84", "0084", "+840", "+ 84-", "00", "+1", "0121", "0900", "012")
    writings = [
        dice.choice(heads)
        + "".join(
            dice.choice("0123456789") + dice.choice(("", "", "", " ", ".", "-", " - ", ".."))
            for _ in range(dice.randrange(6, 12))
        )
        for _ in range(1_000)
    ] + [row[0] for row in _ROWS]
    for region in ("VN", "US"):
        short = [_outcome(writing, region) for writing in writings]
        with monkeypatch.context() as patched:
            patched.setattr(phones, "_plain_mobile", lambda *_: None)
            assert short == [_outcome(writing, region) for writing in writings]


def _outcome(writing: str, region: str) -> PhoneNumber | tuple[str, int]:
    try:
        return read_phone(writing, region)
    except PhoneRefused as refused:
        return refused.trouble, refused.digits
