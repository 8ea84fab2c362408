"""Training: what it may not learn from, what it is repeated from, and words for what it finds."""

import json
import random
from pathlib import Path

import pytest

from commentdesk.domain.finding import Reason
from tests.prepared import ROOT
from training.disguise import WRITINGS, writing
from training.generate import Writer
from training.overlap import quoted, rare_runs
from training.rows import MAY_SHIP, NOT_FOR_WEIGHTS, may_ship
from workers.checks.reading import Reading, SubmissionReading
from workers.checks.spam.evidence import SILENT, reasons
from workers.checks.spam.facts import facts_of
from workers.checks.spam.features import BUCKETS, features, words_of
from workers.checks.spam.hosts import Place
from workers.checks.spam.model import shipped_model

TEXTS = {
    language: json.loads((ROOT / f"services/moderation/texts/{language}.json").read_text("utf-8"))
    for language in ("vi", "en")
}


def read(text: str) -> SubmissionReading:
    return SubmissionReading(Reading(""), Reading(""), Reading(text))


def margin(text: str) -> float:
    return shipped_model().margin(features(read(text)))


def test_rows_whose_licence_forbids_it_and_unknown_ones_are_not_trained_on() -> None:
    assert not MAY_SHIP & NOT_FOR_WEIGHTS
    assert not any(may_ship({"slice": name}) for name in (*NOT_FOR_WEIGHTS, "found_somewhere"))


def test_the_shipped_model_says_what_it_was_trained_on() -> None:
    assert set(shipped_model().facts["rows"]) <= MAY_SHIP


def test_what_a_row_is_worth_changes_what_is_learned() -> None:
    # Slow to import, and this is the only test that trains.
    from training.fit import Examples, fit

    texts, spam = (
        ["tin nhắn chào bạn"] * 8 + ["tin nhắn trúng thưởng"] * 8,
        [False] * 8 + [True] * 8,
    )
    much = fit(Examples(texts, spam, [1.0] * 16), {}, 1)
    little = fit(Examples(texts, spam, [0.01] * 8 + [1.0] * 8), {}, 1)
    greeting = features(read("tin nhắn chào bạn"))
    assert much.margin(greeting) < little.margin(greeting)


def test_a_template_that_quotes_a_row_is_found() -> None:
    rows = ["Hôm qua con mèo nhà tôi trèo lên mái ngói kêu suốt đêm", "Bài rất hay"]
    rare = rare_runs(iter(rows))
    assert quoted("[Tối|Đêm] đó con mèo nhà tôi trèo lên mái [ngói|tôn].", rare)
    assert not quoted("[Tối|Đêm] đó trời mưa rất to và [gió|sấm] lớn.", rare)


def test_what_many_rows_say_is_nobodys() -> None:
    assert not rare_runs(iter(["cảm ơn tác giả bài viết rất hay"] * 3))


@pytest.mark.parametrize(
    "name", [name for name in WRITINGS if name not in ("small_letters", "teencode")]
)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_disguise_saves_no_advertisement(name: str, language: str) -> None:
    """Where the model is undecided; of the real rows training/obfuscation.py asks.

    Nearly all are caught as they are, so that one teaser of four words more or less is chance.
    """
    plain = [one.text for one in Writer(4242).examples({("spam", language): 150})]
    chance = random.Random(11)
    caught = sum(margin(text) >= 0 for text in plain)
    hidden = sum(margin(writing(name, text, chance)) >= 0 for text in plain)
    assert hidden >= caught - (0.02 * len(plain) if name == "broken_links" else 1)


@pytest.mark.parametrize("name", ["no_diacritics", "teencode", "decomposed"])
def test_honest_habits_raise_no_alarm(name: str) -> None:
    plain = [one.text for one in Writer(77).examples({("honest", "vi"): 400})]
    chance = random.Random(3)
    alarms = sum(margin(text) >= 0 for text in plain)
    written = sum(margin(writing(name, text, chance)) >= 0 for text in plain)
    assert written <= alarms + 2


@pytest.mark.parametrize(
    "text", ["", " ", "_", "\ud800 lẻ", "Ａ" * 5000, "a.b " * 3000, "🙂" * 400]
)
def test_odd_texts_have_features(text: str) -> None:
    assert all(0 <= bucket < BUCKETS for group in features(read(text)) for bucket in group)


def test_every_reason_the_model_may_give_has_words_in_both_languages() -> None:
    spam = Writer(8).examples({("spam", name): 400 for name in ("vi", "en", "other")})
    given = {fact for one in spam for fact, _ in _facts(one.text)} | {str(place) for place in Place}
    codes = {Reason(f"spam_{name}").code for name in given - SILENT}
    for texts in TEXTS.values():
        assert {f"reason.{code}" for code in codes} <= set(texts)


def test_an_advertisement_is_explained_by_words_and_facts() -> None:
    text = "Cho vay tiền nhanh, lãi thấp, duyệt 5 phút, LH zalo 0912 345 678"
    given = reasons(shipped_model(), read(text), features(read(text)))
    assert {reason.code for reason in given} > {"spam_word"}
    for reason in given:
        if reason.span is not None:
            assert text[slice(*reason.span)] == reason.text


def test_a_link_to_a_newspaper_weighs_less_than_one_to_a_casino() -> None:
    said = "Đọc thêm ở đây: "
    assert margin(said + "https://vnexpress.net/gia-xang-tang-4501234.html") < margin(
        said + "https://nhacai88.vip/dk?ref=77"
    )


def _facts(text: str) -> list[tuple[str, int]]:
    reading = Reading(text)
    return list(facts_of(reading, words_of(reading)))


def test_the_files_of_the_checks_fit_the_budget() -> None:
    folder = Path(ROOT) / "workers" / "checks"
    shipped = [*folder.glob("spam/*.model"), *folder.glob("spam/*.txt"), folder / "insults.txt"]
    assert sum(file.stat().st_size for file in shipped) <= 2**20
