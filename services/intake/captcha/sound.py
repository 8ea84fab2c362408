"""The digits to hear: spoken by the `captcha` package, in English over noise."""

from functools import cache

import captcha.audio

from services.intake.captcha.chance import CHANCE

DIGITS = "0123456789"
LENGTH = 6

# The package has no way to hand it dice.
vars(captcha.audio)["secrets"] = CHANCE


def speak(digits: str, seed: str) -> bytes:
    """The WAV of some digits; the same bytes for the same two."""
    with CHANCE.seeded(seed):
        return bytes(_audio().generate(digits))


@cache
def _audio() -> captcha.audio.AudioCaptcha:
    audio = captcha.audio.AudioCaptcha()
    audio.load()
    return audio
