"""What moderators decide teaches the site's own layer, and teaches it nothing else."""

import random

import pytest

from training.generate import Writer
from workers.checks.reading import Reading, SubmissionReading
from workers.checks.spam.features import features
from workers.checks.spam.model import shipped_model
from workers.checks.spam.site import NOTHING_LEARNED, Example, SiteModel, learn

# A kind of spam the shipped model knows nothing of: no link, no number, no money.
_WHO = ("Hội yêu hoa lan", "Câu lạc bộ dưỡng sinh", "Lớp học thiền", "Nhóm ngâm chân thảo mộc")
_WHAT = ("mở buổi chia sẻ", "nhận thành viên mới", "tặng vé tham dự", "tổ chức ngày hội")
_WHERE = ("ở nhà văn hóa quận", "cuối tuần này", "tối thứ bảy", "tại công viên trung tâm")
_WHY = ("ai có duyên hãy đến", "mời cô bác ghé chơi", "gặp thầy để được khai mở")
THRESHOLD = 0.5


def new_kind(chance: random.Random) -> str:
    parts = [chance.choice(group) for group in (_WHO, _WHAT, _WHERE, _WHY)]
    return ", ".join(parts) + f" nhé {chance.choice(('cả nhà', 'các bác', 'bà con'))}!"


def score(text: str, layer: SiteModel) -> float:
    reading = SubmissionReading(Reading(""), Reading(""), Reading(text))
    known = features(reading)
    return layer.moved(known, shipped_model().probability(known))


def caught(texts: list[str], layer: SiteModel) -> int:
    return sum(score(text, layer) >= THRESHOLD for text in texts)


@pytest.fixture(scope="module")
def honest() -> list[str]:
    return [example.text for example in Writer(5).examples({("honest", "vi"): 400})]


@pytest.fixture(scope="module")
def decided(honest: list[str]) -> list[Example]:
    """Two hundred decisions: half on the new kind, half on honest comments."""
    chance = random.Random(1)
    spam = [Example("", new_kind(chance), spam=True) for _ in range(100)]
    return spam + [Example("", text, spam=False) for text in honest[:100]]


def test_after_two_hundred_decisions_the_new_kind_is_caught_and_nobody_else(
    honest: list[str], decided: list[Example]
) -> None:
    chance = random.Random(2)
    unseen, others = [new_kind(chance) for _ in range(100)], honest[100:]
    before, alarms = caught(unseen, NOTHING_LEARNED), caught(others, NOTHING_LEARNED)
    layer = learn(decided, shipped_model())
    assert before <= 20
    assert caught(unseen, layer) >= 90
    assert caught(others, layer) <= alarms


def test_one_mistake_of_a_moderator_changes_nothing_for_honest_comments(
    honest: list[str], decided: list[Example]
) -> None:
    right = learn(decided, shipped_model())
    mistaken = learn([*decided, Example("", honest[200], spam=True)], shipped_model())
    assert caught(honest[201:], mistaken) <= caught(honest[201:], right)
    assert score(honest[200], mistaken) < THRESHOLD


def test_what_stands_in_a_single_decision_is_not_learned() -> None:
    once = learn([Example("", "Một câu rất lạ lùng", spam=True)], shipped_model())
    assert once.weights == {}


def test_the_layer_is_bounded_and_read_as_it_was_written(decided: list[Example]) -> None:
    layer = learn(decided, shipped_model())
    assert 0 < len(layer.weights) <= 20_000
    again = SiteModel.read(layer.to_bytes())
    assert again.weights.keys() == layer.weights.keys()
    text = decided[0].content
    assert score(text, again) == pytest.approx(score(text, layer), abs=1e-4)
    assert SiteModel.read(b"") == NOTHING_LEARNED
