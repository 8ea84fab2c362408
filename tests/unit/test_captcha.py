"""The captcha's id carries everything and gives nothing away."""

import base64
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from commentdesk.database import now
from commentdesk.sealing import Sealing
from services.intake.captcha import sound
from services.intake.captcha.minting import CaptchaMint, CaptchaUnknown
from services.intake.captcha.orders import make
from services.intake.captcha.picture import ALPHABET, HEIGHT, LENGTH, WIDTH

MINT = CaptchaMint(Sealing("s" * 40, "captcha"), 600)


def test_an_id_reads_back_and_hides_its_answer() -> None:
    made = MINT.mint("bài-viết")
    read = MINT.open(made.id)
    assert read == made
    assert len(made.answer) == LENGTH
    assert set(made.answer) <= set(ALPHABET)
    assert len(made.digits) == sound.LENGTH
    assert made.answer.encode() not in base64.urlsafe_b64decode(made.id + "==")
    assert not made.expired(now())
    assert made.expired(now() + timedelta(seconds=601))


def test_another_key_another_purpose_or_a_changed_id_is_unknown() -> None:
    made = MINT.mint("a")
    for other in (Sealing("t" * 40, "captcha"), Sealing("s" * 40, "personal-data")):
        with pytest.raises(CaptchaUnknown):
            CaptchaMint(other, 600).open(made.id)
    for position in (0, 20, len(made.id) // 2):
        changed = "A" if made.id[position] != "A" else "B"
        with pytest.raises(CaptchaUnknown):
            MINT.open(made.id[:position] + changed + made.id[position + 1 :])


@given(st.text(max_size=300) | st.text(alphabet="AZaz09-_=", max_size=3_000))
def test_no_text_from_outside_is_an_id(text: str) -> None:
    with pytest.raises(CaptchaUnknown):
        MINT.open(text)


def test_the_answer_is_taken_as_people_type_it() -> None:
    made = MINT.mint("a")
    for right in (made.answer, made.digits):
        wide = "".join(chr(ord(c) + 0xFEE0) for c in right)
        for typed in (right, right.lower(), right.upper(), f" {' '.join(right)} ", wide):
            assert made.accepts(typed)
    for typed in (
        "",
        made.answer[:-1],
        made.answer + "0",
        made.answer + made.digits,
        "١٢٣٤٥٦",
        "é",
    ):
        assert not made.accepts(typed)


def test_picture_and_sound_are_always_the_same_for_one_id() -> None:
    made, other = MINT.mint("a"), MINT.mint("a")
    again = MINT.open(made.id)
    picture = make(made.picture())
    assert picture == make(again.picture()) != make(other.picture())
    for language in sound.LANGUAGES:
        spoken = make(made.sound(language))
        assert spoken == make(again.sound(language)) != make(other.sound(language))
    assert make(made.sound("vi")) != make(made.sound("en"))
    image = Image.open(BytesIO(picture))
    assert (image.format, image.size, image.info) == ("PNG", (WIDTH, HEIGHT), {})
