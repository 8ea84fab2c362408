"""Who listens: a free speech recogniser that knows English digits."""

from collections.abc import Callable
from functools import cache
from tempfile import NamedTemporaryFile

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Config, Decoder

from services.intake.captcha import sound
from services.intake.captcha.recording import WORDS

Samples = NDArray[np.float64]
Listener = Callable[[Samples], str]
# Of the model that pocketsphinx comes with; ours is half of it.
_MODEL_RATE, _RATE = 16_000, 8_000
_DIGITS = {word: str(digit) for digit, word in enumerate(WORDS["en"])} | {"oh": "0"}
_KEYWORD_THRESHOLD = 1e-10
# Of a loud part, in samples: the window of its loudness, the gap that ends it, the shortest; and
# how far it is from the quiet to the loud.
_WINDOW, _GAP, _SHORTEST = 400, 1_200, 600
_LOUD = 0.35


def with_grammar(samples: Samples) -> str:
    """pocketsphinx, told that it is six digits."""
    return _heard(_grammar_decoder(sound.LENGTH), samples)


def word_by_word(samples: Samples) -> str:
    """The same told that it is one digit, for each stretch that is louder than its surroundings."""
    decoder = _grammar_decoder(1)
    still = np.zeros(_RATE // 5)
    words = [np.concatenate([still, samples[part], still]) for part in _loud_parts(samples)]
    return "".join(_heard(decoder, word) for word in words)


def with_keywords(samples: Samples) -> str:
    """pocketsphinx spotting each word by itself."""
    decoder = _keyword_decoder()
    _decode(decoder, samples)
    places = sorted((part.start_frame, part.word.strip()) for part in decoder.seg() or ())
    return "".join(_DIGITS[word] for _, word in places if word in _DIGITS)


def _heard(decoder: Decoder, samples: Samples) -> str:
    _decode(decoder, samples)
    hypothesis = decoder.hyp()
    words = hypothesis.hypstr.split() if hypothesis else []
    return "".join(_DIGITS[word] for word in words)


def _decode(decoder: Decoder, samples: Samples) -> None:
    places = np.arange(len(samples) * _MODEL_RATE // _RATE) * _RATE / _MODEL_RATE
    finer = np.interp(places, np.arange(len(samples)), samples)
    # Perfect stillness is nothing the model has met.
    finer += np.random.default_rng(0).normal(0, 0.5, len(finer))
    loud = (finer / max(1.0, float(np.abs(finer).max())) * 30_000).astype("<i2")
    decoder.start_utt()
    decoder.process_raw(loud.tobytes(), full_utt=True)
    decoder.end_utt()


@cache
def _grammar_decoder(count: int) -> Decoder:
    digits, words = " ".join(["<digit>"] * count), " | ".join(_DIGITS)
    decoder = Decoder(Config(lm=None, loglevel="FATAL"))
    decoder.add_jsgf_string(
        "digits", f"#JSGF V1.0; grammar g; public <all> = {digits}; <digit> = {words};"
    )
    decoder.activate_search("digits")
    return decoder


@cache
def _keyword_decoder() -> Decoder:
    decoder = Decoder(Config(lm=None, loglevel="FATAL"))
    with NamedTemporaryFile("w", suffix=".kws") as file:
        file.writelines(f"{word} /{_KEYWORD_THRESHOLD:g}/\n" for word in WORDS["en"])
        file.flush()
        decoder.add_kws("digits", file.name)
    decoder.activate_search("digits")
    return decoder


def _loud_parts(samples: Samples) -> list[slice]:
    """Where it is louder than most of it, with a little before and after."""
    power = np.convolve(samples**2, np.ones(_WINDOW) / _WINDOW, "same") ** 0.5
    quiet, loud = np.percentile(power, (30, 97))
    places = np.flatnonzero(power > quiet + _LOUD * (loud - quiet))
    if not len(places):
        return []
    parts = np.split(places, np.flatnonzero(np.diff(places) > _GAP) + 1)
    return [
        slice(max(0, part[0] - _WINDOW), part[-1] + _WINDOW)
        for part in parts
        if part[-1] - part[0] > _SHORTEST
    ]
