"""What was ordered, made: the same bytes for the same order, in whatever process."""

from services.intake.captcha import picture, sound
from services.intake.captcha.orders import Order


def make(order: Order) -> bytes:
    """The PNG or the WAV.

    Raises:
        KeyError: a letter that nobody draws, or a language that nobody speaks.
    """
    if order.language is None:
        return picture.draw(order.answer, order.seed)
    return sound.speak(order.answer, order.seed, order.language)
